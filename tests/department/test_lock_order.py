"""Acts that lock several records lock them in one order, so that they never wait for one another in a circle."""

import threading
from typing import Any

import psycopg
from django.db import connections

from fairwitness.department import acts
from fairwitness.department.acts import Import
from tests import world
from tests.locks import until_one_waits
from tests.world import BY

COLUMNS = {"badge": 0, "given_name": 1, "family_name": 2, "rank": 3, "camera_serial": 4, "trained_on": 5}
HEADER = "badge,given name,family name,rank,camera,trained on"


def test_a_roster_and_an_assignment_do_not_wait_for_one_another(
    own_database: str, django_db_blocker: Any
) -> None:
    """The other connection locks as assign_camera does, member before camera, while a roster names both."""
    with django_db_blocker.unblock():
        cast = world.build()
        day = cast.since.isoformat()
        lines = [f"103,Wei,Li,Patrol Officer,AX-0900,{day}", "101,Dana,Whitfield,Detective,,"]
        data = "\n".join([HEADER, *lines]).encode()
        done: list[Import | Exception] = []

        def bring_in() -> None:
            try:
                done.append(acts.import_roster(data=data, columns=COLUMNS, by=BY))
            except Exception as error:
                done.append(error)
            finally:
                connections.close_all()

        with psycopg.connect(own_database) as other:
            other.execute("SET lock_timeout = '5s'")
            other.execute("SELECT 1 FROM department_member WHERE badge = '101' FOR UPDATE")
            roster = threading.Thread(target=bring_in)
            roster.start()
            until_one_waits(own_database, done)
            # The second lock of an assignment: had the roster taken it already, both would wait for ever.
            other.execute("SELECT 1 FROM department_camera WHERE serial = 'AX-0900' FOR UPDATE")
        roster.join(20)
    assert len(done) == 1 and isinstance(done[0], Import), done
    assert [outcome.kind for outcome in done[0].outcomes] == ["changed", "changed"]

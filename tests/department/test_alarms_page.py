"""The pages of alarms: open and past, each with its history; the card on the first page of those who keep the system."""

import datetime as dt
import uuid

import pytest

from fairwitness.department import acts, doors
from fairwitness.department.models import Alarm
from fairwitness.kernel import actors, clock
from fairwitness.kernel.roles import Role
from tests.department.test_jobs_page import SEES
from tests.department.test_reach import HOLDER
from tests.world import World

BY = actors.system("site.watch")


def raised(code: str = "disk.low", sentence: str = "The disk is nearly full.") -> Alarm:
    return acts.raise_alarm(code, sentence, by=BY)


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_an_alarm(world: World, role: Role) -> None:
    alarm, browser = raised(), world.sign_in(HOLDER[role])
    assert browser.get(f"/alarms/{alarm.pk}/").status_code == (200 if role in SEES else 403)
    titles = {str(card.title) for card in browser.get("/").context["cards"]}
    assert ("Alarms of the system" in titles) is (role in SEES)
    assert doors.open_alarms_for(world.actor(HOLDER[role])).exists() is (role in SEES)


def test_open_ones_first_then_what_is_over(world: World) -> None:
    raised("storage.damage", "A copy is damaged.")
    acts.end_alarm("storage.damage", by=BY)
    raised()
    page = world.sign_in("sato").get("/alarms/")
    assert [alarm.code for alarm in page.context["open_now"]] == ["disk.low"]
    assert [alarm.code for alarm in page.context["rows"]] == ["storage.damage"]


def test_all_is_well(world: World) -> None:
    assert "All is well." in world.sign_in("chen").get("/alarms/").content.decode()


def test_its_history_is_told_in_sentences(world: World) -> None:
    alarm = raised()
    acts.end_alarm("disk.low", by=BY)
    page = world.sign_in("chen").get(f"/alarms/{alarm.pk}/").content.decode()
    assert "The system (watching over itself) raised an alarm: The disk is nearly full" in page
    assert "The system (watching over itself) found the alarm over" in page


def test_pages_of_many(world: World) -> None:
    for minute in range(60):
        with clock.frozen(clock.now() - dt.timedelta(days=1) + dt.timedelta(minutes=minute)):
            raised(sentence=f"Number {minute}.")
            acts.end_alarm("disk.low", by=BY)
    browser = world.sign_in("costa")
    first = browser.get("/alarms/").context
    second = browser.get(f"/alarms/?after={first['after']}").context
    said = [alarm.sentence for page in (first, second) for alarm in page["rows"]]
    assert said == [f"Number {minute}." for minute in reversed(range(60))]


def test_an_alarm_that_is_none(world: World) -> None:
    assert world.sign_in("costa").get(f"/alarms/{uuid.uuid4()}/").status_code == 404

"""The page of a case of 2,000 items beside that of one of 20, in one database, asked in turn."""

import hashlib
import time
from collections.abc import Iterator

from django.test import Client
from django.urls import reverse

from bench import databases, visitors, world
from bench.compare import Result, at_most, in_turn, listed
from fairwitness.cases import acts, doors, events
from fairwitness.cases.models import Case, Item
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors, bulk, clock
from fairwitness.kernel.actors import Actor

COUNT = databases.sized(10_000, 500)
MANY, FEW = databases.sized(2_000, 100), 20
WARM, ROUNDS = 3, databases.sized(15, 1)
MOST = 2
# Who opens the cases and the pages; who leads them.
ASKER, LEAD = "B001", "0201"


def run() -> Result:
    """The whole of Django: middleware, door, queries, template; the best of each side, pages of the same machine."""
    world.filled("bench_10k", COUNT)
    browser, by = visitors.browser(ASKER), _actor(ASKER)
    large, small = _case(f"{MANY} items", MANY, by), _case(f"{FEW} items", FEW, by)
    databases.settle()
    for _warm in range(WARM):
        _ask(browser, large), _ask(browser, small)
    sides = {"many": lambda: _ask(browser, large), "few": lambda: _ask(browser, small)}
    measured = in_turn(sides, ROUNDS)
    ratio = min(measured["many"]) / min(measured["few"])
    return at_most(
        "case-2000",
        ratio,
        MOST,
        f"a case of {MANY} items: {listed(measured['many'], '.3f')} s",
        f"a case of {FEW} items: {listed(measured['few'], '.3f')} s",
    )


def _actor(badge: str) -> Actor:
    member = Member.objects.get(badge=badge)
    return actors.member(member.pk, department.roles_today(member.pk))


def _case(title: str, count: int, by: Actor) -> Case:
    found = Case.objects.filter(title=title).first()
    if found and doors.items(found).count() >= count:
        return found
    case = acts.open_case(title=title, kind="crime", lead_id=Member.objects.get(badge=LEAD).pk, by=by)
    bulk.load(_items(case, count), by=world.BY)
    return case


def _items(case: Case, count: int) -> Iterator[bulk.Line]:
    now = clock.now()
    rows = Recording.objects.filter(status=Recording.Status.SEALED).order_by("started", "id")
    for recording in rows[:count]:
        because = f"Shows {hashlib.sha256(recording.pk.bytes).hexdigest()[:12]}"
        item = Item(case=case, recording=recording, because=because, added_at=now)
        facts = {"case_id": case.pk, "item_id": item.pk, "recording_id": recording.pk}
        yield bulk.Line(item, events.RECORDING_TAKEN_IN, now, facts)


def _ask(browser: Client, case: Case) -> float:
    begun = time.perf_counter()
    answer = browser.get(reverse("case", args=[case.pk]))
    took = time.perf_counter() - begun
    assert answer.status_code == 200, answer.status_code
    return took

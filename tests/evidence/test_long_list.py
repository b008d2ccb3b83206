"""A list of a few hundred recordings: its page is one of several, and costs what the page of a short one costs."""

import datetime as dt
import hashlib
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fairwitness.department import doors as department
from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.models import DisposalList, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.listing import PAGE_ROWS
from fairwitness.policy import doors as policy
from tests.evidence.disposals import KEPT
from tests.evidence.made import BY
from tests.world import World

pytestmark = pytest.mark.django_db
MANY = 320
# So many questions the page of a list asks, however long the list.
MOST = 30


def laid(count: int) -> None:
    """So many sealed recordings whose day has come, in one change."""
    now = clock.now()
    cited = next(each for each in policy.rules_at("retention") if each.rule.id == "keep.uncategorised")
    made = [
        Recording(
            number=f"R-2026-{n:06d}",
            status=Recording.Status.SEALED,
            sha256=hashlib.sha256(b"%d" % n).hexdigest(),
            size=n,
            source_name="clip.mp4",
            sealed_at=now,
            started=now,
            clock=Recording.Clock.DELIVERED,
            owner_how=Recording.Owner.UNKNOWN,
        )
        for n in range(count)
    ]
    with change(KEPT, by=BY) as entry:
        Recording.objects.bulk_create(made)
        Retention.objects.bulk_create(
            Retention(
                recording=each,
                state=Retention.State.DATED,
                due_on=department.today() - dt.timedelta(days=1 + n % 90),
                category="uncategorised",
                rule=cited.rule.id,
                version_id=cited.version_id,
                decided_at=now,
            )
            for n, each in enumerate(made)
        )
        entry.about(*made)


def proposed(count: int) -> DisposalList:
    """A list of so many."""
    laid(count)
    made = acts.propose_disposals(by=BY)
    assert made
    return made


def pages(browser: Client, found: DisposalList) -> list[list[str]]:
    """The numbers on each page of a list, one page after the other."""
    address, seen = f"/disposal/{found.pk}/", []
    while address:
        page = browser.get(address).content.decode()
        seen.append(re.findall(r">(R-2026-[0-9]{6})</a></th>", page))
        after = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        address = f"/disposal/{found.pk}/{after[1]}" if after else ""
    return seen


def test_it_works(world: World) -> None:
    found = proposed(MANY)
    seen = pages(world.sign_in("weber"), found)
    assert [len(page) for page in seen] == [PAGE_ROWS] * (MANY // PAGE_ROWS) + [MANY % PAGE_ROWS]
    assert [number for page in seen for number in page] == [f"R-2026-{n:06d}" for n in range(MANY)]
    shape = doors.shape(found)
    assert shape.states == {"proposed": MANY} == doors.states([found.pk])[found.pk]
    assert sum(shape.months.values()) == MANY and all(day.day == 1 for day in shape.months)


@pytest.mark.parametrize("count", [PAGE_ROWS + 1, MANY])
def test_a_page_asks_as_often_however_long_the_list(world: World, count: int) -> None:
    found, browser = proposed(count), world.sign_in("weber")
    browser.get("/disposal/")
    with CaptureQueriesContext(connection) as said:
        assert browser.get(f"/disposal/{found.pk}/").status_code == 200
    assert len(said) <= MOST


def test_rows_are_read_without_the_text_of_the_policy(world: World) -> None:
    """It is the same on each row, and long: with it an export of ten thousand took ten times as long."""
    found = proposed(PAGE_ROWS)
    with CaptureQueriesContext(connection) as said:
        acts.export_disposals(found.pk, io.BytesIO(), by=world.actor("weber"))
    assert not any('"policy_version"."content"' in query["sql"] for query in said.captured_queries)

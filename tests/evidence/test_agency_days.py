"""A day of a period, and a month of a count, is the agency's: not that of Greenwich, also when clocks change."""

import datetime as dt

import pytest

from fairwitness.evidence.doors import dry_runs
from fairwitness.evidence.doors.recordings import counts
from fairwitness.kernel.agency import agency
from tests.evidence.kept import version_with
from tests.evidence.made import sealed
from tests.incidents.made import BOSTON
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
# In the evening, around both midnights of the day of 23 hours and of the one of 25, and in the hour that comes twice.
MOMENTS = [
    dt.datetime(2026, 3, 10, 20, 10, tzinfo=BOSTON),
    dt.datetime(2026, 3, 8, 0, 0, tzinfo=BOSTON),
    dt.datetime(2026, 3, 8, 1, 59, 59, tzinfo=BOSTON),
    dt.datetime(2026, 3, 8, 23, 59, 59, tzinfo=BOSTON),
    dt.datetime(2025, 11, 2, 1, 30, tzinfo=BOSTON),
    dt.datetime(2025, 11, 2, 1, 30, fold=1, tzinfo=BOSTON),
    dt.datetime(2025, 11, 2, 23, 59, 59, tzinfo=BOSTON),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_it_is_in_the_what_if_of_its_day_alone(world: World, moment: dt.datetime) -> None:
    sealed(started=moment.astimezone(dt.UTC))
    version, day = version_with(world, "90 days"), moment.date()

    def considered(since: dt.date | None, until: dt.date | None) -> int:
        return dry_runs.under(version, since, until).counts["considered"]

    assert considered(day, day + DAY) == 1
    assert considered(day - DAY, day) == considered(day + DAY, day + 2 * DAY) == 0
    assert considered(None, day) == considered(day + DAY, None) == 0
    assert considered(None, None) == 1


def test_months_are_counted_where_the_agency_is(world: World) -> None:
    for number, (day, hour) in enumerate([(31, 20), (31, 23), (1, 0)]):
        sealed(b"%d" % number, started=dt.datetime(2026, 3, day, hour, 30, tzinfo=BOSTON).astimezone(dt.UTC))
    found = counts(world.actor("costa"))["by_month"]
    assert [(row["month"].strftime("%Y-%m"), row["n"]) for row in found] == [("2026-03", 3)]


def test_midnights_are_as_far_apart_as_the_day_is_long() -> None:
    for day, hours in ((dt.date(2026, 3, 8), 23), (dt.date(2026, 3, 9), 24), (dt.date(2025, 11, 2), 25)):
        begins, ends = (agency().midnight(each).astimezone(dt.UTC) for each in (day, day + DAY))
        assert ends - begins == dt.timedelta(hours=hours)
        assert agency().day(begins) == day == agency().day(ends - dt.timedelta(microseconds=1))

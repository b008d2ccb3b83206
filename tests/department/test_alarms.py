"""Alarms: told once, ended once, in the ledger both times."""

import pytest

from fairwitness.department import acts
from fairwitness.department.models import Alarm
from fairwitness.kernel import actors, notices
from fairwitness.kernel.models import Entry
from tests.world import World

pytestmark = pytest.mark.django_db
BY = actors.system("test")


def test_an_alarm_is_told_to_those_who_keep_the_system_once(world: World) -> None:
    for _ in range(2):
        acts.raise_alarm("storage.damage", "A copy is damaged.", key="main", link="/storage/", by=BY)
    assert Alarm.objects.count() == Entry.objects.filter(event="department.alarm_raised").count() == 1
    for told in ("chen", "costa"):
        assert [n.sentence for n in notices.unread(world.id(told))] == ["A copy is damaged."]
    assert not notices.unread(world.id("whitfield"))


def test_an_alarm_that_is_over_may_be_raised_again(world: World) -> None:
    first = acts.raise_alarm("storage.damage", "A copy is damaged.", key="main", by=BY)
    assert acts.end_alarm("storage.damage", key="second", by=BY) is None
    ended = acts.end_alarm("storage.damage", key="main", by=BY)
    assert ended == first and ended.ended_at
    assert acts.end_alarm("storage.damage", key="main", by=BY) is None
    assert acts.raise_alarm("storage.damage", "Again.", key="main", by=BY) != first

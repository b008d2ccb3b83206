"""Asking for a dry run: made at once over few recordings, by a job over many, in the name of whoever asked."""

from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import acts as department
from fairwitness.evidence import jobs
from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.evidence.acts.dry_run import ask_dry_run
from fairwitness.evidence.doors import dry_runs
from fairwitness.evidence.models import DryRun
from fairwitness.kernel.models import Entry, Notice
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.policy.models import Version
from tests.evidence.kept import decided, prompt, version_with
from tests.world import BY, CAST, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One recording is many."""
    monkeypatch.setattr(dry_runs, "AT_ONCE", 0)


def draft(world: World) -> Version:
    """A version that would let one recording go sooner."""
    prompt()
    decided()
    return version_with(world, "30 days", at_most="30 months")


def left() -> list[dict[str, Any]]:
    """What the jobs that wait were given."""
    rows = ProcrastinateJob.objects.filter(task_name=dry_runs.MAKING, status="todo")
    return [row.args for row in rows]


def test_over_few_it_is_made_at_once(world: World) -> None:
    made = ask_dry_run(draft(world).pk, by=world.actor("costa"))
    assert made and made.counts["sooner"] == 1 and left() == []


def test_over_many_a_job_makes_it(world: World, many: None) -> None:
    version = draft(world)
    assert ask_dry_run(version.pk, by=world.actor("costa")) is None
    assert not DryRun.objects.exists()
    entry = Entry.objects.get(event="evidence.dry_run_asked")
    assert entry.actor == world.actor("costa").key
    (given,) = left()
    jobs.make_dry_run(**given)
    run = DryRun.objects.get()
    assert (run.proposer_id, run.version_id, run.counts["sooner"]) == (world.id("costa"), version.pk, 1)
    told = Notice.objects.filter(member=world.id("costa"), link=reverse("dry-run", args=[run.pk]))
    assert told.count() == 1
    # Done again, as a job may be, it leaves what is there.
    jobs.make_dry_run(**given)
    assert DryRun.objects.count() == 1


def test_of_recordings_too(world: World, many: None) -> None:
    recording, by = prompt(), world.actor("costa")
    decided()
    withdraw_category(add_category(recording.pk, "arrest", by=by).pk, by=by)
    assert ask_dry_run(by=by) is None
    jobs.make_dry_run(**left()[0])
    assert DryRun.objects.get().cause == DryRun.Cause.RECORDINGS


def test_twice_is_refused_while_it_is_made(world: World, many: None) -> None:
    version = draft(world)
    ask_dry_run(version.pk, by=world.actor("costa"))
    with pytest.raises(WrongState, match="being made"):
        ask_dry_run(version.pk, by=world.actor("costa"))
    assert len(left()) == 1


def test_who_may_not_any_more_has_none_made(world: World, many: None) -> None:
    version = draft(world)
    ask_dry_run(version.pk, by=world.actor("costa"))
    department.end_role(member_id=world.id("costa"), role=Role.BWC_UNIT, by=BY)
    jobs.make_dry_run(**left()[0])
    assert not DryRun.objects.exists()


def test_the_page_counts_few_and_says_how_many_many_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = draft(world)
    way = reverse("what-if", args=[version.document.number, version.n])
    browser = world.sign_in("costa")
    assert "would fall due in another month" in browser.get(way).content.decode()
    monkeypatch.setattr(dry_runs, "AT_ONCE", 0)
    with monkeypatch.context() as nothing_is_counted:
        nothing_is_counted.setattr(dry_runs, "under", None)
        page = browser.get(way).content.decode()
    assert "1 recordings would be asked about" in page and "Propose the dry run" in page
    told = browser.post(way, follow=True).content.decode()
    assert "You are told when it is there" in told and "It waits to be made" in told
    assert "Propose the dry run" not in told and "It is being made." in told
    jobs.make_dry_run(**left()[0])
    assert DryRun.objects.get().number in browser.get(way).content.decode()


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_who_may(world: World, many: None, who: str) -> None:
    version = draft(world)
    if world.actor(who).holds(Role.BWC_UNIT, Role.COMMAND_STAFF):
        assert ask_dry_run(version.pk, by=world.actor(who)) is None
    else:
        with pytest.raises((Forbidden, NotFound)):
            ask_dry_run(version.pk, by=world.actor(who))
        assert left() == []

"""Dry runs: what would be due is shown, a second person approves, days pass, and only then it bites."""

import datetime as dt
import uuid
from typing import Any

import pytest

from fairwitness.department.models import Alarm
from fairwitness.evidence import events, jobs
from fairwitness.evidence.acts import dry_run as acts
from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.evidence.acts.dry_run import (
    apply_dry_run,
    approve_dry_run,
    ask_dry_run,
    try_recordings,
    try_version,
    withdraw_dry_run,
)
from fairwitness.evidence.acts.retain import decide_retention
from fairwitness.evidence.doors import dry_runs
from fairwitness.evidence.models import DryRun, Recording
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, Refusal, WrongState
from fairwitness.policy import acts as policy
from fairwitness.policy import doors
from fairwitness.policy import jobs as policy_jobs
from fairwitness.policy.models import Version
from tests.evidence.kept import approved, days, decided, document, prompt, row, version_with
from tests.evidence.made import stored
from tests.world import CAST, World

pytestmark = pytest.mark.django_db
Status = DryRun.Status
WAITED = dt.timedelta(days=8)


def shortened(world: World) -> Recording:
    """A recording whose category was withdrawn: it would be let go sooner."""
    recording = prompt()
    decided()
    carried = add_category(recording.pk, "arrest", by=world.actor("costa"))
    withdraw_category(carried.pk, by=world.actor("costa"))
    return recording


def test_it_works(world: World) -> None:
    recording = shortened(world)
    until = row(recording).due_on
    run = try_recordings(by=world.actor("costa"))
    assert run.counts["sooner"] == 1 and run.number.startswith("Y-")
    (line,) = dry_runs.lines_of(run)
    assert line["number"] == recording.number and line["would_be"] == days(180).isoformat()
    approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))
    jobs.retain(0)
    assert row(recording).due_on == until
    with clock.frozen(clock.now() + WAITED):
        jobs.retain(0)
        run.refresh_from_db()
        kept = row(recording)
        assert (run.status, kept.nearer_on) == (Status.APPLIED, None)
        assert kept.due_on == days(180 - 8) and kept.category == "uncategorised"
        jobs.retain(0)


def test_a_version_from_its_draft_until_it_bites(world: World) -> None:
    """An administrator shortens a retention and is shown what would die."""
    recording = prompt()
    decided()
    version = approved(world, version_with(world, "90 days", at_most="30 months"))
    with pytest.raises(WrongState, match="shown, and approved by a second person"):
        policy.bring_into_force(version_id=version.pk, by=world.actor("park"))
    run = try_version(version.pk, by=world.actor("costa"))
    assert run.counts == {
        "considered": 1,
        "sooner": 1,
        "later": 0,
        "due_at_once": 0,
        "due_but_held": 0,
        "siblings_kept_longer": 0,
    }
    assert {each["month"] for each in run.months} == {f"{days(180):%Y-%m}", f"{days(90):%Y-%m}"}
    approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("hale"))
    jobs.retain(0)
    policy_jobs.bring_due(0)
    version.refresh_from_db()
    assert version.status == Version.Status.APPROVED and row(recording).due_on == days(180)
    with clock.frozen(clock.now() + WAITED):
        jobs.retain(0)
        policy_jobs.bring_due(0)
        version.refresh_from_db()
        assert version.status == Version.Status.IN_FORCE
        jobs.retain(0)
        run.refresh_from_db()
        assert run.status == Status.APPLIED and row(recording).due_on == days(90 - 8)
        assert row(recording).version_id == version.pk


def test_a_version_that_keeps_longer_bites_at_night(world: World) -> None:
    recording = prompt()
    decided()
    version = approved(world, version_with(world, "400 days"))
    run = try_version(version.pk, by=world.actor("costa"))
    assert run.counts["sooner"] == 0 and run.counts["later"] == 1
    approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("hale"))
    with clock.frozen(clock.now() + WAITED):
        jobs.retain(0)
        policy_jobs.bring_due(0)
        decided(anew=True)
        assert row(recording).due_on == days(400 - 8)


def test_what_came_after_the_list_comes_no_nearer(world: World) -> None:
    """A recording that the second person never saw on the list keeps its day."""
    version = approved(world, version_with(world, "90 days"))
    run = try_version(version.pk, by=world.actor("costa"))
    approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("hale"))
    late = prompt()
    decided()
    with clock.frozen(clock.now() + WAITED):
        jobs.retain(0)
        policy_jobs.bring_due(0)
        jobs.retain(0)
        decided(anew=True)
        assert row(late).due_on == days(180 - 8) and row(late).nearer_on == days(90 - 8)


def several(world: World, n: int = 5) -> tuple[list[Recording], DryRun]:
    """Some recordings that would be let go sooner, and the dry run of them, approved."""
    made = [shortened(world) for _ in range(n)]
    run = try_recordings(by=world.actor("costa"))
    return made, approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))


def moved(made: list[Recording]) -> int:
    """Of how many the day has come nearer."""
    return sum(row(each).nearer_on is None for each in made)


def test_it_goes_on_part_by_part_and_says_how_far(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "PART", 2)
    made, run = several(world)
    real, seen = decide_retention, []

    def stops(*args: Any, **more: Any) -> Any:
        seen.append(moved(made))
        if len(seen) == 3:
            raise RuntimeError("the machine stops")
        return real(*args, **more)

    monkeypatch.setattr(acts, "decide_retention", stops)
    with clock.frozen(clock.now() + WAITED):
        with pytest.raises(RuntimeError):
            jobs.apply_due()
        run.refresh_from_db()
        assert (run.status, run.moved, moved(made)) == (Status.APPROVED, 4, 4)
        page = world.sign_in("costa").get(f"/retention/dry-runs/{run.pk}/").content.decode()
        assert "4 of 5 recordings so far" in page
        jobs.apply_due()
        run.refresh_from_db()
        assert (run.status, run.moved, moved(made)) == (Status.APPLIED, 5, 5)
    assert seen == [0, 2, 4, 4]
    assert Entry.objects.filter(event=events.DRY_RUN_MOVED.name).count() == 3


def test_what_is_withdrawn_in_the_middle_goes_no_further(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PART", 2)
    made, run = several(world)
    acts_part = acts._move_part

    def then_withdrawn(*args: Any) -> None:
        acts_part(*args)
        withdraw_dry_run(run.pk, by=world.actor("hale"))

    monkeypatch.setattr(acts, "_move_part", then_withdrawn)
    with clock.frozen(clock.now() + WAITED):
        jobs.apply_due()
    run.refresh_from_db()
    assert (run.status, run.moved, moved(made)) == (Status.WITHDRAWN, 2, 2)


def test_a_category_added_meanwhile_keeps_it(world: World) -> None:
    recording = shortened(world)
    run = try_recordings(by=world.actor("costa"))
    approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))
    add_category(recording.pk, "use-of-force", by=world.actor("costa"))
    until = row(recording).due_on
    with clock.frozen(clock.now() + WAITED):
        jobs.retain(0)
        assert row(recording).due_on == until and row(recording).category == "use-of-force"


def test_what_if_writes_nothing(world: World) -> None:
    prompt()
    decided()
    version = version_with(world, "10 days")
    found = dry_runs.under(version, since=days(-1), until=days(2))
    assert found.counts["sooner"] == 1 and not DryRun.objects.exists()
    assert dry_runs.under(version, since=days(5)).counts["considered"] == 0


def without_list(run: DryRun) -> bytes:
    """Take the list of a dry run out of every store; answers its bytes."""
    with blobs.store().open(run.list_sha256) as file:
        data = file.read()
    for place in blobs.store().all:
        blobs.store().erase_in(place.name, run.list_sha256)
    return data


def alarms(run: DryRun) -> list[str]:
    """What the open alarms about a dry run say."""
    rows = Alarm.objects.filter(code=acts.NOT_APPLIED, key=str(run.pk), ended_at=None)
    return list(rows.values_list("sentence", flat=True))


def test_one_whose_list_no_store_gives_keeps_none_waiting(world: World) -> None:
    made, run = several(world, 1)
    version = version_with(world, "90 days")
    behind = try_version(version.pk, by=world.actor("costa"))
    approve_dry_run(behind.pk, digest=behind.list_sha256, by=world.actor("hale"))
    data = without_list(run)
    with clock.frozen(clock.now() + WAITED):
        for _round in range(2):
            jobs.apply_due()
        assert doors.clearances_missing(version) == [], "the one behind it was applied"
        assert moved(made) == 0
        (said,) = alarms(run)
        assert run.number in said
        page = world.sign_in("costa").get(f"/retention/dry-runs/{run.pk}/")
        assert page.status_code == 200 and "cannot be shown" in page.content.decode()
        stored(data)
        jobs.apply_due()
    run.refresh_from_db()
    assert (run.status, moved(made), alarms(run)) == (Status.APPLIED, 1, [])


def test_withdrawing_it_ends_the_alarm(world: World) -> None:
    _made, run = several(world, 1)
    without_list(run)
    with clock.frozen(clock.now() + WAITED):
        jobs.apply_due()
        assert alarms(run)
        withdraw_dry_run(run.pk, by=world.actor("hale"))
        assert not alarms(run)


class TestRefusals:
    @pytest.mark.parametrize("state", [Status.PROPOSED, Status.APPROVED])
    def test_of_recordings_while_one_is_open(self, world: World, state: str) -> None:
        shortened(world)
        run = try_recordings(by=world.actor("costa"))
        if state == Status.APPROVED:
            approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))
        for ask in (try_recordings, ask_dry_run):
            with pytest.raises(WrongState, match=f"{run.number} is open already"):
                ask(by=world.actor("costa"))
        page = world.sign_in("costa").get("/retention/").content.decode()
        assert f"{run.number} is open already" in page
        withdraw_dry_run(run.pk, by=world.actor("hale"))
        assert try_recordings(by=world.actor("costa")).number != run.number

    def test_of_recordings_where_one_was_made_meanwhile(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Asked before the work, and again before it is written: making a list takes minutes."""
        shortened(world)
        real, made = dry_runs.tried, list[DryRun]()

        def meanwhile(*args: Any) -> Any:
            found = real(*args)
            monkeypatch.setattr(dry_runs, "tried", real)
            made.append(try_recordings(by=world.actor("nair")))
            return found

        monkeypatch.setattr(dry_runs, "tried", meanwhile)
        with pytest.raises(WrongState, match="is open already"):
            try_recordings(by=world.actor("costa"))
        assert list(DryRun.objects.all()) == made

    def test_whoever_proposed_it_does_not_approve(self, world: World) -> None:
        shortened(world)
        run = try_recordings(by=world.actor("costa"))
        with pytest.raises(Forbidden, match="second person"):
            approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("costa"))

    def test_another_list_than_was_seen(self, world: World) -> None:
        shortened(world)
        run = try_recordings(by=world.actor("costa"))
        with pytest.raises(WrongState, match="another than the one you saw"):
            approve_dry_run(run.pk, digest="0" * 64, by=world.actor("nair"))

    def test_a_text_that_changed_since(self, world: World) -> None:
        version = version_with(world, "90 days")
        run = try_version(version.pk, by=world.actor("costa"))
        rule = next(r for r in version.content["rules"] if r["id"] == "keep.uncategorised")
        policy.change_rule(
            version_id=version.pk, rule={**rule, "title": "Other"}, was=rule["id"], by=world.actor("costa")
        )
        with pytest.raises(WrongState, match="text has changed"):
            approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))

    def test_nothing_would_come_nearer(self, world: World) -> None:
        prompt()
        decided()
        with pytest.raises(Invalid, match="No recording"):
            try_recordings(by=world.actor("costa"))

    def test_the_same_text_twice(self, world: World) -> None:
        version = version_with(world, "90 days")
        try_version(version.pk, by=world.actor("costa"))
        with pytest.raises(WrongState, match="being tried already"):
            try_version(version.pk, by=world.actor("costa"))

    def test_a_version_in_force(self, world: World) -> None:
        now = doors.in_force(document())
        assert now is not None
        with pytest.raises(WrongState, match="on its way"):
            try_version(now.pk, by=world.actor("costa"))

    def test_no_such_version(self, world: World) -> None:
        with pytest.raises(NotFound):
            try_version(uuid.uuid4(), by=world.actor("costa"))

    def test_before_its_time(self, world: World) -> None:
        shortened(world)
        run = try_recordings(by=world.actor("costa"))
        with pytest.raises(WrongState, match="not approved"):
            apply_dry_run(run.pk, by=world.actor("costa"))
        approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))
        with pytest.raises(WrongState, match="cooling-off"):
            apply_dry_run(run.pk, by=world.actor("costa"))

    def test_withdrawn_in_its_cooling_off(self, world: World) -> None:
        recording = shortened(world)
        until = row(recording).due_on
        run = try_recordings(by=world.actor("costa"))
        approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))
        withdraw_dry_run(run.pk, by=world.actor("hale"))
        with clock.frozen(clock.now() + WAITED):
            jobs.retain(0)
            assert row(recording).due_on == until
        with pytest.raises(WrongState):
            withdraw_dry_run(run.pk, by=world.actor("hale"))


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_who_may(world: World, who: str) -> None:
    shortened(world)
    proposes = who in {"costa", "nair", "hale"}
    approves = who in {"costa", "nair", "park"}
    assert _done(lambda: try_recordings(by=world.actor(who))) == proposes
    for theirs in DryRun.objects.all():
        withdraw_dry_run(theirs.pk, by=world.actor("park"))
    run = try_recordings(by=world.actor("hale"))
    assert _done(lambda: approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor(who))) == approves


def _done(act: object) -> bool:
    try:
        act()  # type: ignore[operator]
    except Refusal:
        return False
    return True

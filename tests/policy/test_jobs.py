"""What the clock does: bringing into force what is due, and measuring."""

from typing import Any

import pytest

from fairwitness.department import doors as department
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry
from fairwitness.policy import acts, doors, jobs
from fairwitness.policy.models import Figure
from tests.policy.made import approved, keeping, proposed, read_again, rule, soon
from tests.world import BY, World


def test_what_is_due_comes_into_force_and_once(world: World) -> None:
    due = approved(world)
    later = approved(world, rule("t.two"), number="T-2", at=soon())
    uncleared = approved(world, keeping(), number="T-3")
    waiting = proposed(world, rule("t.four"), number="T-4")
    jobs.bring_due(0)
    entries = Entry.objects.count()
    jobs.bring_due(0)
    assert Entry.objects.count() == entries
    found = [read_again(version).status for version in (due, later, uncleared, waiting)]
    assert found == ["in_force", "approved", "approved", "proposed"]
    with clock.frozen(soon(2)):
        jobs.bring_due(0)
    assert read_again(later).status == "in_force"


def test_killed_half_way_the_rest_is_done_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each version is a change of its own: what was done stays done, what was not is whole and waits."""
    one, two = approved(world), approved(world, rule("t.two"), number="T-2")
    really, brought = acts.bring_into_force, list[Any]()

    def dies(**said: Any) -> Any:
        if brought:
            raise KeyboardInterrupt
        brought.append(really(**said))

    with monkeypatch.context() as patched:
        patched.setattr(acts, "bring_into_force", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.bring_due(0)
    assert sorted(read_again(version).status for version in (one, two)) == ["approved", "in_force"]
    jobs.bring_due(0)
    assert {read_again(version).status for version in (one, two)} == {"in_force"}


def test_what_is_measured(world: World) -> None:
    jobs.measure(0)
    found = department.coverage(BY).whole
    latest = doors.latest_figures()
    assert set(latest) == {"camera_coverage", "trained", "log_published"}
    for measure, n in (("camera_coverage", found.equipped), ("trained", found.trained)):
        assert (latest[measure].numerator, latest[measure].denominator) == (n, found.sworn)
    log = latest["log_published"]
    assert log.denominator and log.numerator == 0, "nothing publishes in this test"


def test_measured_twice_a_day_the_department_stands_once(world: World) -> None:
    jobs.measure(0)
    jobs.measure(0)
    counts = {
        measure: Figure.objects.filter(measure=measure).count() for measure in ("camera_coverage", "trained")
    }
    assert set(counts.values()) == {1}

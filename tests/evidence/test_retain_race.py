"""Days that are decided at once, on connections of their own: whoever comes second sees what the first did."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection, transaction

from fairwitness.evidence.acts import retain
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.doors import keeping
from fairwitness.evidence.models import IncidentLink, Recording, Retention
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry
from tests.evidence.kept import days, decided, prompt, row
from tests.world import BY, LAID, World

State = Retention.State


def siblings() -> tuple[Recording, Recording]:
    """Two recordings of one incident."""
    mine, his = prompt(), prompt(device="AX-0102")
    with change(LAID, by=BY) as entry:
        incident = Incident(number="26-1", opened=clock.now())
        incident.save()
        for recording in (mine, his):
            IncidentLink(recording=recording, incident=incident, how="hand", since=clock.now()).save()
        entry.about(incident)
    return mine, his


class Beside:
    """Something done on a connection of its own."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.failed: list[BaseException] = []
        self.thread = threading.Thread(target=self._run, args=(do,))
        self.thread.start()

    def _run(self, do: Callable[[], object]) -> None:
        try:
            do()
        except BaseException as error:
            self.failed.append(error)
        finally:
            connection.close()

    def done(self) -> None:
        """Wait for it; it must not have failed."""
        self.thread.join(30)
        assert not self.thread.is_alive() and self.failed == []


@pytest.mark.parametrize("known", [True, False], ids=["decided before", "never decided"])
@pytest.mark.parametrize(
    "codes", [("officer-involved", "use-of-force"), ("use-of-force", "officer-involved")]
)
def test_two_siblings_at_once_keep_the_longer(own_world: World, codes: tuple[str, str], known: bool) -> None:
    mine, his = siblings()
    if known:
        decided()
    by, began = own_world.actor("costa"), threading.Event()

    def second() -> None:
        began.set()
        add_category(his.pk, codes[1], by=by)

    with transaction.atomic():
        add_category(mine.pk, codes[0], by=by)
        beside = Beside(second)
        began.wait(10)
        # What it would do now sees nothing of us, so it has to wait.
        beside.thread.join(2)
        assert beside.thread.is_alive()
    beside.done()
    assert [row(each).state for each in (mine, his)] == [State.FOR_EVER, State.FOR_EVER]


@pytest.mark.parametrize("known", [True, False], ids=["decided before", "never decided"])
def test_a_category_added_while_all_are_decided_is_not_lost(
    own_world: World, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, other = prompt(), prompt(device="AX-0102")
    if known:
        decided()
        with change(LAID, by=BY) as entry:
            Retention.objects.update(due_on=days(10))
            entry.about(recording)
    by, real, left = own_world.actor("costa"), retain._compare, [recording.pk]

    def stale(*asked: Any) -> retain.Written:
        """What is to be written is known, and not yet written."""
        found = real(*asked)
        if left and threading.current_thread() is threading.main_thread():
            pk = left.pop()
            Beside(lambda: add_category(pk, "officer-involved", by=by)).done()
        return found

    monkeypatch.setattr(retain, "_compare", stale)
    decided(anew=True)
    assert (row(recording).state, row(recording).category) == (State.FOR_EVER, "officer-involved")
    assert row(other).due_on == days(180)


def test_where_somebody_else_wrote_the_same_there_is_no_entry(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = prompt()
    real, left = retain._would_change, ["once"]

    def meanwhile(asked: Any, rules: keeping.Rules) -> tuple[Iterable[Retention], Iterable[Any]]:
        found = real(asked, rules)
        if left:
            left.clear()
            Beside(lambda: _decide(BY)).done()
        return found

    monkeypatch.setattr(retain, "_would_change", meanwhile)
    _decide(BY)
    assert Retention.objects.get().recording_id == recording.pk
    assert Entry.objects.filter(event="evidence.retention_decided").count() == 1


def _decide(by: Actor) -> None:
    retain.decide_retention(keeping.undecided(), by=by)

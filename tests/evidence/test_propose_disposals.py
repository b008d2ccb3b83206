"""The nightly list: what is due stands on it, what is held, kept, listed or not over yet does not."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fairwitness.evidence import events, jobs
from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.models import Disposal, DisposalList, Held, Hold, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Notice
from tests.evidence.disposals import KEPT, dated, due, proposed
from tests.evidence.made import BY, grown, rows, sealed, try_to_seal
from tests.world import World


def hold(recording: Recording, until: dt.date | None = None) -> Hold:
    """A hold over one recording."""
    with change(KEPT, by=BY) as entry:
        made = Hold(number="H-1", kind=Hold.Kind.COURT, reason="A case.", placed_at=clock.now(), until=until)
        made.save()
        Held(hold=made, recording=recording, since=clock.now()).save()
        entry.about(recording, made)
    return made


def test_it_works(world: World) -> None:
    one, other = due(b"one"), due(b"other")
    made = acts.propose_disposals(by=BY)
    assert made
    assert made.number.startswith("D-")
    assert made.status == DisposalList.Status.PROPOSED
    assert set(made.disposals.values_list("recording", flat=True)) == {one.pk, other.pk}
    kept = Retention.objects.get(recording=one)
    row = made.disposals.get(recording=one)
    assert (row.due_on, row.category, row.rule, row.version_id) == (
        kept.due_on,
        kept.category,
        kept.rule,
        kept.version_id,
    )
    entry = Entry.objects.get(event=events.DISPOSAL_PROPOSED.name)
    facts = EntryPrivate.objects.get(entry_id=entry.pk).facts
    assert facts["count"] == 2
    assert facts["list_sha256"] == f"sha256:{doors.digest_of(made)}"
    assert facts["rule"] == "ev.disposal"
    assert EntrySubject.objects.filter(entry_id=entry.pk).count() == 1, "one entry, about the list"
    told = set(Notice.objects.filter(link__contains=str(made.pk)).values_list("member", flat=True))
    assert {world.id("weber"), world.id("hale"), world.id("park"), world.id("costa")} <= told


def test_nothing_due_writes_nothing(world: World) -> None:
    dated(sealed(b"tomorrow"), days=1)
    dated(sealed(b"today"), days=0)
    before = rows()
    jobs.propose_disposals(0)
    assert grown(before) == {}


def test_what_somebody_else_was_quicker_with_draws_no_empty_list(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    due()
    real, asked = doors.due, list[dt.date]()

    def gone_under_the_lock(today: dt.date) -> Any:
        asked.append(today)
        return real(today) if len(asked) < 3 else real(today).none()

    monkeypatch.setattr(doors, "due", gone_under_the_lock)
    before = rows()
    assert acts.propose_disposals(by=BY) is None
    assert len(asked) == 3 and grown(before) == {}
    monkeypatch.setattr(doors, "due", real)
    made = acts.propose_disposals(by=BY)
    assert made and made.number.endswith("-000001"), "no number was lost"


def test_what_is_kept_for_ever_or_in_doubt_is_never_proposed(world: World) -> None:
    dated(sealed(b"ever"), state=Retention.State.FOR_EVER, due_on=None)
    dated(sealed(b"doubt"), state=Retention.State.DOUBTFUL)
    sealed(b"undated")
    assert acts.propose_disposals(by=BY) is None


def test_what_is_held_is_not_proposed(world: World) -> None:
    held = due(b"held")
    hold(held)
    free = due(b"free")
    made = acts.propose_disposals(by=BY)
    assert made
    assert [row.recording_id for row in made.disposals.all()] == [free.pk]


def test_what_was_refused_is_not_proposed(world: World) -> None:
    dated(try_to_seal(b"a recording", sha256="0" * 64).recording)
    assert acts.propose_disposals(by=BY) is None


def test_nothing_is_on_two_lists(world: World) -> None:
    proposed(b"one")
    assert acts.propose_disposals(by=BY) is None
    first = Disposal.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic(), change(KEPT, by=BY) as entry:
        entry.about(first.list)
        Disposal(
            list=first.list,
            recording=first.recording,
            due_on=first.due_on,
            rule=first.rule,
            category="x",
            version=first.version,
        ).save(force_insert=True)


def test_what_was_struck_out_rests_for_a_month(world: World) -> None:
    made = proposed(b"one")
    acts.strike_disposal(made.disposals.get().pk, "Wanted.", by=world.actor("weber"))
    assert acts.propose_disposals(by=BY) is None
    with clock.frozen(clock.now() + doors.RESTS + dt.timedelta(hours=1)):
        again = acts.propose_disposals(by=BY)
        assert again
        assert again.disposals.count() == 1


def test_a_list_has_its_bounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "MOST", 2)
    made = proposed(b"1", b"2", b"3")
    assert made.disposals.count() == 2
    rest = acts.propose_disposals(by=BY)
    assert rest
    assert rest.disposals.count() == 1


def test_the_night_takes_off_what_is_held_or_moved_meanwhile(world: World) -> None:
    made = proposed(b"held", b"moved", b"stays")
    by_number = list(made.disposals.order_by("recording__number").select_related("recording"))
    hold(by_number[0].recording)
    dated(by_number[1].recording, days=400)
    jobs.propose_disposals(0)
    states = list(made.disposals.order_by("recording__number").values_list("status", "because"))
    assert [state for state, _why in states] == ["taken_back", "taken_back", "proposed"]
    assert "hold" in states[0][1]
    assert "date" in states[1][1]
    assert Entry.objects.filter(event=events.DISPOSAL_TAKEN_BACK.name).count() == 2

"""Cameras' clocks: by how much one differs is found by a person, shown, and never written into the evidence."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from fairwitness.evidence import doors, events
from fairwitness.evidence.doors import clocks
from fairwitness.evidence.models import Offset, Recording
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.rules.canonical import named_digest, nfc
from fairwitness.rules.side_by_side import offset

LONGEST = 1000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def find_by_dispatch(
    recording_id: uuid.UUID, *, at_ms: int, true_at: dt.datetime, because: str, by: Actor
) -> Offset:
    """What is seen at a moment of the recording was at `true_at`, as dispatch has it.

    What was found before is withdrawn with it. Raises Invalid for a moment outside the recording, a time to come or
    no reason; WrongState where the recording was refused, or its bytes are gone.
    """
    because = _reason(because)
    if true_at > clock.now():
        raise Invalid(said := _("That time has not come."), true_at=[said])
    with change(events.OFFSET_FOUND, by=by) as entry:
        recording = _sealed(doors.recording(by, recording_id, "align", lock=True))
        clocks.check_moment(recording, at_ms, "at_ms")
        row = Offset(recording=recording, how=Offset.How.DISPATCH, at_ms=at_ms, true_at=true_at)
        row.offset_ms = offset(_ms(true_at), _ms(clocks.moment_of(recording, at_ms)))
        earlier = _kept(row, because, by)
        entry.about(recording, row, true_at=true_at, **_facts(row, earlier))
    return row


def find_by_mark(
    recording_id: uuid.UUID, *, at_ms: int, other_id: uuid.UUID, other_ms: int, because: str, by: Actor
) -> Offset:
    """The same moment is seen in two cameras: a light, a clap. The first is set by the second, whose clock stays.

    What was found before is withdrawn with it. Raises as `find_by_dispatch`; WrongState also where the second is
    itself set by the first.
    """
    because = _reason(because)
    if other_id == recording_id:
        raise Invalid(said := _("Choose another camera."), other=[said])
    with change(events.OFFSET_FOUND, by=by) as entry:
        # Both, in the order of their keys: two who mark them against each other at once wait for one another.
        list(doors.locked(Recording.objects.filter(pk__in=(recording_id, other_id))))
        recording = _sealed(doors.recording(by, recording_id, "align", lock=True))
        other = _sealed(doors.recording(by, other_id, "open"))
        clocks.check_moment(recording, at_ms, "at_ms")
        clocks.check_moment(other, other_ms, "other_ms")
        if clocks.leads_to(other_id, recording_id):
            words = _("The clock of {other} is itself set by {number}. Withdraw that first.")
            raise WrongState(words.format(other=other.number, number=recording.number))
        row = Offset(recording=recording, how=Offset.How.MARK, at_ms=at_ms, other=other, other_ms=other_ms)
        theirs, ours = clocks.moment_of(other, other_ms), clocks.moment_of(recording, at_ms)
        row.offset_ms = offset(_ms(theirs), _ms(ours))
        earlier = _kept(row, because, by)
        entry.about(recording, other, row, other_id=other.pk, other_ms=other_ms, **_facts(row, earlier))
    return row


def withdraw_offset(offset_id: uuid.UUID, *, by: Actor) -> Offset:
    """Withdraw what was found about a clock; the row stays. Raises WrongState the second time."""
    with change(events.OFFSET_WITHDRAWN, by=by) as entry:
        row = clocks.offset(by, offset_id, lock=True)
        if row.withdrawn_at:
            raise WrongState(_("It was withdrawn before."))
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        entry.about(row.recording, row, offset_id=row.pk)
    return row


def _reason(because: str) -> str:
    because = nfc(because.replace("\x00", "")).strip()
    if not because or len(because) > LONGEST:
        said = _("Write at least one and at most {n} characters.").format(n=LONGEST)
        raise Invalid(said, because=[said])
    return because


def _sealed(recording: Recording) -> Recording:
    if recording.status != Recording.Status.SEALED:
        raise WrongState(_("Only a sealed recording has a clock to set right."))
    return recording


def _kept(row: Offset, because: str, by: Actor) -> Offset | None:
    """Save what was found, and withdraw what was found before."""
    earlier: Offset | None = (
        Offset.objects.select_for_update(of=("self",))
        .filter(recording=row.recording, withdrawn_at=None)
        .first()
    )
    row.because, row.found_by_id, row.found_at = because, by.person, clock.now()
    if earlier:
        earlier.withdrawn_at = row.found_at
        earlier.save(update_fields=["withdrawn_at"])
    row.save(force_insert=True)
    return earlier


def _facts(row: Offset, earlier: Offset | None) -> dict[str, object]:
    return {
        "offset_id": row.pk,
        "offset_ms": row.offset_ms,
        "offset_how": row.how,
        "at_ms": row.at_ms,
        "because_sha256": named_digest(row.because),
        "earlier_id": earlier.pk if earlier else None,
    }


def _ms(moment: dt.datetime) -> int:
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)

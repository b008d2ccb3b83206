"""Settling from when a recording counts: one person where that is its receipt, two where it is an earlier time."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from fairwitness.evidence import doors, events
from fairwitness.evidence.acts.category import check_sealed
from fairwitness.evidence.acts.retain import retain_now
from fairwitness.evidence.models import Ingest, Recording, Settlement
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from fairwitness.kernel.roles import Reach
from fairwitness.rules.canonical import named_digest


def settle_clock(
    recording_id: uuid.UUID, *, because: str, ended: dt.datetime | None = None, by: Actor
) -> Settlement:
    """Settle from when a recording counts: from its receipt, or, with `ended`, from a time before that.

    An earlier time counts once a second person confirmed it. Raises Invalid without a reason and for a time after the
    receipt, WrongState where one settlement waits or counts already.
    """
    with change(events.CLOCK_SETTLED, by=by) as entry:
        recording = doors.recording(by, recording_id, "settle_clock", lock=True)
        check_sealed(recording)
        _check_not_involved(by, recording)
        if not because.strip():
            raise Invalid(_("Say why."), because=[_("Say why.")])
        if ended and ended > recording.sealed_at:
            raise Invalid(
                _("It cannot have ended after it was received."), ended=[_("Choose an earlier time.")]
            )
        if recording.settlements.filter(withdrawn_at=None).exists():
            raise WrongState(_("Its clock is settled, or waits for a second person."))
        row = _row(recording, because, ended, by)
        row.save(force_insert=True)
        _tell(entry, row, because)
    return row


def _row(recording: Recording, because: str, ended: dt.datetime | None, by: Actor) -> Settlement:
    return Settlement(
        recording=recording,
        ended=ended,
        because=because.strip()[:1000],
        proposed_by_id=by.person,
        proposed_at=clock.now(),
    )


def settle_delivery(ingest_id: uuid.UUID, *, because: str, by: Actor) -> int:
    """Settle every recording of a delivery whose clock is in doubt: each counts from its receipt. Answers how many.

    For footage that was brought in late for a known reason, such as what another system held before.
    """
    with change(events.DELIVERY_SETTLED, by=by) as entry:
        if doors.far(by, "settle_clock") < Reach.ALL:
            raise Forbidden(_("Your roles do not allow this."), act="settle_clock")
        delivery = Ingest.objects.select_for_update(of=("self",)).filter(pk=ingest_id).first()
        if delivery is None:
            raise NotFound(_("There is nothing here, or it is not open to you."))
        if not because.strip():
            raise Invalid(_("Say why."), because=[_("Say why.")])
        rows = Recording.objects.filter(
            ingest=delivery, status=Recording.Status.SEALED, retention__state="doubtful"
        ).exclude(settlements__withdrawn_at=None, settlements__isnull=False)
        made = [_row(recording, because, None, by) for recording in rows.order_by("pk")]
        if not made:
            raise WrongState(_("No recording of this delivery has a clock in doubt."))
        Settlement.objects.bulk_create(made, batch_size=2000)
        retain_now([row.recording_id for row in made])
        for row in made:
            entry.mention("evidence.recording", row.recording_id)
        entry.about(delivery, count=len(made), because_sha256=named_digest(because.strip()))
    return len(made)


def confirm_clock(settlement_id: uuid.UUID, *, by: Actor) -> Settlement:
    """Confirm an earlier time as a second person. A date that comes nearer by it still waits for a dry run."""
    with change(events.CLOCK_CONFIRMED, by=by) as entry:
        row = _locked(settlement_id, "confirm_clock", by)
        _check_not_involved(by, row.recording)
        if row.ended is None or row.confirmed_by_id or row.withdrawn_at:
            raise WrongState(_("This waits for nobody."))
        if row.proposed_by_id == by.person:
            raise Forbidden(_("A second person confirms it, not whoever proposed it."))
        row.confirmed_by_id, row.confirmed_at = by.person, clock.now()
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        _tell(entry, row, row.because)
    return row


def withdraw_settlement(settlement_id: uuid.UUID, *, by: Actor) -> Settlement:
    """Withdraw a settlement: the clock is in doubt again as it was, and nothing is due before it is settled anew."""
    with change(events.SETTLEMENT_WITHDRAWN, by=by) as entry:
        row = _locked(settlement_id, "settle_clock", by)
        if row.withdrawn_at:
            raise WrongState(_("It was withdrawn before."))
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        _tell(entry, row, row.because)
    return row


def _check_not_involved(by: Actor, recording: Recording) -> None:
    """Raise Forbidden for whoever is locked out of it: an earlier time could open it to them."""
    if doors.is_locked_out(by, recording.pk):
        raise Forbidden(_("You are locked out of this recording: somebody else settles its clock."))


def _locked(settlement_id: uuid.UUID, act: str, by: Actor) -> Settlement:
    found = Settlement.objects.filter(pk=settlement_id).first()
    recording = doors.recording(by, found.recording_id if found else settlement_id, act, lock=True)
    check_sealed(recording)
    return (
        Settlement.objects.select_for_update(of=("self",)).select_related("recording").get(pk=settlement_id)
    )


def _tell(entry: OpenEntry, row: Settlement, because: str) -> None:
    mine = retain_now([row.recording_id])[row.recording_id]
    entry.about(
        row.recording,
        ended=row.ended,
        because_sha256=named_digest(because.strip()),
        due_on=mine.due_on,
        nearer_on=mine.nearer_on,
        retention_state=mine.state,
    )

"""Holds: placed, extended and lifted; recordings put under one and let out of it, each with an entry of its own."""

import datetime as dt
import re
import uuid
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import BinaryIO

from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import doors, events
from fairwitness.evidence.doors import holds
from fairwitness.evidence.models import Held, Hold, IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.tables import write_csv
from fairwitness.rules.canonical import named_digest, nfc

Kind = Hold.Kind
LONGEST = 1000
LONGEST_REFERENCE = 80
HEADER = (
    *("number", "kind", "state", "reference", "reason", "incident", "placed_by", "placed_at", "until"),
    *("lifted_by", "lifted_at", "lifted_because"),
)
_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def cleaned(text: str, most: int, field: str, *, needed: bool = False) -> str:
    """What somebody wrote, composed and without controls. Raises Invalid where it is missing, too long, or not text."""
    text = _NOT_SHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(0xD800 <= ord(character) < 0xE000 for character in text):
        raise Invalid(
            _("This has characters that cannot be kept."),
            **{field: [_("This has characters that cannot be kept.")]},
        )
    kept: str = nfc(text.strip())
    if needed and not kept:
        raise Invalid(_("Say why."), **{field: [_("Write something here.")]})
    if len(kept) > most:
        words = _("At most {most} characters; this has {n}.").format(most=most, n=len(kept))
        raise Invalid(words, **{field: [words]})
    return kept


def digest_of(text: str) -> str | None:
    """The digest by which the ledger binds a text; None for an empty one."""
    return named_digest(text) if text else None


def place_hold(
    *,
    kind: str,
    reason: str,
    reference: str = "",
    recordings: Collection[uuid.UUID] = (),
    incident_id: uuid.UUID | None = None,
    until: dt.date | None = None,
    by: Actor,
) -> Hold:
    """Place a hold over recordings, over an incident, or both. With an incident it covers all that belongs to it,
    also what comes later. Each recording has an entry of its own.

    Raises NotFound or Forbidden for what the actor may not hold; Invalid without a reason, with a day that has come,
    or over nothing; WrongState for a recording that was refused or erased.
    """
    reason = cleaned(reason, LONGEST, "reason", needed=True)
    reference = cleaned(reference, LONGEST_REFERENCE, "reference")
    _check_kind(kind, by)
    if not recordings and incident_id is None:
        raise Invalid(_("Say which recordings are to be held."))
    with change(events.HOLD_PLACED, by=by) as entry:
        holds.check_may(by, "place_hold")
        check_day(until)
        incident = incidents.incident(by, incident_id) if incident_id else None
        _lock_all(recordings, incident)
        chosen = [recording_to_hold(pk, by) for pk in sorted(set(recordings))]
        hold = begin_hold(kind, reason, reference, incident, until, by=by)
        count = _cover(hold, chosen, by=by)
        note_placed(entry, hold, count)
    return hold


def begin_hold(
    kind: str, reason: str, reference: str, incident: Incident | None, until: dt.date | None, *, by: Actor
) -> Hold:
    """A new hold, in the open change, over nothing yet."""
    now = clock.now()
    hold = Hold(
        number=numbers.next_numbers("H", now.astimezone(agency().tz).year)[0],
        kind=kind,
        reason=reason,
        reference=reference,
        incident=incident,
        placed_by_id=by.member_id,
        placed_at=now,
        until=until,
    )
    hold.save(force_insert=True)
    return hold


def note_placed(entry: OpenEntry, hold: Hold, count: int) -> None:
    """Say in the open entry which hold was placed over how many recordings."""
    entry.about(
        *(hold, *([hold.incident] if hold.incident else [])),
        hold_id=hold.pk,
        hold_kind=hold.kind,
        incident_id=hold.incident_id,
        until=hold.until,
        count=count,
        reason_sha256=digest_of(hold.reason),
        reference_sha256=digest_of(hold.reference),
    )


def _check_kind(kind: str, by: Actor) -> None:
    if kind not in Kind.values:
        raise Invalid(_("Choose what the hold is for."), kind=[_("Choose what the hold is for.")])
    if kind == Kind.PRESERVATION and by.kind != "system":
        raise Invalid(
            _("Such a hold follows from a resident's request, and is not placed by hand."),
            kind=[_("Such a hold follows from a resident's request, and is not placed by hand.")],
        )


def check_day(until: dt.date | None, after: dt.date | None = None) -> None:
    """Raise Invalid for the end of a hold that has come, or is no later than `after`."""
    if until and until <= department.today():
        raise Invalid(_("The day must be to come."), until=[_("The day must be to come.")])
    if until and after and until <= after:
        words = _("It must be a later day than now.")
        raise Invalid(words, until=[words])


def recording_to_hold(pk: uuid.UUID, by: Actor) -> Recording:
    """The recording, locked, for who may hold it. Raises NotFound, Forbidden or WrongState."""
    require_change("locking a recording")
    if by.kind == "system":
        found = doors.locked(Recording.objects.filter(pk=pk)).get()
    else:
        found = doors.recording(by, pk, "place_hold", lock=True)
    holds.check_can_be_held(found)
    return found


def _lock_all(recordings: Collection[uuid.UUID], incident: Incident | None) -> None:
    """What was chosen and what the incident brings, locked in one run: two runs could wait for somebody's one."""
    brought = holds.covered_by(incident.pk) if incident else ()
    list(doors.locked(Recording.objects.filter(pk__in={*recordings, *brought})).values_list("pk"))


def _cover(hold: Hold, chosen: Collection[Recording], *, by: Actor) -> int:
    """Put under a new hold what was chosen and what its incident brings; answers how many."""
    for recording in chosen:
        put_under(hold, recording, by=by)
    return len(chosen) + cover_in_change(hold, holds.uncovered(hold), by=by)


def cover_in_change(hold: Hold, recording_ids: Collection[uuid.UUID], *, by: Actor) -> int:
    """Put under a hold what is sealed of these recordings, in the open change; answers how many.

    What stores are erasing is not: it is noted as let out at once, so that the hold's incident does not cover it.
    """
    require_change("putting recordings under a hold")
    rows = Recording.objects.filter(pk__in=recording_ids, status=Recording.Status.SEALED)
    count = 0
    for recording in list(doors.locked(rows)):
        if going := holds.let_go(recording.pk):
            _note_too_late(hold, recording, holds.too_late(recording, going), by=by)
            continue
        put_under(hold, recording, by=by)
        count += 1
    return count


def _note_too_late(hold: Hold, recording: Recording, why: str, *, by: Actor) -> None:
    with change(events.RECORDING_LET_OUT, by=by) as entry:
        now = clock.now()
        row = Held(hold=hold, recording=recording, since=now, released_at=now, released_because=why)
        row.save(force_insert=True)
        entry.about(recording, row, hold_id=hold.pk, recording_id=recording.pk, because="erasing")


def put_under(hold: Hold, recording: Recording, *, by: Actor) -> Held:
    """One recording comes under a hold, in an entry of its own; both are locked or new."""
    with change(events.RECORDING_HELD, by=by) as entry:
        row = Held(hold=hold, recording=recording, since=clock.now())
        row.save(force_insert=True)
        entry.about(recording, row, hold_id=hold.pk, hold_kind=hold.kind, recording_id=recording.pk)
    return row


def add_to_hold(hold_id: uuid.UUID, recording_id: uuid.UUID, *, by: Actor) -> Held:
    """Put one more recording under a hold. Raises WrongState where the hold has ended or the recording is under it."""
    with change(events.RECORDING_HELD, by=by) as entry:
        hold = holds.hold(by, hold_id, "place_hold", lock=True)
        holds.check_stands(hold)
        recording = recording_to_hold(recording_id, by)
        if hold in holds.holds_over([recording.pk]).get(recording.pk, []):
            raise WrongState(_("The recording is under this hold."))
        row = Held(hold=hold, recording=recording, since=clock.now())
        row.save(force_insert=True)
        entry.about(*(hold, recording, row), hold_id=hold.pk, hold_kind=hold.kind, recording_id=recording.pk)
    return row


def cover(hold_id: uuid.UUID, *, by: Actor) -> int:
    """Put under an incident's hold what has come to the incident since; what was let out stays out. May be done twice."""
    return bring_under(hold_id, holds.uncovered(Hold.objects.get(pk=hold_id)), by=by)


def bring_under(hold_id: uuid.UUID, recording_ids: Collection[uuid.UUID], *, by: Actor) -> int:
    """Put under a hold what came later, a change for each recording; answers how many.

    What cannot be held any more, or came under it meanwhile, is passed over; nothing is written where nothing came.
    """
    count = 0
    for recording_id in recording_ids:
        with suppress(WrongState):
            _bring(hold_id, recording_id, by)
            count += 1
    return count


def _bring(hold_id: uuid.UUID, recording_id: uuid.UUID, by: Actor) -> None:
    with change(events.RECORDING_HELD, by=by) as entry:
        hold = holds.hold(by, hold_id, "place_hold", lock=True)
        holds.check_stands(hold)
        recording = recording_to_hold(recording_id, by)
        if hold.held.filter(recording=recording).exists():
            raise WrongState(_("The recording is under this hold."))
        row = Held(hold=hold, recording=recording, since=clock.now())
        row.save(force_insert=True)
        entry.about(recording, row, hold_id=hold_id, hold_kind=hold.kind, recording_id=recording_id)


def keep_held(link: IncidentLink) -> None:
    """Before a link is withdrawn, in its open change: what was held by it alone stays held, in rows of its own."""
    require_change("putting recordings under a hold")
    by = actors.system("evidence.cover_holds")
    for hold in holds.to_be_covered(link.incident_id):
        if not hold.held.filter(recording=link.recording_id).exists():
            put_under(hold, link.recording, by=by)


def release_from_hold(held_id: uuid.UUID, reason: str, *, by: Actor) -> Held:
    """Let one recording out of a hold that goes on; its incident brings it back no more. Raises WrongState twice."""
    reason = cleaned(reason, LONGEST, "reason", needed=True)
    with change(events.RECORDING_LET_OUT, by=by) as entry:
        row = holds.held_row(by, held_id, lock=True)
        holds.check_stands(row.hold)
        check_no_request(row.hold, by)
        if row.released_at:
            raise WrongState(_("This recording was let out before."))
        row.released_at, row.released_because = clock.now(), reason
        row.save(update_fields=["released_at", "released_because"])
        entry.about(
            *(row.hold, row.recording, row),
            hold_id=row.hold_id,
            recording_id=row.recording_id,
            because="alone",
            reason_sha256=digest_of(reason),
        )
    return row


def check_no_request(hold: Hold, by: Actor) -> None:
    """Raise WrongState where a resident's request stands behind a hold: a records officer decides that."""
    if hold.kind == Kind.PRESERVATION and by.kind != "system":
        raise WrongState(_("This hold follows from a resident's request: decide that one."))


def extend_hold(hold_id: uuid.UUID, until: dt.date | None, *, by: Actor) -> Hold:
    """Have a hold end later, or (None) only when it is lifted. A hold is never shortened: it is lifted.

    Raises Invalid for a day no later than now's, WrongState where it has ended or has no end.
    """
    with change(events.HOLD_EXTENDED, by=by) as entry:
        hold = holds.hold(by, hold_id, "place_hold", lock=True)
        check_extend(hold)
        lengthen(entry, hold, until)
    return hold


def check_extend(hold: Hold) -> None:
    """Raise WrongState where a hold cannot end later: it is over, or has no end."""
    holds.check_stands(hold)
    if hold.until is None:
        raise WrongState(_("This hold has no end; it stands until it is lifted."))


def lengthen(entry: OpenEntry, hold: Hold, until: dt.date | None) -> None:
    """Give a locked hold its later end, and say so in the open entry. Raises Invalid."""
    check_day(until, after=hold.until)
    before, hold.until = hold.until, until
    hold.save(update_fields=["until"])
    entry.about(hold, hold_id=hold.pk, before=before, until=until)


def lift_hold(hold_id: uuid.UUID, reason: str, *, by: Actor) -> Hold:
    """Lift a hold, with the reason. Each recording under it has an entry of its own.

    Raises WrongState when it was lifted before, or when a resident's request stands behind it; Invalid without reason.
    """
    reason = cleaned(reason, LONGEST, "reason", needed=True)
    with change(events.HOLD_LIFTED, by=by) as entry:
        hold = holds.hold(by, hold_id, "lift_hold", lock=True)
        check_lift(hold, by)
        count = end_hold(hold, reason, by=by)
        entry.about(hold, hold_id=hold.pk, count=count, reason_sha256=digest_of(reason))
    return hold


def check_lift(hold: Hold, by: Actor) -> None:
    """Raise WrongState where a hold was lifted or ended before, or is not to be lifted by itself."""
    holds.check_stands(hold)
    check_no_request(hold, by)


def end_hold(hold: Hold, reason: str, *, by: Actor) -> int:
    """Mark a locked hold as lifted and let its recordings out, in the open change; answers how many they were."""
    require_change("lifting a hold")
    hold.lifted_by_id, hold.lifted_at, hold.lifted_because = by.member_id, clock.now(), reason
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    rows = list(hold.held.filter(released_at=None).select_related("recording").order_by("recording"))
    for row in rows:
        with change(events.RECORDING_LET_OUT, by=by) as entry:
            row.released_at = hold.lifted_at
            row.save(update_fields=["released_at"])
            entry.about(row.recording, row, hold_id=hold.pk, recording_id=row.recording_id, because="lifted")
    return len(rows)


def export_holds(sought: holds.Sought, file: BinaryIO, *, by: Actor) -> int:
    """Write the holds that `by` may see and seeks as CSV; answers how many. Raises Forbidden."""
    with change(events.HOLDS_EXPORTED, by=by) as entry:
        count, sha256 = write_csv(HEADER, _rows(sought, by), file)
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=sha256)
    return count


def _rows(sought: holds.Sought, by: Actor) -> Iterator[tuple[object, ...]]:
    reads = holds.reads_reasons(by)
    found = holds.list_holds(by, sought).select_related("lifted_by").order_by("-placed_at", "-id")
    for each in found.iterator(chunk_size=1000):
        yield (
            each.number,
            each.kind,
            holds.state_of(each),
            each.reference if reads else "",
            each.reason if reads else "",
            each.incident.number if each.incident else "",
            each.placed_by.name if each.placed_by else "",
            clock.rfc3339(each.placed_at),
            each.until.isoformat() if each.until else "",
            each.lifted_by.name if each.lifted_by else "",
            clock.rfc3339(each.lifted_at) if each.lifted_at else "",
            each.lifted_because if reads else "",
        )

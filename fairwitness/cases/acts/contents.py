"""What a case holds: incidents it is about, recordings taken in, files sealed in it; and what is taken out again."""

import datetime as dt
import mimetypes
import uuid
from typing import BinaryIO

from django.utils.translation import gettext as _

from fairwitness.cases import doors, events
from fairwitness.cases.acts.writing import safe_name
from fairwitness.cases.models import Case, CaseIncident, File, Item
from fairwitness.evidence.acts.hold import cleaned, digest_of
from fairwitness.evidence.acts.view import end_closed_viewings_of
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import blobs, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import Blob
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.storage.acts import confirm_copies

LONGEST_REASON = 500


def link_incident(case_id: uuid.UUID, incident_id: uuid.UUID, *, by: Actor) -> CaseIncident:
    """Note that a case is about an incident: its recordings are kept while the case is open, taken in or not.

    Raises NotFound for an incident that the actor may not find, WrongState where it is noted or the case is closed.
    """
    with change(events.CASE_INCIDENT_LINKED, by=by) as entry:
        case = doors.case(by, case_id, "link_incident", lock=True)
        doors.check_open(case)
        incident = incidents.incident(by, incident_id)
        if case.incidents.filter(incident=incident, withdrawn_at=None).exists():
            raise WrongState(_("The case is about this incident already."))
        made = CaseIncident(case=case, incident=incident, since=clock.now(), linked_by_id=by.member_id)
        made.save(force_insert=True)
        entry.about(case, incident, case_id=case.pk, incident_id=incident.pk)
    return made


def unlink_incident(link_id: uuid.UUID, *, by: Actor) -> CaseIncident:
    """Withdraw that a case is about an incident; what was taken in of it stays. Raises WrongState."""
    with change(events.CASE_INCIDENT_UNLINKED, by=by) as entry:
        link = doors.link_for(by, link_id, lock=True)
        doors.check_open(link.case)
        if link.withdrawn_at:
            raise WrongState(_("This was withdrawn before."))
        link.withdrawn_at = clock.now()
        link.save(update_fields=["withdrawn_at"])
        entry.about(link.case, link.incident, case_id=link.case_id, incident_id=link.incident_id)
    return link


# Recordings


def take_in(case_id: uuid.UUID, recording_id: uuid.UUID, because: str = "", *, by: Actor) -> Item:
    """Take a recording into an open case: it is kept, and opens to those named there as to their work.

    Raises NotFound, Forbidden where it is not open to the actor, WrongState where it is in the case, is no sealed
    recording, or is being erased.
    """
    because = cleaned(because, LONGEST_REASON, "because")
    with change(events.RECORDING_TAKEN_IN, by=by) as entry:
        case = _open(case_id, "take_in", by)
        item = _item(case, recording_id, because, by)
        entry.about(case, item, recording_id=recording_id, item_id=item.pk, case_id=case.pk)
        entry.about(because_sha256=digest_of(because))
        entry.mention("evidence.recording", recording_id)
    return item


def take_in_all(case_id: uuid.UUID, *, by: Actor) -> int:
    """Take in everything of the case's incidents that it has not and that the actor may; answers how many.

    Each has an entry of its own. Raises WrongState where there is nothing, or the case is closed.
    """
    with change(events.RECORDINGS_TAKEN_IN, by=by) as entry:
        case = _open(case_id, "take_in", by)
        wanted = doors.to_take_in(by, case)
        if not wanted:
            raise WrongState(_("There is nothing more that you may take in."))
        for pk in wanted:
            with change(events.RECORDING_TAKEN_IN, by=by) as each:
                item = _item(case, pk, "", by)
                each.about(case, item, recording_id=pk, item_id=item.pk, case_id=case.pk)
                each.mention("evidence.recording", pk)
        entry.about(case, case_id=case.pk, count=len(wanted))
    return len(wanted)


def _open(case_id: uuid.UUID, act: str, by: Actor) -> Case:
    case = doors.case(by, case_id, act, lock=True)
    doors.check_open(case)
    return case


def _item(case: Case, recording_id: uuid.UUID, because: str, by: Actor) -> Item:
    recording = doors.recording_to_take_in(by, case, recording_id)
    if doors.items(case).filter(recording=recording).exists():
        raise WrongState(_("{number} is in this case.").format(number=recording.number))
    item = Item(
        case=case, recording=recording, because=because, added_at=clock.now(), added_by_id=by.member_id
    )
    item.save(force_insert=True)
    return item


def take_out(item_id: uuid.UUID, because: str, *, by: Actor) -> Item:
    """Take a recording or a file out of an open case; the row stays. Raises Invalid without a reason, WrongState."""
    because = cleaned(because, LONGEST_REASON, "because", needed=True)
    with change(events.ITEM_WITHDRAWN, by=by) as entry:
        item = doors.item_for(by, item_id, "take_out", lock=True)
        doors.check_open(item.case)
        if item.withdrawn_at:
            raise WrongState(_("This was taken out before."))
        item.withdrawn_at, item.withdrawn_because = clock.now(), because
        item.save(update_fields=["withdrawn_at", "withdrawn_because"])
        about = [thing for thing in (item.recording, item.file) if thing]
        entry.about(item.case, item, *about, case_id=item.case_id, item_id=item.pk)
        entry.about(recording_id=item.recording_id, file_id=item.file_id, because_sha256=digest_of(because))
        for row in doors.members_of(item.case) if item.recording_id else []:
            end_closed_viewings_of(row.member_id, by=by)
    return item


# Files


def keep_file(
    case_id: uuid.UUID,
    source: BinaryIO,
    name: str,
    *,
    kind: str,
    because: str = "",
    made_at: dt.datetime | None = None,
    by: Actor,
) -> Item:
    """Put the bytes of an open file into the stores, then seal them in the case: blob before change.

    Asked before a byte is copied, and once more under the lock. Raises what `seal_file` does; StoreFull, Unavailable.
    """
    doors.check_open(doors.case(by, case_id, "seal_file"))
    _said(kind, because)
    return seal_file(
        case_id, blobs.store().put(source), name, kind=kind, because=because, made_at=made_at, by=by
    )


def seal_file(
    case_id: uuid.UUID,
    blob: Blob,
    name: str,
    *,
    kind: str,
    because: str = "",
    made_at: dt.datetime | None = None,
    by: Actor,
) -> Item:
    """Seal bytes that lie in the stores as a file of an open case.

    Raises Invalid for an empty file, an unknown kind or a time to come; WrongState where the case is closed or holds
    these bytes already.
    """
    because = _said(kind, because)
    if blob.size == 0:
        raise Invalid(_("The file is empty: there is nothing to seal."), file=[_("This file is empty.")])
    if made_at and made_at > clock.now():
        words = _("That time is still to come.")
        raise Invalid(words, made_at=[words])
    with change(events.FILE_SEALED, by=by) as entry:
        case = _open(case_id, "seal_file", by)
        if same := doors.same_file(case, blob.sha256):
            number = same.file.number if same.file else ""
            raise WrongState(_("The case holds these bytes as {number}.").format(number=number))
        file = _file(blob, name, kind, made_at, by)
        confirm_copies(blob)
        item = Item(case=case, file=file, because=because, added_at=clock.now(), added_by_id=by.member_id)
        item.save(force_insert=True)
        entry.about(
            *(case, file, item),
            case_id=case.pk,
            file_id=file.pk,
            item_id=item.pk,
            number=file.number,
            sha256=f"sha256:{file.sha256}",
            size=file.size,
            file_kind=file.kind,
            name_sha256=digest_of(file.name),
            made=file.made_at,
            because_sha256=digest_of(because),
        )
    return item


def _said(kind: str, because: str) -> str:
    if kind not in File.Kind.values:
        raise Invalid(_("Say what kind of file it is."), kind=[_("Choose one.")])
    return cleaned(because, LONGEST_REASON, "because")


def _file(blob: Blob, name: str, kind: str, made_at: dt.datetime | None, by: Actor) -> File:
    now, kept = clock.now(), safe_name(name)
    file = File(
        number=numbers.next_numbers("F", now.astimezone(agency().tz).year)[0],
        sha256=blob.sha256,
        size=blob.size,
        media_type=(mimetypes.guess_type(kept)[0] or "application/octet-stream")[:120],
        kind=kind,
        name=kept,
        made_at=made_at,
        sealed_at=now,
        sealed_by_id=by.member_id,
    )
    file.save(force_insert=True)
    return file


def take_file(item_id: uuid.UUID, *, by: Actor) -> File:
    """Take a copy of a file of a case: the taking is recorded first. Raises NotFound, Forbidden."""
    with change(events.FILE_TAKEN, by=by) as entry:
        item = doors.file_for(by, item_id)
        file = item.file
        assert file
        entry.about(item.case, file, case_id=item.case_id, file_id=file.pk, sha256=f"sha256:{file.sha256}")
    return file

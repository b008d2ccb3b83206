"""What reading a recording came to: noted beside the sealed bytes, which it never touches."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction

from fairwitness.department import doors as department
from fairwitness.evidence import doors, events
from fairwitness.evidence.acts.seal import plausible, searchable, who
from fairwitness.evidence.doors import is_going
from fairwitness.evidence.models import Derivative, Probe, Recording
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import Blob
from fairwitness.kernel.change import change
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.refusals import Gone, WrongState
from fairwitness.rules.canonical import nfc
from fairwitness.storage.acts import confirm_copies

Clock = Recording.Clock
# The command that brings a recording in and a worker may both be reading it: the first word is the one that counts.
UNREAD = {Recording.Readable.WAITING, Recording.Readable.UNTRIED}


def note_probe(recording_id: uuid.UUID, found: Mapping[str, Any], *, by: Actor) -> Recording:
    """Note what the child process found (`fairwitness.media` probe). What was read before is left, and what goes."""
    with transaction.atomic():
        recording = _locked(recording_id)
        if recording.readable in UNREAD and not is_going(recording.pk):
            _note_found(recording, nfc(found), by)
    return recording


def _note_found(recording: Recording, found: Mapping[str, Any], by: Actor) -> None:
    with change(events.RECORDING_PROBED, by=by) as entry:
        Probe.objects.update_or_create(recording=recording, defaults={"found": found, "at": clock.now()})
        recording.readable = Recording.Readable.YES if found["readable"] else Recording.Readable.NO
        recording.unreadable_because = "" if found["readable"] else found["reason"][:300]
        recording.duration_ms = max(found["found_ms"] or found["declared_ms"] or 0, 0) or None
        _learn_when_and_who(recording, found["recorded_at"])
        recording.save()
        for kind in wanted(found):
            enqueue("evidence.derive", recording_id=str(recording.pk), kind=kind)
        entry.about(
            recording,
            readable=recording.readable,
            reason=found["reason_code"],
            found=f"sha256:{digest_of_answer(found)}",
            started=recording.started,
            clock=recording.clock,
            owner_id=recording.owner_id,
            owner_how=recording.owner_how,
        )


def note_unreadable(recording_id: uuid.UUID, code: str, sentence: str, *, by: Actor) -> Recording:
    """Note that reading failed: unreadable evidence is kept like any other. A missing wall means not yet tried.

    What was read before, by another worker at the same time, is left as it is.
    """
    untried = code == "wall_missing"
    with transaction.atomic():
        recording = _locked(recording_id)
        if recording.readable not in UNREAD or is_going(recording.pk):
            return recording
        with change(events.RECORDING_PROBED, by=by) as entry:
            recording.readable = Recording.Readable.UNTRIED if untried else Recording.Readable.NO
            recording.unreadable_because = sentence[:300]
            recording.save(update_fields=["readable", "unreadable_because"])
            entry.about(recording, readable=recording.readable, reason=code)
    return recording


def read_again(recording_id: uuid.UUID, *, by: Actor) -> Recording:
    """Ask that a recording which could not be read, or was not tried, be read again. Raises WrongState otherwise.

    The BWC Unit asks; the operator's command, which acts for the system, may too.
    """
    with change(events.READING_ASKED, by=by) as entry:
        asked_by_system = by.kind == "system"
        recording = (
            _locked(recording_id)
            if asked_by_system
            else doors.recording(by, recording_id, "read_again", lock=True)
        )
        doors.check_has_bytes(recording)
        if not doors.may_be_read_again(recording):
            raise WrongState("Only a sealed recording that could not be read can be read again.")
        recording.readable, recording.unreadable_because = Recording.Readable.WAITING, ""
        recording.save(update_fields=["readable", "unreadable_because"])
        enqueue("evidence.probe", recording_id=str(recording.pk))
        entry.about(recording)
    return recording


def read_untried(*, by: Actor) -> int:
    """Ask that every recording which was not read, because a wall was missing, be read now; how many they are."""
    untried = Recording.objects.filter(readable=Recording.Readable.UNTRIED, status=Recording.Status.SEALED)
    asked = 0
    for pk in list(untried.values_list("pk", flat=True)):
        # What is being erased meanwhile is left: it keeps nobody from the rest.
        with suppress(WrongState):
            read_again(pk, by=by)
            asked += 1
    return asked


def keep_derivative(
    recording_id: uuid.UUID, kind: str, blob: Blob, media_type: str, facts: Mapping[str, Any], *, by: Actor
) -> Derivative:
    """Keep something made of a recording; the same kind made again takes the place of the earlier.

    Raises Gone where the recording's bytes were erased, or are being erased.
    """
    with change(events.DERIVATIVE_MADE, by=by) as entry:
        recording = _locked(recording_id)
        if recording.status != Recording.Status.SEALED or is_going(recording.pk):
            raise Gone(
                "The bytes of this recording were erased under a rule: nothing is made of it any more."
            )
        made, _new = Derivative.objects.update_or_create(
            recording=recording,
            kind=kind,
            defaults={
                "sha256": blob.sha256,
                "size": blob.size,
                "media_type": media_type,
                "facts": nfc(facts),
                "made_at": clock.now(),
            },
        )
        confirm_copies(blob, made=True)
        entry.about(
            recording,
            kind=kind,
            sha256=f"sha256:{blob.sha256}",
            size=blob.size,
            source=f"sha256:{recording.sha256}",
        )
    return made


def wanted(found: Mapping[str, Any]) -> list[str]:
    """Which derivatives a probed recording needs: pictures of what it has, a copy where no browser plays it."""
    if not found["readable"]:
        return []
    needs = []
    if found["main_video"] is not None:
        needs.append(Derivative.Kind.FILMSTRIP)
    if found["main_audio"] is not None:
        needs.append(Derivative.Kind.WAVEFORM)
    if not found["browser_playable"]:
        needs.append(Derivative.Kind.VIEWING_COPY)
    return [str(kind) for kind in needs]


def digest_of_answer(found: Mapping[str, Any]) -> str:
    """SHA-256 of the child's answer as sorted JSON; media hold numbers beyond what RFC 8785 can spell."""
    return hashlib.sha256(json.dumps(found, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _locked(recording_id: uuid.UUID) -> Recording:
    return doors.locked(Recording.objects.filter(pk=recording_id)).get()


def _learn_when_and_who(recording: Recording, at: Mapping[str, Any]) -> None:
    """A time that the device wrote beats the file's own date; with it the wearer may become known by assignment."""
    if recording.clock not in {Clock.FILE, Clock.NONE} or at["clock"] not in {"device_utc", "device_local"}:
        return
    moment = _utc(at)
    if moment is None or not plausible(moment, recording.sealed_at):
        return
    recording.started, recording.clock = moment, Clock.DEVICE
    recording.started_text = (at["text"] or "")[:80]
    if recording.owner_how == Recording.Owner.UNKNOWN:
        recording.owner, recording.owner_how = who(recording.camera, moment, Clock.DEVICE, "")
        if recording.owner:
            day = moment.astimezone(agency().tz).date()
            recording.unit = department.unit_on(recording.owner.pk, day)
        recording.search = searchable(recording)


def _utc(at: Mapping[str, Any]) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(at["utc"] or at["text"] or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=agency().tz)).astimezone(dt.UTC)

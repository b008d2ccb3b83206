"""Clips: asked for by name and interval, made by a job, taken out with an entry, each with a proof to its original."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.evidence import doors, events
from fairwitness.evidence.acts.export import sealing_entry
from fairwitness.evidence.doors import clips
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import Blob
from fairwitness.kernel.change import change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.refusals import Gone, Invalid, Unavailable, WrongState
from fairwitness.publiclog import receipts
from fairwitness.rules.canonical import canonical, named_digest, nfc
from fairwitness.storage.acts import confirm_copies

LONGEST_NAME = 200
MEDIA_TYPE = "video/mp4"


def ask_clip(
    recording_id: uuid.UUID,
    *,
    name: str,
    begins_ms: int,
    ends_ms: int,
    wanted: str = Clip.Way.COPIED,
    by: Actor,
) -> Clip:
    """Ask for a clip: from one moment to another (ms from the start), under a name. A job makes it.

    Raises Invalid for a name or an interval that is none (it ends before it begins, or beyond the recording's end),
    WrongState where the recording was refused, cannot be read, is erased or is being erased.
    """
    name = _name(name)
    if wanted not in Clip.Way.values:
        raise Invalid(_("Choose how the clip is made."), field="wanted")
    with change(events.CLIP_ASKED, by=by) as entry:
        recording = doors.recording(by, recording_id, "clip", lock=True)
        clips.check_interval(recording, begins_ms, ends_ms)
        made = Clip(recording=recording, name=name, begins_ms=begins_ms, ends_ms=ends_ms, wanted=wanted)
        made.asked_by_id, made.asked_at = by.person, clock.now()
        made.save(force_insert=True)
        entry.about(
            recording,
            made,
            clip_id=made.pk,
            begins_ms=begins_ms,
            ends_ms=ends_ms,
            wanted=wanted,
            name_sha256=named_digest(name),
        )
        enqueue("evidence.make_clip", clip_id=str(made.pk))
    return made


def _name(name: str) -> str:
    name = " ".join(nfc(name.replace("\x00", "")).split())
    if not name:
        raise Invalid(said := _("Give the clip a name."), name=[said])
    if len(name) > LONGEST_NAME:
        words = _("A name has at most {most} characters; this has {n}.")
        raise Invalid(said := words.format(most=LONGEST_NAME, n=len(name)), name=[said])
    return name


def keep_clip(clip_id: uuid.UUID, blob: Blob, cut: Mapping[str, Any], *, by: Actor) -> Clip:
    """Keep the bytes of a clip with their proof. `cut` is the child's answer: what was really cut, and how.

    Raises Gone where the recording's bytes were erased meanwhile, or are being erased, WrongState where it was made.
    """
    with change(events.CLIP_MADE, by=by) as entry:
        made = _locked(clip_id)
        made.sha256, made.size, made.media_type = blob.sha256, blob.size, MEDIA_TYPE
        made.made_at = clock.now()
        made.proof = nfc(_proof(made, cut, entry.id))
        made.proof_sha256 = hashlib.sha256(canonical(made.proof)).hexdigest()
        made.save(update_fields=["sha256", "size", "media_type", "made_at", "proof", "proof_sha256"])
        move(made, Clip.Status.MADE)
        # As evidence, and not as what can be made again: what was taken out must stay what it was.
        confirm_copies(blob)
        entry.about(
            made.recording,
            made,
            clip_id=made.pk,
            sha256=f"sha256:{blob.sha256}",
            size=blob.size,
            source=f"sha256:{made.recording.sha256}",
            cut_how=cut["how"],
            cut_begins_ms=cut["cut_begins_ms"],
            cut_ends_ms=cut["cut_ends_ms"],
            proof_sha256=f"sha256:{made.proof_sha256}",
        )
    return made


def _locked(clip_id: uuid.UUID) -> Clip:
    """A clip that is to be made, locked after its recording."""
    recording_id = Clip.objects.values_list("recording", flat=True).get(pk=clip_id)
    recording = doors.locked(Recording.objects.all()).get(pk=recording_id)
    if recording.status != Recording.Status.SEALED or doors.is_going(recording.pk):
        raise Gone(_("The bytes of this recording were erased under a rule: nothing is made of it any more."))
    made = Clip.objects.select_for_update(of=("self",)).get(pk=clip_id)
    if made.status != Clip.Status.WAITING or made.withdrawn_at:
        raise WrongState(_("This clip was made before, or is not wanted any more."), status=made.status)
    made.recording = recording
    return made


def _proof(made: Clip, cut: Mapping[str, Any], entry_id: uuid.UUID) -> dict[str, Any]:
    """What is said of a clip, as docs/reference/clip.md has it."""
    recording = made.recording
    sealed = sealing_entry(recording)
    return {
        "v": 1,
        "kind": "clip",
        "agency": {"name": agency().name, "log": agency().log_origin},
        "original": {
            "number": recording.number,
            "sha256": f"sha256:{recording.sha256}",
            "size": recording.size,
            "length_ms": recording.duration_ms,
            "sealed_at": clock.rfc3339(recording.sealed_at),
            "sealed_by_entry": str(sealed.pk),
        },
        "clip": {
            "id": str(made.pk),
            "name": made.name,
            "sha256": f"sha256:{made.sha256}",
            "size": made.size,
            "media_type": made.media_type,
            "made_at": clock.rfc3339(made.made_at),  # type: ignore[arg-type]
            "made_by_entry": str(entry_id),
        },
        "asked": {"begins_ms": made.begins_ms, "ends_ms": made.ends_ms, "how": made.wanted},
        "cut": {
            "begins_ms": cut["cut_begins_ms"],
            "ends_ms": cut["cut_ends_ms"],
            "how": cut["how"],
            "frames": cut["frames"],
            "has_sound": cut["has_sound"],
            "faults": cut["faults"],
        },
    }


def fail_clip(clip_id: uuid.UUID, code: str, sentence: str, *, by: Actor) -> Clip:
    """Note that a clip could not be made, and why. Raises as `keep_clip`."""
    with change(events.CLIP_FAILED, by=by) as entry:
        made = _locked(clip_id)
        made.because = sentence[:300]
        made.save(update_fields=["because"])
        move(made, Clip.Status.FAILED)
        entry.about(made.recording, made, clip_id=made.pk, reason=code)
    return made


def withdraw_clip(clip_id: uuid.UUID, *, by: Actor) -> Clip:
    """Withdraw a clip: it is given out no more. Row and bytes stay with the recording. WrongState the second time."""
    with change(events.CLIP_WITHDRAWN, by=by) as entry:
        made = clips.clip(by, clip_id, "clip", lock=True)
        if made.withdrawn_at:
            raise WrongState(_("This clip was withdrawn."))
        made.withdrawn_at = clock.now()
        made.save(update_fields=["withdrawn_at"])
        entry.about(made.recording, made, clip_id=made.pk)
    return made


def take_clip(clip_id: uuid.UUID, *, by: Actor) -> Clip:
    """Take a clip out: protected like its recording, so the taking is recorded first. Raises as the door."""
    with change(events.CLIP_TAKEN, by=by) as entry:
        made = clips.made_clip(by, clip_id, lock=True)
        entry.about(made.recording, made, clip_id=made.pk, sha256=f"sha256:{made.sha256}")
    return made


def take_proof(clip_id: uuid.UUID, *, by: Actor) -> dict[str, Any]:
    """The proof of a clip with the receipts of both entries, its original's and its own: one file for a stranger.

    Raises as the door; Unavailable while one of them waits to be published.
    """
    file = proof_file(clips.made_clip(by, clip_id))
    with change(events.CLIP_PROOF_TAKEN, by=by) as entry:
        made = clips.made_clip(by, clip_id, lock=True)
        entry.about(made.recording, made, clip_id=made.pk, proof_sha256=f"sha256:{made.proof_sha256}")
    return file


def proof_file(made: Clip) -> dict[str, Any]:
    """What `take_proof` gives, for whoever hands a clip on and records that themselves. Raises Unavailable."""
    return {
        "v": 1,
        "proof": made.proof,
        "receipt": receipts.receipt(making_entry(made).pk),
        "original_receipt": receipts.receipt(sealing_entry(made.recording).pk),
    }


def making_entry(made: Clip) -> Entry:
    """The entry under which a clip was made. Raises Unavailable where the ledger has none."""
    about = EntrySubject.objects.filter(kind="evidence.clip", subject=made.pk).values("entry_id")
    found: Entry | None = Entry.objects.filter(pk__in=about, event=events.CLIP_MADE.name).first()
    if found is None:
        raise Unavailable(_("The ledger has no entry for this clip."))
    return found

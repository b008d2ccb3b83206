"""What evidence may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

INGEST_BEGUN = event("evidence.ingest_begun", _("{actor} began to bring in a delivery"), "ingest_id")
INGEST_ENDED = event(
    "evidence.ingest_ended",
    _("{actor} finished a delivery: {sealed} sealed, {duplicate} already here, {refused} refused"),
    "ingest_id",
    "sealed",
    "duplicate",
    "refused",
)
RECORDING_SEALED = event(
    "evidence.recording_sealed",
    _("{actor} sealed the recording"),
    "sha256",
    "size",
    "number",
    "ingest_id",
    "delivered_sha256",
    "started",
    "clock",
    "owner_id",
    "owner_how",
    "camera_id",
    "by_hand",
    "incident_id",
)
UPLOAD_REFUSED = event(
    "evidence.upload_refused",
    _("{actor} refused what was delivered, because {reason}; the bytes are kept"),
    "reason",
    "declared",
    "found",
    "size",
    "number",
    "ingest_id",
    "by_hand",
    words={
        "reason": {
            "empty": _("the file is empty"),
            "digest": _("its digest is not the one that was declared"),
            "changed": _("what was kept is no longer what came in"),
        }
    },
)
ATTACHMENT_SEALED = event(
    "evidence.attachment_sealed",
    _("{actor} sealed a file that came with the recording"),
    "sha256",
    "size",
    "recording_id",
    "ingest_id",
)
RECORDING_PROBED = event(
    "evidence.recording_probed",
    _("{actor} read the recording; {readable}"),
    "readable",
    "reason",
    "found",
    "started",
    "clock",
    "owner_id",
    "owner_how",
    words={
        "readable": {
            "yes": _("it can be played"),
            "no": _("it cannot be played, and is kept as it came"),
            "untried": _("a wall around the reading is missing, so it was not tried"),
        }
    },
)
READING_ASKED = event("evidence.reading_asked", _("{actor} asked that the recording be read again"))
DERIVATIVE_MADE = event(
    "evidence.derivative_made",
    _("{actor} made {kind} of the recording"),
    "kind",
    "sha256",
    "size",
    "source",
    words={
        "kind": {
            "filmstrip": _("the filmstrip"),
            "still": _("a still"),
            "waveform": _("the waveform"),
            "viewing_copy": _("a copy that browsers can play"),
        }
    },
)
OWNER_SETTLED = event(
    "evidence.owner_settled", _("{actor} settled that {owner_id} wore the camera"), "owner_id"
)
INCIDENT_LINKED = event(
    "evidence.incident_linked",
    _("{actor} linked the recording to {incident_id}, {link_how}"),
    *("recording_id", "incident_id", "link_how"),
    words={
        "link_how": {
            "number": _("by the number that came with it"),
            "suggested": _("as officer and time suggest"),
            "hand": _("by hand"),
        }
    },
)
INCIDENT_UNLINKED = event(
    "evidence.incident_unlinked",
    _("{actor} withdrew the link of the recording to {incident_id}"),
    *("recording_id", "incident_id"),
)
NOTE_ADDED = event("evidence.note_added", _("{actor} wrote a note"), "note_id", "at_ms", "text_sha256")
NOTE_WITHDRAWN = event("evidence.note_withdrawn", _("{actor} withdrew a note"), "note_id")
VIEWING_BEGUN = event(
    "evidence.viewing_begun",
    _("{actor} opened the recording; purpose: {purpose}"),
    "viewing_id",
    "purpose",
    # By which rule of access, and by whose grant where no role was enough.
    *("access", "rule", "version_id", "grant_id"),
    words={
        "purpose": {
            "report": _("writing a report"),
            "investigation": _("investigation"),
            "court": _("preparing for court"),
            "supervision": _("supervision and training"),
            "audit": _("audit"),
            "technical": _("checking that the recording is sound"),
        }
    },
)
VIEWING_ENDED = event(
    "evidence.viewing_ended",
    _("{actor} ended the viewing: {why}"),
    "viewing_id",
    "played_ms",
    "bytes_sent",
    "why",
    words={
        "why": {
            "closed": _("it was closed"),
            "opened again": _("the recording was opened again"),
            "left": _("its page had been left"),
            "signed out": _("the viewer signed out"),
            "locked out": _("the viewer is involved in a critical incident"),
            "grant ended": _("what had opened it was taken back"),
        }
    },
)
LIST_EXPORTED = event(
    "evidence.list_exported",
    _("{actor} exported a list of {count} recordings"),
    "count",
    "sha256",
    "search_id",
)
ATTACHMENT_TAKEN = event(
    "evidence.attachment_taken", _("{actor} took a file that came with the recording: {sha256}"), "sha256"
)
RECEIPT_ISSUED = event("evidence.receipt_issued", _("{actor} took the receipt of the recording"), "index")
_GRANT_KINDS = {
    "named": _("by name"),
    "work": _("for their work"),
    "audit": _("for an audit"),
    "lockout": _("as an exception from the lockout"),
}
ACCESS_GRANTED = event(
    "evidence.access_granted",
    _("{actor} opened it to {member_id} {grant_kind}"),
    *("grant_id", "grant_kind", "member_id", "recording_id", "incident_id", "until", "because_sha256"),
    words={"grant_kind": _GRANT_KINDS},
)
ACCESS_ENDED = event(
    "evidence.access_ended",
    _("{actor} took back that it was open to {member_id} {grant_kind}"),
    *("grant_id", "grant_kind", "member_id"),
    words={"grant_kind": _GRANT_KINDS},
)
ACCESS_WATCHED = event(
    "evidence.access_watched",
    _("{actor} looked through the access of the week of {week}; signs found: {signs}"),
    *("week", "signs"),
)
WATCH_DECIDED = event(
    "evidence.watch_decided",
    _("{actor} decided on a sign of unusual access: {outcome}"),
    *("watch_id", "outcome", "words_sha256"),
    words={
        "outcome": {
            "explained": _("explained"),
            "reminded": _("reminded of the rule"),
            "referred": _("passed on for an inquiry"),
        }
    },
)

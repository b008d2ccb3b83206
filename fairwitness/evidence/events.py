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
            "erased": _("the recording was erased under a rule"),
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

# Disposal

WHY_BACK = {
    "person": _("a person took it back"),
    "held": _("a hold stands over it"),
    "moved": _("its date has moved"),
    "state": _("it is not a sealed recording any more"),
    "list": _("the whole list was taken back"),
}
DISPOSAL_PROPOSED = event(
    "evidence.disposal_proposed",
    _("{actor} proposed the list {number}: {count} recordings whose day has come"),
    *("list_id", "number", "count", "list_sha256", "rule", "version_id"),
)
DISPOSAL_STRUCK = event(
    "evidence.disposal_struck",
    _("{actor} struck the recording from the list {list_id}"),
    *("list_id", "recording_id", "because_sha256"),
)
LIST_APPROVED = event(
    "evidence.list_approved",
    _("{actor} approved the list {list_id}: {count} recordings, {approvals} of {needed} approvals"),
    *("list_id", "list_sha256", "count", "approvals", "needed", "rule", "version_id", "erased_from"),
)
APPROVALS_WITHDRAWN = event(
    "evidence.approvals_withdrawn",
    _("{actor} changed the list {list_id}, so that {count} approvals of it count no more"),
    *("list_id", "count"),
)
DISPOSAL_APPROVED = event(
    "evidence.disposal_approved",
    _(
        "{actor} noted that the recording will be erased from {erased_from}: two people approved the list {list_id}"
    ),
    *("list_id", "list_sha256", "rule", "version_id", "due_on", "erased_from"),
)
DISPOSAL_TAKEN_BACK = event(
    "evidence.disposal_taken_back",
    _("{actor} took the recording off the list {list_id}: {why}"),
    *("list_id", "recording_id", "why", "because_sha256"),
    words={"why": WHY_BACK},
)
LIST_TAKEN_BACK = event(
    "evidence.list_taken_back",
    _("{actor} took back the list {list_id}"),
    *("list_id", "count", "because_sha256"),
)
LIST_ERASING = event(
    "evidence.list_erasing",
    _("{actor} began to erase what is left on the list {list_id}: {count} recordings"),
    *("list_id", "count"),
)
ERASING_BEGUN = event(
    "evidence.erasing_begun",
    _("{actor} began to erase the bytes of the recording, under the rule {rule}"),
    *("list_id", "rule", "version_id", "erased", "kept"),
)
BYTES_ERASED = event(
    "evidence.bytes_erased",
    _("{actor} found the bytes of the recording absent in every store; {outcome}; certificate {certificate}"),
    *("list_id", "disposal_id", "rule", "version_id", "sha256", "size", "outcome"),
    *("blobs", "stores", "certificate", "day"),
    public=("certificate", "day"),
    words={
        "outcome": {
            "erased": _("they are erased"),
            "released": _("other records keep the recording's own bytes, and this one has let go of them"),
        }
    },
)
LIST_DONE = event(
    "evidence.list_done",
    _(
        "{actor} finished the list {list_id}: {erased} erased, {released} let go, {struck} struck, {back} taken back"
    ),
    *("list_id", "erased", "released", "struck", "back"),
)
CERTIFICATE_TAKEN = event(
    "evidence.certificate_taken",
    _("{actor} took the certificate of disposal"),
    *("certificate", "index"),
)
DISPOSALS_EXPORTED = event(
    "evidence.disposals_exported",
    _("{actor} exported the list {list_id}: {count} recordings"),
    *("list_id", "count", "sha256"),
)

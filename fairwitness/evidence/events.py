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
    _("{actor} sealed the recording: {size} bytes, SHA-256 {sha256}"),
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
)
UPLOAD_REFUSED = event(
    "evidence.upload_refused",
    _(
        "{actor} refused what was delivered ({reason}): declared {declared}, found {found}; the bytes are kept"
    ),
    "reason",
    "declared",
    "found",
    "size",
    "number",
    "ingest_id",
)
ATTACHMENT_SEALED = event(
    "evidence.attachment_sealed",
    _("{actor} sealed a file that came with the recording: SHA-256 {sha256}"),
    "sha256",
    "size",
    "recording_id",
    "ingest_id",
)
RECORDING_PROBED = event(
    "evidence.recording_probed",
    _("{actor} read the recording: {readable}"),
    "readable",
    "reason",
    "found",
    "started",
    "clock",
    "owner_id",
    "owner_how",
)
DERIVATIVE_MADE = event(
    "evidence.derivative_made",
    _("{actor} made a {kind} of the recording: SHA-256 {sha256}"),
    "kind",
    "sha256",
    "size",
    "source",
)
OWNER_SETTLED = event(
    "evidence.owner_settled", _("{actor} settled that {owner_id} wore the camera"), "owner_id"
)
NOTE_ADDED = event(
    "evidence.note_added", _("{actor} wrote a note at {at_ms} ms"), "note_id", "at_ms", "text_sha256"
)
NOTE_WITHDRAWN = event("evidence.note_withdrawn", _("{actor} withdrew a note"), "note_id")
VIEWING_BEGUN = event(
    "evidence.viewing_begun", _("{actor} opened the recording; purpose: {purpose}"), "viewing_id", "purpose"
)
VIEWING_ENDED = event(
    "evidence.viewing_ended",
    _("{actor} closed the viewing: {played_ms} ms played, {bytes_sent} bytes sent ({why})"),
    "viewing_id",
    "played_ms",
    "bytes_sent",
    "why",
)
LIST_EXPORTED = event(
    "evidence.list_exported",
    _("{actor} exported a list of {count} recordings, SHA-256 {sha256}"),
    "count",
    "sha256",
    "search_id",
)
RECEIPT_ISSUED = event("evidence.receipt_issued", _("{actor} took the receipt of the recording"), "index")

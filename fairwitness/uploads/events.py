"""What uploads may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

HOLDINGS_REPORTED = event(
    "uploads.holdings_reported",
    _("{actor} reported what is new on cameras in {dock_id}; files: {files}"),
    *("dock_id", "files", "new", "changed", "sealed", "refused", "gone", "back"),
)
HOLDING_EXPLAINED = event(
    "uploads.holding_explained",
    _("{actor} explained why a file seen on the camera {camera_id} is not waited for: {explanation}"),
    *("camera_id", "explanation"),
    words={
        "camera_id": {"": _("that is not in the register")},
        "explanation": {
            "no_recording": _("it is no recording"),
            "elsewhere": _("it was received by another way"),
            "damaged": _("the camera or its card is damaged"),
            "lost": _("it is lost, and that was reported"),
        },
    },
)
HOLDINGS_SETTLED = event(
    "uploads.holdings_settled",
    _("{actor} found {sealed} files seen on cameras sealed in the meantime"),
    "sealed",
)
UPLOAD_BEGUN = event(
    "uploads.begun",
    _("{actor} announced an upload of {size} bytes"),
    *("number", "size", "declared", "said_sha256", "by_hand", "camera_id", "dock_id"),
)
UPLOAD_RECEIVED = event("uploads.received", _("{actor} sent all of the {size} bytes"), "size", "sha256")
UPLOAD_SEALED = event(
    "uploads.sealed",
    _("{actor} took the upload in: {outcome}"),
    *("outcome", "sha256", "size", "recording_id", "number", "by_hand"),
    words={
        "outcome": {
            "sealed": _("it was sealed as a recording"),
            "was_here": _("the same bytes had been sealed before"),
        }
    },
)
UPLOAD_REFUSED = event(
    "uploads.refused",
    _("{actor} refused the upload, because {reason}; the bytes are kept"),
    *("reason", "declared", "found", "size", "declared_size", "number", "recording_id"),
    words={
        "reason": {
            "empty": _("the file is empty"),
            "size": _("what is kept is not as long as declared"),
            "digest": _("its digest is not the one that was declared"),
            "changed": _("what is kept is no longer what came in"),
        }
    },
)
UPLOAD_WITHDRAWN = event("uploads.withdrawn", _("{actor} withdrew the upload; what had come is kept"), "came")
UPLOAD_ABANDONED = event(
    "uploads.abandoned", _("{actor} closed the upload: nothing came any more; what had come is kept"), "came"
)
UPLOAD_DISPOSED = event(
    "uploads.disposed",
    _("{actor} disposed of the bytes, as the rule of {kept_days} days allows"),
    *("came", "kept_days", "was"),
)
UPLOADS_EXPORTED = event(
    "uploads.list_exported", _("{actor} exported a list of {count} uploads"), "count", "sha256"
)
HOLDINGS_EXPORTED = event(
    "uploads.holdings_exported",
    _("{actor} exported a list of {count} files that were recorded and never uploaded"),
    *("count", "sha256"),
)

"""What moving writes into the ledger."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

EXPORT_BEGUN = event(
    "moving.export_begun", _("{actor} began to take everything out of this system"), "export_id"
)
EXPORT_WRITTEN = event(
    "moving.export_written",
    _(
        "{actor} took everything out of this system: {rows} rows of {tables} tables and {blobs} blobs; "
        "{missing} blobs were given by no store; its digest is {digest}"
    ),
    *("export_id", "tables", "rows", "blobs", "octets", "missing", "digest"),
)
RESTORED = event(
    "moving.restored",
    _("{actor} made this system of the export: {rows} rows of {tables} tables and {blobs} blobs, compared"),
    *("export_id", "tables", "rows", "blobs", "digest"),
)
DRILLED = event(
    "moving.drilled",
    _("{actor} made an empty system of the export and compared the two: {faults} differences"),
    *("export_id", "faults"),
)

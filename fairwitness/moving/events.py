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
ARRIVAL_BEGUN = event(
    "moving.arrival_begun",
    _("{actor} began to bring in what another system held"),
    *("arrival_id", "ingest_id", "mapping"),
)
ARRIVAL_ENDED = event(
    "moving.arrival_ended",
    _(
        "{actor} brought in what another system held: {arrived} things came, {here} were here, {not_arrived} did "
        "not come, {unclaimed} were said and not claimed; the digest of the report is {report_sha256}"
    ),
    *("arrival_id", "arrived", "here", "not_arrived", "unclaimed", "report_sha256", "report_size"),
)
CASE_ARRIVED = event(
    "moving.case_arrived",
    _("{actor} opened {case_id} for a case that another system held"),
    *("arrival_id", "case_id", "external_sha256"),
)
CASE_SETTLED = event(
    "moving.case_settled",
    _("{actor} left {case_id} as the other system had it"),
    *("arrival_id", "case_id"),
)
REPORT_EXPORTED = event(
    "moving.report_exported",
    _("{actor} exported {count} lines of the report of {arrival_id}"),
    *("arrival_id", "count", "sha256"),
)

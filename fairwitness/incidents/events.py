"""What this room may write into the ledger, in words. Numbers of incidents and reports are no facts: ids are."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

_COUNTS = ("added", "changed", "moved", "cancelled", "unchanged", "faulty")
_FILE = ("import_id", "mapping_id", "sha256", "header", "columns", "layout", "style", "list_sha256")

DISPATCH_IMPORTED = event(
    "incidents.dispatch_imported",
    _(
        "{actor} imported a dispatch export (events added: {added}, changed: {changed}, moved: {moved}, "
        "cancelled: {cancelled}; rows left out: {faulty})"
    ),
    *_FILE,
    *_COUNTS,
    "rows",
)
SHIFTS_IMPORTED = event(
    "incidents.shifts_imported",
    _(
        "{actor} imported shifts (added: {added}, changed: {changed}, rows left out: {faulty}; "
        "units that have a member by them: {named})"
    ),
    *_FILE,
    *_COUNTS,
    "rows",
    "named",
)
SHIFT_WITHDRAWN = event(
    "incidents.shift_withdrawn",
    _("{actor} withdrew a shift of {member_id}, from {begins} to {ends}; it stays, marked"),
    *("shift_id", "member_id", "begins", "ends", "unnamed"),
)
EVENT_MOVED = event(
    "incidents.event_moved",
    _("{actor} moved the dispatch event {event_id} of {incident_id}; both versions stay"),
    *("incident_id", "from_incident_id", "event_id", "earlier_event_id", "began", "earlier_began"),
)
EVENT_CANCELLED = event(
    "incidents.event_cancelled",
    _("{actor} cancelled the dispatch event {event_id} of {incident_id}; both versions stay"),
    *("incident_id", "event_id", "earlier_event_id"),
)
INCIDENT_ADDED = event(
    "incidents.incident_added", _("{actor} added the incident {incident_id}"), "incident_id"
)
INCIDENT_CHANGED = event(
    "incidents.incident_changed", _("{actor} corrected the incident {incident_id}"), "incident_id", "fields"
)
REPORT_FILED = event(
    "incidents.report_filed",
    _("{actor} filed a report ({report_kind}) about {incident_id}"),
    *("incident_id", "report_id", "report_kind", "author_id", "filed_at", "sha256"),
    words={
        "report_kind": {
            "incident": _("incident"),
            "force": _("use of force"),
            "complaint": _("complaint"),
        }
    },
)
REPORT_WITHDRAWN = event(
    "incidents.report_withdrawn",
    _("{actor} withdrew a report about {incident_id}; it stays in the register, marked"),
    *("incident_id", "report_id"),
)
MAPPING_CHANGED = event(
    "incidents.mapping_changed",
    _("{actor} changed how files are read: {mapping_id}"),
    *("mapping_id", "fields"),
)
MAPPING_WITHDRAWN = event(
    "incidents.mapping_withdrawn",
    _("{actor} withdrew a way in which files were read: {mapping_id}"),
    "mapping_id",
)
LIST_EXPORTED = event(
    "incidents.list_exported",
    _("{actor} exported a list of {count} incidents"),
    *("count", "sha256"),
)
CRITICAL_MARKED = event(
    "incidents.critical_marked",
    _("{actor} marked {incident_id} as critical: {involved} named as involved, {proposed} proposed"),
    *("incident_id", "involved", "proposed"),
)
CRITICAL_UNMARKED = event(
    "incidents.critical_unmarked",
    _("{actor} took back that {incident_id} is critical: {why}"),
    *("incident_id", "why"),
    words={
        "why": {
            "mistake": _("it was marked by mistake"),
            "other": _("another incident was meant"),
            "found": _("it was found not to be one"),
        }
    },
)
MEMBER_INVOLVED = event(
    "incidents.member_involved",
    _("{actor} named {member_id} as involved in {incident_id}"),
    *("incident_id", "member_id"),
)
MEMBER_STRUCK_OFF = event(
    "incidents.member_struck_off",
    _("{actor} struck {member_id} off those involved in {incident_id}"),
    *("incident_id", "member_id"),
)
STATEMENT_FILED = event(
    "incidents.statement_filed",
    _("{actor} recorded the statement of {member_id} about {incident_id}, filed {stated_at}"),
    *("incident_id", "member_id", "stated_at", "sha256"),
)

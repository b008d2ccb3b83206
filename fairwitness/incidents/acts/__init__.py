"""The acts of incidents: the only functions that write its records."""

from fairwitness.incidents.acts.columns import COLUMNS, Reading, as_saved, own_style
from fairwitness.incidents.acts.critical import (
    WHY_UNMARKED,
    file_statement,
    involve_member,
    mark_critical,
    strike_off,
    unmark_critical,
)
from fairwitness.incidents.acts.dispatch import import_dispatch, preview_dispatch
from fairwitness.incidents.acts.export import export_incidents
from fairwitness.incidents.acts.incidents import add_incident, change_incident
from fairwitness.incidents.acts.mappings import change_mapping, withdraw_mapping
from fairwitness.incidents.acts.reports import file_report, withdraw_report
from fairwitness.incidents.acts.said import Outcome
from fairwitness.incidents.acts.shifts import import_shifts, preview_shifts, withdraw_shift
from fairwitness.incidents.acts.writing import Result, whole_table

__all__ = [
    "COLUMNS",
    "Outcome",
    "Reading",
    "Result",
    "WHY_UNMARKED",
    "add_incident",
    "as_saved",
    "change_incident",
    "change_mapping",
    "export_incidents",
    "file_report",
    "file_statement",
    "import_dispatch",
    "import_shifts",
    "involve_member",
    "mark_critical",
    "own_style",
    "preview_dispatch",
    "preview_shifts",
    "strike_off",
    "unmark_critical",
    "whole_table",
    "withdraw_mapping",
    "withdraw_report",
    "withdraw_shift",
]

"""The acts of cases: one verb, one change, one entry each."""

from fairwitness.cases.acts.cases import change_case, close_case, export_cases, open_case, reopen_case
from fairwitness.cases.acts.contents import (
    keep_file,
    link_incident,
    seal_file,
    take_file,
    take_in,
    take_in_all,
    take_out,
    unlink_incident,
)
from fairwitness.cases.acts.members import add_member, check_end, end_member
from fairwitness.cases.acts.work import (
    LONGEST,
    add_case_note,
    add_person,
    add_task,
    finish_task,
    note_outcome,
    set_court_date,
    withdraw_case_note,
    withdraw_court_date,
    withdraw_person,
    withdraw_task,
)

__all__ = [
    "LONGEST",
    "add_case_note",
    "add_member",
    "add_person",
    "add_task",
    "change_case",
    "check_end",
    "close_case",
    "end_member",
    "export_cases",
    "finish_task",
    "keep_file",
    "link_incident",
    "note_outcome",
    "open_case",
    "reopen_case",
    "seal_file",
    "set_court_date",
    "take_file",
    "take_in",
    "take_in_all",
    "take_out",
    "unlink_incident",
    "withdraw_case_note",
    "withdraw_court_date",
    "withdraw_person",
    "withdraw_task",
]

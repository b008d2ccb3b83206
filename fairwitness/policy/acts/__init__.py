"""The acts of policy: adopting the profile, drafting, deciding, measuring."""

from fairwitness.policy.acts.adopt import adopt_book
from fairwitness.policy.acts.decide import (
    approve_version,
    bring_into_force,
    check_approval,
    check_due,
    give_clearance,
    note_held_up,
    send_back_version,
    withdraw_version,
)
from fairwitness.policy.acts.draft import (
    add_document,
    begin_version,
    change_particulars,
    change_rule,
    check_draft,
    propose_version,
    remove_rule,
)
from fairwitness.policy.acts.measure import report_figure
from fairwitness.policy.acts.writing import carried_words

__all__ = [
    "add_document",
    "adopt_book",
    "approve_version",
    "begin_version",
    "bring_into_force",
    "carried_words",
    "change_particulars",
    "change_rule",
    "check_approval",
    "check_draft",
    "check_due",
    "give_clearance",
    "note_held_up",
    "propose_version",
    "remove_rule",
    "report_figure",
    "send_back_version",
    "withdraw_version",
]

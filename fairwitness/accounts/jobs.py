"""The jobs of accounts: what ends by the clock."""

from fairwitness.accounts import acts, doors
from fairwitness.kernel import actors

BY = actors.system("accounts.keep")


def close_left(timestamp: int) -> None:
    """Every minute: what is left of the sign-ins of members who left by today ends (CJIS AC-2)."""
    for member in doors.left_but_open():
        acts.close_left(member_id=member.pk, by=BY)


def sweep(timestamp: int) -> None:
    """Every day: sessions that ran out are marked and their rows go; accounts nobody used for 90 days are locked."""
    acts.sweep_sessions(by=BY)
    acts.disable_unused(by=BY)


def review_roles(timestamp: int) -> None:
    """Every day: the next review of roles begins when a year has gone by; one that is overdue is told of, once."""
    acts.begin_due_review(by=BY)
    acts.note_overdue_review(by=BY)

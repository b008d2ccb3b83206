"""The resolver: how the things of every room are named in a history. Only the top floor knows every room."""

from fairwitness.accounts import doors as accounts
from fairwitness.department import doors as department
from fairwitness.evidence import doors as evidence
from fairwitness.kernel import history

history.NAMERS.update({**department.NAMERS, **accounts.NAMERS, "evidence.recording": evidence.names})
history.ID_FACTS.update(
    {
        "member_id": "department.member",
        "owner_id": "department.member",
        "reports_to_id": "department.member",
        "unit_id": "department.unit",
        "parent_id": "department.unit",
        "camera_id": "department.camera",
        "course_id": "department.course",
        "dock_id": "department.dock",
        "token_id": "accounts.token",
        "recording_id": "evidence.recording",
    }
)

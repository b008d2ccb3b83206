"""The acts of the department: the only functions that write its records."""

from fairwitness.department.acts.alarms import end_alarm, keepers, raise_alarm
from fairwitness.department.acts.cameras import (
    add_camera,
    assign_camera,
    change_camera,
    check_move,
    move_camera,
    return_camera,
)
from fairwitness.department.acts.docks import add_dock, change_dock, note_heard, retire_dock
from fairwitness.department.acts.jobs import cancel_job, try_job_again, try_jobs_again
from fairwitness.department.acts.leaving import check_leave, end_service, leave, stay
from fairwitness.department.acts.mail import choose_telling, note_refused_address, note_takes_mail
from fairwitness.department.acts.people import (
    add_course,
    add_member,
    add_unit,
    change_member,
    check_grant_role,
    complete_course,
    end_role,
    grant_role,
    post,
)
from fairwitness.department.acts.roster import (
    COLUMNS,
    Import,
    Outcome,
    allowed_columns,
    import_roster,
    preview_roster,
)
from fairwitness.department.acts.sign_in import (
    check_give_sign_in,
    give_sign_in,
)
from fairwitness.department.acts.writing import check_serves, check_spare, check_wearer

__all__ = [
    "COLUMNS",
    "Import",
    "Outcome",
    "add_camera",
    "add_course",
    "add_dock",
    "add_member",
    "add_unit",
    "allowed_columns",
    "assign_camera",
    "cancel_job",
    "change_camera",
    "change_dock",
    "change_member",
    "check_give_sign_in",
    "check_grant_role",
    "check_leave",
    "check_move",
    "check_serves",
    "check_spare",
    "check_wearer",
    "choose_telling",
    "complete_course",
    "end_alarm",
    "end_role",
    "end_service",
    "give_sign_in",
    "grant_role",
    "import_roster",
    "keepers",
    "leave",
    "move_camera",
    "note_heard",
    "note_refused_address",
    "note_takes_mail",
    "post",
    "preview_roster",
    "raise_alarm",
    "retire_dock",
    "return_camera",
    "stay",
    "try_job_again",
    "try_jobs_again",
]

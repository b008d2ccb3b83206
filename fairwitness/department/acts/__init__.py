"""The acts of the department: the only functions that write its records."""

from fairwitness.department.acts.cameras import (
    add_camera,
    assign_camera,
    change_camera,
    check_move,
    move_camera,
    return_camera,
)
from fairwitness.department.acts.people import (
    add_course,
    add_member,
    add_unit,
    change_member,
    check_grant_role,
    check_leave,
    complete_course,
    end_role,
    grant_role,
    leave,
    post,
)
from fairwitness.department.acts.sign_in import (
    check_give_sign_in,
    give_sign_in,
    note_failed_sign_in,
    note_second_factor,
    note_sign_in,
    note_sign_out,
)
from fairwitness.department.acts.writing import check_assign

__all__ = [
    "add_camera",
    "add_course",
    "add_member",
    "add_unit",
    "assign_camera",
    "change_camera",
    "change_member",
    "check_assign",
    "check_give_sign_in",
    "check_grant_role",
    "check_leave",
    "check_move",
    "complete_course",
    "end_role",
    "give_sign_in",
    "grant_role",
    "leave",
    "move_camera",
    "note_failed_sign_in",
    "note_second_factor",
    "note_sign_in",
    "note_sign_out",
    "post",
    "return_camera",
]

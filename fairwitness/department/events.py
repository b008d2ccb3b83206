"""What the department may write into the ledger: every event with its sentence and the facts it may carry."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel import jobs
from fairwitness.kernel.events import event
from fairwitness.kernel.roles import WORDS

ROLE_WORDS = {role.value: words[0] for role, words in WORDS.items()}

UNIT_ADDED = event("department.unit_added", _("{actor} added the unit {unit_id}"), "unit_id", "parent_id")

MEMBER_ADDED = event("department.member_added", _("{actor} added {member_id}"), "member_id", "rank")
MEMBER_CHANGED = event(
    "department.member_changed", _("{actor} corrected the particulars of {member_id}"), "member_id", "fields"
)
MEMBER_POSTED = event(
    "department.member_posted",
    _("{actor} posted {member_id} to {unit_id} from {since}, reporting to {reports_to_id}"),
    *("member_id", "unit_id", "reports_to_id", "since"),
    words={"reports_to_id": {"": _("nobody")}},
)
MEMBER_LEFT = event(
    "department.member_left",
    _("{actor} recorded that {member_id} left on {left_on}"),
    *("member_id", "left_on", "roles_ended", "cameras_returned"),
)
MEMBER_LEAVING = event(
    "department.member_leaving",
    _("{actor} recorded that {member_id} leaves on {left_on}"),
    *("member_id", "left_on"),
)
MEMBER_STAYS = event(
    "department.member_stays", _("{actor} recorded that {member_id} stays after all"), "member_id"
)

ROLE_GRANTED = event(
    "department.role_granted",
    _("{actor} granted {member_id} the role “{role}” from {since}"),
    *("member_id", "role", "since", "until"),
    words={"role": ROLE_WORDS},
)
ROLE_ENDED = event(
    "department.role_ended",
    _("{actor} ended the role “{role}” of {member_id} on {until}"),
    *("member_id", "role", "until"),
    words={"role": ROLE_WORDS},
)

COURSE_ADDED = event(
    "department.course_added", _("{actor} added the course {course_id}"), "course_id", "required_for_camera"
)
COURSE_COMPLETED = event(
    "department.course_completed",
    _("{actor} recorded that {member_id} completed {course_id} on {completed_on}"),
    *("member_id", "course_id", "completed_on", "expires_on"),
)

CAMERA_ADDED = event("department.camera_added", _("{actor} added the camera {camera_id}"), "camera_id")
CAMERA_CHANGED = event(
    "department.camera_changed", _("{actor} corrected the camera {camera_id}"), "camera_id", "fields"
)
CAMERA_MOVED = event(
    "department.camera_moved",
    _("{actor} noted that the camera {camera_id} is now “{camera_status}”"),
    *("camera_id", "camera_status"),
    words={
        "camera_status": {
            "in_service": _("in service"),
            "in_repair": _("in repair"),
            "lost": _("lost"),
            "retired": _("retired"),
        }
    },
)
CAMERA_ASSIGNED = event(
    "department.camera_assigned",
    _("{actor} assigned the camera {camera_id} to {member_id}"),
    *("camera_id", "member_id", "since"),
)
CAMERA_RETURNED = event(
    "department.camera_returned",
    _("{actor} took the camera {camera_id} back from {member_id}"),
    *("camera_id", "member_id", "until"),
)

DOCK_ADDED = event("department.dock_added", _("{actor} added the dock {dock_id}"), "dock_id")
DOCK_CHANGED = event(
    "department.dock_changed", _("{actor} corrected the dock {dock_id}"), "dock_id", "fields"
)
DOCK_RETIRED = event("department.dock_retired", _("{actor} retired the dock {dock_id}"), "dock_id")

ROSTER_IMPORTED = event(
    "department.roster_imported",
    _("{actor} imported a roster: {added} members added, {changed} changed, {faulty} rows left out"),
    *(
        "sha256",
        "header",
        "columns",
        "since",
        "added",
        "changed",
        "unchanged",
        "faulty",
        "units_added",
        "cameras_added",
    ),
)

SIGN_IN_GIVEN = event("department.sign_in_given", _("{actor} gave {member_id} a sign-in"), "member_id")
SIGNED_IN = event("department.signed_in", _("{actor} signed in"), "member_id")
SIGN_IN_FAILED = event(
    "department.sign_in_failed",
    _("Somebody failed to sign in as {member_id}"),
    "member_id",
    words={"member_id": {"": _("somebody who is not known")}},
)
SECOND_FACTOR_CHANGED = event(
    "department.second_factor_changed",
    _("{actor} changed their second factor ({factor_change})"),
    *("member_id", "factor_change"),
    words={
        "factor_change": {
            "totp_added": _("codes from an app added"),
            "totp_removed": _("codes from an app removed"),
            "webauthn_added": _("a passkey added"),
            "webauthn_removed": _("a passkey removed"),
            "all_removed": _("all of it removed"),
            "recovery_codes_added": _("recovery codes made"),
            "recovery_codes_removed": _("recovery codes removed"),
        }
    },
)
SIGNED_OUT = event("department.signed_out", _("{actor} signed out"), "member_id")

ALARM_RAISED = event(
    "department.alarm_raised", _("{actor} raised an alarm: {alarm_id}"), "alarm_id", "code", "key"
)
ALARM_ENDED = event(
    "department.alarm_ended", _("{actor} found the alarm over: {alarm_id}"), "alarm_id", "code", "key"
)

JOB_TRIED_AGAIN = event(
    "department.job_tried_again",
    _("{actor} had a job tried again: {job}"),
    "job",
    words={"job": jobs.WORDS},
)
JOBS_TRIED_AGAIN = event(
    "department.jobs_tried_again",
    _("{actor} had every failed job of a kind tried again: {job}, {count}"),
    *("job", "count"),
    words={"job": jobs.WORDS},
)
JOB_CANCELLED = event(
    "department.job_cancelled",
    _("{actor} cancelled a job: {job}"),
    "job",
    words={"job": jobs.WORDS},
)

TELLING_CHOSEN = event(
    "department.telling_chosen",
    _("{actor} chose how to be told of notices: {how}"),
    *("member_id", "how", "hour"),
    words={
        "how": {
            "at_once": _("by e-mail at once"),
            "daily": _("by e-mail once a day"),
            "product": _("only in the product"),
        }
    },
)
ADDRESS_REFUSED = event(
    "department.address_refused", _("The address of {member_id} refused mail ({code})"), "member_id", "code"
)
ADDRESS_TAKES_MAIL = event(
    "department.address_takes_mail", _("The address of {member_id} takes mail again"), "member_id"
)

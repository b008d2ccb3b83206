"""The department's addresses; they carry ids alone."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.department import doors
from fairwitness.department.pages import cameras, docks, people, roster, system, units
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way

urlpatterns = [
    path("people/", people.members, name="members"),
    path("people.csv", people.members_csv, name="members-csv"),
    path("people/add/", people.member_add, name="member-add"),
    path("people/<uuid:pk>/", people.member, name="member"),
    path("people/<uuid:pk>/particulars/", people.member_change, name="member-change"),
    path("people/<uuid:pk>/posting/", people.member_post, name="member-post"),
    path("people/<uuid:pk>/roles/", people.role_grant, name="role-grant"),
    path("people/<uuid:pk>/roles/<str:role>/end/", people.role_end, name="role-end"),
    path("people/<uuid:pk>/training/", people.course_complete, name="course-complete"),
    path("people/<uuid:pk>/camera/", cameras.member_assign, name="member-assign"),
    path("people/<uuid:pk>/leaving/", people.member_leave, name="member-leave"),
    path("people/<uuid:pk>/staying/", people.member_stay, name="member-stay"),
    path("people/<uuid:pk>/open-work/", people.member_open_work, name="member-open-work"),
    path("cameras/", cameras.cameras, name="cameras"),
    path("cameras.csv", cameras.cameras_csv, name="cameras-csv"),
    path("cameras/add/", cameras.camera_add, name="camera-add"),
    path("cameras/<uuid:pk>/", cameras.camera, name="camera"),
    path("cameras/<uuid:pk>/particulars/", cameras.camera_change, name="camera-change"),
    path("cameras/<uuid:pk>/state/", cameras.camera_move, name="camera-move"),
    path("cameras/<uuid:pk>/assign/", cameras.camera_assign, name="camera-assign"),
    path("cameras/<uuid:pk>/return/", cameras.camera_return, name="camera-return"),
    path("docks/", docks.docks, name="docks"),
    path("docks.csv", docks.docks_csv, name="docks-csv"),
    path("docks/add/", docks.dock_add, name="dock-add"),
    path("docks/<uuid:pk>/", docks.dock, name="dock"),
    path("docks/<uuid:pk>/particulars/", docks.dock_change, name="dock-change"),
    path("docks/<uuid:pk>/retire/", docks.dock_retire, name="dock-retire"),
    path("units/", units.units, name="units"),
    path("units/add/", units.unit_add, name="unit-add"),
    path("coverage/", units.coverage, name="coverage"),
    path("coverage.csv", units.coverage_csv, name="coverage-csv"),
    path("courses/add/", units.course_add, name="course-add"),
    path("roster/", roster.roster, name="roster"),
    path("roster/<uuid:pk>/columns/", roster.columns, name="roster-columns"),
    path("roster/<uuid:pk>/import/", roster.confirm, name="roster-import"),
    path("roster/<uuid:pk>/done/", roster.done, name="roster-done"),
    path("alarms/", system.alarms, name="alarms"),
    path("alarms/<uuid:pk>/", system.alarm, name="alarm"),
    path("jobs/", system.jobs_page, name="jobs"),
    path("jobs/<int:pk>/again/", system.job_again, name="job-again"),
    path("jobs/<int:pk>/cancel/", system.job_cancel, name="job-cancel"),
    path("jobs/kinds/<str:task>/again/", system.kind_again, name="jobs-again"),
    path("mail/", system.mail, name="mail"),
    path("notices/telling/", system.telling, name="telling"),
]


def _sees_system(actor: Actor) -> bool:
    return doors.may(actor, "see_system")


WAYS = (
    Way("members", _("People"), Group.DEPARTMENT, doors.may_list_members, ("/units/", "/roster/")),
    Way("cameras", _("Cameras"), Group.DEPARTMENT, doors.may_list_cameras),
    Way("docks", _("Docks"), Group.DEPARTMENT, doors.may_list_docks),
    Way("coverage", _("Coverage"), Group.DEPARTMENT, doors.may_see_coverage, ("/courses/",)),
    Way("alarms", _("System"), Group.ADMINISTRATION, _sees_system, ("/jobs/", "/mail/")),
)

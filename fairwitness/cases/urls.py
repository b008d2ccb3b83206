"""The addresses of cases: opaque keys only, never a name, a number or a word that was searched for."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.cases import doors
from fairwitness.cases.pages import case, contents, lists, work
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way

urlpatterns = [
    path("cases/", login_required(lists.cases), name="cases"),
    path("cases/export.csv", login_required(lists.cases_csv), name="cases-csv"),
    path("cases/counts/", login_required(lists.counts), name="case-counts"),
    path("cases/open/", login_required(case.open_case), name="case-open"),
    path("cases/<uuid:pk>/", login_required(case.case), name="case"),
    path("cases/<uuid:pk>/sheet/", login_required(case.sheet), name="case-sheet"),
    path("cases/<uuid:pk>/items/", login_required(lists.items), name="case-items"),
    path("cases/<uuid:pk>/change/", login_required(case.change), name="case-change"),
    path("cases/<uuid:pk>/close/", login_required(case.close), name="case-close"),
    path("cases/<uuid:pk>/reopen/", login_required(case.reopen), name="case-reopen"),
    path("cases/<uuid:pk>/members/", login_required(case.member_add), name="case-member"),
    path("case-members/<uuid:pk>/end/", login_required(case.member_end), name="case-member-end"),
    path("cases/<uuid:pk>/incidents/", login_required(case.incident_link), name="case-incident"),
    path("case-incidents/<uuid:pk>/withdraw/", login_required(case.incident_unlink), name="case-unlink"),
    path("cases/<uuid:pk>/recordings/", login_required(contents.take_in), name="case-take-in"),
    path("cases/<uuid:pk>/recordings/all/", login_required(contents.take_in_all), name="case-take-in-all"),
    path("recordings/<uuid:pk>/case/", login_required(contents.into), name="recording-case"),
    path("case-items/<uuid:pk>/out/", login_required(contents.take_out), name="case-take-out"),
    path("cases/<uuid:pk>/files/", login_required(contents.add_file), name="case-file"),
    path("case-items/<uuid:pk>/file/", login_required(contents.file), name="case-file-take"),
    path("cases/<uuid:pk>/persons/", login_required(work.person_add), name="case-person"),
    path(
        "case-persons/<uuid:pk>/withdraw/", login_required(work.person_withdraw), name="case-person-withdraw"
    ),
    path("cases/<uuid:pk>/notes/", login_required(work.note_add), name="case-note"),
    path("case-notes/<uuid:pk>/withdraw/", login_required(work.note_withdraw), name="case-note-withdraw"),
    path("cases/<uuid:pk>/tasks/", login_required(work.task_add), name="case-task"),
    path("case-tasks/<uuid:pk>/done/", login_required(work.task_done), name="case-task-done"),
    path("case-tasks/<uuid:pk>/withdraw/", login_required(work.task_withdraw), name="case-task-withdraw"),
    path("cases/<uuid:pk>/court/", login_required(work.court_add), name="case-court"),
    path("court-dates/<uuid:pk>/outcome/", login_required(work.court_outcome), name="court-outcome"),
    path("court-dates/<uuid:pk>/withdraw/", login_required(work.court_withdraw), name="court-withdraw"),
]


def _counts_alone(actor: Actor) -> bool:
    return doors.may_count(actor) and not doors.may_list(actor)


WAYS = (
    Way(
        "cases",
        _("Cases"),
        Group.EVIDENCE,
        doors.may_list,
        ("/case-members/", "/case-items/", "/case-persons/", "/case-tasks/", "/court-dates/"),
    ),
    Way("case-counts", _("Cases"), Group.EVIDENCE, _counts_alone),
)

"""The addresses of moving; they carry ids alone."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way
from fairwitness.moving import doors
from fairwitness.moving.pages import arrivals, exports

urlpatterns: list[URLPattern] = [
    path("arrivals/", login_required(arrivals.arrivals), name="arrivals"),
    path("arrivals/<uuid:pk>/", login_required(arrivals.arrival), name="arrival"),
    path("arrivals/<uuid:pk>/sheet/", login_required(arrivals.sheet), name="arrival-sheet"),
    path("arrivals/<uuid:pk>/report.csv", login_required(arrivals.arrival_csv), name="arrival-csv"),
    path("exports/", login_required(exports.exports), name="exports"),
]


def _sees_arrivals(actor: Actor) -> bool:
    return doors.may(actor, "see_arrivals")


def _sees_exports(actor: Actor) -> bool:
    return doors.may(actor, "see_exports")


WAYS = (
    Way("arrivals", _("Arrivals"), Group.EVIDENCE, _sees_arrivals),
    Way("exports", _("Whole exports"), Group.ADMINISTRATION, _sees_exports),
)

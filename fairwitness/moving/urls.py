"""The addresses of moving; they carry ids alone."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.ways import Group, Way
from fairwitness.moving.doors.arrivals import may
from fairwitness.moving.pages import arrivals

urlpatterns = [
    path("arrivals/", login_required(arrivals.arrivals), name="arrivals"),
    path("arrivals/<uuid:pk>/", login_required(arrivals.arrival), name="arrival"),
    path("arrivals/<uuid:pk>/sheet/", login_required(arrivals.sheet), name="arrival-sheet"),
    path("arrivals/<uuid:pk>/report.csv", login_required(arrivals.arrival_csv), name="arrival-csv"),
]

WAYS = (Way("arrivals", _("Arrivals"), Group.EVIDENCE, may),)

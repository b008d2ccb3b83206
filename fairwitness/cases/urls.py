"""The addresses of cases: opaque keys only."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from fairwitness.cases.pages import case, lists

urlpatterns = [
    path("cases/", login_required(lists.cases), name="cases"),
    path("cases/open/", login_required(case.open_case), name="case-open"),
    path("cases/<uuid:pk>/", login_required(case.case), name="case"),
]

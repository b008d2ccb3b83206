"""The addresses of incidents; they carry ids and days alone."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.incidents import doors
from fairwitness.incidents.models import Mapping
from fairwitness.incidents.pages import critical, imports, incident, lists
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way

DISPATCH, SHIFTS = {"purpose": Mapping.Purpose.DISPATCH}, {"purpose": Mapping.Purpose.SHIFTS}

urlpatterns = [
    path("incidents/", lists.incidents, name="incidents"),
    path("incidents.csv", lists.incidents_csv, name="incidents-csv"),
    path("incidents/counts/", lists.counts, name="incident-counts"),
    path("incidents/add/", incident.incident_add, name="incident-add"),
    path("incidents/<uuid:pk>/", incident.incident, name="incident"),
    path("incidents/<uuid:pk>/particulars/", incident.incident_change, name="incident-change"),
    path("incidents/<uuid:pk>/reports/", incident.report_file, name="report-file"),
    path("reports/<uuid:pk>/withdraw/", incident.report_withdraw, name="report-withdraw"),
    path("imports/", imports.imports, name="incident-imports"),
    path("imports/<uuid:pk>/", imports.done, name="incident-import"),
    path("incidents/dispatch/", imports.start, DISPATCH, name="dispatch"),
    path("incidents/dispatch/<uuid:pk>/columns/", imports.columns, DISPATCH, name="dispatch-columns"),
    path("incidents/dispatch/<uuid:pk>/import/", imports.confirm, DISPATCH, name="dispatch-import"),
    path("mappings/<uuid:pk>/", imports.mapping, name="mapping"),
    path("mappings/<uuid:pk>/change/", imports.mapping_change, name="mapping-change"),
    path("mappings/<uuid:pk>/withdraw/", imports.mapping_withdraw, name="mapping-withdraw"),
    path("shifts/", lists.shifts, name="shifts"),
    path("shifts/<uuid:pk>/withdraw/", lists.shift_withdraw, name="shift-withdraw"),
    path("shifts/roster/", imports.start, SHIFTS, name="shift-roster"),
    path("shifts/roster/<uuid:pk>/columns/", imports.columns, SHIFTS, name="shift-columns"),
    path("shifts/roster/<uuid:pk>/import/", imports.confirm, SHIFTS, name="shift-import"),
    path("incidents/<uuid:pk>/critical/", critical.mark, name="critical-mark"),
    path("incidents/<uuid:pk>/critical/unmark/", critical.unmark, name="critical-unmark"),
    path("incidents/<uuid:pk>/involved/", critical.involve, name="involve"),
    path("incidents/<uuid:pk>/involved/<uuid:member>/strike-off/", critical.strike, name="strike-off"),
    path("incidents/<uuid:pk>/involved/<uuid:member>/statement/", critical.statement, name="statement"),
]


def _only_counts(actor: Actor) -> bool:
    return doors.may_count(actor) and not doors.may_list(actor)


WAYS = (
    Way(
        "incidents",
        _("Incidents"),
        Group.INCIDENTS,
        doors.may_list,
        ("/reports/", "/shifts/", "/mappings/", "/imports/"),
    ),
    Way("incident-counts", _("Incidents"), Group.INCIDENTS, _only_counts),
)

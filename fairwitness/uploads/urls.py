"""The addresses of uploads; they carry ids alone."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.ways import Group, Way
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.pages import held, incoming, tus

urlpatterns: list[URLPattern] = [
    path("api/uploads", tus.uploads, name="tus"),
    path("api/uploads/<uuid:pk>", tus.upload, name="tus-upload"),
    path("uploads/", incoming.uploads, name="uploads"),
    path("uploads/export.csv", incoming.uploads_csv, name="uploads-csv"),
    path("uploads/new/", incoming.new, name="upload-new"),
    path("uploads/<uuid:pk>/", incoming.upload, name="upload"),
    path("uploads/<uuid:pk>/withdraw/", incoming.withdraw, name="upload-withdraw"),
    path("uploads/<uuid:pk>/dispose/", incoming.dispose, name="upload-dispose"),
    path("cameras-hold/", held.cameras_hold, name="cameras-hold"),
    path("cameras-hold/<uuid:pk>/explain/", held.explain, name="cameras-hold-explain"),
    path("cameras-hold.csv", held.cameras_hold_csv, name="cameras-hold-csv"),
]

WAYS = (Way("uploads", _("Uploads"), Group.EVIDENCE, doors.may_list, ("/cameras-hold/",)),)

"""The addresses of uploads; they carry ids alone."""

from django.urls import URLPattern, path

from fairwitness.uploads.pages import held, tus

urlpatterns: list[URLPattern] = [
    path("api/uploads", tus.uploads, name="tus"),
    path("api/uploads/<uuid:pk>", tus.upload, name="tus-upload"),
    path("cameras-hold/", held.cameras_hold, name="cameras-hold"),
    path("cameras-hold.csv", held.cameras_hold_csv, name="cameras-hold-csv"),
]

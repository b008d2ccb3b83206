"""The addresses of uploads; they carry ids alone."""

from django.urls import URLPattern, path

from fairwitness.uploads.pages import held

urlpatterns: list[URLPattern] = [
    path("cameras-hold/", held.cameras_hold, name="cameras-hold"),
    path("cameras-hold.csv", held.cameras_hold_csv, name="cameras-hold-csv"),
]

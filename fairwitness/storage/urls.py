"""The addresses of storage; they carry ids alone."""

from django.urls import URLPattern, path

from fairwitness.storage import pages

urlpatterns: list[URLPattern] = [
    path("storage/", pages.stores, name="stores"),
    path("storage/read/", pages.copies, name="copies"),
    path("storage/read.csv", pages.copies_csv, name="copies-csv"),
    path("storage/damage/", pages.damages, name="damages"),
    path("storage/damage.csv", pages.damages_csv, name="damages-csv"),
    path("storage/damage/<uuid:pk>/", pages.damage, name="damage"),
]

"""The addresses of storage; they carry ids alone."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way
from fairwitness.storage import doors, pages

urlpatterns: list[URLPattern] = [
    path("storage/", pages.stores, name="stores"),
    path("storage/read/", pages.copies, name="copies"),
    path("storage/read.csv", pages.copies_csv, name="copies-csv"),
    path("storage/damage/", pages.damages, name="damages"),
    path("storage/damage.csv", pages.damages_csv, name="damages-csv"),
    path("storage/damage/<uuid:pk>/", pages.damage, name="damage"),
]


def _sees(actor: Actor) -> bool:
    return bool(actor.member_id) and doors.may(actor, "see_stores")


WAYS = (Way("stores", _("Stores"), Group.ADMINISTRATION, _sees),)

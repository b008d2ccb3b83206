"""The addresses of moving; they carry ids alone."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way
from fairwitness.moving import doors
from fairwitness.moving.pages import exports

urlpatterns: list[URLPattern] = [path("exports/", login_required(exports.exports), name="exports")]


def _sees_exports(actor: Actor) -> bool:
    return doors.may(actor, "see_exports")


WAYS = (Way("exports", _("Whole exports"), Group.ADMINISTRATION, _sees_exports),)

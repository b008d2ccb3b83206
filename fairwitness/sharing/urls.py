"""The addresses of sharing: opaque keys only; the secret of an invitation is good once and kept nowhere."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way
from fairwitness.sharing import doors
from fairwitness.sharing.pages import guests, packages

urlpatterns = [
    path("packages/", login_required(packages.packages), name="packages"),
    path("packages/<uuid:pk>/", login_required(packages.package), name="package"),
    path("packages/<uuid:pk>/take/", login_required(packages.take), name="package-take"),
    path("packages/<uuid:pk>/receipt.json", login_required(packages.receipt), name="package-receipt"),
    path("packages/<uuid:pk>/withdraw/", login_required(packages.withdraw), name="package-withdraw"),
    path("packages/<uuid:pk>/share/", login_required(packages.share), name="package-share"),
    path("packages/shares/<uuid:pk>/end/", login_required(packages.end_share), name="share-end"),
    path("packages/shares/<uuid:pk>/invite/", login_required(packages.invite_again), name="guest-invite"),
    path("cases/<uuid:pk>/packages/", login_required(packages.of_case), name="case-packages"),
    path("cases/<uuid:pk>/packages/new/", login_required(packages.ask), name="package-ask"),
    path("guests/", guests.home, name="guest-home"),
    path("guests/invitation/<str:secret>/", guests.invitation, name="guest-invitation"),
    path("guests/sign-in/", guests.sign_in, name="guest-sign-in"),
    path("guests/sign-out/", guests.sign_out, name="guest-sign-out"),
    path("guests/packages/<uuid:pk>/", guests.package, name="guest-package"),
    path("guests/packages/<uuid:pk>/open/<uuid:item>/", guests.open_item, name="guest-open"),
    path("guests/packages/<uuid:pk>/download/", guests.download, name="guest-download"),
    path("guests/packages/<uuid:pk>/receipt.json", guests.receipt, name="guest-receipt"),
    path("guests/openings/<uuid:pk>/", guests.opening, name="guest-opening"),
    path("guests/openings/<uuid:pk>/media", guests.media, name="guest-media"),
    path("guests/openings/<uuid:pk>/package.zip", guests.file, name="guest-file"),
    path("guests/openings/<uuid:pk>/close/", guests.close, name="guest-close"),
]


def _is_guest(actor: Actor) -> bool:
    return actor.guest_id is not None


WAYS = (
    Way("packages", _("Packages"), Group.EVIDENCE, doors.may_list),
    Way("guest-home", _("Shared with you"), None, _is_guest),
)

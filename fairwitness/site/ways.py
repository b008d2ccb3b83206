"""All ways around the product, in the order in which they are shown within their groups."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from fairwitness.accounts import urls as accounts
from fairwitness.cases import urls as cases
from fairwitness.department import urls as department
from fairwitness.evidence import urls as evidence
from fairwitness.incidents import urls as incidents
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way, navigation
from fairwitness.moving import urls as moving
from fairwitness.policy import urls as policy
from fairwitness.sharing import urls as sharing
from fairwitness.storage import urls as storage
from fairwitness.uploads import urls as uploads


def _everyone(_actor: Actor) -> bool:
    return True


def _inside(actor: Actor) -> bool:
    return bool(actor.member_id)


def _outside(actor: Actor) -> bool:
    return not actor.member_id


# Those outside have few, so nothing is in groups.
WAYS = (
    Way("home", _("Home"), None, _everyone),
    *policy.WAYS,
    *evidence.WAYS,
    *cases.WAYS,
    *sharing.WAYS,
    *uploads.WAYS,
    *moving.WAYS,
    *incidents.WAYS,
    Way("public-log", _("Public log"), Group.POLICY, _inside),
    Way("public-log", _("Public log"), None, _outside),
    *department.WAYS,
    *storage.WAYS,
    *accounts.WAYS,
)


def around(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The ways that are open to the actor, in their groups, for the page at `path`."""
    return navigation(WAYS, actor, path)

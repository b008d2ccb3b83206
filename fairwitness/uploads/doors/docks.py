"""The door of a dock's own token."""

from django.utils.translation import gettext as _

from fairwitness.accounts.doors import check_scope
from fairwitness.accounts.models import Token
from fairwitness.department.models import Dock
from fairwitness.evidence.models import Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.storage import doors as storage


def dock_of(actor: Actor) -> Dock:
    """The dock whose token was shown, if it allows reports. Raises Forbidden for everyone else."""
    check_scope(actor, Token.Scope.REPORT)
    token = Token.objects.filter(pk=actor.token_id).select_related("dock").first() if actor.token_id else None
    if token is None or token.dock is None:
        raise Forbidden(_("Only a dock can report, with the token that was issued for it."))
    return token.dock


def is_sealed(sha256: str) -> bool:
    """Whether these bytes are sealed and, at this moment, in as many stores as the settings ask: so they may go there."""
    sealed = Recording.objects.filter(sha256=sha256, status=Recording.Status.SEALED)
    return sealed.exists() and storage.holds_enough(sha256)

"""The doors to court orders: on which footage that a statute protects may be shared with the defence at all."""

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.evidence import doors
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import CourtOrder, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.one import locked, one
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach


def orders_over(recording: Recording) -> "QuerySet[CourtOrder]":
    """The orders that are recorded over a recording and stand, the latest first."""
    return CourtOrder.objects.filter(recording=recording, withdrawn_at=None).order_by("-ordered_on", "-id")


def order_for(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> CourtOrder:
    """One order, for whoever may withdraw it; with `lock` its recording first, as whoever records one does.

    Raises Forbidden or NotFound.
    """
    if not may_record(actor):
        raise Forbidden(_("Your roles do not allow this."), act="record_order")
    rows = CourtOrder.objects.select_related("recording")
    found = one(rows, pk)
    if not lock:
        return found
    locked(Recording.objects.all(), found.recording_id)
    return locked(rows, pk)


def may_record(actor: Actor) -> bool:
    """Whether the actor records court orders and withdraws them."""
    return doors.far(actor, "record_order") == Reach.ALL


def may_see(actor: Actor) -> bool:
    """Whether the actor is told of which court and case an order is: who records them, and who looks on."""
    return any(doors.far(actor, act) == Reach.ALL for act in ("record_order", "see_watch"))


def check_shared_with_defence(recording: Recording) -> None:
    """Raise Forbidden, citing the statute, where it lets a copy reach the defence only on an order, and none stands."""
    cited = access.book().shared_only_by_order(access.codes_of(recording.pk))
    if cited and not orders_over(recording).exists():
        raise Forbidden(
            _(
                "{number} is shared with the defence only on a court order ({statute}), and none is recorded."
            ).format(number=recording.number, statute=cited[0].rule.parameters.statute)  # type: ignore[union-attr]
        )

"""Court orders: recording one, on which alone protected footage is shared with the defence, and withdrawing it."""

import datetime as dt
import re
import uuid

from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import doors, events
from fairwitness.evidence.doors import orders
from fairwitness.evidence.models import CourtOrder
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.rules.canonical import named_digest, nfc


def record_order(
    recording_id: uuid.UUID, *, court: str, docket: str, ordered_on: dt.date, sha256: str, by: Actor
) -> CourtOrder:
    """Record that a court ordered to share a recording with the defence; `sha256` is of the order's document.

    Raises Invalid for what is missing, a day to come or what is no digest, WrongState where it is recorded already.
    Source: M.G.L. c. 41 § 97D.
    """
    court, docket = (nfc(words.replace("\x00", "")).strip() for words in (court, docket))
    _check(court, docket, ordered_on, sha256)
    with change(events.ORDER_RECORDED, by=by) as entry:
        recording = doors.recording(by, recording_id, "record_order", lock=True)
        if orders.orders_over(recording).filter(sha256=sha256).exists():
            raise WrongState(_("This order is recorded already."))
        order = CourtOrder(
            recording=recording, court=court, docket=docket, ordered_on=ordered_on, sha256=sha256
        )
        order.recorded_by_id, order.recorded_at = by.person, clock.now()
        order.save(force_insert=True)
        entry.about(
            recording,
            order,
            order_id=order.pk,
            ordered_on=ordered_on,
            sha256=f"sha256:{sha256}",
            words_sha256=named_digest(f"{court}\n{docket}"),
        )
    return order


def _check(court: str, docket: str, ordered_on: dt.date, sha256: str) -> None:
    for field, words, longest in (("court", court, 200), ("docket", docket, 100)):
        if not words or len(words) > longest:
            said = _("Write at least one and at most {n} characters.").format(n=longest)
            raise Invalid(said, **{field: [said]})
    if ordered_on > department.today():
        raise Invalid(_("That day has not come."), ordered_on=[_("That day has not come.")])
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        said = _("A SHA-256 has 64 hexadecimal digits.")
        raise Invalid(said, sha256=[said])


def withdraw_order(order_id: uuid.UUID, *, by: Actor) -> CourtOrder:
    """Withdraw an order that was recorded in error or was lifted; the row stays. Raises WrongState the second time."""
    with change(events.ORDER_WITHDRAWN, by=by) as entry:
        order = orders.order_for(by, order_id, lock=True)
        if order.withdrawn_at:
            raise WrongState(_("It was withdrawn before."))
        order.withdrawn_at = clock.now()
        order.save(update_fields=["withdrawn_at"])
        entry.about(order.recording, order, order_id=order.pk, sha256=f"sha256:{order.sha256}")
    return order

"""How a page of this room lets somebody act: the kernel's page of an act, for those whom this room's doors let."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from fairwitness.department import doors
from fairwitness.kernel import acting
from fairwitness.kernel.acting import AnyForm
from fairwitness.kernel.actors import Actor, actor_of


def act_page(
    request: HttpRequest, act: str, form: AnyForm, do: Callable[[dict[str, Any]], object], **said: Any
) -> HttpResponse:
    """`kernel.acting.act_page`, after this room's doors agreed to `act`."""
    doors.check_may(actor_of(request), act)
    return acting.act_page(request, form, do, **said)


def offers(actor: Actor, *candidates: tuple[str, str, str, str]) -> dict[str, object] | None:
    """What `actor` may do here, as `kernel.acting.offers` has it."""
    return acting.offers(lambda act: doors.may(actor, act), *candidates)

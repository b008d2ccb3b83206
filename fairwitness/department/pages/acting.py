"""How a page lets somebody act: the form of one act, and the acts that a record offers or greys with the reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from fairwitness.department import doors
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.refusals import Invalid, Refusal, WrongState

AnyForm = Form | ModelForm  # type: ignore[type-arg]
Offer = dict[str, object]


def act_page(
    request: HttpRequest,
    act: str,
    form: AnyForm,
    do: Callable[[dict[str, Any]], object],
    *,
    heading: str,
    back: str,
    done: str,
    words: str = "",
    template: str = "department/act.html",
    **context: object,
) -> HttpResponse:
    """The page of one act: its form, and when that is sent the act. `done` is said on the page that `back` leads to.

    What the act refuses is said beside the form, so that nothing typed is lost.
    """
    doors.check_may(actor_of(request), act)
    if request.method == "POST" and form.is_valid():
        try:
            do(form.cleaned_data)
        except (Invalid, WrongState) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, done)
            return redirect(back)
    context |= {"heading": heading, "words": words, "form": form, "back": back}
    return render(request, template, context, status=422 if form.errors else 200)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, be it nothing; None while the form is only asked for."""
    return request.POST if request.method == "POST" else None


def refusal_of(check: Callable[..., object], *args: object) -> str:
    """Why something may not be done, as the act's own check says it; empty when it may."""
    try:
        check(*args)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def offers(actor: Actor, *candidates: tuple[str, str, str, str]) -> dict[str, object] | None:
    """What `actor` may do, from (act, label, address, reason against it): the first that can be done is prominent."""
    mine: list[Offer] = [
        {"label": label, "url": url, "reason": reason}
        for act, label, url, reason in candidates
        if doors.may(actor, act)
    ]
    primary = next((offer for offer in mine if not offer["reason"]), None)
    return {"primary": primary, "others": [o for o in mine if o is not primary]} if mine else None

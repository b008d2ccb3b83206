"""How a page lets somebody act: the form of one act, and the acts that a record offers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from fairwitness.incidents import doors
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Invalid, WrongState


def act_page(
    request: HttpRequest,
    form: Form,
    do: Callable[[dict[str, Any]], object],
    *,
    heading: str,
    back: str,
    done: str,
    words: str = "",
    template: str = "act.html",
) -> HttpResponse:
    """The page of one act: its form, and when that is sent the act. `done` is said on the page that `back` leads to.

    What the act refuses is said beside the form, so that nothing typed is lost. Who may act is checked before.
    """
    if request.method == "POST" and form.is_valid():
        try:
            do(form.cleaned_data)
        except (Invalid, WrongState) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {"heading": heading, "words": words, "form": form, "back": back}
    return render(request, template, context, status=422 if form.errors else 200)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, be it nothing; None while the form is only asked for."""
    return request.POST if request.method == "POST" else None


def offers(actor: Actor, *candidates: tuple[str, str, str]) -> dict[str, object] | None:
    """What `actor` may do, from (act, label, address): the first is prominent."""
    mine = [{"label": label, "url": url} for act, label, url in candidates if doors.may(actor, act)]
    return {"primary": mine[0], "others": mine[1:]} if mine else None

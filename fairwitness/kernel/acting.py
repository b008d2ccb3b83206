"""How a page lets somebody act: the form of one act, and the acts that a record offers or greys with the reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from fairwitness.kernel.refusals import Invalid, Refusal, WrongState

AnyForm = Form | ModelForm  # type: ignore[type-arg]
Offer = dict[str, object]


class ConfirmForm(Form):
    """Nothing to enter: sending it is the confirmation."""


def act_page(
    request: HttpRequest,
    form: AnyForm,
    do: Callable[[dict[str, Any]], object],
    *,
    heading: str,
    back: str,
    done: str = "",
    words: str = "",
    button: str = "",
    template: str = "act.html",
    **context: object,
) -> HttpResponse:
    """The page of one act: its form, and when that is sent the act.

    `do` may answer a page of its own; else `done` is said on the page that `back` leads to. What the act refuses is
    said beside the form, at the fields that the refusal names, so that nothing typed is lost.
    """
    if request.method == "POST" and form.is_valid():
        try:
            answer = do(form.cleaned_data)
        except (Invalid, WrongState) as refusal:
            refused(form, refusal)
        else:
            if isinstance(answer, HttpResponse):
                return answer
            if done:
                messages.success(request, done)
            return redirect(back)
    context |= {"heading": heading, "words": words, "form": form, "back": back, "button": button}
    return render(request, template, context, status=422 if form.errors else 200)


def refused(form: AnyForm, refusal: Refusal) -> None:
    """Say in a form what an act refused: at the fields that it names, else above all of them."""
    named = {
        name: texts
        for name, texts in refusal.details.items()
        if name in form.fields and isinstance(texts, list)
    }
    field = str(refusal.details.get("field", ""))
    if field in form.fields:
        named[field] = [str(refusal.details.get("message", refusal.sentence))]
    for name, texts in named.items():
        form.add_error(name, texts)
    if not named:
        form.add_error(None, refusal.sentence)


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


def offers(may: Callable[[str], bool], *candidates: tuple[str, str, str, str]) -> dict[str, object] | None:
    """What somebody may do, from (act, label, address, reason against it): the first that can be done is prominent."""
    mine: list[Offer] = [
        {"label": label, "url": url, "reason": reason} for act, label, url, reason in candidates if may(act)
    ]
    primary = next((offer for offer in mine if not offer["reason"]), None)
    return {"primary": primary, "others": [o for o in mine if o is not primary]} if mine else None

"""How a page of this room lets somebody act: one form, one act, and what was done said on the page after."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from fairwitness.kernel.refusals import Invalid, WrongState


def act_page(
    request: HttpRequest,
    form: Form,
    do: Callable[[dict[str, Any]], HttpResponse | None],
    *,
    heading: str,
    back: str,
    done: str = "",
    words: str = "",
    button: str = "",
) -> HttpResponse:
    """The page of one act; `do` may answer a page of its own, else `done` is said on the page `back` leads to."""
    if request.method == "POST" and form.is_valid():
        try:
            answer = do(form.cleaned_data)
        except (Invalid, WrongState) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            if answer is not None:
                return answer
            messages.success(request, done)
            return redirect(back)
    context = {"heading": heading, "words": words, "form": form, "back": back, "button": button}
    return render(request, "accounts/act.html", context, status=422 if form.errors else 200)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, be it nothing; None while the form is only asked for."""
    return request.POST if request.method == "POST" else None

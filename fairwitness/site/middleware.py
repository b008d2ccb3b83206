"""The edge: makes the actor of a request once, and turns refusals into the one error page."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from fairwitness.department import doors
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.refusals import Refusal

Handler = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Puts `request.actor` on every request: the member who is signed in with the roles held today, or the public."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.actor = doors.actor_of(user) if user.is_authenticated else PUBLIC  # type: ignore[attr-defined]
        return self.get_response(request)


class RefusalMiddleware:
    """Maps every refusal to a page, or to JSON where JSON was asked for. The only place that catches them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        if wants_json(request):
            return JsonResponse(refusal_json(error), status=error.status)
        context = {"status": error.status, "sentence": error.sentence, "code": error.code}
        return render(request, "error.html", context, status=error.status)


def wants_json(request: HttpRequest) -> bool:
    """Whether the asker is a program: an API address, or one that accepts JSON before HTML."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )


def refusal_json(error: Refusal) -> dict[str, object]:
    """A refusal for machines: its code, its sentence, and details that JSON can hold."""
    details = json.loads(json.dumps(error.details, default=str))
    return {"code": error.code, "sentence": error.sentence, "details": details}

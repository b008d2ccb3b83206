"""Every request: its reference, its line in the log, its figure; by the view that answered, never by who asked."""

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram

from fairwitness.kernel import turns
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.outcomes import new_reference
from fairwitness.site import logs

log = logging.getLogger("fairwitness.requests")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REGISTRY = CollectorRegistry()
SECONDS = Histogram(
    "fairwitness_request_seconds",
    "Time until the first byte of an answer.",
    ("view", "method", "status"),
    registry=REGISTRY,
)


class RequestMiddleware:
    """Outermost: gives every request a reference, which the answer's head and every line about it carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        request.reference = new_reference()  # type: ignore[attr-defined]
        token = logs.reference.set(request.reference)  # type: ignore[attr-defined]
        try:
            # What programs ask for takes turns where it is done, after the pages.
            programs = request.path_info.startswith("/api/")
            with nullcontext() if programs else turns.page():
                answer = self.get_response(request)
            answer["X-Request-Id"] = request.reference  # type: ignore[attr-defined]
            _note(request, answer.status_code, time.monotonic() - begun)
        finally:
            logs.reference.reset(token)
        return answer


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    view, method = view_name(request), request.method if request.method in METHODS else "OTHER"
    SECONDS.labels(view, method, f"{status // 100}xx").observe(seconds)
    actor = getattr(request, "actor", PUBLIC)
    words = {
        "view": view,
        "method": method,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "actor": actor.kind,
    }
    log.info("request", extra=words)


def view_name(request: HttpRequest) -> str:
    """The name of the view that answers; files of the site and addresses that are none have one each."""
    if request.resolver_match:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"

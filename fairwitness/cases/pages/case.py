"""One case."""

import uuid

from django.http import HttpRequest, HttpResponse


def open_case(request: HttpRequest) -> HttpResponse:
    """To come."""
    return HttpResponse()


def case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """To come."""
    return HttpResponse()

"""The list of cases."""

from django.http import HttpRequest, HttpResponse


def cases(request: HttpRequest) -> HttpResponse:
    """To come."""
    return HttpResponse()

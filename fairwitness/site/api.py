"""The root of the programs' interface; its schema is committed as docs/reference/openapi.json and compared."""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import HttpBearer, SessionAuth

from fairwitness.evidence.api import router as recordings
from fairwitness.incidents.api import router as incidents
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.uploads.api import router as docks


class TokenAuth(HttpBearer):
    """A token that the middleware found good; each address then asks for the scope that it needs."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = actor_of(request)
        return actor if actor.token_id else None


class SignedIn(SessionAuth):
    """A person who is signed in, with the CSRF token; whoever shows a token is no such person."""

    def __call__(self, request: HttpRequest) -> Any:
        return None if actor_of(request).token_id else super().__call__(request)


root = NinjaAPI(
    title="Fairwitness",
    version="1",
    description="The same doors and acts as the pages. Refusals are JSON with code, sentence and details.",
    auth=[TokenAuth(), SignedIn(csrf=True)],
    docs_url=None,
)
root.add_router("/recordings", recordings)
root.add_router("/incidents", incidents)
root.add_router("/docks", docks)

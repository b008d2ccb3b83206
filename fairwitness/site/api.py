"""The root of the programs' interface; its schema is committed as docs/reference/openapi.json and compared."""

from ninja import NinjaAPI
from ninja.security import SessionAuth

from fairwitness.evidence.api import router as recordings

root = NinjaAPI(
    title="Fairwitness",
    version="1",
    description="The same doors and acts as the pages. Refusals are JSON with code, sentence and details.",
    auth=SessionAuth(csrf=True),
    docs_url=None,
)
root.add_router("/recordings", recordings)

"""The pages of stores in a real browser, wide and narrow: nothing wider than the window, nothing that axe finds."""

import datetime as dt
import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Route

from fairwitness.kernel import blobs, clock
from fairwitness.kernel.change import change
from fairwitness.storage import acts, events, jobs
from fairwitness.storage.models import Copy, Damage, Store
from tests.browser import chromium
from tests.evidence.made import BY, sealed
from tests.storage.made import file_of, flip
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.started() as started:
        yield started


@pytest.fixture
def lived_in(own_world: World, home: Path, settings: Any) -> World:
    """Sixty recordings, read at different times; one damage repaired, one that cannot be.

    Committed, because the browser\'s requests come by another connection.
    """
    settings.FAIRWITNESS_STORES = f"one={home}/one two={home}/two"
    settings.FAIRWITNESS_COPIES = 2
    for store in blobs.store().all:
        store.begin()
    recordings = [sealed(b"%d" % n * 1000) for n in range(60)]
    flip(file_of("one", recordings[0].sha256))
    for name in ("one", "two"):
        flip(file_of(name, recordings[1].sha256))
    jobs.check_now()
    with change(events.COPIES_CHECKED, by=BY) as entry:
        entry.about(*Store.objects.all())
        for n, copy in enumerate(Copy.objects.filter(status="good")):
            copy.checked_at = clock.now() - dt.timedelta(hours=n * 1.7)
            copy.save()
    acts.note_away("two", "The store two does not answer (ConnectTimeoutError).", by=BY)
    return own_world


def serve(client: Client) -> Any:
    """Answer the browser's requests by the test's own client and the files beside it."""

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        if asked.path.startswith("/static/"):
            found = finders.find(asked.path.removeprefix("/static/"))
            kind = mimetypes.guess_type(asked.path)[0] or "application/octet-stream"
            if found:
                return route.fulfill(body=Path(found).read_bytes(), content_type=kind)
            return route.fulfill(status=404)
        got = client.get(f"{asked.path}?{asked.query}" if asked.query else asked.path)
        return route.fulfill(
            status=got.status_code, body=got.content, content_type=got.headers["Content-Type"]
        )

    return answer


@pytest.mark.parametrize("size", [chromium.DESKTOP, chromium.PHONE], ids=["wide", "phone"])
def test_every_page_of_stores(browser: Browser, lived_in: World, size: Any) -> None:
    open_now = Damage.objects.filter(repaired_at=None).first()
    repaired = Damage.objects.exclude(repaired_at=None).first()
    pages = {
        "stores": reverse("stores"),
        "copies": reverse("copies"),
        "damages": reverse("damages"),
        "damage-open": reverse("damage", args=[open_now.pk]),
        "damage-repaired": reverse("damage", args=[repaired.pk]),
    }
    context = browser.new_context(viewport=size)
    page = context.new_page()
    said = chromium.listen(page)
    page.route("**/*", serve(lived_in.sign_in("costa")))
    for name, path in pages.items():
        page.goto(f"http://testserver{path}")
        assert chromium.sideways(page) <= 0, name
        assert chromium.violations(page) == [], name
        if folder := os.environ.get("LOOK"):
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)
    assert said == []
    context.close()

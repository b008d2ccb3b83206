"""The list of whole exports: who sees it, and what it says."""

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.moving import events
from fairwitness.moving.acts.export import note_drill
from fairwitness.moving.models import Export
from tests.evidence.made import BY
from tests.evidence.test_pages import WHO
from tests.world import World

pytestmark = pytest.mark.django_db
SEE = {"costa", "sato", "hale", "park", "novak", "chen"}


@pytest.fixture
def taken(world: World) -> Export:
    with change(events.EXPORT_BEGUN, by=BY) as entry:
        made = Export(number="E-2026-000001", begun_at=clock.now())
        made.save(force_insert=True)
        entry.about(made, export_id=made.pk)
    return made


@pytest.mark.parametrize("who", WHO)
def test_who_gets_what(world: World, taken: Export, who: str) -> None:
    browser = Client() if who == "public" else world.sign_in(who)
    answer = browser.get(reverse("exports"))
    if who == "public":
        assert answer.status_code == 302
    else:
        assert answer.status_code == (200 if who in SEE else 404)
        assert (b"E-2026-000001" in answer.content) is (who in SEE)


def test_what_came_of_it(world: World, taken: Export) -> None:
    page = world.sign_in("costa")
    first = page.get(reverse("exports")).content.decode()
    assert "Being written, or broken off" in first and "Not tried" in first
    note_drill(taken.pk, 2, by=BY)
    assert "Not the same" in page.get(reverse("exports")).content.decode()
    note_drill(taken.pk, 0, by=BY)
    assert "The same" in page.get(reverse("exports")).content.decode()


def test_before_anything_was_taken_out(world: World) -> None:
    assert "fairwitness drill" in world.sign_in("costa").get(reverse("exports")).content.decode()

"""A posted search: its words are kept and stay out of the address; what nothing can hold is refused and not kept."""

import pytest
from django.urls import reverse

from fairwitness.kernel.models import SavedSearch
from tests.evidence.made import sealed
from tests.world import World


def test_it_works(world: World) -> None:
    sealed(b"1", title="A stop")
    sealed(b"2", title="A door")
    browser = world.sign_in("costa")
    answer = browser.post(reverse("recordings"), {"text": " door ", "incident": "", "status": "sealed"})
    kept = SavedSearch.objects.get()
    assert kept.words == {"text": "door"}
    assert answer["Location"] == f"{reverse('recordings')}?status=sealed&q={kept.pk}"
    assert [row.title for row in browser.get(answer["Location"]).context["rows"]] == ["A door"]


@pytest.mark.parametrize("name", ["text", "incident", "label"])
@pytest.mark.parametrize("word", ["nul\0", "x" * 201])
def test_words_that_nothing_can_hold_are_refused_and_not_kept(world: World, name: str, word: str) -> None:
    answer = world.sign_in("costa").post(reverse("recordings"), {name: word})
    assert answer.status_code == 422
    assert "These words cannot be searched for." in answer.content.decode()
    assert not SavedSearch.objects.exists()

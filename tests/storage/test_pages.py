"""The pages of stores, for every role; what they say when all is well, and when it is not."""

import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.storage import acts, jobs
from fairwitness.storage.models import Copy, Damage
from tests.evidence.made import BY, sealed
from tests.storage.made import file_of, flip, now_in_seconds
from tests.world import CAST, World

SEES_ALL = {"costa", "nair", "chen", "sato"}
SEES_COUNTS = {"novak"}


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_every_role_sees_what_it_may(two: Path, world: World, who: str) -> None:
    recording = sealed()
    flip(file_of("one", recording.sha256))
    jobs.check_now()
    browser, pk = world.sign_in(who), Damage.objects.get().pk
    seen = {
        name: browser.get(reverse(name, args=args)).status_code
        for name, args in (
            *((name, []) for name in ("stores", "copies", "copies-csv", "damages", "damages-csv")),
            ("damage", [pk]),
        )
    }
    assert seen.pop("stores") == (200 if who in SEES_ALL | SEES_COUNTS else 403)
    assert set(seen.values()) == ({200} if who in SEES_ALL else {403})


def test_the_external_auditor_sees_counts_and_no_place(two: Path, world: World) -> None:
    sealed()
    page = text(world.sign_in("novak"), "stores")
    assert "one" in page and str(two) not in page and "What was read when" not in page
    assert str(two) in text(world.sign_in("costa"), "stores")


def test_nothing_stored_yet(home: Path, world: World) -> None:
    assert "No store holds anything yet." in text(world.sign_in("costa"), "stores")
    assert "Nothing was ever found damaged." in text(world.sign_in("costa"), "damages")


def test_a_damage_from_found_to_repaired(two: Path, world: World) -> None:
    browser, recording = world.sign_in("costa"), sealed()
    copy = Copy.objects.get(store__name="one")
    damage = acts.note_check(copy.store, [acts.Read(copy, "changed")], by=BY)[0]
    assert "Damage that is not repaired yet" in text(browser, "stores")
    page = browser.get(reverse("recording", args=[recording.pk])).content.decode()
    assert "1 confirmed copy<" in page and "one (damaged), two" in page
    page = browser.get(reverse("damage", args=[damage.pk])).content.decode()
    assert "Not repaired" in page and "they are not what was stored" in page
    flip(file_of("one", recording.sha256))
    jobs.mend(copy.store)
    page = browser.get(reverse("damage", args=[damage.pk])).content.decode()
    assert "from a good copy" in page and "(two)" in page and "Not repaired" not in page
    assert "repaired the bytes of the store one: from a good copy" in page
    page = browser.get(reverse("recording", args=[recording.pk])).content.decode()
    assert "2 confirmed copies<" in page and "one, two" in page


def test_a_store_that_does_not_answer(two: Path, world: World) -> None:
    sealed()
    shutil.rmtree(two / "one")
    jobs.watch(now_in_seconds())
    assert "Does not answer" in text(world.sign_in("chen"), "stores")


def test_pages_of_copies_hang_together(two: Path, world: World) -> None:
    for n in range(30):
        sealed(b"%d" % n)
    browser = world.sign_in("sato")
    first = browser.get(reverse("copies"))
    second = browser.get(reverse("copies"), {"after": first.context["after"]})
    back = browser.get(reverse("copies"), {"before": second.context["before"]})
    shown = [c.pk for c, _tone in (*first.context["rows"], *second.context["rows"])]
    assert len(first.context["rows"]) == 50 and len(set(shown)) == len(shown) == 60
    assert back.context["rows"] == first.context["rows"] and not back.context["before"]
    assert not second.context["after"]
    assert browser.get(reverse("copies"), {"after": "x"}).status_code == 200
    lines = b"".join(browser.get(reverse("copies-csv"))).decode().splitlines()
    assert len(lines) == 61


def text(browser: Client, name: str) -> str:
    answer = browser.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()

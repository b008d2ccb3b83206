"""The pages of sharing: for every role, with names that are none, and what was typed wrongly said beside the form."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.cases.models import Case
from fairwitness.evidence.acts.note import add_note
from fairwitness.sharing.models import Package, Share
from tests.conftest import shared as shared_input
from tests.evidence.cutting import made as cut
from tests.evidence.made import readable
from tests.sharing.made import EMAIL, PASSWORD, asked, browser_of, day, made, recordings, shared, unpacked
from tests.world import World

# Who sees the list, the package, and may do what with it: list, package, ask, share, take.
SQUARE = {
    "lindqvist": (200, 200, 200, 200, 200),
    "okafor": (200, 200, 200, 200, 200),
    "costa": (200, 200, 200, 200, 200),
    "hale": (200, 200, 200, 200, 200),
    "park": (200, 200, 200, 200, 200),
    "sato": (200, 200, 403, 403, 403),
    "whitfield": (200, 404, 404, 404, 404),
    "weber": (200, 404, 404, 404, 404),
    "adeyemi": (403, 404, 404, 404, 404),
    "novak": (403, 404, 404, 404, 404),
    "chen": (403, 404, 404, 404, 404),
}


@pytest.fixture
def package(world: World, case: Case) -> Package:
    return made(world, case)


def test_every_role_gets_what_is_theirs(world: World, package: Package) -> None:
    for who, expected in SQUARE.items():
        browser = world.sign_in(who)
        asked_for = (
            reverse("packages"),
            reverse("package", args=[package.pk]),
            reverse("package-ask", args=[package.case_id]),
            reverse("package-share", args=[package.pk]),
            reverse("package-take", args=[package.pk]),
        )
        assert tuple(browser.get(url).status_code for url in asked_for) == expected, who


def test_nobody_outside_gets_in(package: Package) -> None:
    for name in ("package", "package-share", "package-take", "package-receipt", "package-withdraw"):
        assert Client().get(reverse(name, args=[package.pk])).status_code == 302
    assert Client().get(reverse("guest-package", args=[package.pk])).status_code == 401


def test_asking_shows_first_and_then_makes(world: World, case: Case) -> None:
    browser, url = world.sign_in("lindqvist"), reverse("package-ask", args=[case.pk])
    first = recordings(case)[0]
    said = {
        "side": "defence",
        "recipient": "O. Defender",
        "leave_out": f"{first.number.lower()}: Privileged, counsel",
    }
    page = browser.post(url, said)
    assert page.status_code == 200
    assert "Have it made" in page.content.decode()
    assert "Privileged, as who asked for the package says. counsel" in page.content.decode()
    assert not Package.objects.exists()
    answer = browser.post(url, {**said, "confirmed": "1"})
    found = Package.objects.get()
    assert answer["Location"] == reverse("package", args=[found.pk])
    assert found.items.exclude(because="").get().words == "counsel"
    page = browser.get(answer["Location"])
    assert "It waits for its turn" in page.content.decode()


def test_asking_says_which_notes_would_not_be_in_it(world: World, case: Case) -> None:
    browser, url = world.sign_in("lindqvist"), reverse("package-ask", args=[case.pk])
    first = readable(recordings(case)[0])
    add_note(first.pk, 1500, "He drops the knife.", by=world.actor("lindqvist"))
    said = {"side": "defence", "recipient": "O. Defender"}
    page = browser.post(url, said).content.decode()
    assert "Notes at moments of recordings: 1, not in it because they were not asked for." in page
    assert "Everything that the case holds is in it." not in page
    assert (
        "Everything that the case holds is in it."
        in browser.post(url, {**said, "with_notes": "on"}).content.decode()
    )
    cut(first, world.actor("lindqvist"))
    page = browser.post(url, {**said, "leave_out": f"{first.number} not relevant"}).content.decode()
    assert f"<strong>Clip of {first.number}</strong>" in page


def test_a_guest_is_told_of_notes_that_are_not_in_it(world: World, case: Case) -> None:
    add_note(readable(recordings(case)[0]).pk, 1500, "He drops the knife.", by=world.actor("lindqvist"))
    share, secret = shared(world, made(world, case))
    page = browser_of(secret).get(reverse("guest-package", args=[share.pk])).content.decode()
    assert "Notes at moments of recordings: 1, not in it because they were not asked for." in page
    assert "Everything that the case held" not in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"leave_out": "R-1999-000001 privileged"}, "does not hold R-1999-000001"),
        ({"leave_out": "F-2026-000001"}, "Say why F-2026-000001 is left out"),
        ({"leave_out": "F-2026-000001 a\nF-2026-000001 b"}, "stands here twice"),
        ({"recipient": ""}, "required"),
        ({"side": "nobody"}, "valid choice"),
        ({"recipient": "x" * 201}, "at most 200"),
    ],
)
def test_what_was_typed_wrongly_is_said(world: World, case: Case, said: dict[str, str], words: str) -> None:
    browser = world.sign_in("lindqvist")
    whole = {"side": "defence", "recipient": "O. Defender", **said}
    for more in ({}, {"confirmed": "1"}):
        page = browser.post(reverse("package-ask", args=[case.pk]), {**whole, **more})
        assert page.status_code == 422
        assert words in page.content.decode()
    assert not Package.objects.exists()


def test_the_link_is_shown_once_after_sharing(world: World, package: Package) -> None:
    browser = world.sign_in("lindqvist")
    said = {"email": EMAIL, "name": "Olive", "how": "download", "until": day().isoformat()}
    page = browser.post(reverse("package-share", args=[package.pk]), said)
    address = page.content.decode().split('class="address">')[1].split("</code>")[0]
    assert "/guests/invitation/" in address
    guest = Client().post(address[address.index("/guests") :], {"password": PASSWORD, "again": PASSWORD})
    assert guest["Location"] == reverse("guest-home")
    page = browser.get(reverse("package", args=[package.pk]))
    assert "Olive" in page.content.decode()
    share = Share.objects.get()
    answer = browser.post(reverse("share-end", args=[share.pk]), follow=True)
    assert "It is taken back." in answer.content.decode()
    page = browser.post(reverse("package-share", args=[package.pk]), said, follow=True)
    assert "They sign in with the password that they have" in page.content.decode()


def test_what_cannot_be_shared_so_is_said(world: World, package: Package) -> None:
    browser = world.sign_in("lindqvist")
    page = browser.post(
        reverse("package-share", args=[package.pk]), {"email": "x", "name": "", "until": "soon"}
    )
    assert page.status_code == 422
    said = {"email": EMAIL, "name": "Olive", "how": "download", "until": day(900).isoformat()}
    assert browser.post(reverse("package-share", args=[package.pk]), said).status_code == 422


def test_another_link_is_shown_to_who_shares(world: World, package: Package) -> None:
    share, _secret = shared(world, package)
    page = world.sign_in("lindqvist").post(reverse("guest-invite", args=[share.pk]))
    assert "/guests/invitation/" in page.content.decode()
    assert world.sign_in("weber").post(reverse("guest-invite", args=[share.pk])).status_code == 404


def test_withdrawing_needs_a_reason(world: World, package: Package) -> None:
    browser, url = world.sign_in("lindqvist"), reverse("package-withdraw", args=[package.pk])
    assert browser.post(url, {"because": ""}).status_code == 422
    page = browser.post(url, {"because": "Wrong case"}, follow=True)
    assert "It is withdrawn" in page.content.decode()
    assert browser.post(url, {"because": "Again"}).status_code == 422
    assert browser.get(reverse("package-take", args=[package.pk])).status_code == 409


def test_the_list_is_found_by_words_and_by_case(world: World, package: Package, case: Case) -> None:
    browser = world.sign_in("lindqvist")
    asked(world, case, side="court")
    page = browser.post(reverse("packages"), {"text": "defender", "side": "defence"}, follow=True)
    text = page.content.decode()
    assert package.number in text and "P-2026-000002" not in text
    assert "defender" not in page.redirect_chain[0][0]
    page = browser.get(reverse("case-packages", args=[case.pk]))
    assert page.content.decode().count("/packages/") >= 2
    assert "Make a package" in page.content.decode()


def test_names_from_anywhere_are_borne(world: World, case: Case, tmp_path: Any) -> None:
    """Names that break things: as who receives it, as a guest, on every page, and in the package."""
    strings = [
        text
        for text in json.loads(shared_input("data/conformance/strings/blns.json").read_text())
        if text.strip()
    ]
    some = [text[:100] for text in strings[::37]]
    browser = world.sign_in("lindqvist")
    for text in some:
        page = browser.post(
            reverse("package-ask", args=[case.pk]), {"side": "court", "recipient": text, "confirmed": "1"}
        )
        assert page.status_code in (302, 422), text
    package = Package.objects.order_by("asked_at").first()
    assert package
    for found in Package.objects.all():
        page = browser.get(reverse("package", args=[found.pk]))
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
    last = made(world, case, side="court")
    for n, text in enumerate(some):
        said = {
            "email": f"g{n}@law.example",
            "name": text,
            "organisation": text,
            "how": "view",
            "until": day(),
        }
        assert browser.post(reverse("package-share", args=[last.pk]), said).status_code in (200, 422)
    assert "<script>alert" not in browser.get(reverse("package", args=[last.pk])).content.decode()
    assert unpacked(last, tmp_path).is_dir()


@pytest.mark.parametrize(
    "name", ["package", "package-share", "package-take", "share-end", "guest-package", "guest-opening"]
)
def test_what_is_not_there_is_not_found(world: World, package: Package, name: str) -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    if name.startswith("guest"):
        _share, secret = shared(world, package)
        browser = browser_of(secret)
    else:
        browser = world.sign_in("lindqvist")
    assert browser.get(reverse(name, args=[nothing])).status_code == 404

"""Every address of disposal, asked by one of the cast for each role and by the public; and what the pages show."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.evidence.acts import erasing
from fairwitness.evidence.acts.seal import settle_owner
from fairwitness.evidence.models import Disposal, DisposalList, Recording
from fairwitness.kernel import clock
from fairwitness.publiclog.publish import publish
from tests.evidence.disposals import after_grace, erase, in_grace, proposed, row
from tests.evidence.made import BY
from tests.evidence.test_erase import DATA, erase_until_begun
from tests.evidence.test_pages import WHO
from tests.world import World

#                          own  other chain other BWC  internal records command chief external community accounts
#                          officer    supervisor  Unit auditor                        auditor
GET = {
    "disposal-lists":     "404  404   404   404   200  200  200  200  200  200  404  404  in",
    "disposal-list":      "404  404   404   404   200  200  200  200  200  404  404  404  in",
    "certificate":        "403  404   403   404   200  200  200  200  200  403  404  404  in",
}  # fmt: skip
POST = {
    "disposal-csv":       "404  404   404   404   200  200  200  200  200  404  404  404  in",
    "disposal-approve":   "404  404   404   404   302  403  302  302  302  404  404  404  in",
    "disposal-strike":    "404  404   404   404   302  403  302  302  302  404  404  404  in",
    "disposal-take-back": "404  404   404   404   302  403  302  302  302  404  404  404  in",
    "certificate-file":   "403  404   403   404   200  200  200  200  200  403  404  404  in",
}  # fmt: skip


@pytest.mark.parametrize("place", range(len(WHO)), ids=WHO)
def test_who_gets_what(world: World, place: int) -> None:
    done = in_grace(world, b"gone")
    _worn(world, done)
    erase(done)
    publish()
    browser = Client() if WHO[place] == "public" else world.sign_in(WHO[place])
    got, expected = {}, {}
    for method, table in (("GET", GET), ("POST", POST)):
        for name, line in table.items():
            found = proposed(name.encode()) if method == "POST" and name.startswith("disposal") else done
            key = row(done, b"gone").recording_id if name.startswith("certificate") else found.pk
            address = reverse(name) if name == "disposal-lists" else reverse(name, args=[key])
            body = {"because": "A reason.", "disposal": [str(pk) for pk in _rows(found)]}
            answer = browser.get(address) if method == "GET" else browser.post(address, body)
            to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/account/login/")
            got[name] = "in" if to_sign_in else str(answer.status_code)
            expected[name] = line.split()[place]
    assert got == expected


def _worn(world: World, found: DisposalList) -> None:
    """Whitfield made the recording."""
    settle_owner(row(found, b"gone").recording_id, world.members["whitfield"], by=world.actor("costa"))


def _rows(found: DisposalList) -> list[object]:
    return list(found.disposals.values_list("pk", flat=True))


def test_what_was_looked_at_is_approved(world: World) -> None:
    found = proposed(b"one", b"two")
    for who in ("weber", "hale"):
        browser = world.sign_in(who)
        page = browser.get(reverse("disposal-list", args=[found.pk]))
        browser.post(reverse("disposal-approve", args=[found.pk]), {"digest": page.context["digest"]})
    found.refresh_from_db()
    assert found.status == DisposalList.Status.GRACE


def test_those_chosen_are_struck_out(world: World) -> None:
    found = proposed(b"one", b"two")
    browser = world.sign_in("weber")
    address = reverse("disposal-strike", args=[found.pk])
    browser.post(address, {"disposal": [str(row(found, b"one").pk)], "because": "Wanted."})
    assert row(found, b"one").status == Disposal.Status.STRUCK
    assert row(found, b"two").status == Disposal.Status.PROPOSED
    assert browser.post(address, {"disposal": [str(row(found, b"two").pk)], "because": ""}).status_code == 422
    nothing = browser.post(address, {"because": "x"}, follow=True)
    assert b"Nothing was chosen" in nothing.content


def test_one_file_for_a_stranger(world: World) -> None:
    found = in_grace(world, b"gone")
    erase(found)
    recording = row(found, b"gone").recording
    address = reverse("certificate-file", args=[recording.pk])
    browser = world.sign_in("weber")
    early = browser.post(address, follow=True)
    assert b"not yet in the public log" in early.content
    publish()
    made = json.loads(browser.post(address).content)
    assert made["certificate"]["recording"]["number"] == recording.number
    assert made["receipt"]["entry"]["event"] == "evidence.bytes_erased"


def test_the_home_page_asks_for_approval(world: World) -> None:
    proposed(b"one")
    assert b"Lists of disposal to approve" in world.sign_in("weber").get("/").content
    assert b"Lists of disposal to approve" not in world.sign_in("sato").get("/").content


def test_erased_recordings_are_found_by_their_state(world: World) -> None:
    found = in_grace(world, b"gone")
    erase(found)
    page = world.sign_in("weber").get("/recordings/?status=erased")
    assert row(found, b"gone").recording.number.encode() in page.content


def test_while_it_is_erased_its_page_says_so_and_offers_what_may_still_keep_it(world: World) -> None:
    found = in_grace(world, DATA)
    here = row(found, DATA).recording
    assert "Being erased" not in _page(world, here)
    erase_until_begun(found)
    before = _page(world, here)
    assert "Being erased under a rule" in before and "a hold, an incident or a category" in before
    assert (
        reverse("categorise", args=[here.pk]) in before and reverse("link-incident", args=[here.pk]) in before
    )
    assert reverse("open-recording", args=[here.pk]) not in before
    assert reverse("settle", args=[here.pk]) not in before
    with clock.frozen(after_grace(found)):
        erasing.let_go(row(found, DATA).pk, by=BY)
    after = _page(world, here)
    assert "Nothing keeps it any more" in after
    for name in ("categorise", "link-incident", "recording-hold", "open-recording"):
        assert reverse(name, args=[here.pk]) not in after, name


def _page(world: World, here: Recording) -> str:
    return world.sign_in("costa").get(reverse("recording", args=[here.pk])).content.decode()

"""Every address of evidence, asked by one of the cast for each role and by the public: what they get is written here."""

import uuid
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.accounts.models import SignInLog
from fairwitness.evidence import urls
from fairwitness.evidence.acts import view
from fairwitness.evidence.acts.note import add_note
from fairwitness.evidence.acts.seal import attach
from fairwitness.evidence.models import Note, Recording, Viewing
from fairwitness.kernel.models import Entry
from fairwitness.publiclog.publish import publish
from tests.evidence.made import BY, grown, nowhere, readable, rows, sealed, stored
from tests.world import World

# Whitfield made the recording and reports to Ruiz; the note is Ruiz's. `in` is the way to the sign-in.
WHO = (
    *("whitfield", "haddad", "ruiz", "brandt", "costa", "sato", "weber"),
    *("hale", "park", "novak", "adeyemi", "chen", "public"),
)
#                          own  other chain other BWC  internal records command chief external community accounts
#                          officer    supervisor  Unit auditor                        auditor
GET = {
    "recordings":        "200  200   200   200   200  200  200  200  200  200  404  404  in",
    "unknown-owners":    "404  404   404   404   200  404  404  404  404  404  404  404  in",
    "counts":            "200  200   200   200   200  200  200  200  200  200  404  404  in",
    "deliveries":        "404  404   404   404   200  200  200  200  200  200  404  404  in",
    "recording":         "200  404   200   404   200  200  200  200  200  200  404  404  in",
    "recording-history": "200  404   200   404   200  200  200  200  200  200  404  404  in",
    # Somebody's viewing, in a sign-in that is not theirs.
    "viewing":           "410  410   410   410   410  410  410  410  410  410  410  410  in",
    "media":             "410  410   410   410   410  410  410  410  410  410  410  410  in",
}  # fmt: skip
POST = {
    "recordings-csv":    "200  200   200   200   200  200  200  200  200  200  403  403  in",
    "receipt":           "200  404   200   404   200  200  200  200  200  200  404  404  in",
    "attachment":        "200  404   200   404   200  200  403  403  403  403  404  404  in",
    "recordings":        "302  302   302   302   302  302  302  302  302  302  404  404  in",
    "unknown-owners":    "404  404   404   404   302  404  404  404  404  404  404  404  in",
    "open-recording":    "302  404   302   404   302  302  403  403  403  403  404  404  in",
    "read-again":        "403  404   403   404   409  403  403  403  403  403  404  404  in",
    "add-note":          "302  404   302   404   302  403  403  403  403  403  404  404  in",
    "withdraw-note":     "403  404   302   404   403  403  403  403  403  403  404  404  in",
    "beat":              "410  410   410   410   410  410  410  410  410  410  410  410  in",
    "close-recording":   "410  410   410   410   410  410  410  410  410  410  410  410  in",
}  # fmt: skip

# Looked at for every role in files of their own.
ELSEWHERE = {
    *("without-incident", "link-incident", "unlink-incident"),
    # tests/evidence/test_side_by_side_pages.py
    *(
        "clip-ask",
        "clip-proof",
        "clip-take",
        "clip-withdraw",
        "clock-dispatch",
        "clock-mark",
        "clock-withdraw",
        "incident-cameras",
        "side-by-side",
        "side-by-side-close",
        "side-by-side-mark",
        "side-by-side-note",
        "side-by-side-open",
    ),
    *(
        "my-access",
        "grants",
        "grant-end",
        "recording-grant",
        "incident-grant",
        "watch",
        "sign",
        "watch-decide",
        "record-order",
        "withdraw-order",
    ),
    *(
        "categorise",
        "settle",
        "withdraw-category",
        "confirm-settlement",
        "withdraw-settlement",
        "retention",
        "dry-run-recordings",
        "kept",
        "kept-csv",
        "settle-delivery",
        "what-if",
        "dry-run",
        "dry-run-csv",
        "dry-run-approve",
        "dry-run-withdraw",
    ),
    *(
        "recording-hold",
        "incident-hold",
        "holds",
        "holds-csv",
        "hold",
        "hold-add",
        "hold-extend",
        "hold-lift",
        "hold-release",
        "preservation",
        "preservation-request",
        "preservation-confirm",
        "preservation-lift",
        "preserve",
        "preserve-incident",
        "preserve-place",
        "preserve-sent",
        "preserve-follow",
        "preservation-csv",
    ),
}


@dataclass(frozen=True)
class Things:
    """What the addresses name."""

    recording: Recording
    note: Note
    viewing: Viewing
    attachment: uuid.UUID

    def address(self, name: str) -> str:
        key = {"withdraw-note": self.note.pk, "attachment": self.attachment}.get(name, self.recording.pk)
        if name in {"viewing", "beat", "close-recording"}:
            key = self.viewing.pk
        if name == "media":
            return reverse(name, args=[self.viewing.pk, "original"])
        if name in {"recordings", "recordings-csv", "unknown-owners", "counts", "deliveries"}:
            return reverse(name)
        return reverse(name, args=[key])

    def body(self, name: str) -> dict[str, str]:
        return {
            "open-recording": {"purpose": "report"},
            "add-note": {"at_ms": "1000", "text": "He runs."},
            "unknown-owners": {"badge": "nobody's", "recording": str(self.recording.pk)},
        }.get(name, {})


@pytest.fixture
def things(world: World) -> Things:
    recording = readable(sealed(b"what the camera saw", device="AX-0101"))
    note = add_note(recording.pk, 0, "text", by=world.actor("ruiz"))
    viewing = view.view(recording.pk, "supervision", view.session_mark("elsewhere"), by=world.actor("ruiz"))
    attachment, _new = attach(stored(b"trail"), "trail.csv", recording, nowhere, by=BY)
    publish()
    return Things(recording, note, viewing, attachment.pk)


def test_the_tables_have_every_address() -> None:
    # Those of disposal are asked in test_disposal_pages.py.
    elsewhere = ELSEWHERE | {"certificate", "certificate-file"}
    asked = {name for each in urls.urlpatterns if not (name := str(each.name)).startswith("disposal-")}
    assert asked - elsewhere == set(GET) | set(POST)


@pytest.mark.parametrize("place", range(len(WHO)), ids=WHO)
def test_who_gets_what(world: World, things: Things, place: int) -> None:
    browser = Client() if WHO[place] == "public" else world.sign_in(WHO[place])
    got, expected = {}, {}
    for method, table in (("GET", GET), ("POST", POST)):
        for name, line in table.items():
            address = things.address(name)
            answer = browser.get(address) if method == "GET" else browser.post(address, things.body(name))
            to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/account/login/")
            got[method, name] = "in" if to_sign_in else str(answer.status_code)
            expected[method, name] = line.split()[place]
    assert got == expected


def test_what_is_not_there_looks_like_what_may_not_be_seen(world: World, things: Things) -> None:
    browser = world.sign_in("brandt")
    hidden = browser.get(reverse("recording", args=[things.recording.pk]))
    missing = browser.get(reverse("recording", args=[uuid.uuid4()]))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert without_tokens(hidden.content) == without_tokens(missing.content)
    as_json = [browser.get(f"/api/recordings/{pk}").content for pk in (things.recording.pk, uuid.uuid4())]
    assert as_json[0] == as_json[1]


def test_trying_what_one_may_not_even_find_leaves_a_line(world: World, things: Things) -> None:
    browser = world.sign_in("brandt")
    browser.get(reverse("recording", args=[uuid.uuid4()]))
    assert not SignInLog.objects.filter(event="attempt").exists()
    browser.get(reverse("recording", args=[things.recording.pk]))
    browser.post(reverse("open-recording", args=[things.recording.pk]), {"purpose": "report"})
    lines = SignInLog.objects.filter(event="attempt", outcome="refused", member=world.id("brandt"))
    assert list(lines.order_by("pk").values_list("detail", flat=True)) == ["find", "open"]


def without_tokens(page: bytes) -> list[bytes]:
    """Without what is another one for every request: the token of forms, and the reference to quote."""
    return [line for line in page.splitlines() if b"csrf" not in line and b"quote" not in line]


@pytest.mark.parametrize("name", ["recording", "viewing", "recording-history"])
@pytest.mark.parametrize("key", ["costa", "chen"])
def test_what_is_not_there_is_not_found(world: World, name: str, key: str) -> None:
    answer = world.sign_in(key).get(reverse(name, args=[uuid.uuid4()]))
    assert answer.status_code == (410 if name == "viewing" else 404)


@pytest.mark.parametrize("name", ["open-recording", "add-note", "withdraw-note", "receipt", "attachment"])
def test_acting_on_what_is_not_there(world: World, name: str) -> None:
    body = {"purpose": "report", "at_ms": "0", "text": "x"}
    assert world.sign_in("costa").post(reverse(name, args=[uuid.uuid4()]), body).status_code == 404


def test_settling_the_owner_of_what_is_not_there(world: World) -> None:
    for recording in (str(uuid.uuid4()), "", "no key"):
        answer = world.sign_in("costa", f"costa{recording[:4]}").post(
            reverse("unknown-owners"), {"badge": "101", "recording": recording}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("name", [name for name in POST if name not in GET])
def test_what_writes_is_never_asked_for_by_a_link(world: World, things: Things, name: str) -> None:
    before = rows()
    browser = world.sign_in("ruiz")
    grown_by_sign_in = grown(before)
    assert browser.get(things.address(name)).status_code == 405
    assert grown(before) == grown_by_sign_in


def test_nothing_is_written_by_looking_at_pages(world: World, things: Things) -> None:
    browser, before = world.sign_in("costa"), Entry.objects.count()
    for name in ("recordings", "unknown-owners", "counts", "deliveries", "recording"):
        assert browser.get(things.address(name)).status_code == 200
    assert Entry.objects.count() == before


class TestTheWay:
    """From the closed page through the opened one and back, in one sign-in."""

    def test_it_works(self, world: World, things: Things) -> None:
        browser = world.sign_in("ruiz")
        opened = browser.post(things.address("open-recording"), {"purpose": "supervision"})
        assert browser.get(opened["Location"]).status_code == 200
        viewing = Viewing.objects.get(ended=None)
        beat = browser.post(
            reverse("beat", args=[viewing.pk]), {"played_ms": 10}, content_type="application/json"
        )
        assert beat.json() == {"open": True}
        closed = browser.post(reverse("close-recording", args=[viewing.pk]))
        assert closed["Location"] == reverse("recording", args=[things.recording.pk])
        assert browser.get(opened["Location"])["Location"] == closed["Location"], (
            "loaded again, it leads back"
        )
        assert browser.get(reverse("media", args=[viewing.pk, "original"])).status_code == 410
        assert Entry.objects.filter(event="evidence.viewing_ended").count() == 2

    def test_after_sign_out_it_is_gone(self, world: World, things: Things) -> None:
        browser = world.sign_in("ruiz")
        opened = browser.post(things.address("open-recording"), {"purpose": "supervision"})["Location"]
        browser.logout()
        assert browser.get(opened)["Location"].startswith("/account/login/")
        again = world.sign_in("ruiz")
        assert again.get(opened)["Location"] == things.address("recording"), (
            "where a purpose is asked for anew"
        )
        assert again.get(f"{opened}media/original").status_code == 410

    def test_a_purpose_is_needed(self, world: World, things: Things) -> None:
        browser = world.sign_in("ruiz")
        for purpose in ("", "curiosity"):
            answer = browser.post(things.address("open-recording"), {"purpose": purpose})
            assert answer.status_code == 422
        assert Viewing.objects.count() == 1

    def test_every_page_of_the_list_is_reached(self, world: World, things: Things) -> None:
        for n in range(60):
            sealed(b"%d" % n, title=f"number {n}")
        browser = world.sign_in("costa")
        first = browser.get(reverse("recordings"))
        second = browser.get(reverse("recordings"), {"after": first.context["after"]})
        assert len(first.context["rows"]) + len(second.context["rows"]) == 61
        back = browser.get(reverse("recordings"), {"before": second.context["before"]})
        assert back.context["rows"] == first.context["rows"]
        assert browser.get(reverse("recordings"), {"after": "nonsense"}).status_code == 404

    def test_words_never_stand_in_an_address(self, world: World, things: Things) -> None:
        browser = world.sign_in("costa")
        posted = {"text": "Whitfield", "incident": "26-00017", "status": "sealed"}
        address = browser.post(reverse("recordings"), posted)["Location"]
        assert "Whitfield" not in address
        assert "26-00017" not in address
        assert "status=sealed" in address
        assert browser.get(address).status_code == 200
        assert world.sign_in("weber").get(address).status_code == 404, "somebody else's search"

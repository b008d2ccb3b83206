"""The pages of policy, for every role and for everyone."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.kernel.agency import agency
from fairwitness.policy import acts, doors, jobs
from fairwitness.policy.models import Document, Version
from tests.policy import made
from tests.policy.made import NUMBER
from tests.world import CAST, World

INSIDE = ("book", "versions", "version")
DRAFTERS = {"costa", "nair", "weber", "adeyemi", "hale", "park"}
DECIDERS = {"hale", "park"}
OF_A_DRAFT = ("version-particulars", "rule-change", "rule-remove", "version-propose", "version-withdraw")


def address(name: str, version: Version) -> str:
    args: dict[str, list[object]] = {
        "book": [],
        "document-add": [],
        "versions": [NUMBER],
        "version-begin": [NUMBER],
    }
    if name in ("rule-change", "rule-remove"):
        return reverse(name, args=[NUMBER, version.n, "t.one"])
    return reverse(name, args=args.get(name, [NUMBER, version.n]))


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_every_role_reads_drafts_and_only_some_write(world: World, who: str) -> None:
    version, browser = made.draft(world), world.sign_in(who)
    assert {browser.get(address(name, version)).status_code for name in INSIDE} == {200}
    for name in (*OF_A_DRAFT, "document-add", "version-begin"):
        assert browser.get(address(name, version)).status_code == (200 if who in DRAFTERS else 403), name
    made.propose(world, version)
    for name in ("version-approve", "version-send-back"):
        found = browser.get(address(name, version)).status_code
        assert found in ((200, 302, 401) if who in DECIDERS else (403, 401, 302)), name
        assert who in DECIDERS or found != 200


def test_the_public_is_led_to_sign_in(world: World) -> None:
    version = made.draft(world)
    for name in (*INSIDE, *OF_A_DRAFT, "document-add", "version-approve", "version-into-force"):
        answer = Client().get(address(name, version))
        assert answer.status_code == 302 and "/account/login/" in answer["Location"], name


def test_what_is_hidden_and_what_is_missing_look_alike(world: World) -> None:
    made.draft(world)
    held = made.in_force(world, made.rule("t.two"), number="T-2")
    acts.begin_version(number=held.document.number, by=world.actor("costa"))
    browser = Client()
    hidden = browser.get("/policy/T-1/1/"), browser.get("/policy/T-2/2/")
    missing = browser.get("/policy/T-2/9/")
    assert _plain(browser.get("/policy/NO-SUCH/1/").content) == _plain(missing.content)
    for answer in (*hidden, missing):
        assert answer.status_code == 404
        assert _plain(answer.content) == _plain(missing.content)
    documents = browser.get("/policy/T-1/"), browser.get("/policy/NO-SUCH/")
    assert [answer.status_code for answer in documents] == [404, 404]
    assert _plain(documents[0].content) == _plain(documents[1].content)
    assert {browser.get(f"/policy/{number}/document.json").status_code for number in ("T-1", "NO-SUCH")} == {
        404
    }
    assert b"T-1" not in browser.get("/policy/").content
    for strange in ("/policy/%00/", "/policy/T-2/99999999999999999999/", "/policy/%F0%9F%92%A9/"):
        assert browser.get(strange).status_code == 404, strange


def _plain(page: bytes) -> str:
    """A page without what differs from one asking to the next."""
    text = page.decode().replace("T-1", "N").replace("T-2", "N").replace("NO-SUCH", "N")
    return re.sub(r'nonce="[^"]*"|value="[^"]*"|quote [0-9a-f]+|next=[^"]*', "", text)


def test_everything_in_force_is_shown_with_source_and_measure(world: World) -> None:
    jobs.measure(0)
    browser, measured = Client(), 0
    front = browser.get("/policy/").content.decode()
    for document in Document.objects.all():
        version = doors.in_force(document)
        assert version and reverse("document", args=[document.number]) in front
        page = html.unescape(browser.get(reverse("document", args=[document.number])).content.decode())
        for rule in version.says().rules:
            before, part = page.split(f' id="{rule.id}">')
            seen, part = before.rpartition("<summary>")[2], part.split("</details>")[0]
            assert rule.title in seen and agency().cited(rule.source) in part and ".txt" not in page
            known = rule.measured_by in doors.latest_figures()
            # Seen without opening anything.
            assert ("Not yet measured" in seen) is not known
            measured += known
    assert measured


def test_an_older_version_says_so(world: World) -> None:
    old = made.in_state(world, "superseded")
    page = Client().get(reverse("published-version", args=[NUMBER, old.n])).content.decode()
    assert "This is not in force any more" in page and "When it rains" in page
    assert "whatever the weather" in Client().get(reverse("document", args=[NUMBER])).content.decode()


def test_json(world: World) -> None:
    jobs.measure(0)
    version = made.in_force(world, made.rule(measured_by="trained"), made.rule("t.two"))
    said = Client().get(reverse("document-json", args=[NUMBER])).json()
    assert said["content"] == version.content
    assert (said["number"], said["version"], said["sha256"]) == (NUMBER, 1, f"sha256:{version.digest}")
    assert said["figures"]["t.one"]["measure"] == "trained"
    assert said["figures"]["t.two"] is None
    card = Client().get(reverse("scorecard-json")).json()
    assert [each["verdict"] for each in card["criteria"]] == [each.verdict for each in doors.scorecard()]
    assert all(
        set(cited) == {"document", "version", "rule"} for c in card["criteria"] for cited in c["evidence"]
    )


def test_the_scorecard_s_evidence_can_be_followed(world: World) -> None:
    browser = Client()
    page = browser.get(reverse("scorecard")).content.decode()
    for each in doors.scorecard():
        for cited in each.evidence:
            way = f"{reverse('document', args=[cited.number])}#{cited.rule.id}"
            assert way in page
            assert f'id="{cited.rule.id}"' in browser.get(way.split("#")[0]).content.decode()


def test_from_an_empty_document_to_one_in_force_by_the_pages(world: World) -> None:
    costa, nair, hale = (world.sign_in(key) for key in ("costa", "nair", "hale"))
    said = {**made.PARTICULARS, "number": NUMBER, "issued": "", "revised": "2020-02-29"}
    assert costa.post(reverse("document-add"), said)["Location"] == reverse("version", args=[NUMBER, 1])
    way = costa.post(reverse("rule-kind", args=[NUMBER, 1]), {"kind": "value"})["Location"]
    entered = {"id": "t.one", "title": "Umbrellas", "text": "One.\r\nTwo.", "source": "x", "basis": "default"}
    assert costa.post(way, {**entered, "parameters": 'often = "daily"\nn = 2'}).status_code == 302
    version = Version.objects.get(document__number=NUMBER)
    assert version.says().rules[0].parameters == {"often": "daily", "n": 2}
    shown = costa.get(reverse("rule-change", args=[NUMBER, 1, "t.one"])).content.decode()
    assert "often = &quot;daily&quot;" in shown
    assert nair.post(reverse("version-propose", args=[NUMBER, 1]), {"because": "Rain."}).status_code == 302
    acts.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("hale"))
    page = hale.get(reverse("version", args=[NUMBER, 1])).content.decode()
    assert "Bring it into force" in page
    acts.bring_into_force(version_id=version.pk, by=world.actor("hale"))
    assert "One.<br>Two." in Client().get(reverse("document", args=[NUMBER])).content.decode()


@pytest.mark.parametrize(
    ("kind", "wrong", "field", "words"),
    [
        (
            "retention",
            {"parameters.category": "x", "parameters.keep": "180"},
            "parameters.keep",
            "write a length",
        ),
        ("value", {"parameters": "x ="}, "parameters", "cannot be read"),
        ("value", {"parameters": "x = " + "[" * 3000}, "parameters", "nests too deep"),
        ("value", {"parameters": "x = 1.5"}, "parameters", ""),
        ("value", {"parameters": "x = 9007199254740993"}, "parameters", ""),
        ("value", {"id": "Not An Id", "parameters": ""}, "id", "short name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    world: World, kind: str, wrong: dict[str, str], field: str, words: str
) -> None:
    made.draft(world)
    entered = {"id": "t.two", "title": "T", "text": "T", "source": "x", "basis": "default", **wrong}
    answer = world.sign_in("costa").post(f"{reverse('rule-add', args=[NUMBER, 1])}?kind={kind}", entered)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert words in str(errors[field])


def test_a_kind_that_is_none_and_a_rule_that_is_not_there(world: World) -> None:
    made.draft(world)
    browser = world.sign_in("costa")
    assert browser.get(f"{reverse('rule-add', args=[NUMBER, 1])}?kind=song").status_code == 404
    assert browser.post(reverse("rule-kind", args=[NUMBER, 1]), {"kind": "song"}).status_code == 404
    assert browser.get(reverse("rule-change", args=[NUMBER, 1, "t.no"])).status_code == 404


def test_what_is_proposed_cannot_be_changed_by_the_pages(world: World) -> None:
    version = made.proposed(world)
    browser = world.sign_in("costa")
    for name in ("version-particulars", "rule-change", "rule-remove", "version-propose"):
        assert browser.get(address(name, version)).status_code == 409, name


def test_markup_is_shown_and_not_obeyed(world: World) -> None:
    version = made.in_force(world, made.rule(text="<script>alert(1)</script>", title="<b>x</b>"))
    for browser, where in (
        (Client(), reverse("document", args=[NUMBER])),
        (world.sign_in("costa"), address("version", version)),
    ):
        page = browser.get(where).content.decode()
        assert "<script>alert" not in page and "<b>x</b>" not in page


@pytest.mark.parametrize(
    "name", ["version-propose", "version-withdraw", "rule-remove", "document-add", "version-begin"]
)
def test_without_its_token_nothing_is_done(world: World, name: str) -> None:
    version = made.draft(world)
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = world.sign_in("costa").cookies
    assert browser.post(address(name, version), {"because": "Rain."}).status_code == 403
    assert made.read_again(version).status == "draft"

"""Every page for every kind of person: axe finds nothing, the console is silent, nothing scrolls sideways on a phone."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import APIResponse, Page

from tests import demo
from tests.browser.chromium import DESKTOP, PHONE, listen, sideways, until, violations
from tests.browser.conftest import Running, Seat, enter, numbered, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]

# What answers with a file, a stream or JSON: no page to look at.
NO_PAGE = {
    *(
        "recordings-csv",
        "recording-history",
        "members-csv",
        "cameras-csv",
        "docks-csv",
        "account-passkey",
        "account-state",
        "copies-csv",
        "damages-csv",
        "cameras-hold-csv",
        "sign-in-log-csv",
        "review-csv",
        "review-decide",
        "uploads-csv",
        "incidents-csv",
        "cases-csv",
        "arrival-csv",
        "case-file-take",
        "holds-csv",
        "preservation-csv",
        "kept-csv",
        "dry-run-csv",
        "tus",
        "tus-upload",
        "coverage-csv",
        "receipt",
        "attachment",
        "media",
        "scorecard-json",
        "document-json",
        "disposal-csv",
        "certificate-file",
        "guest-file",
        "guest-media",
        "guest-receipt",
        "package-receipt",
    ),
    *("published", "tool", "capabilities-json", "healthz", "metrics", "mfa_download_recovery_codes"),
}
# A machine's own, not ours.
OTHER = re.compile(r"api-|openapi")


# The version of the policy that is on its way (tests/browser/small.py), by what addresses ask for.
POLICY = {"number": "T-1", "n": "3", "rule_id": "umbrellas.carried"}
# Those who draft have a draft to look at; what is published is another version.
DRAFT = {"number": "EVIDENCE", "n": "2", "rule_id": "draft.new"}
OF_A_DRAFT = {"version-particulars", "rule-kind", "rule-add", "rule-change", "rule-remove", "version-propose"}


# Whose keys are numbers: none of these is there.
NUMBERED = {
    "job-again": "jobs/1/again/",
    "job-cancel": "jobs/1/cancel/",
    "mfa_edit_webauthn": "account/2fa/webauthn/keys/1/edit/",
    "mfa_remove_webauthn": "account/2fa/webauthn/keys/1/remove/",
    "jobs-again": "jobs/kinds/evidence.probe/again/",
}


def names() -> Iterator[tuple[str, frozenset[str]]]:
    """Every named address of the product, with what it wants to be told."""

    def below(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[tuple[str, frozenset[str]]]:
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from below(each.url_patterns, f"{space}{each.namespace}:" if each.namespace else space)
            elif each.name:
                yield f"{space}{each.name}", frozenset(each.pattern.converters)

    return below(get_resolver().url_patterns, "")


PAGES = {name: wants for name, wants in names() if not OTHER.search(name) and name not in NO_PAGE}


def test_every_address_is_looked_at_or_named_here() -> None:
    assert {name for name, _wants in names()} >= NO_PAGE
    assert {
        "home",
        "recording",
        "viewing",
        "members",
        "public-log",
        "capabilities",
        "account_login",
        "notices",
    } <= set(PAGES)


@pytest.fixture
def things(running: Running, seat: Seat) -> dict[str, dict[str, str]]:
    """For each address with a key in it, an example that exists; found once, by the BWC Unit."""
    if "things" not in running.kept:
        running.kept["things"] = _examples(seat("costa"), running)
    found: dict[str, dict[str, str]] = running.kept["things"]
    return found


def _examples(page: Page, running: Running) -> dict[str, dict[str, str]]:
    """By the room's word in an address: a recording, somebody, a camera."""
    kinds = {"recordings": _key(numbered(page, running, "clip plain").url)}
    for place in (
        "people",
        "cameras",
        "docks",
        "uploads",
        "incidents",
        "imports",
        "holds",
        "preservation",
        "packages",
        "arrivals",
    ):
        page.goto(running.url(f"{place}/"))
        kinds[place] = _key(str(page.locator("table tbody th a").first.get_attribute("href")))
    # Below the list of imports stand the mappings by which they were read.
    page.goto(running.url("imports/"))
    kinds["mappings"] = _key(str(page.locator("main ul a[href^='/mappings/']").first.get_attribute("href")))
    kinds["preserve"] = kinds["preservation"]
    page.goto(running.url(f"holds/{kinds['holds']}/"))
    # A hold over an incident names its recordings once its job has run.
    if (held := page.locator("a[href^='/held/']")).count():
        kinds["held"] = _key(str(held.first.get_attribute("href")))
    page.goto(running.url("access/watch/"))
    kinds["access"] = _key(str(page.locator("table tbody a").first.get_attribute("href")))
    _of_a_case(page, running, kinds)
    page.goto(running.url("recordings/"))
    # An invitation that is none, as somebody who guesses would ask for one.
    more = {"role": "officer", "what": "doubtful", "secret": "x" * 43, **POLICY}
    found = {place: {"pk": key, "member": key, "item": key, **more} for place, key in kinds.items()}
    # The one that is critical, with those who are involved; it is the oldest.
    page.goto(running.url("incidents/?sort=opened"))
    kinds["incidents"] = _key(str(page.get_by_role("link", name="25-000017").get_attribute("href")))
    found["incidents"]["pk"] = kinds["incidents"]
    page.goto(running.url(f"incidents/{kinds['incidents']}/"))
    strike = page.get_by_role("link", name="Strike off").first
    found["incidents"]["member"] = _key(str(strike.get_attribute("href")).partition("/involved/")[2])
    return found


def _of_a_case(page: Page, running: Running, kinds: dict[str, str]) -> None:
    """The case, and one of each thing in it that has an address of its own."""
    page.goto(running.url("cases/"))
    kinds["cases"] = _key(str(page.locator("table tbody th a").first.get_attribute("href")))
    page.goto(running.url(f"cases/{kinds['cases']}/"))
    for place in ("case-items", "court-dates"):
        kinds[place] = _key(str(page.locator(f"main a[href^='/{place}/']").first.get_attribute("href")))
    for place in ("case-persons", "case-tasks", "case-incidents"):
        kinds[place] = _key(str(page.locator(f"form[action^='/{place}/']").first.get_attribute("action")))


def _key(url: str) -> str:
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", url)
    assert found, url
    return found[0]


def _addresses(things: dict[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Every page with its address; a key that is asked for is that of a thing which exists, where there is one."""
    for name, wants in PAGES.items():
        if name == "account_logout":
            continue  # it would end the sign-in; looked at below
        nowhere = things["recordings"]
        if name in NUMBERED:
            yield name, f"/{NUMBERED[name]}"
            continue
        shape = reverse(name, kwargs={key: nowhere[key] for key in wants})
        known = things.get(shape.split("/")[1], nowhere)
        if name in OF_A_DRAFT:
            known = known | DRAFT
        if name == "published-version":
            known = known | {"n": "1"}
        address = reverse(name, kwargs={key: known[key] for key in wants})
        if name == "rule-add":
            address += "?kind=category"
        yield name, address


# A page's elements with their classes, roles and states, without words; of alike neighbours, one.
SHAPE = """(() => {
  const shape = (element) => {
    const names = [...element.attributes].map((each) => each.name);
    const said = names.filter((name) => /^(aria-|role|type|open|disabled|lang)/.test(name));
    let last = "", inside = "";
    for (const child of element.children) {
      const one = shape(child);
      if (one !== last) inside += one;
      last = one;
    }
    return `${element.tagName}.${element.className}[${said}](${inside})`;
  };
  return [document.querySelector("main"), document.querySelector("header")].map((part) => (part ? shape(part) : ""));
})()"""
# What axe has looked at: what it finds is in the shape of a page, and most pages have one for many people.
_SEEN: set[str] = set()


def is_new(page: Page) -> bool:
    """Whether the page, or what stands above it, has a shape that axe has not looked at."""
    shapes = {hashlib.sha256(str(each).encode()).hexdigest() for each in page.evaluate(SHAPE)}
    new = bool(shapes - _SEEN)
    _SEEN.update(shapes)
    return new


def seen_before(answer: APIResponse, met: set[object]) -> bool:
    """Whether nobody has to look at what answers so: it takes only what is posted, or somebody met such a refusal."""
    kind = "sign in" if "next=" in answer.headers.get("location", "") else answer.status
    before = answer.status == 405 or kind in met
    if kind == "sign in" or answer.status >= 400:
        met.add(kind)
    return before


# What is different each time a page is asked for.
ONCE = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|"X-CSRFToken": *"[^"]*"')
_DRAWN: set[bytes] = set()


def drawn_before(answer: APIResponse) -> bool:
    """Whether somebody else was shown, word for word, the same between the head and the foot of the page."""
    main = ONCE.sub("", answer.text()).partition("<main")[2].partition("</main>")[0]
    digest = hashlib.sha256(main.encode()).digest()
    before = digest in _DRAWN
    _DRAWN.add(digest)
    return before and bool(main)


def look(page: Page, said: list[str]) -> list[str]:
    """Look at a page as it stands, on a desk and on a phone; answers what is wrong with it."""
    page.set_viewport_size(DESKTOP)
    faults = violations(page) if is_new(page) else []
    if wider := sideways(page):
        faults.append(f"{wider} px wider than a desk")
    page.set_viewport_size(PHONE)
    if wider := sideways(page):
        faults.append(f"{wider} px wider than a phone")
    # Chromium writes a line about every page that was refused; the page itself is looked at.
    faults += [line for line in said if "the server responded with a status of 4" not in line]
    said.clear()
    return faults


@pytest.mark.parametrize("who", ["", *demo.SIGN_INS])
def test_every_page(running: Running, seat: Seat, things: dict[str, dict[str, str]], who: str) -> None:
    """Refusals are pages too: each of the statuses that a person meets is looked at once, and so is the way in."""
    page = seat(who)
    said = listen(page)
    faults: dict[str, list[str]] = {}
    met: set[object] = set()
    shown = 0
    for name, address in _addresses(things):
        # Asked for first without being drawn: most of what somebody may not see looks alike.
        answer = page.request.get(running.url(address), max_redirects=0)
        assert answer.status < 500, f"{name} failed for {who or 'the public'}"
        # The way home is always looked at: the head of a page is each person's own.
        if seen_before(answer, met) or (drawn_before(answer) and name != "home"):
            continue
        page.goto(running.url(address))
        shown += 1
        if wrong := look(page, said):
            faults[f"{name} ({answer.status})"] = wrong
    assert not faults, "\n".join(f"{name}: {wrong}" for name, wrong in faults.items())
    assert shown > 3


@pytest.mark.parametrize("what", ["clip plain", "clip wav", "clip random", "clip hevc", "clip many_tracks"])
def test_a_viewing_of_each_kind(running: Running, seat: Seat, what: str) -> None:
    page = seat("whitfield")
    said = listen(page)
    opened(page, running, what)
    page.wait_for_load_state("networkidle")
    for summary in page.locator("main details > summary").all():
        summary.click()
    assert not look(page, said)


def test_a_viewing_that_has_ended(running: Running, seat: Seat) -> None:
    """Its viewer is led to the recording; anyone else who has the address learns nothing."""
    page = opened(seat("whitfield"), running, "clip plain")
    address = page.url
    page.get_by_role("button", name="Close the recording").click()
    page.wait_for_url("**/recordings/**")
    page.goto(address)
    page.get_by_text("That viewing has ended.").wait_for()
    page.get_by_role("heading", name="Open this recording").wait_for()
    other = seat("costa")
    answer = other.goto(address)
    assert answer is not None
    assert answer.status == 410
    other.get_by_role("heading", name="This has ended").wait_for()
    assert not look(other, [])


def test_dark_is_designed_too(running: Running, seat: Seat) -> None:
    page = seat("costa", color_scheme="dark")
    said = listen(page)
    for place in (
        "",
        "recordings/",
        "recordings/whose/",
        "recordings/counts/",
        "coverage/",
        "people/",
        "policy/",
        "policy/T-1/1/",
        "policy/scorecard/",
        "book/",
        "book/EVIDENCE/2/",
        "log/",
    ):
        page.goto(running.url(place))
        assert not look(page, said), place
    opened(page, running, "clip plain")
    assert not look(page, said)


def test_the_sign_out_page(running: Running, seat: Seat) -> None:
    page = seat()
    enter(page, running, "adeyemi")
    said = listen(page)
    page.goto(running.url("account/logout/"))
    assert not look(page, said)


def test_a_roster_in_all_its_steps(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("costa")
    said = listen(page)
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "Badge,First name,Last name,Rank\n990,Nora,Quill,Patrol Officer\n,Without,Badge,\n", encoding="utf-8"
    )
    answer = page.goto(running.url("roster/"))
    assert answer is not None
    assert answer.status == 200
    page.locator("input[type=file]").set_input_files(roster)
    for button in ("Read the file", "Show what will change"):
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()
        assert not look(page, said), button


def test_a_dispatch_export_in_all_its_steps(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("costa")
    said = listen(page)
    export = tmp_path / "export.csv"
    export.write_text(
        "Incident,Date,Time,Unit,Dispatched,Cleared\n26-990001,3/4/2026,13:05,4A12,13:06,13:40\n26-990002,soon,,,,\n",
        encoding="utf-8",
    )
    page.goto(running.url("incidents/dispatch/"))
    page.locator("input[type=file]").set_input_files(export)
    for button in ("Read the file", "Show what will change", "Import 1 change"):
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()
        assert not look(page, said), button
    page.get_by_text("1 row left out").wait_for()


def test_what_officer_and_time_suggest_is_accepted_after_a_preview(running: Running, seat: Seat) -> None:
    page = seat("costa")
    said = listen(page)
    page.goto(running.url("recordings/without-incident/"))
    page.get_by_text("Choose", exact=False).locator("visible=true").last.click()
    page.get_by_role("button", name="Link those chosen").click()
    page.get_by_role("button", name="Link 1 recording").wait_for()
    assert not look(page, said)
    page.get_by_role("button", name="Link 1 recording").click()
    page.get_by_text("1 recording is linked.").wait_for()


# By keyboard


def test_the_first_key_leads_past_the_ways(running: Running, seat: Seat) -> None:
    page = seat("whitfield")
    for place in ("", "recordings/", "log/"):
        page.goto(running.url(place))
        page.keyboard.press("Tab")
        # It slides in from above when it gets the focus.
        until(page, "document.activeElement.matches('.usa-skipnav')")
        until(page, "document.activeElement.getBoundingClientRect().top >= 0")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("place", ["", "recordings/", "recordings/whose/", "people/", "log/"])
def test_every_control_is_reached_by_tab_and_seen(running: Running, seat: Seat, place: str) -> None:
    """Whatever can be pressed gets the focus in turn, and shows that it has it."""
    page = seat("costa")
    page.goto(running.url(place))
    wanted = page.locator(
        "a[href], button, input:not([type=hidden]), select, textarea, summary"
    ).evaluate_all("all => all.filter(e => e.checkVisibility() && !e.disabled).length")
    seen: set[str] = set()
    unseen: list[str] = []
    for _ in range(wanted + 60):
        page.keyboard.press("Tab")
        label, visible = page.evaluate(_FOCUSED)
        if label in seen and label.startswith("0 "):
            break
        seen.add(label)
        if not visible:
            unseen.append(label)
    assert not unseen
    assert len({each for each in seen if not each.startswith("-")}) >= wanted


_FOCUSED = """(() => {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")];
  const here = document.activeElement;
  const place = all.filter(e => e.checkVisibility() && !e.disabled).indexOf(here);
  const style = getComputedStyle(here);
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return [`${place} ${here.tagName} ${here.textContent.trim().slice(0, 30)}`, shown || here === document.body];
})()"""


def test_a_recording_is_found_opened_and_played_by_keyboard_alone(running: Running, seat: Seat) -> None:
    page = seat("whitfield")
    page.goto(running.url("recordings/"))
    page.locator("main").get_by_label("Search").focus()
    page.keyboard.type("clip plain")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    page.locator("table tbody th a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/recordings/*-*/")
    page.locator("#purpose-report").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/viewings/**")
    page.get_by_text("You opened this for: Investigation").wait_for()
    page.keyboard.press(" ")
    page.locator(".player--playing").wait_for()


def test_a_preservation_request_in_all_its_steps(running: Running, seat: Seat) -> None:
    page = seat()
    said = listen(page)
    page.get_by_role("link", name="Ask that a recording be kept").click()
    page.get_by_role("link", name="I know where and when").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("What you typed is still here.").wait_for()
    assert not look(page, said)
    for label, text in (("Where", "Main St"), ("Day", "2026-03-04"), ("From", "22:00"), ("To", "01:00")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Check before you send").wait_for()
    assert not look(page, said)
    page.get_by_role("button", name="Change something").click()
    assert page.get_by_label("Where", exact=True).input_value() == "Main St"
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send the request").click()
    page.get_by_role("heading", name="Your request is here").wait_for()
    assert not look(page, said)
    reference = page.locator(".reference").inner_text()
    page.get_by_role("link", name="ask after your request").click()
    page.get_by_label("Your reference").fill(f"{reference[:-1]}0")
    page.get_by_role("button", name="Look it up").click()
    page.get_by_text("No request has this reference.").wait_for()
    assert not look(page, said)
    page.get_by_label("Your reference").fill(reference.lower())
    page.get_by_role("button", name="Look it up").click()
    page.get_by_role("heading", name="We have your request").wait_for()
    assert reference not in page.url
    assert not look(page, said)


def test_a_rule_opens_at_its_address_without_scripts(running: Running, seat: Seat) -> None:
    page = seat(java_script_enabled=False)
    page.goto(running.url("policy/EVIDENCE/#ev.hold"))
    rule = page.locator("[id='ev.hold']")
    rule.wait_for()
    assert page.locator("details.rule[open]").count() == 1
    page.emulate_media(media="print")
    assert page.locator(".rule__body:visible").count() == page.locator(".rule").count()

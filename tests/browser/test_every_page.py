"""Every page for every kind of person: axe finds nothing, the console is silent, nothing scrolls sideways on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from tests import demo
from tests.browser.chromium import DESKTOP, PHONE, listen, sideways, until, violations
from tests.browser.conftest import Running, Seat, enter, numbered, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]

# Addresses that only take what is posted: opening them by hand answers 405 or leads elsewhere.
POSTED = {
    "open-recording",
    "add-note",
    "withdraw-note",
    "beat",
    "close-recording",
    "roster-import",
    "roster-done",
}
# What answers with a file, a stream or JSON: no page to look at.
NO_PAGE = {
    *(
        "recordings-csv",
        "recording-history",
        "members-csv",
        "cameras-csv",
        "coverage-csv",
        "receipt",
        "attachment",
        "media",
    ),
    *("published", "tool", "healthz", "mfa_download_recovery_codes"),
}
# A machine's own, not ours.
OTHER = re.compile(r"api-|openapi")
# Their second factor is set up in test_sign_in: they cannot simply walk in.
ROLES = [name for name in demo.SIGN_INS if name != "weber"]


def names() -> Iterator[str]:
    """Every named address of the product."""

    def below(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from below(each.url_patterns, f"{space}{each.namespace}:" if each.namespace else space)
            elif each.name:
                yield f"{space}{each.name}"

    return below(get_resolver().url_patterns, "")


PAGES = sorted({n for n in names() if not OTHER.search(n)} - POSTED - NO_PAGE)


def test_every_address_is_looked_at_or_named_here() -> None:
    assert set(names()) >= POSTED | NO_PAGE
    assert {"home", "recording", "viewing", "members", "public-log", "account_login", "notices"} <= set(PAGES)


@pytest.fixture
def things(running: Running, seat: Seat) -> dict[str, dict[str, str]]:
    """For each address with a key in it, an example that exists; found once, by the BWC Unit."""
    if "things" not in running.kept:
        running.kept["things"] = _examples(seat("costa"), running)
    found: dict[str, dict[str, str]] = running.kept["things"]
    return found


def _examples(page: Page, running: Running) -> dict[str, dict[str, str]]:
    recording = _key(numbered(page, running, "clip plain").url)
    kinds = {"recording": recording}
    for kind, place in (("member", "people/"), ("camera", "cameras/")):
        page.goto(running.url(place))
        kinds[kind] = _key(str(page.locator("table tbody th a").first.get_attribute("href")))
    return {
        "recording": {"pk": kinds["recording"]},
        **{name: {"pk": kinds["camera"]} for name in PAGES if name.startswith("camera-") or name == "camera"},
        **{name: {"pk": kinds["member"]} for name in PAGES if _is_about_a_member(name)},
        "role-end": {"pk": kinds["member"], "role": "officer"},
    }


def _is_about_a_member(name: str) -> bool:
    return name in {"member", "role-grant", "course-complete", "sign-in-give"} or name.startswith("member-")


def _key(url: str) -> str:
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", url)
    assert found, url
    return found[0]


def _addresses(things: dict[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    for name in PAGES:
        if name not in {"viewing", "roster-columns", "account_logout"}:  # reached by what leads there, below
            without = {"member-add", "camera-add"}
            yield name, reverse(name, kwargs={} if name in without else things.get(name, {}))


def look(page: Page, said: list[str]) -> list[str]:
    """Look at a page as it stands, on a desk and on a phone; answers what is wrong with it."""
    page.set_viewport_size(DESKTOP)
    faults = violations(page)
    page.set_viewport_size(PHONE)
    if wider := sideways(page):
        faults.append(f"{wider} px wider than a phone")
    # Chromium writes a line about every page that was refused; the page itself is looked at.
    faults += [line for line in said if "the server responded with a status of 40" not in line]
    said.clear()
    return faults


@pytest.mark.parametrize("who", ["", *ROLES])
def test_every_page(running: Running, seat: Seat, things: dict[str, dict[str, str]], who: str) -> None:
    """Refusals are pages too: each of the statuses that a person meets is looked at once."""
    page = seat(who)
    said = listen(page)
    faults: dict[str, list[str]] = {}
    refused: set[int] = set()
    shown = 0
    for name, address in _addresses(things):
        answer = page.goto(running.url(address))
        assert answer is not None
        assert answer.status < 500, f"{name} failed for {who or 'the public'}"
        if answer.status >= 400:
            if answer.status in refused:
                continue
            refused.add(answer.status)
        elif who and page.url.endswith("next=" + address):
            continue  # not signed in enough: the sign-in page is looked at by itself
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
    page = opened(seat("whitfield"), running, "clip plain")
    address = page.url
    page.get_by_role("button", name="Close the recording").click()
    page.wait_for_url("**/recordings/**")
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 410
    assert page.get_by_role("heading", name="This has ended").is_visible()
    assert not look(page, [])


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
    page.get_by_label("Search").focus()
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
    assert page.get_by_text("You opened this for: Investigation").is_visible()
    page.keyboard.press(" ")
    page.locator(".player--playing").wait_for()

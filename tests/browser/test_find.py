"""Finding recordings: search without words in addresses, filters as chips, order, pages, an officer's own."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Running, Seat
from tests.browser.small import INCIDENT, REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]


def _numbers(page: Page) -> list[str]:
    return page.locator("table tbody th a").all_inner_texts()


def _listed(page: Page, running: Running, address: str = "recordings/") -> Page:
    page.goto(running.url(address))
    return page


def test_found_by_incident_number_which_stands_in_no_address(running: Running, seat: Seat) -> None:
    page = seat("costa")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _listed(page, running).get_by_text("More filters").click()
    page.get_by_label("Incident number").fill(INCIDENT)
    page.get_by_role("button", name="Find").click()
    page.get_by_text("Incident number " + INCIDENT).wait_for()
    assert len(_numbers(page)) == 1
    assert "q=" in page.url
    assert not [url for url in asked if INCIDENT in url]


def test_a_search_that_is_somebody_else_s_is_not_kept_for_you(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running)
    page.locator("main").get_by_label("Search").fill("corridor")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**q=**")
    address = page.url
    other = seat("sato")
    answer = other.goto(address)
    assert answer is not None
    assert answer.status == 404


def test_filters_become_chips_and_go_one_by_one(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running)
    page.get_by_text("More filters").click()
    page.get_by_label("Incident number").fill(INCIDENT)
    page.get_by_label("Label as delivered").select_option("test")
    page.get_by_label(re.compile("^Readable")).select_option("yes")
    page.get_by_role("button", name="Find").click()
    chips = page.locator(".chip")
    page.locator(".chips").wait_for()
    assert chips.count() == 3
    # One word of two is dropped by a form: the other stays, and still stands in no address.
    page.get_by_role("button", name=f"Drop the filter Incident number {INCIDENT}").click()
    page.wait_for_load_state()
    assert chips.count() == 2
    assert len(_numbers(page)) > 1
    page.get_by_role("link", name="Drop the filter Readable").click()
    page.wait_for_load_state()
    assert chips.count() == 1
    page.get_by_role("link", name="Drop all").click()
    page.wait_for_load_state()
    assert chips.count() == 0


def test_sorts_by_the_head_of_a_column_and_back(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running, "recordings/?status=sealed")
    assert page.locator("th[aria-sort=descending]").inner_text() == "Recorded"
    page.get_by_role("link", name="Number", exact=True).click()
    page.wait_for_load_state()
    assert _numbers(page) == sorted(_numbers(page))
    page.get_by_role("link", name="Number", exact=True).click()
    page.wait_for_load_state()
    assert _numbers(page) == sorted(_numbers(page), reverse=True)
    assert page.locator("th[aria-sort=descending]").inner_text() == "Number"
    assert page.locator(".chip").count() == 1


def test_pages_forth_and_back(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running, "recordings/?status=refused&sort=number")
    first = _numbers(page)
    page.get_by_role("link", name="Next").click()
    page.wait_for_load_state()
    second = _numbers(page)
    assert len(first) == 50
    assert len(second) == REFUSED - 50
    assert not set(first) & set(second)
    page.get_by_role("link", name="Previous").click()
    page.wait_for_load_state()
    assert _numbers(page) == first


def test_the_list_as_csv(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running, "recordings/?status=refused")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + REFUSED


def test_nothing_found_says_what_to_do(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running)
    page.locator("main").get_by_label("Search").fill("no such thing anywhere")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("Nothing matches these filters.").wait_for()


def test_the_wearer_is_settled_by_badge_and_then_finds_it(running: Running, seat: Seat) -> None:
    page = _listed(seat("costa"), running, "recordings/whose/")
    row = page.locator("tbody tr").first
    number = row.locator("th").inner_text()
    row.get_by_placeholder("Badge").fill("no such badge")
    row.get_by_role("button", name="Settle").click()
    page.get_by_text("Nobody has that badge number").wait_for()
    row.get_by_placeholder("Badge").fill("101")
    row.get_by_role("button", name="Settle").click()
    page.get_by_text(f"{number} is Officer Dana Whitfield's.").wait_for()
    officer = _listed(seat("whitfield"), running)
    assert number in _numbers(officer)


def test_an_officer_finds_their_own_and_nobody_else_s(running: Running, seat: Seat) -> None:
    page = _listed(seat("whitfield"), running)
    wearers = set(page.locator("tbody tr td:nth-child(3)").all_inner_texts())
    assert wearers == {"Officer Dana Whitfield 101"}

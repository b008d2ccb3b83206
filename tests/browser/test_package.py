"""The index of a package on a memory stick: plays, finds, seeks and verifies from file://, without network or site."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE, listen, sideways, started, until, violations
from tests.clips.odd import make_test_clips
from tests.packages.made import case, package
from tests.verify.published import flip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    return package(folder, case(folder, make_test_clips(folder / "clips")))[0]


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser without network."""
    with started() as browser:
        context = browser.new_context(viewport=DESKTOP, offline=True)
        yield context.new_page()
        context.close()


def address(stick: Path) -> str:
    return (stick / "index.html").as_uri()


def test_it_plays_and_a_note_leads_to_its_moment(page: Page, written: Path) -> None:
    complaints = listen(page)
    page.goto(address(written))
    assert "2 items" not in page.title()
    page.locator("#R-2026-000001 .moments a").nth(1).click()
    until(page, "video.currentTime >= 1.4 && video.videoWidth > 0")
    assert complaints == []


def test_words_are_found(page: Page, written: Path) -> None:
    page.goto(address(written))
    page.get_by_label("Find in numbers").fill("he runs")
    assert page.locator(".item:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 of 4 shown"


def test_the_page_verifies_the_folder_by_itself(page: Page, written: Path, tmp_path: Path) -> None:
    page.goto(address(written))
    page.locator("#folder").set_input_files(written)
    page.get_by_text("All 4 items of this package are there and are what was sealed.").wait_for()
    assert page.locator(".mark:visible").all_inner_texts() == ["✓ as sealed"] * 4
    stick = Path(shutil.copytree(written, tmp_path / "stick"))
    flip(stick / "data/recordings/R-2026-000002.mp4", 1000)
    page.goto(address(stick))
    page.locator("#folder").set_input_files(stick)
    page.get_by_text("1 items are NOT what was sealed").wait_for()
    assert page.locator("#R-2026-000002 .mark").inner_text() == "✗ NOT what was sealed"


def test_single_files_are_verified_by_name(page: Page, written: Path) -> None:
    page.goto(address(written))
    page.locator("#files").set_input_files(written / "data/recordings/R-2026-000001.mp4")
    page.get_by_text("1 of 4 items are what was sealed. Not shown to the page: 3.").wait_for()
    page.locator("#files").set_input_files(written / "bagit.txt")
    page.get_by_text("None of these files is an item of this package.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_it_fits(page: Page, written: Path, size: dict[str, int], scheme: str) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto(address(written))
    assert violations(page) == []
    assert sideways(page) == 0


def test_it_works_without_javascript(written: Path) -> None:
    with started() as browser:
        context = browser.new_context(java_script_enabled=False, offline=True)
        page = context.new_page()
        page.goto(address(written))
        link = page.locator("#R-2026-000001 .moments a").nth(1)
        assert link.get_attribute("href") == "data/recordings/R-2026-000001.mp4#t=1.500"
        assert page.locator("#find").is_hidden()
        page.get_by_text("This needs JavaScript; the next way does not.").wait_for()
        context.close()

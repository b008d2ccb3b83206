"""From the case to the court: a package made and shared, a guest who takes it, a stranger who verifies it."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE, listen, sideways, violations
from tests.browser.conftest import Running, Seat
from tests.verify.published import ALONE, Outcome

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]
PASSWORD = "correct horse battery staple"


def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page, on a desk and on a phone; a picture of it where somebody wants to look."""
    for size, where in ((PHONE, "phone"), (DESKTOP, "desk")):
        page.set_viewport_size(size)
        assert sideways(page) == 0, name
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{where}.png", full_page=True)
    assert violations(page) == [], name


def made(page: Page) -> None:
    """Wait until the worker has written the package; the page loads itself again."""
    for _ in range(60):
        if page.get_by_text("Being made").count() == 0:
            return
        page.wait_for_timeout(2000)
        page.reload()
    raise AssertionError("the package was never made")


def test_from_the_case_to_a_stranger_who_verifies_it(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("lindqvist")
    complaints = listen(page)
    page.goto(running.url("cases/"))
    page.locator("table tbody th a").first.click()
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Packages for court").click()
    look(page, "of-case")
    page.get_by_role("link", name="Make a package").click()
    page.get_by_text("Defence", exact=True).click()
    page.get_by_label("Who receives it").fill("Office of Olive Defender")
    page.get_by_label("Leave out").fill("F-2026-000001 privileged: talk with counsel")
    look(page, "ask")
    page.get_by_role("button", name="Show what would be in it").click()
    page.get_by_text("F-2026-000001").first.wait_for()
    look(page, "plan")
    page.get_by_role("button", name="Have it made").click()
    made(page)
    look(page, "package")
    page.get_by_role("link", name="Share it").click()
    page.get_by_label("E-mail address").fill("olive@law.example")
    page.get_by_label("Name", exact=True).fill("Olive Defender")
    page.get_by_text("View and download", exact=True).click()
    look(page, "share")
    page.get_by_role("button", name="Share it").click()
    link = page.locator("code").inner_text()
    look(page, "invited")

    guest = seat()
    said = listen(guest)
    guest.goto(running.url(link[link.index("guests/") :]))
    look(guest, "invitation")
    guest.get_by_label("Choose a password").fill(PASSWORD)
    guest.get_by_label("The same again").fill(PASSWORD)
    guest.get_by_role("button", name="Accept and go in").click()
    look(guest, "guest-home")
    guest.locator("table tbody th a").first.click()
    look(guest, "guest-package")
    guest.get_by_role("button", name="Open R-").first.click()
    look(guest, "guest-opening")
    guest.get_by_role("button", name="Close it").click()
    with guest.expect_download() as download:
        guest.get_by_role("button", name="Download all of it").click()
    download.value.save_as(tmp_path / "package.zip")
    guest.goto(running.url(link[link.index("guests/") :]))
    guest.get_by_text("This invitation was used already").wait_for()

    with zipfile.ZipFile(tmp_path / "package.zip") as file:
        file.extractall(tmp_path / "stick")
    stick = next((tmp_path / "stick").iterdir())
    command = [*ALONE, "data/verify/fairwitness_verify.py", "--package", "."]
    found = Outcome(
        subprocess.run(command, cwd=stick, capture_output=True, text=True, timeout=120, check=False)
    )
    assert found.holds, found.text
    assert "F-2026-000001: Privileged" in found.text

    page.goto(running.url("packages/"))
    look(page, "packages")
    page.locator("table tbody th a").first.click()
    page.get_by_text("all of it sent").wait_for()
    look(page, "package-shared")
    assert [line for line in complaints + said if "status of 4" not in line] == []

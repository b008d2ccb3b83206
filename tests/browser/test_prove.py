"""Proving to a stranger: receipt and recording downloaded, checked elsewhere by the verifier, a flipped byte caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import Running, Seat, opened
from tests.house import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]


def _verify(folder: Path, running: Running, receipt: Path, media: Path) -> "subprocess.CompletedProcess[str]":
    """Run the verifier that the site hands out, where nothing of ours is installed or can be imported."""
    command = [sys.executable, "-I", "-S", "fairwitness_verify.py", "--log", running.url("log/")]
    command += ["--receipt", receipt.name, "--file", media.name]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, timeout=60)


def test_a_stranger_proves_it_and_a_flipped_byte_is_caught(
    running: Running, seat: Seat, tmp_path: Path
) -> None:
    page = opened(seat("whitfield"), running, "clip plain", "Preparing for court")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the receipt").click()
    receipt = tmp_path / download.value.suggested_filename
    download.value.save_as(receipt)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original").click()
    media = tmp_path / download.value.suggested_filename
    download.value.save_as(media)
    stranger = seat()
    stranger.goto(running.url("log/"))
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="Download the verifier").click()
    download.value.save_as(tmp_path / "fairwitness_verify.py")
    assert (tmp_path / "fairwitness_verify.py").read_bytes() == (
        ROOT / "verify" / "fairwitness_verify.py"
    ).read_bytes()

    proved = _verify(tmp_path, running, receipt, media)
    assert proved.returncode == 0, proved.stdout + proved.stderr

    changed = tmp_path / "changed.mp4"
    shutil.copyfile(media, changed)
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    caught = _verify(tmp_path, running, receipt, changed)
    assert caught.returncode == 1, caught.stdout + caught.stderr


def test_the_log_is_watched_by_two_witnesses_and_says_so(running: Running, seat: Seat) -> None:
    page = seat()
    for _ in range(30):
        page.goto(running.url("log/"))
        if page.get_by_text("2 of 2 witnesses signed").count():
            break
        page.wait_for_timeout(1000)
    assert page.locator(".witnesses li", has_text="signed").count() == 2

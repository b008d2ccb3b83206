"""The design system is laid as the lock file has it, and again only when that changes."""

import json
import re
import time
from pathlib import Path

import pytest

from fairwitness.site import assets

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "fairwitness" / "site" / "static"


def test_every_file_that_our_style_sheet_names_is_laid() -> None:
    assets.lay()
    named = re.findall(r'url\("(uswds/[^"]+)"\)', (STATIC / "fairwitness.css").read_text("utf-8"))
    assert named
    assert [name for name in named if not (ROOT / "build" / "static" / name).is_file()] == []


def test_every_file_that_the_design_system_names_is_laid() -> None:
    assets.lay()
    sheet = ROOT / "build" / "static" / "uswds" / "css" / "uswds.min.css"
    named = set(re.findall(r"url\(\"?(\.\./[^)\"]+)", sheet.read_text("utf-8")))
    assert len(named) > 40
    assert [name for name in named if not (sheet.parent / name).resolve().is_file()] == []
    assert "sourceMappingURL" not in sheet.read_text("utf-8")


def test_a_second_run_does_nothing_quickly() -> None:
    assets.lay()
    begun = time.perf_counter()
    assert not assets.lay()
    assert time.perf_counter() - begun < 0.2


def test_no_npm_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr("shutil.which", lambda name, path=None: None)
    with pytest.raises(assets.AssetsMissing, match="No npm was found"):
        assets.lay(tmp_path)


def test_a_failing_npm_leaves_no_stamp(tmp_path: Path) -> None:
    """An empty folder has no package.json, so npm fails; the next run must try again."""
    (tmp_path / "package-lock.json").write_text("{}")
    with pytest.raises(assets.AssetsMissing, match="npm could not"):
        assets.lay(tmp_path)
    assert not (tmp_path / "build" / "uswds.stamp").exists()


def test_lock_file_names_no_address_but_every_digest() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    brought = {name: package for name, package in lock["packages"].items() if name}
    assert brought
    assert all(package["integrity"].startswith("sha512-") for package in brought.values())
    assert not any("resolved" in package for package in brought.values())

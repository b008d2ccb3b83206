"""What tests of incidents share: a home of their own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A FAIRWITNESS_HOME of this test's own, for files that are handed in and lists that are taken out."""
    settings.FAIRWITNESS_HOME = tmp_path / "home"
    settings.FAIRWITNESS_HOME.mkdir()
    return tmp_path / "home"

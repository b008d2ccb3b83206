"""What tests of cases share: a home of their own, and a case that is led by a detective."""

import os
from pathlib import Path
from typing import Any

import pytest

from fairwitness.cases.models import Case
from tests.cases.made import opened
from tests.world import World


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FAIRWITNESS_HOME of this test's own. The disk is not waited for."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    settings.FAIRWITNESS_HOME = tmp_path / "home"
    settings.FAIRWITNESS_HOME.mkdir()
    return tmp_path / "home"


@pytest.fixture
def case(world: World) -> Case:
    """A case that the BWC Unit opened for a detective."""
    return opened(world)

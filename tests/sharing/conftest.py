"""What tests of sharing share: a home of their own, a case with a stop filmed by three cameras, and its package."""

import os
from pathlib import Path
from typing import Any

import pytest

from fairwitness.cases.models import Case
from tests.evidence.conftest import own_world
from tests.sharing.made import a_case
from tests.world import World

__all__ = ["own_world"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FAIRWITNESS_HOME of this test's own. The disk is not waited for."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    settings.FAIRWITNESS_HOME = tmp_path / "home"
    settings.FAIRWITNESS_HOME.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path / "home"


@pytest.fixture
def case(world: World) -> Case:
    """A case with three recordings of one stop and a photograph."""
    return a_case(world)

"""What tests of evidence share: a home of their own, the cast really committed, clips made once."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.clips.odd import make_test_clips
from tests.world import Kept, World

_kept: list[Kept] = []


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FAIRWITNESS_HOME of this test's own: its blobs, its log, its keys. The disk is not waited for."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    settings.FAIRWITNESS_HOME = tmp_path / "home"
    settings.FAIRWITNESS_HOME.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path / "home"


@pytest.fixture
def own_world(own_database: str) -> World:
    """The cast, committed in a database of this test's own."""
    with transaction.atomic():
        if _kept:
            return _kept[0].lay()
        _kept.append(Kept())
        return _kept[0].world


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every test clip, made once."""
    return make_test_clips(tmp_path_factory.mktemp("clips"))

"""What tests of uploads share: a home of their own, tokens, and a client that speaks tus."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.uploads.tus import Sender, token_of
from tests.world import Kept, World

_kept: list[Kept] = []


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FAIRWITNESS_HOME of this test's own. The disk is not waited for."""
    for wait in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, wait, lambda descriptor: None)
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


@pytest.fixture
def dock(world: World) -> Sender:
    """A dock that shows its token."""
    return Sender(token=token_of(world))

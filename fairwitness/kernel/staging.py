"""Files that somebody handed in and has not yet imported: kept between the steps, in no session and in no record."""

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import Gone, NotFound

# What was handed in and not imported holds names: it goes after so many seconds.
FORGET_AFTER = 24 * 3600


def _root() -> Path:
    root: Path = settings.FAIRWITNESS_HOME / "staging"
    return root


def _folder(what: str, actor: Actor) -> Path:
    if actor.member_id is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return _root() / what / str(actor.member_id)


def stage(what: str, actor: Actor, data: bytes) -> uuid.UUID:
    """Keep a file of the kind `what`, readable by this system alone; only who handed it in finds it again."""
    folder, pk = _folder(what, actor), new_id()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / str(pk), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return pk


def staged(what: str, actor: Actor, pk: uuid.UUID) -> bytes:
    """The file that `actor` handed in. Raises Gone when it was imported or a day has passed."""
    path = _folder(what, actor) / str(pk)
    try:
        old = path.stat().st_mtime < time.time() - FORGET_AFTER
        data = b"" if old else path.read_bytes()
    except FileNotFoundError:
        old, data = True, b""
    if old:
        raise Gone(_("This file is no longer kept: hand it in again."))
    return data


def unstage(what: str, actor: Actor, pk: uuid.UUID) -> None:
    """Let go of the file: it was imported."""
    _folder(what, actor).joinpath(str(pk)).unlink(missing_ok=True)


def forget_old() -> None:
    """Every night: what was handed in, and was not imported within a day, goes."""
    for path in _root().glob("*/*/*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - FORGET_AFTER:
                path.unlink()

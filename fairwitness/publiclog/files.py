"""The published log as a folder of static files: read by anyone, written by the publisher alone."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import sync_folder
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import keys
from fairwitness.rules import notes, tiles


def folder() -> Path:
    """The folder that `/log/` serves."""
    path: Path = settings.FAIRWITNESS_HOME / "log"
    return path


def fetch(path: str) -> bytes:
    """The content of a published file. Raises FileNotFoundError."""
    return (folder() / path).read_bytes()


def write(files: Iterable[tuple[str, bytes]]) -> None:
    """Write files so that each is whole or absent, and all are on disk before this returns."""
    descriptors: list[int] = []
    folders: set[Path] = set()
    try:
        for path, data in files:
            final = folder() / path
            final.parent.mkdir(parents=True, exist_ok=True)
            part = final.with_name(final.name + ".part")
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            descriptors.append(descriptor)
            os.write(descriptor, data)
            part.replace(final)
            folders.update(_up_to(final.parent, folder()))
            if len(descriptors) == 512:
                _sync(descriptors)
    finally:
        _sync(descriptors)
    for each in folders:
        sync_folder(each)


def _sync(descriptors: list[int]) -> None:
    """Sync late and together: the file system then commits many files at once."""
    while descriptors:
        descriptor = descriptors.pop()
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _up_to(path: Path, top: Path) -> Iterable[Path]:
    yield path
    while path != top:
        path = path.parent
        yield path


def checkpoint_note() -> notes.Note | None:
    """The published checkpoint, its signature by the log verified; None before the first.

    Raises Unavailable when what lies there is not signed by this log.
    """
    try:
        note = notes.parse_note(fetch("checkpoint"))
        notes.verify(note, keys.public_key(), keys.ed25519_verify)
    except FileNotFoundError:
        return None
    except (notes.MalformedNote, notes.BadSignature) as error:
        raise Unavailable(f"The published checkpoint is damaged: {error}.") from error
    return note


def checkpoint() -> notes.Checkpoint:
    """The published state of the log; an empty tree before the first checkpoint."""
    note = checkpoint_note()
    if note is None:
        return notes.Checkpoint(agency().log_origin, 0, tiles.Tree(0, fetch).root())
    return notes.parse_checkpoint(note.text)

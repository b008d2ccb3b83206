"""The published log as a folder of static files: read by anyone, written by the publisher alone."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import sync_folder
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import keys
from fairwitness.rules import merkle, notes


def folder() -> Path:
    """The folder that `/log/` serves."""
    path: Path = settings.FAIRWITNESS_HOME / "log"
    return path


def fetch(path: str) -> bytes:
    """The content of a published file. Raises FileNotFoundError."""
    return (folder() / path).read_bytes()


def write(files: Iterable[tuple[str, bytes]]) -> None:
    """Write files so that each is whole or absent, and all are on disk before this returns."""
    folders: set[Path] = set()
    batch: list[tuple[int, Path]] = []
    try:
        for path, data in files:
            final = folder() / path
            final.parent.mkdir(parents=True, exist_ok=True)
            folders.update(_up_to(final.parent, folder()))
            batch.append((_part(final, data), final))
            if len(batch) == 512:
                _settle(batch)
        _settle(batch)
    finally:
        for descriptor, _final in batch:
            os.close(descriptor)
    for each in folders:
        sync_folder(each)


def _part(final: Path, data: bytes) -> int:
    descriptor = os.open(_part_of(final), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view = memoryview(data)
        while view:  # a disk that is nearly full takes a part and only then says that it is full
            view = view[os.write(descriptor, view) :]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _settle(batch: list[tuple[int, Path]]) -> None:
    """Sync late and together: the file system then commits many files at once. Only then do they get their names."""
    for descriptor, _final in batch:
        os.fsync(descriptor)
    while batch:
        descriptor, final = batch.pop(0)
        os.close(descriptor)
        _part_of(final).replace(final)


def _part_of(final: Path) -> Path:
    return final.with_name(final.name + ".part")


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
    return notes.parse_checkpoint(note.text) if note else empty()


def empty() -> notes.Checkpoint:
    """The state of this agency's log before anything was published."""
    return notes.Checkpoint(agency().log_origin, 0, merkle.EMPTY_ROOT)

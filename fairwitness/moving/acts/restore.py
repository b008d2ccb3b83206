"""An empty system made of an export: bytes first, then all rows in one transaction, then both compared."""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from fairwitness.kernel import blobs, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import sync_folder
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid, Unavailable, WrongState
from fairwitness.moving import events
from fairwitness.moving.doors import format as said
from fairwitness.moving.doors import tables
from fairwitness.moving.doors.tables import Table
from fairwitness.moving.models import Export
from fairwitness.packages.opened import STEP, Opened
from fairwitness.publiclog import files
from fairwitness.storage import acts as storage
from fairwitness.storage.models import Copy
from fairwitness.uploads.acts import staged
from fairwitness.uploads.doors import incoming as uploads
from fairwitness.uploads.models import Progress, Upload

OWNER = "owner"
# Rows are written so many, or so many characters, at a time.
ROWS, CHARACTERS = 1000, 4_000_000
# Copies are counted so many at a time.
COPIES = 1000


@dataclass(frozen=True)
class Restored:
    """What was brought back, and which bytes the export itself had to leave out."""

    rows: int
    blobs: int
    missing: list[str]


def restore(place: Path, *, by: Actor, say: Callable[[str], None] = print) -> Restored:
    """Make this empty system the same as the one that an export was taken from, and compare the two.

    Whatever comes in is checked against the manifest before a row is written; the rows come in one transaction, which
    ends only where both are the same. Broken off anywhere, the same command goes on. Raises Invalid for what is no
    whole export, differs from what it says of itself, or was made by another version; WrongState where this system is
    not empty. Source of the format: docs/reference/export.md.
    """
    bag = Opened(place)
    described = {each["name"]: each for each in _checked(bag)["tables"]}
    say("The tables are read against their digests …")
    for name in ("data/jobs.jsonl", "data/missing.jsonl", *(table.path for table in tables.tables())):
        bag.check(name)
    if not Entry.objects.exists():
        _bring(bag, described, say)
    elif not _is_half_restored(bag, by):
        raise WrongState("This system has a history of its own. An export is restored into an empty one.")
    say("Where the bytes lie is noted …")
    _count_copies(by)
    rows, count = sum(each["rows"] for each in described.values()), len(bag.below("data/blobs/"))
    _say(bag, rows, count, by)
    missing = [each["sha256"] or each["upload"] for each in map(json.loads, bag.lines("data/missing.jsonl"))]
    return Restored(rows, count, missing)


def _bring(bag: Opened, described: dict[str, Any], say: Callable[[str], None]) -> None:
    """Bytes and files first, each of which a second run finds; then all rows, or none."""
    say("The bytes …")
    _put_blobs(bag)
    say("The public log …")
    _put_files(bag, "data/log/", files.folder())
    _put_files(bag, "data/uploads/", uploads.staging())
    say("The rows …")
    with transaction.atomic(using=OWNER):
        _load_all(bag, described)
        _load_jobs(bag)
        _note_how_far()
        say("Both are compared …")
        if differ := _differing(described):
            raise Invalid(f"The rows of {', '.join(differ)} are not those of the export. No row was kept.")
        if _record_of(bag, alias=OWNER) is None:
            raise Invalid("The export does not hold its own record. No row was kept.")


def _note_how_far() -> None:
    """What was still coming in goes on where its bytes end; how far it had come is no record, and not in an export."""
    coming = Upload.objects.using(OWNER).filter(status=Upload.Status.ANNOUNCED)
    now = clock.now()
    Progress.objects.using(OWNER).bulk_create(
        Progress(upload_id=pk, offset=_bytes_of(pk), seen_at=now)
        for pk in coming.values_list("pk", flat=True)
    )


def _bytes_of(pk: uuid.UUID) -> int:
    path = staged.path_of(pk)
    return path.stat().st_size if path.exists() else 0


def _checked(bag: Opened) -> dict[str, Any]:
    """The schema of an export that fits this system. Raises Invalid."""
    if bag.info.get("Fairwitness-Export-Version") != str(said.VERSION):
        raise Invalid("This is not a whole export of Fairwitness in the format of this version.")
    try:
        schema: dict[str, Any] = json.loads(bag.read("data/schema.json"))
        names, made = {each["name"] for each in schema["tables"]}, schema["migrations"]
        key = schema["agency"]["key"]
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("The schema of this export cannot be read. Nothing was written.") from error
    if key != agency().key:
        raise Invalid(f"This export is of the agency “{key}”; this system is of “{agency().key}”.")
    if made != tables.migrations() or names != {each.name for each in tables.tables()}:
        raise Invalid(
            "This export was made by another version of Fairwitness. Restore it with that version, then bring the "
            "system up to this one."
        )
    return schema


def _is_half_restored(bag: Opened, by: Actor) -> bool:
    """Whether all rows came from this export, and a stop came before that was said.

    They come in one transaction: where the ledger has every entry of the export's, everything else came with it. And
    nothing was done since but by a restore that did not reach its end: each change has its entry.
    """
    theirs, table = bag.lines(f"data/records/{Entry._meta.db_table}.jsonl"), _ledger()
    with transaction.atomic():
        tables.plainly(frozen=True)
        wanted = next(theirs, None)
        for line in tables.rows(table):
            if wanted is not None and line == wanted.rstrip("\n"):
                wanted = next(theirs, None)
                continue
            entry = json.loads(line)
            if entry["actor"] != by.key or entry["event"] == events.RESTORED.name:
                return False
    return wanted is None


def _ledger() -> Table:
    return next(table for table in tables.tables() if table.model is Entry)


def _put_blobs(bag: Opened) -> None:
    store = blobs.store()
    for name in bag.below("data/blobs/"):
        digest = bag.files[name]
        if name != said.blob_path(digest):
            raise Invalid(f"{name} is not named by its digest. No row was written.")
        if not store.holds(digest):
            with bag.stream(name) as file:
                blob = store.put(file)
            if blob.sha256 != digest:
                for each in store.all:
                    store.erase_in(each.name, blob.sha256)
                raise Invalid(f"{name} is not what the manifest of the export promises. No row was written.")


def _load_all(bag: Opened, described: dict[str, Any]) -> None:
    """Every table. The locks on history are off until all is there, in this one transaction of the owner's."""
    for table in tables.tables():
        tables.triggers(table, "DISABLE", alias=OWNER)
    for table in tables.tables():
        _load(bag, table, described[table.name])
    # What refers to another row finds it, or nothing is kept.
    tables.check_references(alias=OWNER)
    for table in tables.tables():
        tables.triggers(table, "ENABLE", alias=OWNER)


def _load(bag: Opened, table: Table, described: dict[str, Any]) -> None:
    count = 0
    for lines in _parts(bag.lines(table.path)):
        tables.put(table, lines, alias=OWNER)
        count += len(lines)
    tables.go_on_counting(table, alias=OWNER)
    if count != described["rows"]:
        raise Invalid(f"{table.path} has {count} rows, and the schema says {described['rows']}.")


def _load_jobs(bag: Opened) -> None:
    for lines in _parts(bag.lines("data/jobs.jsonl")):
        tables.put_jobs(lines, alias=OWNER)


def _parts(lines: Iterable[str]) -> Iterator[list[str]]:
    part, length = list[str](), 0
    for line in lines:
        part.append(line)
        length += len(line)
        if len(part) >= ROWS or length >= CHARACTERS:
            yield part
            part, length = [], 0
    if part:
        yield part


def _put_files(bag: Opened, below: str, folder: Path) -> None:
    """Files of the export, each whole or absent, and synced."""
    # The folder itself may be led to another disk; below it no link is followed.
    folder = folder.resolve()
    for name in bag.below(below):
        path = folder / name.removeprefix(below)
        part = path.with_name(f"{path.name}.part")
        _check_inside(folder, path)
        _check_inside(folder, part)
        if path.exists():
            _check_same(bag, name, path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with bag.open(name) as source, part.open("wb") as file:
            sha256 = _copy(source, file)
        if sha256 != bag.files[name]:
            part.unlink()
            raise Invalid(f"{name} is not what the manifest of the export promises. No row was written.")
        part.replace(path)
        sync_folder(path.parent)


def _check_inside(folder: Path, path: Path) -> None:
    """Raise Invalid where a file would be written elsewhere than below its folder, by its name or through a link."""
    if path.resolve() != path or folder not in path.parents:
        raise Invalid(f"{path} would not be written below {folder}. No row was written.")


def _check_same(bag: Opened, name: str, path: Path) -> None:
    """Raise Invalid where something else lies in the place of a file of the export: it is nobody's to write over."""
    sha256 = ""
    if path.is_file():
        with FileReader(os.open(path, os.O_RDONLY | os.O_CLOEXEC)) as file:
            sha256 = blobs.digest_of(file)
    if sha256 != bag.files[name]:
        raise Invalid(
            f"{path} is not what the export has there. No row was written. Move it away, and begin again."
        )


def _copy(source: BinaryIO, file: BinaryIO) -> str:
    """Bytes from one to the other, and their SHA-256."""
    digest = hashlib.sha256()
    while block := source.read(STEP):
        digest.update(block)
        file.write(block)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()


def _differing(described: dict[str, Any]) -> list[str]:
    """The tables whose rows are not those of the export, digest against digest, before they are kept."""
    differ = []
    tables.plainly(alias=OWNER)
    for table in tables.tables():
        rows, sha256 = tables.digest_of(table, alias=OWNER)
        expected = described[table.name]
        if (rows, f"sha256:{sha256}") != (expected["rows"], expected["sha256"]):
            differ.append(table.name)
    return differ


def _count_copies(by: Actor) -> None:
    """Have the stores of this system be known to hold the bytes: their names need not be those of the other's."""
    names = [place.name for place in blobs.store().all]
    live = Copy.objects.exclude(status__in=(Copy.Status.ERASING, Copy.Status.ERASED))
    known = set(live.filter(store__name__in=names).values_list("sha256", flat=True))
    left = {each.sha256: each for each in live.order_by("sha256").iterator() if each.sha256 not in known}
    rest = [Copy(sha256=each.sha256, size=each.size, kind=each.kind) for each in left.values()]
    for start in range(0, len(rest), COPIES):
        with suppress(Unavailable):
            storage.find_copies(rest[start : start + COPIES], by=by)


def _say(bag: Opened, rows: int, count: int, by: Actor) -> None:
    """The first entry of this system that the other does not have: that it was made of the export, and is the same."""
    record = _record_of(bag)
    if record is None:
        raise Invalid("The export does not hold its own record.")
    with change(events.RESTORED, by=by) as entry:
        entry.about(
            record,
            export_id=record.pk,
            tables=len(tables.tables()),
            rows=rows,
            blobs=count,
            digest=f"sha256:{bag.digest}",
        )


def _record_of(bag: Opened, *, alias: str = "default") -> Export | None:
    return Export.objects.using(alias).filter(number=bag.info.get("External-Identifier", "")).first()

"""Everything taken out: every table, all bytes, the public log and the verifier, in one bag that needs none of us."""

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import transaction

from fairwitness.kernel import blobs, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import Reader
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.change import change, move
from fairwitness.kernel.refusals import Invalid, Refusal, StoreFull, WrongState
from fairwitness.moving import events
from fairwitness.moving.doors import exhibits, tables
from fairwitness.moving.doors import format as said
from fairwitness.moving.doors.tables import Digest, Table
from fairwitness.moving.models import Export
from fairwitness.packages.bag import Bag, Finished, Member, Streamed, of_bytes
from fairwitness.packages.targets import Folder, Target, Zip
from fairwitness.publiclog import files
from fairwitness.uploads.acts import staged
from fairwitness.uploads.doors import incoming as uploads
from fairwitness.uploads.models import Upload

ROOT = Path(__file__).resolve().parents[3]
# So much of a file is read at a time.
STEP = 1024 * 1024


@dataclass
class Count:
    """What an export came to."""

    tables: int = 0
    rows: int = 0
    blobs: int = 0
    missing: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """An export that is whole: its record, and what it came to."""

    export: Export
    count: Count
    whole: Finished


def export(
    to: Path, *, by: Actor, progress: Callable[[int], None] | None = None, say: Callable[[str], None] = print
) -> Written:
    """Write everything into a folder, or a file that ends in `.zip`. Broken off, the same command goes on.

    Bytes come first and are not written again; the tables come last and are of one moment. The system goes on
    meanwhile: an upload that grows is taken as far as it had come at that moment, one that was sealed is taken from
    the stores. Bytes that nothing gives are named in `data/missing.jsonl`, and the rest is written. Raises Invalid
    where something else lies there, WrongState while somebody writes there, StoreFull and Unavailable where its disk
    fails.
    """
    _check_free(to)
    if strange := tables.unknown():
        raise WrongState(f"These tables are known to nobody, so nothing was taken out: {', '.join(strange)}.")
    record = _begin(by)
    count, target = Count(), _target(to)
    with Bag(target, to.with_name(f"{to.name}.journal"), top=_top(to), progress=progress) as bag:
        seen: set[str] = set()
        say("The bytes of recordings and all that is made of them …")
        with transaction.atomic():
            found = list(tables.blobs_named())
        _add_blobs(bag, found, seen, count)
        say("The public log …")
        _add_all(bag, _log())
        say("The tables …")
        with transaction.atomic():
            tables.plainly(frozen=True)
            described = [_add_table(bag, table, count) for table in tables.tables()]
            later = list(tables.blobs_named())
            lying = _lying()
            bag.add(Streamed("data/jobs.jsonl", lambda: _lines(tables.jobs())))
            bag.add(of_bytes("data/schema.json", _json(said.schema(described, tables.migrations()))))
            bag.add(Streamed("data/recordings.csv", said.recordings_csv))
            bag.add(Streamed("data/case.jsonld", lambda: exhibits.case_uco_of(record.number)))
            for name, receipt in exhibits.receipts_of_all():
                bag.add(of_bytes(f"data/receipts/{name}.json", _json(receipt)))
        _add_blobs(bag, later, seen, count)
        _add_uploads(bag, lying, count)
        bag.add(of_bytes("data/missing.jsonl", b"".join(_json(each, line=True) for each in count.missing)))
        bag.add(of_bytes("data/README.txt", said.readme().encode()))
        whole = bag.finish(said.info(record.number), _verifier())
    return Written(_end(record, count, whole, by), count, whole)


def note_drill(export_id: uuid.UUID, faults: int, *, by: Actor) -> Export:
    """Note what came of making an empty system of an export and comparing it."""
    with change(events.DRILLED, by=by) as entry:
        found = Export.objects.select_for_update(no_key=True).get(pk=export_id)
        found.drilled_at, found.drill_faults = clock.now(), faults
        found.save(update_fields=["drilled_at", "drill_faults"])
        entry.about(found, export_id=found.pk, faults=faults)
    return found


def _begin(by: Actor) -> Export:
    with change(events.EXPORT_BEGUN, by=by) as entry:
        now = clock.now()
        record = Export(number=numbers.next_numbers("E", now.astimezone(agency().tz).year)[0], begun_at=now)
        record.save(force_insert=True)
        entry.about(record, export_id=record.pk)
    return record


def _end(record: Export, count: Count, whole: Finished, by: Actor) -> Export:
    with change(events.EXPORT_WRITTEN, by=by) as entry:
        move(record, Export.Status.WRITTEN)
        record.written_at, record.digest = clock.now(), whole.sha256
        record.rows, record.blobs, record.octets = count.rows, count.blobs, whole.octets
        record.missing = len(count.missing)
        record.save()
        entry.about(
            record,
            export_id=record.pk,
            tables=count.tables,
            rows=count.rows,
            blobs=count.blobs,
            octets=whole.octets,
            missing=len(count.missing),
            digest=f"sha256:{whole.sha256}",
        )
    return record


def _check_free(to: Path) -> None:
    journal = to.with_name(f"{to.name}.journal")
    if to.exists() and not journal.exists() and (to.is_file() or any(to.iterdir())):
        raise Invalid(f"Something lies at {to} already. Choose a new folder or file.")
    if not to.parent.is_dir():
        raise Invalid(f"There is no folder {to.parent}.")


def _target(to: Path) -> Target:
    if to.suffix == ".zip":
        return Zip(to, clock.now())
    to.mkdir(mode=0o700, exist_ok=True)
    return Folder(to)


def _top(to: Path) -> str:
    return to.stem if to.suffix == ".zip" else ""


def _add_all(bag: Bag, members: Iterable[Member]) -> None:
    for each in members:
        bag.add(each)


def _add_blobs(bag: Bag, found: Iterable[tuple[str, int]], seen: set[str], count: Count) -> None:
    for sha256, size in found:
        if sha256 in seen:
            continue
        seen.add(sha256)
        if why := _from_stores(bag, said.blob_path(sha256), sha256, size):
            count.missing.append({"sha256": f"sha256:{sha256}", "size": size, "why": why})
        else:
            count.blobs += 1


def _from_stores(bag: Bag, path: str, sha256: str, size: int) -> str:
    """Write bytes that the stores hold; why they give none, where it is they that do not. Raises StoreFull."""
    try:
        bag.add(Member(path, size, sha256, partial(blobs.store().open, sha256)))
    except StoreFull:
        raise
    except Refusal as refusal:
        if not _lost(sha256):
            raise
        return refusal.sentence
    return ""


def _lost(sha256: str) -> bool:
    """Whether it is the stores that do not give these bytes, and not the disk of the export that fails."""
    try:
        with blobs.store().open(sha256) as source:
            return blobs.digest_of(source) != sha256
    except Refusal:
        return True


def _add_table(bag: Bag, table: Table, count: Count) -> dict[str, Any]:
    digest = Digest()

    def chunks() -> Iterator[bytes]:
        return digest.of(tables.rows(table))

    bag.add(Streamed(table.path, chunks))
    count.tables, count.rows = count.tables + 1, count.rows + digest.rows
    more = {"path": table.path, "rows": digest.rows, "sha256": f"sha256:{digest.sha256.hexdigest()}"}
    return {**tables.described(table), **more}


def _log() -> Iterator[Member]:
    """The public log as it lies there: first its end, so that everything it speaks of is there too."""
    folder = files.folder()
    end = _end_of_log(folder)
    # What is part of a tile goes once the log has grown: those that belong to this end are read already.
    rest = (path for path in _files_below(folder) if path not in end and path.parent.suffix != ".p")
    for path, data in chain(
        end.items(), ((path, _bytes_of(path)) for path in rest if ".part" not in path.name)
    ):
        if data is not None:
            yield of_bytes(f"data/log/{path.relative_to(folder)}", data)


def _end_of_log(folder: Path) -> dict[Path, bytes | None]:
    """Its checkpoint, its key and the tiles that are not full yet, all of one moment: the publisher may be at work."""
    first = (folder / "checkpoint", folder / "key")
    while True:
        before = _bytes_of(first[0])
        parts = (
            path for path in _files_below(folder) if path.parent.suffix == ".p" and ".part" not in path.name
        )
        found = {path: _bytes_of(path) for path in (*first, *parts)}
        if before == found[first[0]] == _bytes_of(first[0]):
            return found


def _bytes_of(path: Path) -> bytes | None:
    """What lies there; None where it went meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _files_below(folder: Path) -> list[Path]:
    """The files below a folder, in order; a folder that went meanwhile has none."""

    def check(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    found = (Path(at, name) for at, _folders, names in os.walk(folder, onerror=check) for name in names)
    return sorted(path for path in found if path.is_file())


def _lying() -> dict[Path, Upload]:
    """The uploads of which bytes must lie in their folder, by their place, as the open transaction sees them."""
    found = Upload.objects.filter(pk__in=uploads.lying()).select_related("progress").order_by("pk")
    return {staged.path_of(each.pk): each for each in found.iterator()}


def _add_uploads(bag: Bag, lying: dict[Path, Upload], count: Count) -> None:
    """Bytes that came and were not sealed at the moment of the tables: what was refused, withdrawn or left, and what

    still came in. They may grow, be sealed or be disposed of while this goes on.
    """
    folder, left = uploads.staging(), dict(lying)
    for path in _files_below(folder):
        try:
            source = _opened(path)
        except FileNotFoundError:
            continue
        upload = left.pop(path, None)
        with source:
            most = min(source.size, uploads.offset(upload) if upload else source.size)
            bag.add(Streamed(f"data/uploads/{path.relative_to(folder)}", partial(_upto, source, most)))
    now = Upload.objects.select_related("recording")
    for path, upload in left.items():
        _add_gone(bag, f"data/uploads/{path.relative_to(folder)}", now.get(pk=upload.pk), count)


def _add_gone(bag: Bag, path: str, upload: Upload, count: Count) -> None:
    """An upload whose file went: from the stores in its place, so that it can be sealed where it is restored."""
    sealed = upload.recording
    if sealed is not None:
        sha256, size = sealed.sha256, sealed.size
        why = _from_stores(bag, path, sha256, size)
    else:
        sha256, size = upload.came_sha256 or upload.sha256, upload.came
        went = upload.status == Upload.Status.DISPOSED
        why = (
            "They went by rule while the export was written."
            if went
            else "They do not lie where they came in."
        )
    if why:
        digest = f"sha256:{sha256}" if sha256 else ""
        count.missing.append({"sha256": digest, "size": size, "why": why, "upload": upload.number})


def _upto(source: Reader, most: int) -> Iterator[bytes]:
    """The first bytes of a source, and no more."""
    at = 0
    while at < most and (data := source.pread(min(STEP, most - at), at)):
        at += len(data)
        yield data


def _opened(path: Path) -> Reader:
    return FileReader(os.open(path, os.O_RDONLY | os.O_CLOEXEC))


def _verifier() -> list[Member]:
    """The verifier, and how to use it, beside the payload."""
    names = ("verify/fairwitness_verify.py", "docs/reference/receipt.md", "docs/reference/certificate.md")
    there = [ROOT / name for name in names if (ROOT / name).exists()]
    return [of_bytes(f"verify/{path.name}", path.read_bytes()) for path in there]


def _lines(lines: Iterable[str]) -> Iterator[bytes]:
    return (f"{line}\n".encode() for line in lines)


def _json(value: Any, *, line: bool = False) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=None if line else 1, sort_keys=line)
    return f"{text}\n".encode()

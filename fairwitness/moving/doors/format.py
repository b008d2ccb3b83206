"""How an export is laid out and what it says of itself, as docs/reference/export.md has it."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fairwitness.evidence.models import Categorisation, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.tables import csv_text
from fairwitness.moving.doors import tables

VERSION = 1
HEADER = (
    *(
        "number",
        "status",
        "file",
        "sha256",
        "size",
        "name_as_delivered",
        "sealed_at",
        "recorded_at",
        "ended_at",
    ),
    *("clock", "officer_badge", "officer", "unit", "camera", "incident", "categories", "kept", "kept_until"),
    *("label", "title", "number_at_the_source"),
)
PART = 500


def blob_path(sha256: str) -> str:
    """Where the bytes with this digest lie."""
    return f"data/blobs/{sha256[:2]}/{sha256}"


def schema(described: Iterable[dict[str, Any]], migrations: list[str]) -> dict[str, Any]:
    """What each table and column means, how many rows there are and their digest; what is not here, and why."""
    return {
        "v": VERSION,
        "agency": {"key": agency().key, "name": agency().name, "log": agency().log_origin},
        "taken_at": clock.rfc3339(clock.now()),
        "migrations": migrations,
        "tables": list(described),
        "left_out": [{"name": name, "why": why} for name, why in sorted(tables.LEFT_OUT.items())],
        "blanked": [
            {"table": table, "column": column, "with": value}
            for (table, column), value in sorted(tables.BLANKED.items())
        ],
    }


def info(number: str) -> list[tuple[str, str]]:
    """What bag-info.txt says."""
    return [
        ("Source-Organization", agency().name),
        ("Bagging-Date", clock.now().date().isoformat()),
        ("External-Identifier", number),
        ("External-Description", "Everything in a Fairwitness system: records, bytes, public log"),
        ("Fairwitness-Export-Version", str(VERSION)),
    ]


def recordings_csv() -> Iterator[bytes]:
    """Every recording, a line each, for people and spreadsheets; what it names is also in the tables."""
    return (line.encode() for line in csv_text(HEADER, _recordings()))


def _recordings() -> Iterator[tuple[Any, ...]]:
    rows = Recording.objects.order_by("pk").select_related("owner", "unit", "camera")
    rest = rows.iterator(chunk_size=PART)
    while batch := list(itertools.islice(rest, PART)):
        yield from _of(batch)


def _of(batch: Sequence[Recording]) -> Iterator[tuple[Any, ...]]:
    keys = [each.pk for each in batch]
    kept = {row.recording_id: row for row in Retention.objects.filter(recording__in=keys)}
    carried: dict[Any, list[str]] = {}
    rows = Categorisation.objects.filter(recording__in=keys, withdrawn_at=None)
    for pk, code in rows.order_by("code").values_list("recording", "code"):
        carried.setdefault(pk, []).append(code)
    for each in batch:
        yield _line(each, carried.get(each.pk, []), kept.get(each.pk))


def _line(each: Recording, codes: list[str], kept: Retention | None) -> tuple[Any, ...]:
    erased = each.status == Recording.Status.ERASED
    return (
        *(each.number, each.status, "" if erased else blob_path(each.sha256), each.sha256, each.size),
        *(each.source_name, clock.rfc3339(each.sealed_at), clock.rfc3339(each.started)),
        *(clock.rfc3339(each.ended) if each.ended else "", each.clock),
        *(each.owner.badge if each.owner else "", each.owner.name if each.owner else ""),
        *(each.unit.name if each.unit else "", each.camera.serial if each.camera else ""),
        *(each.incident, " ".join(codes), kept.state if kept else ""),
        *(kept.due_on.isoformat() if kept and kept.due_on else "", each.label, each.title, each.external_id),
    )


def readme() -> str:
    """How to read an export with nothing of ours."""
    return README.format(name=agency().name, log=agency().log_origin)


README = """\
Everything that the Fairwitness system of {name} held at one time.

This folder is a BagIt bag (RFC 8493). Any BagIt program checks that every byte is here: the digests stand in
manifest-sha256.txt.

data/recordings.csv    every recording, a line each; the column "file" says where its bytes lie
data/blobs/            the bytes themselves, named by their SHA-256: recordings, what was made of them, attached files.
                       They are not encrypted. Keep this folder as confidential as the footage.
data/records/          every table, a file each, a row a line, as JSON
data/schema.json       what each table and column means, which refer to which, what codes mean; what was left out and why
data/case.jsonld       every recording, clip and file with its custody history, as CASE/UCO
data/receipts/         for each of them the receipt that proves its sealing, by the key of its row
data/jobs.jsonl        work that waited to be done
data/log/              the public log {log}, as it was published
data/uploads/          bytes that came in and were not sealed, named by the key of their row in uploads_upload
data/missing.jsonl     bytes that no store gave when this was written; empty where nothing is missing
verify/                a program that checks receipts and the log, in one file, with nothing but Python 3

Times are in UTC. Keys are UUIDs. The history of a thing: rows of kernel_entrysubject with its key in "subject"; their
"entry_id" leads to kernel_entry (what, when, by whom) and kernel_entryprivate (the facts, and the salt that proves
them against the public log).

What is secret is not here: passwords, second factors, the signing key of the log, keys of encryption.

With Fairwitness itself, "fairwitness restore FOLDER" makes an empty system the same as this was.
"""

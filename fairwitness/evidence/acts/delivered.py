"""Tables of metadata as they are delivered, read and bounded before any act sees them."""

import csv
import datetime as dt
import fnmatch
import io
import itertools
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fairwitness.kernel.refusals import Invalid
from fairwitness.rules.canonical import nfc

COLUMNS = Path(__file__).parent.parent / "columns"
MAX_TABLE = 256 * 1024 * 1024
MAX_CELL = 2000
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)
# Times as exports write them, besides ISO 8601; `{day}` is the day with slashes, in the agency's order first.
TIME_FORMATS = ("{day} %I:%M:%S %p", "{day} %H:%M:%S", "{day} %H:%M", "%Y%m%dT%H%M%S")
DAY_ORDERS = ("%m/%d/%Y", "%d/%m/%Y")


@dataclass(frozen=True)
class Columns:
    """Which header of a delivered table means what; data, from `columns/*.toml`."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    audit_patterns: tuple[str, ...]


@dataclass(frozen=True)
class Delivered:
    """What the source says of one file: its own words, not yet believed. `row` is kept as it came.

    `doubt` is a sentence where it seems to say something and nobody can tell what.
    """

    row: Mapping[str, str] = field(default_factory=dict)
    evidence_id: str = ""
    incident: str = ""
    title: str = ""
    owner: str = ""
    device: str = ""
    started: str = ""
    ended: str = ""
    label: str = ""
    sha256: str = ""
    size: int | None = None
    doubt: str = ""


def columns(name: str = "axon_evidence") -> Columns:
    """The column mapping called `name`. Raises Invalid when there is none such or it cannot be read."""
    path = COLUMNS / f"{name}.toml"
    if not re.fullmatch(r"[0-9a-z_]{1,60}", name) or not path.is_file():
        raise Invalid(f"There is no column mapping “{name}”.")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        columns = {key: tuple(values) for key, values in table["columns"].items()}
        return Columns(table["name"], columns, tuple(table["audit_trail"]["patterns"]))
    except (tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        raise Invalid(f"{path.name}: {error}") from error


@dataclass(frozen=True)
class _Row:
    """A row under one of its names; `places` are the folders above it and the name, as they can be compared."""

    places: tuple[str, ...]
    delivered: Delivered


class Table:
    """Delivered tables, searched by file name, by evidence id, by title, then by evidence id in the file's name."""

    def __init__(self, by: Columns) -> None:
        self._by = by
        self._files: dict[str, list[_Row]] = {}
        self._ids: dict[str, list[_Row]] = {}
        self._titles: dict[str, list[_Row]] = {}
        self._expected: dict[str, list[Path]] = {}
        self.said: list[Delivered] = []

    def read(self, path: Path) -> None:
        """Add a CSV or JSON table of metadata. Raises Invalid with the file's name when it is neither."""
        folder = path.absolute().parent.parts
        for row in rows_of(path):
            self._add({header(k): cell(v) for k, v in row.items()}, folder)

    def expect(self, files: Iterable[Path]) -> None:
        """Tell which files are delivered, so that no row is used for two of them that have the same name."""
        for path in files:
            for name in {path.name, path.stem}:
                self._expected.setdefault(comparable(name), []).append(path.absolute())

    def about(self, path: Path) -> Delivered:
        """What the tables say of the file at `path`; an empty Delivered, if need be with its doubt, when nothing.

        Of several rows that is used whose path agrees with the file's from its end for the longest, so that
        `cam1/clip.mp4` and `cam2/clip.mp4` are told apart.
        """
        folder = path.absolute().parent.parts
        names = [_places(*folder, name) for name in (path.name, path.stem)]
        # A part of the name may be an id, never a title: "Front" is no description of front_door.mp4.
        parts = [_places(*folder, part) for part in re.split(r"[ _]+", path.stem)]
        for rows, wanted in (
            (self._files, names),
            (self._ids, names),
            (self._titles, names),
            (self._ids, parts),
        ):
            for places in wanted:
                if best := _best(rows.get(places[-1], []), places):
                    claimed = rows is self._files and self._fits_another(best[0], path.absolute(), places)
                    return _the_one(best, claimed)
        return Delivered()

    def _fits_another(self, row: _Row, path: Path, places: tuple[str, ...]) -> bool:
        """Whether a row that names the file at `path` names another file that is delivered as well or better."""
        others = (each for each in self._expected.get(places[-1], ()) if each != path)
        agreed = _shared(row.places, places)
        return any(_shared(row.places, _places(*each.parent.parts, places[-1])) >= agreed for each in others)

    def _add(self, row: Mapping[str, str], folder: tuple[str, ...]) -> None:
        delivered = self._delivered(row)
        self.said.append(delivered)
        file = self._cell(row, "file").replace("\\", "/").strip("/").split("/")
        for rows, name in (
            (self._files, file),
            (self._ids, [delivered.evidence_id]),
            (self._titles, [delivered.title]),
        ):
            if name[-1]:
                places = _places(*folder, *name)
                rows.setdefault(places[-1], []).append(_Row(places, delivered))

    def _cell(self, row: Mapping[str, str], meaning: str) -> str:
        return next((row[c] for c in self._by.columns.get(meaning, ()) if row.get(c)), "")

    def _delivered(self, row: Mapping[str, str]) -> Delivered:
        digest = DIGEST.fullmatch(self._cell(row, "sha256"))
        words = {
            name: self._cell(row, name)
            for name in ("evidence_id", "incident", "title", "owner", "device", "started", "ended", "label")
        }
        size = self._cell(row, "size")
        return Delivered(
            row=row,
            sha256=digest[1].lower() if digest else "",
            # Bytes alone: what is rounded or has a unit says nothing that could be compared.
            size=int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None,
            **words,
        )


def comparable(name: str) -> str:
    """A name as names are compared: whatever its case, and whether or not the source decomposes its letters."""
    composed: str = nfc(name)
    return composed.casefold()


def _places(*parts: str) -> tuple[str, ...]:
    return tuple(map(comparable, parts))


def _the_one(best: list[_Row], fits_another: bool) -> Delivered:
    if any(row.delivered != best[0].delivered for row in best):
        return Delivered(doubt="Rows of the table fit this file equally well; none was used.")
    if fits_another:
        return Delivered(doubt="The table's row fits another file as well; it was not used.")
    return best[0].delivered


def _best(rows: list[_Row], places: tuple[str, ...]) -> list[_Row]:
    """The rows whose places agree with `places` from the end for the longest."""
    most = max((_shared(row.places, places) for row in rows), default=0)
    return [row for row in rows if _shared(row.places, places) == most]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _pair in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def looks_like_table(path: Path, by: Columns) -> bool:
    """Whether a file beside the media is a table of metadata: CSV or JSON in which two known columns stand."""
    if path.suffix.lower() not in {".csv", ".json"}:
        return False
    known = {c for columns in by.columns.values() for c in columns}
    try:
        rows = [] if path.is_symlink() else rows_of(path)
    except (Invalid, OSError):
        return False
    return bool(rows) and len({header(k) for k in rows[0]} & known) >= 2


def rows_of(path: Path) -> list[dict[Any, Any]]:
    """The rows of a CSV or JSON table as they came. Raises Invalid with the file's name when it is neither."""
    try:
        if not path.is_file():
            raise Invalid(f"{path.name} is not an ordinary file.")
        if path.stat().st_size > MAX_TABLE:
            raise Invalid(
                f"{path.name} is larger than {MAX_TABLE // 2**20} MiB; that is no table of metadata."
            )
        text = decode(path.read_bytes(), path.name)
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}.") from error
    return _json_rows(text, path.name) if path.suffix.lower() == ".json" else _csv_rows(text, path.name)


def is_audit_trail(path: Path, by: Columns) -> bool:
    return any(fnmatch.fnmatchcase(path.name.lower(), pattern) for pattern in by.audit_patterns)


def decode(data: bytes, name: str) -> str:
    """Text in UTF-8 (with or without mark) or, as old exports have it, Windows-1252."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Invalid(f"{name} is neither UTF-8 nor Windows-1252 text.")


def header(name: Any) -> str:
    return re.sub(r"[^0-9a-z]+", "_", str(name).strip().lower()).strip("_")


def cell(value: Any) -> str:
    """A cell as bounded text in NFC; lists (several categories) are joined, nothing else is interpreted."""
    bounded: str = nfc(_text(value)[:MAX_CELL])
    return bounded


def beyond(value: Any) -> str:
    """What a cell says beyond the text that is kept of it; empty where that is all."""
    return _text(value)[MAX_CELL:]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        value = "; ".join(str(each) for each in value)
    text = str(value).encode("utf-8", "replace").decode()  # JSON can spell halves of characters
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).strip()


def _csv_rows(text: str, name: str) -> list[dict[Any, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="more", strict=True)
        return list(reader)
    except csv.Error as error:
        raise Invalid(f"{name}: the table breaks off or is damaged ({error}).") from error


def _json_rows(text: str, name: str) -> list[dict[Any, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers of too many digits
        raise Invalid(f"{name} is not JSON: {error}") from error
    if isinstance(found, dict):
        found = next((v for v in found.values() if isinstance(v, list)), [found])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Invalid(f"{name}: expected a list of objects, one for each file.")
    return found


def moment(text: str, zone: ZoneInfo, *, month_first: bool = True) -> dt.datetime | None:
    """A delivered time in UTC; one without a zone is read in the agency's. None when it cannot be read.

    Of a day with slashes that could be read either way, `month_first` says which is meant.
    """
    text = text.strip()
    if not text:
        return None
    days = DAY_ORDERS if month_first else DAY_ORDERS[::-1]
    tried = (_format(text, form.format(day=day)) for day in days for form in TIME_FORMATS)
    found = _iso(text) or next(filter(None, tried), None)
    if found is None:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _format(text: str, form: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
    except ValueError:
        return None

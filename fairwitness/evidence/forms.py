"""What was delivered or entered, read and bounded before any act sees it."""

import csv
import datetime as dt
import fnmatch
import io
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.evidence.doors import Filters
from fairwitness.evidence.models import Recording
from fairwitness.kernel.refusals import Invalid

COLUMNS = Path(__file__).parent / "columns"
MAX_TABLE = 256 * 1024 * 1024
MAX_CELL = 2000
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%Y%m%dT%H%M%S",
)


@dataclass(frozen=True)
class Columns:
    """Which header of a delivered table means what; data, from `columns/*.toml`."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    audit_patterns: tuple[str, ...]


@dataclass(frozen=True)
class Delivered:
    """What the source says of one file: its own words, not yet believed. `row` is kept as it came."""

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


def columns(name: str = "axon_evidence") -> Columns:
    """The column mapping called `name`. Raises Invalid when there is none such or it cannot be read."""
    path = COLUMNS / f"{name}.toml"
    if not path.is_file():
        raise Invalid(f"There is no column mapping “{name}”.")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        columns = {key: tuple(values) for key, values in table["columns"].items()}
        return Columns(table["name"], columns, tuple(table["audit_trail"]["patterns"]))
    except (tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        raise Invalid(f"{path.name}: {error}") from error


class Table:
    """A delivered table, found by file name, by evidence id in the file's name, or by title."""

    def __init__(self, rows: Iterable[Mapping[str, str]], by: Columns) -> None:
        self._by = by
        self._found: dict[str, Delivered] = {}
        self._by_id: dict[str, Delivered] = {}
        self.rows = 0
        for row in rows:
            self.rows += 1
            delivered = self._delivered(row)
            file = self._cell(row, "file")
            for key in (Path(file.replace("\\", "/")).name, delivered.evidence_id, delivered.title):
                if key:
                    self._found.setdefault(key.casefold(), delivered)
            if delivered.evidence_id:
                self._by_id.setdefault(delivered.evidence_id.casefold(), delivered)

    def about(self, path: Path) -> Delivered:
        """What the table says of the file at `path`; an empty Delivered when it says nothing."""
        name, stem = path.name.casefold(), path.stem.casefold()
        # A part of the name may be an id, never a title: "Front" is no description of front_door.mp4.
        by_part = (self._by_id.get(part) for part in re.split(r"[ _]+", stem))
        found = self._found.get(name) or self._found.get(stem)
        return found or next(filter(None, by_part), Delivered())

    def _cell(self, row: Mapping[str, str], meaning: str) -> str:
        return next((row[c] for c in self._by.columns.get(meaning, ()) if row.get(c)), "")

    def _delivered(self, row: Mapping[str, str]) -> Delivered:
        digest = DIGEST.fullmatch(self._cell(row, "sha256"))
        words = {
            name: self._cell(row, name)
            for name in ("evidence_id", "incident", "title", "owner", "device", "started", "ended", "label")
        }
        return Delivered(row=row, sha256=digest[1].lower() if digest else "", **words)


def read_table(path: Path, by: Columns) -> Table:
    """Read a CSV or JSON table of metadata. Raises Invalid with the file's name when it is neither."""
    return Table(({header(k): cell(v) for k, v in row.items()} for row in _rows(path)), by)


def looks_like_table(path: Path, by: Columns) -> bool:
    """Whether a file beside the media is a table of metadata: CSV or JSON in which two known columns stand."""
    if path.suffix.lower() not in {".csv", ".json"}:
        return False
    known = {c for columns in by.columns.values() for c in columns}
    try:
        rows = [] if path.is_symlink() else _rows(path)
    except (Invalid, OSError):
        return False
    return bool(rows) and len({header(k) for k in rows[0]} & known) >= 2


def _rows(path: Path) -> list[dict[Any, Any]]:
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
    """A cell as bounded text; lists (several categories) are joined, nothing else is interpreted."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = "; ".join(str(each) for each in value)
    text = str(value).encode("utf-8", "replace").decode()  # JSON can spell halves of characters
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).strip()[:MAX_CELL]


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


def moment(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """A delivered time in UTC; one without a zone is read in the agency's. None when it cannot be read."""
    text = text.strip()
    if not text:
        return None
    found = _iso(text) or next(filter(None, (_format(text, f) for f in TIME_FORMATS)), None)
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


class FilterForm(forms.Form):
    """The filters of the list. Opaque ones go into the address; words are kept as a saved search."""

    OPAQUE = ("since", "until", "owner", "unit", "camera", "status", "readable", "owner_how")
    WORDS = ("text", "incident", "label")

    text = forms.CharField(label=_("Search"), required=False, max_length=200)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    owner = forms.UUIDField(label=_("Officer"), required=False, widget=forms.Select)
    unit = forms.UUIDField(label=_("Unit"), required=False, widget=forms.Select)
    camera = forms.UUIDField(label=_("Camera"), required=False, widget=forms.Select)
    incident = forms.CharField(label=_("Incident number"), required=False, max_length=80)
    label = forms.CharField(
        label=_("Label as delivered"), required=False, max_length=120, widget=forms.Select
    )
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Recording.Status.choices]
    )
    readable = forms.ChoiceField(
        label=_("Readable"), required=False, choices=[("", _("Any")), *Recording.Readable.choices]
    )
    owner_how = forms.ChoiceField(
        label=_("Wearer known"), required=False, choices=[("", _("Any")), *Recording.Owner.choices]
    )

    def choose_from(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        """Fill a select with what the asker may choose from."""
        select = self.fields[name].widget
        assert isinstance(select, forms.Select)
        select.choices = [("", _("Any")), *choices]


def filters_of(form: FilterForm, sort: str, zone: ZoneInfo) -> Filters:
    """The filters that a valid form asks for: days are the agency's, `until` is the last day included."""
    data = form.cleaned_data
    until = data.get("until")
    keys = ("owner", "unit", "camera")
    words = ("status", "readable", "owner_how", "incident", "label", "text")
    chosen: dict[str, Any] = {name: data.get(name) or None for name in keys}
    chosen |= {name: data.get(name) or "" for name in words}
    return Filters(
        since=_midnight(data.get("since"), zone),
        until=_midnight(until + dt.timedelta(days=1) if until and until < dt.date.max else None, zone),
        sort=sort if sort in Filters.SORTS else "-started",
        **chosen,
    )


def _midnight(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), zone) if day else None


class NoteForm(forms.Form):
    """A note at a moment."""

    at_ms = forms.IntegerField(min_value=0, max_value=2**53)
    text = forms.CharField(max_length=2000)


class BeatForm(forms.Form):
    """What a player says of itself while a viewing is open."""

    played_ms = forms.IntegerField(min_value=0, max_value=2**53)


class OwnerForm(forms.Form):
    """Who wore the camera: a badge number."""

    badge = forms.CharField(label=_("Badge"), max_length=20)

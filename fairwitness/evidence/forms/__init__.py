"""What was delivered or entered, read and bounded before any act sees it."""

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

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence.doors import Filters
from fairwitness.evidence.models import Grant, Recording, Watch
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
    doubt: str = ""


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
        self.rows = 0

    def read(self, path: Path) -> None:
        """Add a CSV or JSON table of metadata. Raises Invalid with the file's name when it is neither."""
        folder = path.absolute().parent.parts
        for row in _rows(path):
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
        self.rows += 1
        delivered = self._delivered(row)
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
        return Delivered(row=row, sha256=digest[1].lower() if digest else "", **words)


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
    """A cell as bounded text in NFC; lists (several categories) are joined, nothing else is interpreted."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = "; ".join(str(each) for each in value)
    text = str(value).encode("utf-8", "replace").decode()  # JSON can spell halves of characters
    bounded: str = nfc(re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).strip()[:MAX_CELL])
    return bounded


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


class CategoryForm(forms.Form):
    """A category to be added."""

    code = forms.ChoiceField(label=_("Category"))

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is chosen beforehand: a category changes until when a recording is kept.
        self.fields["code"].choices = [("", _("Choose one")), *choices]  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """From when a recording counts, and why."""

    because = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    ended = forms.DateTimeField(
        label=_("It ended at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: it counts from its receipt. An earlier time takes a second person."),
    )


class BecauseForm(forms.Form):
    """A reason, and nothing else."""

    because = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class SeenForm(forms.Form):
    """The digest of the list that was seen."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class PeriodForm(forms.Form):
    """The days on which recordings were made, the last included."""

    since = forms.DateField(
        label=_("Recorded from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Recorded until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class GrantForm(forms.Form):
    """To whom a recording or an incident is opened, as what, why, until when."""

    badge = forms.CharField(label=_("Badge"), max_length=20)
    kind = forms.ChoiceField(label=_("As"), choices=Grant.Kind.choices, widget=forms.RadioSelect)
    because = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The first day on which it is closed again. Left empty: until it is ended."),
    )

    def clean_badge(self) -> Member:
        """The member with this badge."""
        found = department.member_named(self.cleaned_data["badge"])
        if found is None:
            raise forms.ValidationError(_("Nobody has that badge."))
        return found


class OrderForm(forms.Form):
    """A court's order that a recording be shared with the defence."""

    court = forms.CharField(label=_("Court"), max_length=200)
    docket = forms.CharField(label=_("Docket number"), max_length=100)
    ordered_on = forms.DateField(
        label=_("Ordered on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sha256 = forms.CharField(
        label=_("SHA-256 of the order"),
        max_length=71,
        help_text=_("Of the document as it came from the court, so that anyone can tell later which it was."),
    )

    def clean_sha256(self) -> str:
        """Without the prefix, in lower case."""
        return str(self.cleaned_data["sha256"]).strip().lower().removeprefix("sha256:")


class OutcomeForm(forms.Form):
    """What came of a sign of unusual access."""

    outcome = forms.ChoiceField(
        label=_("What came of it"),
        choices=[(code, words) for code, words in Watch.Outcome.choices if code != Watch.Outcome.OPEN],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("What was found"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

"""How the export of another system is read: data in `columns/`, and what a folder says, before anything is written."""

import fnmatch
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from fairwitness.cases.models import Case, CaseMember, File, Person
from fairwitness.evidence.acts.delivered import (
    Columns,
    Delivered,
    Table,
    beyond,
    cell,
    columns,
    comparable,
    header,
    is_audit_trail,
    looks_like_table,
    rows_of,
)
from fairwitness.evidence.acts.delivery import sort_delivery
from fairwitness.evidence.acts.ingest import walk
from fairwitness.kernel.refusals import Invalid

COLUMNS = Path(__file__).parent.parent / "columns"
TABLES = ("contents", "members", "people", "cases")
# What a row of a table is of, in the report.
KINDS = {"contents": "item", "members": "member", "people": "person", "cases": "case"}
WORDS: dict[str, frozenset[str]] = {
    "states": frozenset(Case.Status.values),
    "kinds": frozenset(Case.Kind.values),
    "members": frozenset(CaseMember.Role.values),
    "people": frozenset(Person.Role.values),
}
# What is no recording, by the ending of its name: what machines hold for the type of an ending differs.
ENDINGS = {
    File.Kind.PHOTOGRAPH: frozenset(
        (*(".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".webp", ".dng"),)
    ),
    File.Kind.DOCUMENT: frozenset(
        (".pdf", ".txt", ".rtf", ".doc", ".docx", ".odt", ".xls", ".xlsx", ".html")
    ),
}
Row = Mapping[str, str]


@dataclass(frozen=True)
class Vendor:
    """How one vendor's export is read; `words` says, table by table, which of its words means which of our codes."""

    key: str
    name: str
    evidence: Columns
    separators: str
    tables: Mapping[str, Mapping[str, tuple[str, ...]]]
    words: Mapping[str, Mapping[str, str]]

    def code(self, table: str, word: str) -> str:
        """Our code for a word of the source; empty where the mapping has none."""
        return self.words[table].get(plain(word), "")

    def parts(self, text: str) -> list[str]:
        """What one cell names, one by one."""
        return [
            part for each in re.split(f"[{re.escape(self.separators)}\n]", text) if (part := each.strip())
        ]

    def table_of(self, path: Path) -> str:
        """Which table of cases a file is, by its name; empty where it is none."""
        if path.suffix.lower() not in {".csv", ".json"} or is_audit_trail(path, self.evidence):
            return ""
        name = path.name.lower()
        fits = (t for t in TABLES if any(fnmatch.fnmatchcase(name, p) for p in self.tables[t]["patterns"]))
        return next(fits, "")


def plain(word: str) -> str:
    """A word of the source as words are compared."""
    return comparable(" ".join(word.split()))


def vendor(name: str) -> Vendor:
    """The mapping called `name`. Raises Invalid where there is none such, or it says what cannot be."""
    path = COLUMNS / f"{name}.toml"
    if not re.fullmatch(r"[0-9a-z_]{1,60}", name) or not path.is_file():
        known = ", ".join(sorted(each.stem for each in COLUMNS.glob("*.toml")))
        raise Invalid(f"There is no mapping “{name[:60]}”. Known: {known}.")
    return parsed(name, path.read_text(encoding="utf-8"))


def parsed(key: str, text: str) -> Vendor:
    """A mapping from its text. Raises Invalid, naming what cannot be."""
    try:
        said = tomllib.loads(text)
        tables = {t: {key: tuple(names) for key, names in said["tables"][t].items()} for t in TABLES}
        words = {t: _turned(said.get(t, {})) for t in (*WORDS, "categories")}
        found = Vendor(key, said["name"], columns(said["evidence"]), said["separators"], tables, words)
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as error:
        raise Invalid(f"{key}.toml: {error}") from error
    for table, known in WORDS.items():
        if strange := sorted(set(words[table].values()) - known):
            raise Invalid(f"{key}.toml: [{table}] has {', '.join(strange)}, which is no code of ours.")
    return found


def _turned(words: Mapping[str, list[str]]) -> dict[str, str]:
    return {plain(word): code for code, said in words.items() for word in said}


@dataclass
class SaidCase:
    """What the source says of one case: its own words, not yet believed."""

    external_id: str
    row: Row = field(default_factory=dict)
    title: str = ""
    state: str = ""
    kind: str = ""
    owner: str = ""
    incidents: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    # Name and part.
    members: list[tuple[str, str]] = field(default_factory=list)
    # Name, part, and what else is said.
    people: list[tuple[str, str, str]] = field(default_factory=list)
    # What is said besides and has no place here: of what kind of thing, its name, the words.
    besides: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Plan:
    """A folder as it was delivered, read whole; nothing was written."""

    vendor: Vendor
    table: Table
    files: list[Path]
    strange: list[Path]
    cases: dict[str, SaidCase]
    # Rows of tables of cases that name no case: the table, whom or what they name, their words.
    nowhere: list[tuple[str, str, str]]
    # Cells that are too long to be kept whole: the table, the row, the column, how they go on.
    cut: list[tuple[str, int, str, str]]

    def about(self, path: Path) -> Delivered:
        """What the tables say of a file."""
        return self.table.about(path)

    @cached_property
    def in_cases(self) -> frozenset[str]:
        """The numbers of everything that a case holds, as they are compared."""
        return frozenset(comparable(each) for case in self.cases.values() for each in case.evidence)

    def file_kind(self, path: Path, told: Delivered) -> str:
        """What a file is to the cases that hold it; empty where it is a recording, a trail, or in no case.

        Pictures and documents of no case have no place but among the recordings: sealed, and found by their words.
        """
        if self.is_trail(path) or comparable(told.evidence_id) not in self.in_cases:
            return ""
        return next((kind for kind, endings in ENDINGS.items() if path.suffix.lower() in endings), "")

    def is_trail(self, path: Path) -> bool:
        """Whether a file is the vendor's audit trail."""
        return is_audit_trail(path, self.vendor.evidence)


def read(folder: Path, name: str) -> Plan:
    """Read a delivered folder by a mapping.

    Raises Invalid for a folder that is not there, and for a table that is damaged or breaks off: what it said of
    everything after would be lost, so nothing is brought in before it is whole.
    """
    by = vendor(name)
    if folder.is_symlink() or not folder.is_dir():
        raise Invalid(f"There is no folder {folder}.")
    every = list(walk(folder))
    ours = {path: kind for path in every if (kind := by.table_of(path))}
    tables = [path for path in every if _is_table(path, by) and path not in ours]
    for path in (*ours, *tables):
        _check_whole(path)
    strange = [path for path in tables if not looks_like_table(path, by.evidence)]
    table, files = sort_delivery([folder], None, by.evidence, without=[*ours, *strange])
    cut = [each for path in (*ours, *tables) if path not in strange for each in _cut(path)]
    plan = Plan(by, table, files, strange, {}, [], cut)
    for path, kind in sorted(ours.items(), key=lambda item: (item[1] != "cases", item[0])):
        for row in rows_of(path):
            _note(plan, kind, path, {header(key): cell(value) for key, value in row.items()})
    return plan


def _is_table(path: Path, by: Vendor) -> bool:
    fits = path.suffix.lower() in {".csv", ".json"} and not is_audit_trail(path, by.evidence)
    return fits and path.is_file() and not path.is_symlink()


def _check_whole(path: Path) -> None:
    rows = rows_of(path)
    ends = path.read_bytes()[-1:] in {b"\n", b"\r"}
    if rows and path.suffix.lower() == ".csv" and not ends and None in rows[-1].values():
        raise Invalid(f"{path.name}: the table breaks off within its last line.")


def _cut(path: Path) -> Iterator[tuple[str, int, str, str]]:
    for number, row in enumerate(rows_of(path), start=1):
        for name, value in row.items():
            if rest := beyond(value):
                yield path.name, number, header(name), rest


def _note(plan: Plan, table: str, path: Path, row: Row) -> None:
    """Note what one row of a table of cases says."""
    names, used = plan.vendor.tables[table], set[str]()

    def said(meaning: str) -> str:
        name = next((name for name in names.get(meaning, ()) if row.get(name)), "")
        used.add(name)
        return row.get(name, "")

    number = said("case")
    if not number:
        if any(row.values()):
            name = said("name") or said("title") or said("evidence")
            plan.nowhere.append((path.name, name, words_of(row)))
        return
    found = plan.cases.setdefault(comparable(number), SaidCase(number))
    if table == "people":
        found.people.append((said("name"), said("role"), said("about")))
    elif table == "members":
        found.members.append((said("name"), said("role")))
    else:
        found.evidence += _new(plan.vendor.parts(said("evidence")), found.evidence)
    if table == "cases":
        found.incidents += _new(plan.vendor.parts(said("incident")), found.incidents)
        used |= {name for name, value in found.row.items() if row.get(name) == value}
        if not found.row:
            found.row, found.title, found.owner = row, said("title"), said("owner")
            found.state, found.kind = said("state"), said("kind")
            # The whole row is kept with the case.
            return
    if words := words_of({name: value for name, value in row.items() if name not in used}):
        found.besides.append((KINDS[table], said("name") or said("evidence") or number, words))


def _new(found: list[str], known: list[str]) -> Iterator[str]:
    seen = {comparable(each) for each in known}
    for each in found:
        if comparable(each) not in seen:
            seen.add(comparable(each))
            yield each


def words_of(row: Mapping[str, Any]) -> str:
    """A row of the source in its own words, as one text."""
    return "\n".join(f"{key}: {value}" for key, value in row.items() if value)

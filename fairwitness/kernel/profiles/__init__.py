"""The agencies' profiles as data: a folder each, a file for each thing that differs, and the one way to read them."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fairwitness.kernel.refusals import Invalid

FOLDER = Path(__file__).parent
Where = tuple[str | int, ...]


class Shape(BaseModel):
    """What a table of a profile may hold: the fields declared and no other, of the types declared and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


ShapeT = TypeVar("ShapeT", bound=Shape)


def known() -> list[str]:
    """The keys of all profiles, sorted."""
    return sorted(path.name for path in FOLDER.iterdir() if (path / "agency.toml").is_file())


def read(key: str, name: str, shape: type[ShapeT]) -> ShapeT:
    """The file `name`.toml of the profile `key`, checked for its shape.

    Raises Invalid naming file, line and field of the first thing that is wrong.
    """
    if key not in known():
        raise Invalid(f"There is no agency profile “{key}”. Known: {', '.join(known())}.")
    path = FOLDER / key / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{key}/{path.name} cannot be read: {error}") from error
    return parse(text, f"{key}/{path.name}", shape)


def parse(text: str, file: str, shape: type[ShapeT]) -> ShapeT:
    """TOML in the shape asked for. Raises Invalid naming `file`, line and field of the first thing that is wrong."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{file}: {error}") from error
    return checked(table, file, shape, text)


def checked(table: dict[str, Any], file: str, shape: type[ShapeT], text: str = "") -> ShapeT:
    """What a table holds, in the shape asked for; with the `text` of its file the line is named too."""
    try:
        return shape.model_validate(table)
    except ValidationError as error:
        found = [(_in_table(each["loc"], table), each["msg"]) for each in error.errors()]
        loc, message = min(found, key=lambda each: line_of(text, each[0]))
        where, message = _field(loc), message.removeprefix("Value error, ")
        place = f"{file}, line {line_of(text, loc)}" if text else file
        raise Invalid(f"{place}, {where}: {message}", field=where, message=message) from error


def _in_table(loc: Where, table: Any) -> Where:
    """Where a fault is in the table itself: the checking library also names the kind that it took a table for."""
    where: list[str | int] = []
    for number, step in enumerate(loc, start=1):
        inside = (
            isinstance(table, dict) and step in table or isinstance(table, list) and isinstance(step, int)
        )
        if not inside and number < len(loc):
            continue
        where.append(step)
        table = table[step] if inside else None
    return tuple(where)


def _field(where: Where) -> str:
    """`documents[2].rules[0].kind`, as a programmer would write it."""
    return (
        "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")
        or "(file)"
    )


_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")


def line_of(text: str, where: Where) -> int:
    """The line, counted from 1, on which a field stands; of a field that is missing, that of its table's header.

    The library that checks knows no lines, and the one that reads TOML forgets them. Profiles write tables under
    headers and fields as `name = value`, so headers and names are followed here.
    """
    here: list[str | int] = []
    counts: dict[Where, int] = {}
    best, depth = 1, -1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = _at(header[2].split("."), counts, repeated=header[1] == "[[")
            at: Where = tuple(here)
        elif key := _KEY.match(line):
            at = (*here, key[1])
        else:
            continue
        if len(at) > depth and where[: len(at)] == at:
            best, depth = number, len(at)
    return best


def _at(names: list[str], counts: dict[Where, int], *, repeated: bool) -> list[str | int]:
    """Where a header leads, with the place in each list on the way; a list's header begins its next table."""
    at: list[str | int] = []
    for position, name in enumerate(names):
        at.append(name)
        last = position == len(names) - 1
        if last and repeated:
            counts[tuple(at)] = counts.get(tuple(at), -1) + 1
        if tuple(at) in counts:
            at.append(counts[tuple(at)])
    return at

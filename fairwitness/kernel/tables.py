"""Tables that people hand in and take out: CSV and XLSX in, within bounds; CSV out, safe to open in a spreadsheet."""

import csv
import datetime as dt
import hashlib
import io
import itertools
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from fairwitness.kernel.refusals import Invalid

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 32 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
# A spreadsheet would run a cell that begins with one of these as a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ZIP = b"PK\x03\x04"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Line = tuple[int, list[str]]


@dataclass(frozen=True)
class Table:
    """A header and the rows under it, each with the number of the line on which it begins, counted from 1.

    `longer` are the lines that say more than the header has columns for: what stands beyond it is not in `rows`.
    `broken_off` is whether the file ends within its last line: short of cells, and without a line's end.
    """

    header: list[str]
    rows: list[Line]
    longer: frozenset[int] = frozenset()
    broken_off: bool = False


def csv_text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180); cells that a spreadsheet would run as formulas begin with an apostrophe."""
    line = io.StringIO()
    writer = csv.writer(line)
    for row in itertools.chain([header], rows):
        writer.writerow([_guarded(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def write_csv(header: Iterable[object], rows: Iterable[Iterable[object]], into: BinaryIO) -> tuple[int, str]:
    """Write a CSV file with flat memory; answers how many rows, and `sha256:` with the digest of what was written."""
    digest, lines = hashlib.sha256(), 0
    for line in csv_text(header, rows):
        data = line.encode()
        digest.update(data)
        into.write(data)
        lines += 1
    return lines - 1, f"sha256:{digest.hexdigest()}"


def _guarded(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_table(untrusted_bytes: bytes) -> Table:
    """Read a CSV or XLSX file; empty lines are left out, short rows filled, outer spaces dropped.

    CSV may be UTF-8, with or without byte order mark, or Windows-1252, parted by comma, semicolon or tab. Raises
    Invalid with a sentence for people when it is neither, broken, empty or larger than the bounds above.
    """
    if len(untrusted_bytes) > MAX_BYTES:
        raise Invalid(_("The file is larger than {count} MiB.").format(count=MAX_BYTES // 2**20))
    read = _xlsx_lines if untrusted_bytes.startswith(_ZIP) else _csv_lines
    lines = [(number, cells) for number, cells in _bounded(read(untrusted_bytes)) if any(cells)]
    if not lines:
        raise Invalid(_("The file is empty."))
    header, rows = lines[0][1], lines[1:]
    width = len(header)
    return Table(
        header,
        [(number, _fitted(cells, width)) for number, cells in rows],
        frozenset(number for number, cells in rows if any(cells[width:])),
        read is _csv_lines and not untrusted_bytes.endswith((b"\n", b"\r")) and len(lines[-1][1]) < width,
    )


def _bounded(lines: Iterable[Line]) -> Iterator[Line]:
    for count, (number, cells) in enumerate(lines):
        if count > MAX_ROWS:
            raise Invalid(_("The file has more than {count} rows.").format(count=MAX_ROWS))
        if len(cells) > MAX_COLUMNS:
            raise Invalid(
                _("Line {number} has more than {count} columns.").format(number=number, count=MAX_COLUMNS)
            )
        yield number, [cell.strip() for cell in cells]


def _fitted(cells: list[str], width: int) -> list[str]:
    return (cells + [""] * width)[:width]


def _csv_lines(data: bytes) -> Iterator[Line]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(_("Line {number} is not CSV: {error}.").format(number=begins, error=error)) from error


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF_16):
        raise Invalid(_("The file is UTF-16; save it as CSV UTF-8, or as XLSX."))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(_("The file is neither CSV in UTF-8 or Windows-1252, nor XLSX."))


def _delimiter(text: str) -> str:
    first = next(filter(str.strip, text.splitlines()), "")
    return max(",;\t", key=first.count)


def _xlsx_lines(data: bytes) -> Iterator[Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # zipfile reads no more of a part than is declared here, so a bomb must declare itself.
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise Invalid(_("The workbook unpacks to more than this reads."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)
        for number, cells in enumerate(rows, start=1):
            yield number, [_written(cell) for cell in _trimmed(cells)]
    except (*_BROKEN, DefusedXmlException) as error:
        raise Invalid(_("The workbook cannot be read: it is damaged, protected, or not XLSX.")) from error


# What openpyxl lets out when a workbook is not one: it has no error of its own for most of it.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, OSError, EOFError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError),
)


def _trimmed(cells: Sequence[Any]) -> Sequence[Any]:
    last = max((place for place, cell in enumerate(cells, start=1) if cell is not None), default=0)
    return cells[:last]


def _written(cell: Any) -> str:
    """A cell as it would be typed: whole numbers without a point, days as RFC 3339."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)

"""Tables in and out: what is read, what is refused and why, and that no cell runs as a formula."""

import csv
import datetime as dt
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from fairwitness.kernel import tables
from fairwitness.kernel.refusals import Invalid
from fairwitness.kernel.tables import csv_text, read_table


def _book(*rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


def test_it_works() -> None:
    table = read_table(b"badge,name\n1, Ann \n\n2,Bob\n")
    assert table.header == ["badge", "name"]
    assert table.rows == [(2, ["1", "Ann"]), (4, ["2", "Bob"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_each_encoding_reads_the_same(encoding: str) -> None:
    assert read_table("név;Muñoz\n1;Zoë\n".replace("é", "e").encode(encoding)).rows == [(2, ["1", "Zoë"])]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_each_delimiter_is_found(mark: str) -> None:
    assert read_table(f"a{mark}b\n1{mark}2\n".encode()).rows == [(2, ["1", "2"])]


def test_a_line_is_counted_where_it_begins() -> None:
    assert read_table(b'a,b\n"one\ntwo",x\nthree,y\n').rows == [(2, ["one\ntwo", "x"]), (4, ["three", "y"])]


def test_short_rows_are_filled_and_long_ones_cut() -> None:
    assert read_table(b"a,b\n1\n1,2,3\n").rows == [(2, ["1", ""]), (3, ["1", "2"])]


def test_a_workbook_reads_as_it_is_typed() -> None:
    book = _book(
        ["badge", "joined", "share"], [101, dt.date(2026, 1, 31), 0.5], [None, None, None], ["P1", "x"]
    )
    assert read_table(book).rows == [(2, ["101", "2026-01-31", "0.5"]), (4, ["P1", "x", ""])]


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.MAX_UNPACKED_BYTES + 1))
    return file.getvalue()


def _with_entities() -> bytes:
    """A workbook whose sheet declares entities, by which a small file could grow without bound."""
    source, file = zipfile.ZipFile(io.BytesIO(_book(["a"], ["b"]))), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = b'<!DOCTYPE x [<!ENTITY e "eeee">]>' + text
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n \n,,\n", "empty"),
        (b"a,b\n\x81\x8d\n", "neither CSV"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b'a,b\n"open,1\n', "Line 2 is not CSV"),
        (b"a" * (tables.MAX_BYTES + 1), "larger than 5 MiB"),
        (b",".join([b"a"] * 101) + b"\n", "more than 100 columns"),
        (b"a\n" + b"1\n" * (tables.MAX_ROWS + 1), "more than 20000 rows"),
        (b"a\n" + b"x" * 200_000 + b"\n", "is not CSV"),
        (b"PK\x03\x04" + b"no archive", "cannot be read"),
        (_book(["a"], ["1"])[:-400], "cannot be read"),
        (_bomb(), "unpacks to more"),
        (_with_entities(), "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_table(data)


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for untrusted in (data, b"PK\x03\x04" + data):
        try:
            table = read_table(untrusted)
        except Invalid:
            continue
        assert all(len(cells) == len(table.header) for _number, cells in table.rows)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_runs_as_a_formula(cell: str) -> None:
    line = list(csv.reader(io.StringIO("".join(csv_text(["h"], [[cell]])), newline="")))[1]
    assert line == [f"'{cell}"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=4))
def test_what_goes_out_reads_back_with_its_guard(cells: list[str]) -> None:
    out = "".join(csv_text(["h"] * len(cells), [cells]))
    back = list(csv.reader(io.StringIO(out, newline="")))[1]
    assert back == [
        f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells
    ]

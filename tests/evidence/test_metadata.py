"""Delivered tables: read as data, bounded, and matched to the files they speak of; times in every zone."""

import datetime as dt
import json
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairwitness.evidence import forms
from fairwitness.kernel.refusals import Invalid

AXON = forms.columns()
CAMBRIDGE = ZoneInfo("America/New_York")
HEADER = "Evidence ID,ID External,Title,Owner,Device Serial,Created Date (Record Start),Category,SHA-256"


def table(path: Path, text: str | bytes) -> forms.Table:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    found = forms.Table(AXON)
    found.read(path)
    return found


def test_it_works(tmp_path: Path) -> None:
    row = f"e-1,26-001,A stop,Whitfield,AX-0101,2026-03-02T14:05:31-05:00,Traffic,sha256:{'AB' * 32}"
    found = table(tmp_path / "t.csv", f"{HEADER}\n{row}\n")
    said = found.about(Path("/x/e-1.mp4"))
    assert len(found.said) == 1
    assert (said.evidence_id, said.incident, said.title, said.owner) == (
        "e-1",
        "26-001",
        "A stop",
        "Whitfield",
    )
    assert (said.device, said.started, said.label) == ("AX-0101", "2026-03-02T14:05:31-05:00", "Traffic")
    assert said.sha256 == "ab" * 32
    assert said.row["sha_256"] == f"sha256:{'AB' * 32}", "the row is kept as it came"


def test_json_says_the_same(tmp_path: Path) -> None:
    rows = [
        {"evidence_id": "e-1", "owner": "Whitfield", "category": ["Traffic", "Arrest"], "size": 7, "x": None}
    ]
    for said in (rows, {"count": 1, "evidence": rows}):
        found = table(tmp_path / "t.json", json.dumps(said)).about(Path("e-1.mp4"))
        assert (found.owner, found.label) == ("Whitfield", "Traffic; Arrest")
        assert (found.row["size"], found.row["x"]) == ("7", "")


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("clip.mp4", "by its name"),
        ("CLIP.MP4", "by its name"),
        ("e-2.mp4", "by its id"),
        ("dock7_e-2_x.mp4", "by its id"),
        ("A stop.mp4", "by its title"),
        ("A_door.mp4", ""),
        ("stop.mp4", ""),
    ],
)
def test_a_file_is_found_by_name_by_id_or_by_its_whole_title(tmp_path: Path, file: str, found: str) -> None:
    lines = ["file name,evidence id,title,owner", r"D:\out\clip.mp4,,,by its name", ",e-2,,by its id"]
    lines += [",,A stop,by its title", ",,A,by a word"]
    assert table(tmp_path / "t.csv", "\n".join(lines)).about(Path(file)).owner == found


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("/in/cam1/clip.mp4", "1"),
        ("/in/CAM2/clip.mp4", "2"),
        ("/other/2026/cam1/clip.mp4", "1"),
        ("/in/cam3/clip.mp4", ""),
        ("/in/cam1/e-9.mp4", ""),
        ("/in/cam1/twin.mp4", "twin"),
        ("/in/cam1/front.mp4", "file"),
    ],
)
def test_the_row_with_the_longest_path_is_the_one(tmp_path: Path, file: str, found: str) -> None:
    lines = ["file,evidence id,title,owner", "cam1/clip.mp4,,,1", r"x\cam2\clip.mp4,,,2"]
    lines += [
        ",e-9,,a",
        ",e-9,,b",
        "twin.mp4,,,twin",
        "twin.mp4,,,twin",
        ",,front.mp4,title",
        "front.mp4,,,file",
    ]
    said = table(tmp_path / "t.csv", "\n".join(lines)).about(Path(file))
    assert (said.owner, bool(said.doubt)) == (found, not found)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("t.csv", b'a,b\n"open', "breaks off or is damaged"),
        ("t.csv", b"a,b\n" + b"x" * 200_000, "breaks off or is damaged"),
        ("t.json", b'{"a":', "is not JSON"),
        ("t.json", b"[" * 100_000, "is not JSON"),
        ("t.json", b'[{"a": ' + b"1" * 5000 + b"}]", "is not JSON"),
        ("t.json", b"[1, 2]", "expected a list of objects"),
        ("t.json", b'"text"', "expected a list of objects"),
        ("t.csv", b"a,b\n\x81\x8d\x8f\n", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_what_is_no_table_is_refused_with_its_name(
    tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        table(tmp_path / name, data)
    assert name in refused.value.sentence


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="gone.csv is not an ordinary file"):
        forms.Table(AXON).read(tmp_path / "gone.csv")
    with pytest.raises(Invalid, match="no column mapping"):
        forms.columns("unknown")


def test_odd_text_becomes_text_that_can_be_kept(tmp_path: Path) -> None:
    found = table(tmp_path / "t.json", b'[{"evidence_id": "e", "owner": "a\\ud800b\\u0000c\\u001bd"}]')
    assert found.about(Path("e.mp4")).owner == "a?bcd"
    old = table(tmp_path / "t.csv", "evidence id,owner\ne,Müller\n".encode("cp1252"))
    assert old.about(Path("e.mp4")).owner == "Müller"
    assert len(forms.cell("x" * 10_000)) == forms.MAX_CELL


@pytest.mark.parametrize("value", ["Cafe\u0301", ["Cafe\u0301", "x"], "\u0340" * 5000])
def test_decomposed_text_is_composed(value: object) -> None:
    assert unicodedata.is_normalized("NFC", forms.cell(value))


def test_only_tables_with_columns_that_are_known_are_taken_for_tables(tmp_path: Path) -> None:
    def looks(name: str, text: str) -> bool:
        (tmp_path / name).write_text(text)
        return forms.looks_like_table(tmp_path / name, AXON)

    assert looks("t.csv", "Evidence ID,Owner\n1,2\n")
    assert looks("t.json", '[{"evidence_id": 1, "owner": 2}]')
    assert not looks("t.csv", "Owner,Colour\n1,2\n"), "one column that is known is none"
    assert not looks("t.csv", "Evidence ID,Owner\n"), "no row"
    assert not looks("t.txt", "Evidence ID,Owner\n1,2\n")
    assert not looks("t.json", "{")
    (tmp_path / "link.csv").symlink_to(tmp_path / "t.csv")
    looks("t.csv", "Evidence ID,Owner\n1,2\n")
    assert not forms.looks_like_table(tmp_path / "link.csv", AXON), "links are not followed"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02T14:05:31Z", "2026-03-02 14:05:31"),
        ("2026-03-02T14:05:31-05:00", "2026-03-02 19:05:31"),
        ("2026-03-02T14:05:31.250+09:30", "2026-03-02 04:35:31.250000"),
        ("2026-03-02 14:05:31", "2026-03-02 19:05:31"),
        ("2026-07-02 14:05:31", "2026-07-02 18:05:31"),
        ("03/02/2026 02:05:31 PM", "2026-03-02 19:05:31"),
        ("03/02/2026 14:05", "2026-03-02 19:05:00"),
        ("25/12/2025 10:00:00", "2025-12-25 15:00:00"),
        ("20260302T140531", "2026-03-02 19:05:31"),
        ("  2026-03-02T14:05:31Z  ", "2026-03-02 14:05:31"),
        ("2026-11-01 01:30:00", "2026-11-01 05:30:00"),  # twice that night: the first of them
    ],
)
def test_a_time_is_read_in_its_zone_or_the_agencys(text: str, utc: str) -> None:
    assert forms.moment(text, CAMBRIDGE) == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", ["", "last Tuesday", "2026-13-01 00:00:00", "31/31/2026 10:00:00", "1772460331"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert forms.moment(text, CAMBRIDGE) is None


zones = st.sampled_from(["America/New_York", "Europe/London", "Pacific/Apia", "UTC"]).map(ZoneInfo)


@given(st.datetimes(timezones=zones), zones)
def test_a_time_with_its_zone_is_never_moved(moment: dt.datetime, agency: ZoneInfo) -> None:
    found = forms.moment(moment.isoformat(), agency)
    try:
        assert found == moment.astimezone(dt.UTC)
    except OverflowError:
        assert found is None


@given(st.text(max_size=40), zones)
@example("0001-01-01T00:00:00+14:00", ZoneInfo("UTC"))
@example("9999-12-31T23:59:59-14:00", ZoneInfo("UTC"))
@example("9999-12-31 23:59:59", ZoneInfo("America/New_York"))
def test_no_text_is_an_error(text: str, agency: ZoneInfo) -> None:
    found = forms.moment(text, agency)
    assert found is None or found.utcoffset() == dt.timedelta(0)


def test_a_day_with_slashes_is_read_as_the_agency_writes_it() -> None:
    assert forms.moment("03/04/2026 10:00", CAMBRIDGE) == dt.datetime(2026, 3, 4, 15, tzinfo=dt.UTC)
    british = forms.moment("03/04/2026 10:00", CAMBRIDGE, month_first=False)
    assert british == dt.datetime(2026, 4, 3, 14, tzinfo=dt.UTC)
    assert forms.moment("23/04/2026 10:00", CAMBRIDGE) == dt.datetime(2026, 4, 23, 14, tzinfo=dt.UTC)

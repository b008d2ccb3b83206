"""The agency: a profile that is whole, and a home that belongs to one agency for ever."""

from pathlib import Path

import pytest

from fairwitness.kernel import agency, profiles
from fairwitness.kernel.refusals import Invalid

PROFILES = profiles.known()


@pytest.mark.parametrize("key", PROFILES)
def test_every_profile_is_whole(key: str) -> None:
    found = agency.load(key)
    assert (found.key, found.tz.key) == (key, found.zone)
    assert all(
        [found.name, found.short_name, found.website, found.language, found.date_format, found.official]
    )


def test_two_agencies_have_two_logs() -> None:
    assert len({agency.load(key).log_origin for key in PROFILES}) == len(PROFILES) >= 2


def test_an_unknown_profile_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Invalid, match="no agency profile “gotham”. Known: cambridge_ma, cambridgeshire"):
        agency.load("gotham")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[agency", r"half/agency\.toml: Expected '\]'"),
        ("[agency]\nname = 1\n", r"half/agency\.toml, line 1, agency\.short_name: Field required"),
        ("# nothing\n\n[other]\n", r"half/agency\.toml, line \d, "),
        ("[agency]\n\ncolour = 'blue'\n", r"half/agency\.toml, line 1, agency\.name: Field required"),
    ],
)
def test_a_profile_that_is_not_whole_is_refused_by_file_line_and_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "agency.toml").write_text(text)
    with pytest.raises(Invalid, match=said):
        agency.load("half")


@pytest.mark.parametrize("key", PROFILES)
def test_a_field_that_is_wrong_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    text = (profiles.FOLDER / key / "agency.toml").read_text()
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines, start=1) if line.startswith("kept_days"))
    lines[at - 1] = 'kept_days = "soon"'
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    (tmp_path / key).mkdir()
    (tmp_path / key / "agency.toml").write_text("\n".join(lines))
    with pytest.raises(Invalid, match=rf"{key}/agency\.toml, line {at}, uploads\.kept_days: "):
        agency.load(key)


def test_a_zone_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (profiles.FOLDER / "cambridgeshire" / "agency.toml").read_text()
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    (tmp_path / "moon").mkdir()
    (tmp_path / "moon" / "agency.toml").write_text(text.replace("Europe/London", "Moon/Tycho"))
    with pytest.raises(Invalid, match=r"agency\.zone: .*no IANA time zone"):
        agency.load("moon")


class _Deep(profiles.Shape):
    class Rule(profiles.Shape):
        id: str
        days: int

    class Document(profiles.Shape):
        number: str
        rules: list["_Deep.Rule"]

    documents: list[Document]


DEEP = """
[[documents]]
number = "1"
[[documents.rules]]
id = "a"
days = 1
[[documents]]
number = "2"
[[documents.rules]]
id = "b"
days = 2

[[documents.rules]]
id = "c"
"""


def test_a_field_deep_in_lists_is_named_with_its_line() -> None:
    with pytest.raises(Invalid, match=r"x\.toml, line 13, documents\[1\]\.rules\[1\]\.days: Field required"):
        profiles.parse(DEEP, "x.toml", _Deep)
    wrong = DEEP + 'days = "three"\n'
    with pytest.raises(Invalid, match=r"x\.toml, line 15, documents\[1\]\.rules\[1\]\.days: "):
        profiles.parse(wrong, "x.toml", _Deep)
    right = profiles.parse(DEEP + "days = 3\n", "x.toml", _Deep)
    assert right.documents[1].rules[1].days == 3


def test_a_home_belongs_to_one_agency(tmp_path: Path) -> None:
    home = tmp_path / "home"
    agency.claim_home(home, "cambridge_ma")
    agency.claim_home(home, "cambridge_ma")
    with pytest.raises(Invalid, match="belongs to the agency “cambridge_ma”; give “cambridgeshire”"):
        agency.claim_home(home, "cambridgeshire")
    assert [p.name for p in home.iterdir()] == ["agency"]
    assert (home / "agency").read_text() == "cambridge_ma\n"

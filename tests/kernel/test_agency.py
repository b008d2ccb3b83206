"""The agency: a profile that is whole, and a home that belongs to one agency for ever."""

from pathlib import Path

import pytest

from fairwitness.kernel import agency
from fairwitness.kernel.refusals import Invalid

PROFILES = sorted(path.stem for path in agency.PROFILES.glob("*.toml"))


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
    "text", ["[agency", "[agency]\nname = 1\n", "[other]\n", "[agency]\ncolour = 'blue'\n"]
)
def test_a_profile_that_is_not_whole_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(agency, "PROFILES", tmp_path)
    (tmp_path / "half.toml").write_text(text)
    with pytest.raises(Invalid, match=r"half\.toml: "):
        agency.load("half")


def test_a_home_belongs_to_one_agency(tmp_path: Path) -> None:
    home = tmp_path / "home"
    agency.claim_home(home, "cambridge_ma")
    agency.claim_home(home, "cambridge_ma")
    with pytest.raises(Invalid, match="belongs to the agency “cambridge_ma”; give “cambridgeshire”"):
        agency.claim_home(home, "cambridgeshire")
    assert [p.name for p in home.iterdir()] == ["agency"]
    assert (home / "agency").read_text() == "cambridge_ma\n"

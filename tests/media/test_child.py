"""The parent's side: what it hands in, what it believes, and what remains when it refuses."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fairwitness.kernel import child
from fairwitness.kernel.child import Limits, MediaRefused, limits_for, read_media, walls
from fairwitness.kernel.child_answers import (
    ANSWERS,
    REASONS,
    WALLS,
    Malformed,
    Maybe,
    Several,
    checked,
    words,
)
from fairwitness.media import doctor
from fairwitness.media.__main__ import VERBS
from tests.media.recordings import video


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return video(tmp_path / "clip.mp4", range(0, 400, 40))


def answering(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the child say this, whatever it was asked."""
    monkeypatch.setattr(child, "_PROGRAM", f"import os; os.write(1, {text.encode()!r})")


def test_it_works(clip: Path) -> None:
    with clip.open("rb") as source:
        source.seek(100)
        untrusted = read_media("probe", source)
        assert source.tell() == 100
    assert untrusted["readable"]
    assert untrusted["frames_decoded"] == 10
    assert untrusted.keys() == ANSWERS["probe"].keys()


def test_every_verb_has_a_shape_and_every_wall_a_name() -> None:
    assert set(VERBS) == set(ANSWERS)
    assert set(doctor.WALLS) == WALLS


def test_all_walls_stand_here() -> None:
    found = walls()
    assert set(found) == WALLS
    assert {wall for wall, result in found.items() if not result.stands} == set()
    assert "computed" not in found["cpu"].why
    assert walls() is found


def test_doctor_sees_when_nothing_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_ENVIRONMENT", {"DATABASE_URL": "x"})
    monkeypatch.setattr(
        child,
        "_PROGRAM",
        "import json, os; from fairwitness.media import doctor;"
        "found = doctor.try_walls(os.getppid(), os.memfd_create('scratch'), spend_cpu=True);"
        "print(json.dumps({wall: result.stands for wall, result in found.items()}))",
    )
    found = json.loads(child._converse("doctor", {}, (), Limits()))
    assert set(found) == WALLS
    # An ordinary user is not root without any wall.
    assert {wall for wall, stands in found.items() if stands} <= ({"user"} if os.getuid() else set())


_WITHOUT_SECCOMP = (
    "from fairwitness.media import seccomp; seccomp.install = lambda libc: False; import runpy; "
)


def test_a_missing_wall_is_refused_unless_accepted(monkeypatch: pytest.MonkeyPatch, clip: Path) -> None:
    monkeypatch.setattr(child, "_PROGRAM", _WITHOUT_SECCOMP + child._PROGRAM)
    with clip.open("rb") as source:
        with pytest.raises(MediaRefused) as refusal:
            read_media("probe", source)
        assert refusal.value.reason_code == "wall_missing"
        missing = set(refusal.value.walls)
        assert {"network", "processes"} <= missing < WALLS
        assert all(wall in str(refusal.value) for wall in missing)
        with pytest.raises(MediaRefused):
            read_media("probe", source, accept_missing_walls=frozenset({"network"}))
        assert read_media("probe", source, accept_missing_walls=frozenset(missing))["readable"]


def test_the_source_must_be_read_only(clip: Path) -> None:
    with clip.open("r+b") as source, pytest.raises(ValueError, match="reading only"):
        read_media("probe", source)


def test_the_source_must_be_a_file() -> None:
    with Path("/dev/zero").open("rb") as source, pytest.raises(ValueError, match="regular file"):
        read_media("probe", source)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "[" * 100_000,
        '{"readable": true}',
        '{"refused": "because"}',
        '{"refused": "wall_missing", "walls": ["moat"]}',
    ],
)
def test_a_malformed_answer_is_refused(monkeypatch: pytest.MonkeyPatch, clip: Path, text: str) -> None:
    answering(monkeypatch, text)
    with clip.open("rb") as source, pytest.raises(MediaRefused) as refusal:
        read_media("probe", source)
    assert refusal.value.reason_code == "malformed"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An answer of a real child."""
    with video(tmp_path_factory.mktemp("honest") / "clip.mp4", range(0, 400, 40)).open("rb") as source:
        return read_media("probe", source)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", 1.5),
        ("size", float("nan")),
        ("size", 2**63),
        ("size", True),
        ("size", "1"),
        ("readable", 1),
        ("reason_code", "because I say so"),
        ("first_frame", "sha256:../../etc/passwd"),
        ("container", ["mp4"] * 17),
        ("brand", "x" * 1001),
        ("streams", {}),
        ("unknown", 1),
    ],
)
def test_a_lie_in_one_place_is_refused(
    monkeypatch: pytest.MonkeyPatch, clip: Path, honest: dict[str, Any], key: str, value: Any
) -> None:
    answering(monkeypatch, json.dumps({**honest, key: value}))
    with clip.open("rb") as source, pytest.raises(MediaRefused) as refusal:
        read_media("probe", source)
    assert refusal.value.reason_code == "malformed"


def test_text_is_cleaned(monkeypatch: pytest.MonkeyPatch, clip: Path, honest: dict[str, Any]) -> None:
    answering(monkeypatch, json.dumps({**honest, "brand": "a\0\x1b[31m\u202eb\ud800\nc\u200b e\u0301"}))
    with clip.open("rb") as source:
        assert read_media("probe", source)["brand"] == "a[31mb c \u00e9"


def test_a_refusal_leaves_no_output(monkeypatch: pytest.MonkeyPatch, clip: Path, tmp_path: Path) -> None:
    monkeypatch.setattr(child, "_PROGRAM", "import os; os.abort()")
    with clip.open("rb") as source, pytest.raises(MediaRefused):
        read_media("still", source, {"picture": tmp_path / "still.jpg"})
    assert not (tmp_path / "still.jpg").exists()


def test_what_is_not_made_leaves_no_output(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"no recording" * 100)
    with (tmp_path / "noise").open("rb") as source:
        untrusted = read_media("still", source, {"picture": tmp_path / "still.jpg"})
    assert untrusted == {"made": False, "reason_code": "not_media", "reason": REASONS["not_media"]}
    assert not (tmp_path / "still.jpg").exists()


def test_an_output_never_replaces_a_file(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "still.jpg").write_text("there already")
    with clip.open("rb") as source, pytest.raises(FileExistsError):
        read_media("still", source, {"picture": tmp_path / "still.jpg"})
    assert (tmp_path / "still.jpg").read_text() == "there already"


def test_output_beyond_the_limit(clip: Path, tmp_path: Path) -> None:
    with clip.open("rb") as source, pytest.raises(MediaRefused) as refusal:
        read_media("viewing_copy", source, {"copy": tmp_path / "copy"}, limits=Limits(output_bytes=500))
    assert refusal.value.reason_code == "output_too_large"
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("megabytes", [150, 250, 270])
def test_too_little_memory_is_not_blamed_on_the_recording(tmp_path: Path, megabytes: int) -> None:
    large = video(tmp_path / "large.mp4", range(0, 400, 40), size=(3840, 2160))
    with large.open("rb") as source, pytest.raises(MediaRefused) as refusal:
        read_media("probe", source, limits=Limits(memory_bytes=megabytes << 20))
    assert refusal.value.reason_code == "memory"


def test_limits_grow_with_the_recording() -> None:
    small, large = limits_for("viewing_copy", 1 << 20), limits_for("viewing_copy", 1 << 30)
    assert small.seconds < large.seconds
    assert small.output_bytes < large.output_bytes
    assert small.memory_bytes == large.memory_bytes


@pytest.mark.parametrize("verb", ["probe", "viewing_copy"])
def test_nothing_is_read_for_ever(verb: str) -> None:
    """A sparse file may claim any size."""
    assert limits_for(verb, 1 << 60).seconds == child.LONGEST
    assert limits_for(verb, 1 << 30).seconds <= child.LONGEST


def test_shapes() -> None:
    assert checked([1, None], Several(Maybe(int), 2)) == [1, None]
    assert checked("b", words("a b")) == "b"
    assert checked({"a": 1}, [{"b": int}, {"a": int}]) == {"a": 1}
    for untrusted, shape in (
        ([1, 2, 3], Several(int, 2)),
        ("c", words("a b")),
        ({"a": 1, "c": 1}, {"a": int}),
    ):
        with pytest.raises(Malformed):
            checked(untrusted, shape)

"""Taking in a delivery, file by file: what is no ordinary file is refused, what was refused is said."""

import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairwitness.evidence.acts.ingest import Found, Outcome, begin_ingest, end_ingest, take_in, walk
from fairwitness.evidence.models import Ingest, Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.refusals import Invalid, Unavailable
from tests.department.ledger import latest, sentence
from tests.evidence.made import BY, grown, nowhere, rows, said, written
from tests.world import World


def taken_in(path: Path, **words: object) -> Outcome:
    return take_in(Found(path), said(source_name=str(path), **words), blobs.store(), nowhere, by=BY)


def test_it_works(world: World, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a recording")
    outcome = taken_in(path)
    assert outcome.recording == Recording.objects.get()
    assert (outcome.status, outcome.sha256, outcome.reason) == ("sealed", outcome.recording.sha256, "")
    assert taken_in(path).status == "duplicate"


def test_a_delivery_begins_and_ends(world: World) -> None:
    ingest = begin_ingest("/mnt/dock", by=BY)
    assert latest() == (
        "evidence.ingest_begun",
        {("evidence.ingest", ingest.pk)},
        {"ingest_id": str(ingest.pk)},
    )
    end_ingest(ingest, {"sealed": 3, "refused": 1}, by=BY)
    assert latest()[2] == {"ingest_id": str(ingest.pk), "sealed": 3, "duplicate": 0, "refused": 1}
    assert "3 sealed, 0 already here, 1 refused" in sentence()
    ended = Ingest.objects.get()
    assert ended.ended is not None
    assert (ended.sealed, ended.duplicate, ended.refused) == (3, 0, 1)


@pytest.mark.parametrize("source", ["x" * 500, "half \udcff", "nul\0"])
def test_a_delivery_may_come_from_an_odd_place(world: World, source: str) -> None:
    assert len(begin_ingest(source, by=BY).source) <= 200


def _link(path: Path) -> None:
    (path.parent / "target").write_bytes(b"elsewhere")
    path.symlink_to(path.parent / "target")


def _socket(path: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(path))


@pytest.mark.parametrize("make", [_link, os.mkfifo, _socket, Path.mkdir])
def test_what_is_no_ordinary_file_is_refused_and_nothing_is_written(
    world: World, tmp_path: Path, make: object
) -> None:
    path, before = tmp_path / "odd.mp4", rows()
    make(path)  # type: ignore[operator]
    outcome = taken_in(path)
    assert (outcome.status, outcome.recording) == ("refused", None)
    assert outcome.reason.startswith(("It cannot be opened:", "It is not an ordinary file."))
    assert grown(before) == {}


def test_what_is_gone_is_refused(world: World, tmp_path: Path) -> None:
    assert taken_in(tmp_path / "gone.mp4").reason == "It cannot be opened: No such file or directory."


def test_what_cannot_be_read_is_refused_and_the_next_is_sealed(world: World, tmp_path: Path) -> None:
    """A real read error: the first page of a process is never mapped."""
    before, outcome = rows(), taken_in(Path("/proc/self/mem"))
    assert (outcome.status, outcome.reason) == ("refused", "It cannot be read: Input/output error.")
    assert grown(before) == {}
    assert taken_in(written(tmp_path / "delivery", clip=b"recording") / "clip.mp4").status == "sealed"


def test_a_store_that_breaks_ends_the_delivery(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: object) -> None:
        raise OSError(errno.EIO, "the disk does not write")

    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(Unavailable, match="the disk does not write"):
        taken_in(written(tmp_path / "delivery", clip=b"recording") / "clip.mp4")


@pytest.mark.parametrize("words", [{"row": {"title": "Cafe\u0301"}}, {"row": {"size": 2**60}}])
def test_words_that_cannot_be_kept_are_of_one_file_alone(
    world: World, tmp_path: Path, words: dict[str, object]
) -> None:
    folder, before = written(tmp_path / "delivery", a=b"one", b=b"two"), rows()
    outcome = taken_in(folder / "a.mp4", **words)
    assert (outcome.status, outcome.recording) == ("refused", None)
    assert outcome.reason.startswith("What is said of it cannot be kept: ")
    assert grown(before) == {}
    assert taken_in(folder / "b.mp4").status == "sealed"


class TestWalk:
    """Every file below, in the order of names, whatever lies there."""

    def test_it_works(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        for name in ("b/2", "b/1", "a", "c"):
            (tmp_path / name).touch()
        found = [str(p.relative_to(tmp_path)) for p in walk(tmp_path)]
        assert found == ["a", "b/1", "b/2", "c"]

    def test_a_link_is_answered_and_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to(tmp_path)
        (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
        assert [p.name for p in walk(tmp_path)] == ["dangling", "loop"]

    def test_nothing_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="There is nothing at"):
            list(walk(tmp_path / "gone"))

    def test_a_closed_folder_is_answered_itself(self) -> None:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "names_only").mkdir()
            (folder / "names_only" / "clip.mp4").touch()
            (folder / "closed").mkdir(mode=0o000)
            (folder / "names_only").chmod(0o444)
            folder.chmod(0o755)
            with somebody_else():
                found = list(walk(folder))
                outcome = take_in(Found(found[0]), said(), blobs.store(), nowhere, by=BY)
            assert [p.name for p in found] == ["closed", "clip.mp4"]
            assert (outcome.status, outcome.reason) == ("refused", "It cannot be opened: Permission denied.")
            for closed in (folder / "closed", folder / "names_only"):
                closed.chmod(0o700)


@contextmanager
def somebody_else() -> Iterator[None]:
    """For a while not root, who opens everything."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)

"""The digest of what comes: right behind the writing, again after a restart, never of what is gone."""

import hashlib
import os
import threading
import uuid
from pathlib import Path

from fairwitness.uploads.acts.follow import MOST, Follower, follower, forget


def test_it_follows_what_is_written_piece_by_piece(tmp_path: Path) -> None:
    path, data = tmp_path / "file", os.urandom(3_000_000)
    path.write_bytes(b"")
    followed = Follower()
    for at in range(0, len(data), 100_000):
        with path.open("ab") as file:
            file.write(data[at : at + 100_000])
        followed.follow(path, at + 100_000)
    assert followed.digest(len(data), 10) == hashlib.sha256(data).hexdigest()


def test_it_starts_anew_as_often_as_it_ends(tmp_path: Path) -> None:
    path, data = tmp_path / "file", os.urandom(50_000)
    path.write_bytes(data)
    followed = Follower()
    for upto in range(1000, 50_001, 1000):
        followed.follow(path, upto)
        assert followed.digest(upto, 10) == hashlib.sha256(data[:upto]).hexdigest()
    for thread in threading.enumerate():
        if thread.name == "follow":
            thread.join(5)
            assert not thread.is_alive()


def test_it_says_nothing_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"short")
    followed = Follower()
    followed.follow(path, 10)
    assert followed.digest(10, 5) == ""
    gone = Follower()
    gone.follow(tmp_path / "nothing", 10)
    assert gone.digest(10, 5) == ""
    assert Follower().digest(5, 0.01) == ""


def test_what_went_back_is_followed_from_the_first_byte_again(tmp_path: Path) -> None:
    pk = uuid.uuid4()
    path = tmp_path / "file"
    path.write_bytes(b"aaaa")
    first = follower(pk, 0)
    first.follow(path, 4)
    assert follower(pk, 4) is first
    assert follower(pk, 2) is not first
    forget(pk)


def test_so_many_are_remembered_and_no_more() -> None:
    keys = [uuid.uuid4() for _ in range(MOST + 1)]
    known = [follower(pk, 0) for pk in keys]
    assert follower(keys[-1], 0) is known[-1]
    assert follower(keys[0], 0) is not known[0]
    for pk in keys:
        forget(pk)

"""A disk of staged bytes that is not mounted refuses nothing for good; the mark says which folder is the one."""

from pathlib import Path

import pytest

from fairwitness.kernel.refusals import Unavailable
from fairwitness.uploads.acts import seal, staged
from fairwitness.uploads.models import Upload
from tests.uploads.tus import BY, Sender

DATA = b"some bytes of film"


def test_an_empty_place_without_its_disk_refuses_nothing(home: Path, dock: Sender) -> None:
    upload = dock.send(DATA)
    assert (home / "uploads" / staged.MARK).exists()
    (home / "uploads").rename(home / "unmounted")
    with pytest.raises(Unavailable, match="may not be mounted"):
        seal.seal_upload(upload.pk, by=BY)
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:4])
    assert not (home / "uploads" / staged.MARK).exists(), "it is not marked while bytes are missing"
    with pytest.raises(Unavailable):
        seal.seal_upload(upload.pk, by=BY)
    assert Upload.objects.get(pk=upload.pk).status == "received"
    (home / "uploads").rename(home / "under the mount")
    (home / "unmounted").rename(home / "uploads")
    assert seal.seal_upload(upload.pk, by=BY).status == "sealed"


def test_bytes_that_are_gone_from_the_right_folder_are_refused(dock: Sender) -> None:
    upload = dock.send(DATA)
    staged.path_of(upload.pk).unlink()
    assert seal.seal_upload(upload.pk, by=BY).status == "refused"


def test_a_folder_from_before_there_were_marks_is_marked_by_its_next_use(home: Path, dock: Sender) -> None:
    dock.send(DATA)
    (home / "uploads" / staged.MARK).unlink()
    dock.send(DATA + DATA)
    assert (home / "uploads" / staged.MARK).exists()

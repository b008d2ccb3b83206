"""A document of more than 2 GiB comes by the form of a case: not held in memory, sealed whole, nothing left beside."""

import hashlib
import resource
import shutil

import pytest
from django.urls import reverse

from fairwitness.cases import doors
from fairwitness.cases.models import Case
from fairwitness.kernel import receiving
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SIZE = 2**31 + 1
BLOCK = bytes(2**20)
HEAD = (
    b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\ndocument\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="large.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n"
)
TAIL = b"\r\n--x--\r\n"
MIB = 2**20


class Sent:
    """What a browser sends, made as it is read."""

    def __init__(self) -> None:
        self.left = len(HEAD) + SIZE + len(TAIL)
        self.length = self.left

    def read(self, count: int = -1) -> bytes:
        """The next bytes, at most `count`."""
        at, count = self.length - self.left, min(self.left, count if count >= 0 else MIB)
        if at < len(HEAD):
            data = HEAD[at : at + count]
        elif at < len(HEAD) + SIZE:
            data = BLOCK[: min(count, len(HEAD) + SIZE - at, MIB)]
        else:
            data = TAIL[at - len(HEAD) - SIZE :][:count]
        self.left -= len(data)
        return data

    readline = read


def test_it_works(world: World, case: Case) -> None:
    usage = shutil.disk_usage(receiving._folder())
    if usage.free < 3 * SIZE + receiving.keep_free(usage.total):
        pytest.skip("needs 6 GiB of free disk beside what stays free")
    sent, browser = Sent(), world.sign_in("lindqvist")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = browser.request(
        **{
            "PATH_INFO": reverse("case-file", args=[case.pk]),
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
            "CONTENT_LENGTH": str(sent.length),
            "wsgi.input": sent,
        }
    )
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert answer.status_code == 302
    file = doors.items(case).get().file
    assert file and (file.size, file.name) == (SIZE, "large.pdf")
    digest = hashlib.sha256()
    for _block in range(SIZE // MIB):
        digest.update(BLOCK)
    digest.update(BLOCK[: SIZE % MIB])
    assert file.sha256 == digest.hexdigest()
    assert grown < 150, f"{grown:.0f} MiB more were held than before"
    assert not list(receiving._folder().iterdir())

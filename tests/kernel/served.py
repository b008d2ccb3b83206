"""Bytes sent by the real server, as `fairwitness site` runs it; what was charged and what left is written into a file."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from fairwitness.kernel import sending
from fairwitness.kernel.blobs.files import FileReader

Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, str], start: Start) -> Iterable[bytes]:
    """All of the file."""
    folder = Path(os.environ["SERVED"])
    file = FileReader(os.open(folder / "file", os.O_RDONLY))
    start("200 OK", [("Content-Length", str(file.size))])

    def left(begin: int, end: int) -> None:
        (folder / "left.part").write_text(f"{begin} {end}")
        (folder / "left.part").rename(folder / "left")

    return sending._body(file, 0, file.size, lambda: True, lambda count: True, left)


if __name__ == "__main__":
    os.environ["SERVED"] = sys.argv[2]
    Granian(
        "tests.kernel.served:application",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        log_level=LogLevels.error,
    ).serve()

"""Whoever sends: a process of its own that speaks tus 1.0 to any server, told what to do in JSON on its input.

`tuspy` sends one file with that client as it comes, and says in JSON how many seconds it took. `docks` sends many
files at once, each over a connection and with a token of its own, as cheaply as can be: what is sent, and its
digests, lie ready in memory before the clock runs. It says when each dock had how many bytes acknowledged.
"""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tusclient.client import TusClient

# A dock computes on a processor of its own, not on the server's: here it stands back, its group of processes too.
NICE = 10
GROUP = Path("/proc/self/autogroup")
TUS = {"Tus-Resumable": "1.0.0"}


def tuspy(url: str, token: str, path: str, chunk: int, metadata: dict[str, str]) -> float:
    """Seconds from the first request to the last chunk's acknowledgement."""
    client = TusClient(url, headers=shown(token))
    begun = time.perf_counter()
    client.uploader(path, chunk_size=chunk, metadata=metadata).upload()
    return time.perf_counter() - begun


def shown(token: str) -> dict[str, str]:
    """The header that shows a token (RFC 6750, 2.1)."""
    return {"Authorization": f"Bearer {token}"}


def encoded(metadata: dict[str, str]) -> str:
    """Upload-Metadata as tus 1.0 writes it."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())


class Sender:
    """One upload over one connection."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = TUS | shown(token)
        self.path = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        """Ask, and read the answer to its end. Raises ValueError when it is not one of success."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body=body, headers=self.headers | named)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status // 100 != 2:
            raise ValueError(f"{method}: {answer.status} {said[:300]!r}")
        return answer

    def create(self, path: str, size: int, metadata: dict[str, str]) -> None:
        """Announce the upload."""
        answer = self.ask("POST", path, Upload_Length=str(size), Upload_Metadata=encoded(metadata))
        self.path = urllib.parse.urlsplit(answer.headers["Location"]).path

    def patch(self, at: int, chunk: Any, checksum: str) -> int:
        """Send a chunk with its SHA-256 in base64; answers the offset that is acknowledged."""
        headers = {"Upload_Offset": str(at), "Content_Type": "application/offset+octet-stream"}
        answer = self.ask("PATCH", self.path, chunk, Upload_Checksum=f"sha256 {checksum}", **headers)
        return int(answer.headers["Upload-Offset"])

    def offset(self) -> int:
        """Where the server says that the upload stands."""
        return int(self.ask("HEAD", self.path).headers["Upload-Offset"])


@dataclass
class Dock:
    """One dock of many: its file is what all have, but for its last chunk."""

    sender: Sender
    chunks: list[memoryview]
    checksums: list[str]
    sha256: str
    acknowledged: list[tuple[float, int]] = field(default_factory=list)
    error: str = ""

    def send(self, path: str, name: str, start: threading.Barrier) -> None:
        """Send it all, as soon as all are ready; what goes wrong is kept and not raised."""
        start.wait()
        at = 0
        try:
            metadata = {"filename": name, "sha256": self.sha256}
            self.sender.create(path, sum(map(len, self.chunks)), metadata)
            for chunk, checksum in zip(self.chunks, self.checksums, strict=True):
                at = self.sender.patch(at, chunk, checksum)
                self.acknowledged.append((time.monotonic(), at))
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.error = f"{type(error).__name__}: {error}"


def docks(port: int, path: str, tokens: list[str], size: int, chunk: int) -> dict[str, Any]:
    """One dock a token, all at once, when a line comes on the input."""
    _stand_back()
    many = _docks(port, tokens, size, chunk)
    start = threading.Barrier(len(many) + 1)
    threads = [
        threading.Thread(target=dock.send, args=(path, f"dock-{number}.bin", start))
        for number, dock in enumerate(many)
    ]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    start.wait()
    begun = time.monotonic()
    for thread in threads:
        thread.join()
    return {
        "begun": begun,
        "docks": [
            {"sha256": d.sha256, "acknowledged": d.acknowledged, "error": d.error, "path": d.sender.path}
            for d in many
        ],
    }


def _stand_back() -> None:
    os.setsid()
    os.nice(NICE)
    # Where the kernel groups processes by session, shares the processor between groups, and niceness is theirs.
    with contextlib.suppress(OSError):
        GROUP.write_text(str(NICE), encoding="ascii")


def _docks(port: int, tokens: list[str], size: int, chunk: int) -> list[Dock]:
    same = memoryview(os.urandom(size - chunk))
    shared = [same[at : at + chunk] for at in range(0, len(same), chunk)]
    checksums, so_far = [_checksum(part) for part in shared], hashlib.sha256(same)
    found = []
    for token in tokens:
        last = memoryview(os.urandom(chunk))
        whole = so_far.copy()
        whole.update(last)
        found.append(
            Dock(Sender(port, token), [*shared, last], [*checksums, _checksum(last)], whole.hexdigest())
        )
    return found


def _checksum(chunk: memoryview) -> str:
    return base64.b64encode(hashlib.sha256(chunk).digest()).decode()


def main() -> None:
    """Send as the first line says."""
    ways: dict[str, Callable[..., object]] = {"tuspy": tuspy, "docks": docks}
    how = ways[sys.argv[1]]
    print(json.dumps(how(**json.loads(sys.stdin.readline()))), flush=True)


if __name__ == "__main__":
    main()

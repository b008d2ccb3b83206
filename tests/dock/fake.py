"""A server of the tests' own that speaks tus 1.0 and takes reports, and can be told to misbehave."""

import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "fwt_test"


@dataclass
class Upload:
    """One upload as it stands."""

    length: int
    metadata: dict[str, str]
    data: bytearray = field(default_factory=bytearray)
    done: bool = False


@dataclass
class Fake:
    """What the server has, what it was told, and what it shall do wrong."""

    uploads: dict[str, Upload] = field(default_factory=dict)
    sealed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    # Digests that it will not seal, whatever is sent.
    refuses: set[str] = field(default_factory=set)
    reports: list[dict[str, Any]] = field(default_factory=list)
    # For each request in turn: (status, headers, body) instead of the right answer, or None for the right one.
    # `after` does the same once the request was carried out: an answer that is lost on its way.
    before: Callable[[str, str], Any] = lambda method, path: None
    after: Callable[[str, str], Any] = lambda method, path: None
    token: str = TOKEN
    ahead: int = 0
    requests: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def files(self) -> dict[tuple[str, str], bytes]:
        """What was received whole, by camera and name."""
        return {
            (upload.metadata["device"], upload.metadata["filename"]): bytes(upload.data)
            for upload in self.uploads.values()
            if upload.done
        }


def refuse(status: int, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A refusal as the site makes it."""
    return status, headers, json.dumps({"code": "x", "sentence": f"Refused with {status}."}).encode()


@contextmanager
def serving(fake: Fake, port: int = 0, certificate: Path | None = None) -> Iterator[Fake]:
    """Serve `fake` on loopback, by https where there is a certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, ValueError):
                self.close_connection = True

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with fake.lock:
                fake.requests.append(f"{self.command} {self.path}")
                answer = fake.before(self.command, self.path)
                if answer is None:
                    answer = self._right(body)
                    answer = fake.after(self.command, self.path) or answer
            if answer == "hang up":
                self.close_connection = True
                self.connection.close()
                return
            status, headers, said = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_GET = do_POST = do_HEAD = do_PATCH = do_OPTIONS = _any

        def _right(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            if self.command == "OPTIONS":
                return 204, {"Tus-Version": "1.0.0", "Tus-Extension": "creation,checksum"}, b""
            if self.headers.get("Authorization") != f"Bearer {fake.token}":
                return refuse(401)
            if self.path == "/api/docks/report":
                return self._report(json.loads(body))
            if self.path.startswith("/api/docks/sealed/"):
                sha256 = self.path.rsplit("/", 1)[-1]
                word = json.dumps({"sha256": sha256, "sealed": sha256 in fake.sealed})
                return 200, {"Content-Type": "application/json"}, word.encode()
            if self.command == "POST":
                return self._create()
            upload = fake.uploads.get(self.path)
            if upload is None:
                return refuse(404)
            if self.command == "HEAD":
                said = {"Upload-Offset": str(len(upload.data)), "Upload-Length": str(upload.length)}
                return 200, said, b""
            return self._patch(upload, body)

        def _create(self) -> tuple[int, dict[str, str], bytes]:
            pairs = (pair.split(" ") for pair in self.headers["Upload-Metadata"].split(","))
            metadata = {key: base64.b64decode(value).decode() for key, value in pairs}
            path = f"/api/uploads/{len(fake.uploads)}"
            fake.uploads[path] = Upload(int(self.headers["Upload-Length"]), metadata)
            self._finish(fake.uploads[path])
            return 201, {"Location": f"http://elsewhere.example{path}"}, b""

        def _patch(self, upload: Upload, body: bytes) -> tuple[int, dict[str, str], bytes]:
            if int(self.headers["Upload-Offset"]) != len(upload.data):
                return refuse(409)
            algorithm, _space, digest = self.headers["Upload-Checksum"].partition(" ")
            if algorithm != "sha256" or base64.b64decode(digest) != hashlib.sha256(body).digest():
                return refuse(460)
            upload.data += body
            self._finish(upload)
            return 204, {"Upload-Offset": str(len(upload.data))}, b""

        def _finish(self, upload: Upload) -> None:
            if len(upload.data) == upload.length:
                upload.done = True
                digest = hashlib.sha256(upload.data).hexdigest()
                good = digest == upload.metadata["sha256"] and digest not in fake.refuses
                (fake.sealed if good else fake.refused).append(upload.metadata["sha256"])

        def _report(self, said: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
            fake.reports.append(said)
            digests = {file["sha256"] for camera in said["cameras"] for file in camera["files"]}
            received = dict.fromkeys(digests & set(fake.refused), "refused")
            received |= dict.fromkeys(digests & set(fake.sealed), "sealed")
            answer = {"time": said["time"] + fake.ahead, "received": received}
            return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

        def log_message(self, *words: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    fake.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()

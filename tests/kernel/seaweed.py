"""A real S3 server for tests: SeaweedFS from its wheel, on loopback, with a home of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

KEY, SECRET = "test", "test-secret"


class Seaweed:
    """A server that can be stopped, emptied and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.port, *others = _free_ports(4)
        self.others = others
        folder.mkdir(parents=True)
        rights = {
            "name": "test",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [rights]}))
        (folder / "data").mkdir()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        filer, master, volume = self.others
        self.process = subprocess.Popen(
            [
                *(str(Path(sys.executable).parent / "weed"), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
                *(
                    f"-dir={self.folder / 'data'}",
                    "-volume.max=200",
                    "-master.volumeSizeLimitMB=128",
                    "-filer",
                ),
                *("-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
                *("-s3", f"-s3.port={self.port}", f"-s3.config={self.folder / 's3.json'}"),
                *(f"-filer.port={filer}", f"-master.port={master}", f"-volume.port={volume}"),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            start_new_session=True,
        )
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                self.client().list_buckets()
                probe = f"probe-{time.monotonic_ns()}"
                self.client().create_bucket(Bucket=probe)
                self.client().put_object(Bucket=probe, Key="x", Body=b"x")
                return
            except Exception:
                time.sleep(0.3)
        raise RuntimeError("SeaweedFS did not start")

    def stop(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            for port in (self.port, *self.others):
                for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    left.unlink(missing_ok=True)
                for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port + 10_000}.sock"):
                    left.unlink(missing_ok=True)

    def empty(self) -> None:
        """As a new machine: the server's disk is another one."""
        shutil.rmtree(self.folder / "data")
        (self.folder / "data").mkdir()

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )


@contextmanager
def running(folder: Path) -> Iterator[Seaweed]:
    server = Seaweed(folder)
    os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, and whose neighbour 10,000 above is free too: the server speaks gRPC there."""
    found: list[int] = []
    # Far from those of the process beside this one, whose server may not have opened them yet.
    for port in range(21_000 + os.getpid() * 101 % 30_000, 55_000):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise RuntimeError("no ports are free")

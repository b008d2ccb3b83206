"""A log as a police department publishes it, and the two programs run as a stranger runs them.

The log is made with `fairwitness.rules` and keys of `cryptography`; the programs are single files, copied away
from the repository and run by a Python that sees neither it nor any package.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fairwitness.rules import canonical, notes, tiles

REPOSITORY = Path(__file__).resolve().parents[2]
ORIGIN = "police.example/log"
ALONE = [sys.executable, "-I", "-S"]  # no environment, no packages, no repository


def program(name: str, folder: Path) -> list[str]:
    """The command that runs a copy of verify/fairwitness_<name>.py, alone in a folder."""
    folder.mkdir(exist_ok=True)
    copy = shutil.copy(REPOSITORY / "verify" / f"fairwitness_{name}.py", folder)
    return [*ALONE, str(copy)]


class Outcome:
    """What the verifier said, and whether it was content."""

    def __init__(self, run: subprocess.CompletedProcess[str]) -> None:
        self.text = run.stdout
        self.holds = run.returncode == 0
        assert run.returncode in (0, 1), run
        assert run.stderr == "", run.stderr
        assert run.stdout.splitlines()[-1].startswith("Verified: " if self.holds else "Not verified: ")

    @property
    def faults(self) -> list[str]:
        """The sentences of what is wrong."""
        return [line.removeprefix("FAULT  ") for line in self.text.splitlines() if line.startswith("FAULT")]


def verify(*words: object, cwd: Path, limit: Sequence[str] = ()) -> Outcome:
    """Run the verifier, under a limit if given."""
    command = [*limit, *program("verify", cwd / "stranger"), *map(str, words)]
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    return Outcome(run)


def new_key(name: str, kind: int) -> tuple[Ed25519PrivateKey, notes.Key]:
    """A private key, and the public one under a name."""
    private = Ed25519PrivateKey.generate()
    return private, notes.Key(name, kind, private.public_key().public_bytes_raw())


class Log:
    """A log in a folder, which its owner can publish to, and a forger can publish anew."""

    def __init__(self, folder: Path, private: Ed25519PrivateKey | None = None) -> None:
        self.folder = folder
        self.private = private or Ed25519PrivateKey.generate()
        self.key = notes.Key(ORIGIN, notes.ED25519, self.private.public_key().public_bytes_raw())
        self.size = 0
        self.receipts: dict[int, dict[str, Any]] = {}
        self.put("key", f"{self.key}\n".encode())

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the log."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)

    def fetch(self, path: str) -> bytes:
        """Read a file of the log."""
        return (self.folder / path).read_bytes()

    def publish(self, leaves: list[bytes]) -> str:
        """Append leaves and sign; the checkpoint."""
        growth = tiles.Growth(self.size, self.fetch)
        for path, data in growth.add(leaves) + growth.finish():
            self.put(path, data)
        self.size = growth.size
        return self.sign(growth.root())

    def sign(self, root: bytes, *cosignatures: notes.Signature) -> str:
        """Publish a checkpoint of the present size with some root."""
        text = str(notes.Checkpoint(ORIGIN, self.size, root))
        signed = str(notes.Note(text, (notes.sign(text, self.key, self.private.sign), *cosignatures)))
        self.put("checkpoint", signed.encode())
        return signed

    @property
    def tree(self) -> tiles.Tree:
        """The tree as it is published now."""
        return tiles.Tree(self.size, self.fetch)

    @property
    def checkpoint(self) -> str:
        """The checkpoint as it is published now."""
        return self.fetch("checkpoint").decode()

    def seal(
        self,
        media: bytes,
        public: dict[str, Any] | None = None,
        *,
        event: str = "recording_sealed",
        subjects: Sequence[dict[str, str]] = (),
        **facts: Any,
    ) -> dict[str, Any]:
        """Publish the entry of a sealed recording, or another that states the digest of some bytes; its receipt."""
        entry = entry_about(media, self.size)
        entry |= {"event": event, "subjects": [*subjects] or entry["subjects"]}
        entry["facts"] |= facts
        salt = hashlib.sha256(b"salt %d" % self.size).digest()
        leaf = canonical.leaf(canonical.commitment(salt, entry), public)
        checkpoint = self.publish([leaf])
        receipt = {
            "v": 1,
            "origin": ORIGIN,
            "key": str(self.key),
            "entry": entry,
            "salt": salt.hex(),
            "index": self.size - 1,
            "proof": [base64.b64encode(step).decode() for step in self.tree.inclusion_proof(self.size - 1)],
            "checkpoint": checkpoint,
        }
        return receipt if public is None else {**receipt, "public": public}


def entry_about(media: bytes, number: int) -> dict[str, Any]:
    """An entry as the ledger has it."""
    return {
        "id": f"01938e5c-0a6c-7c3e-8f3b-{number:012}",
        "event": "recording_sealed",
        "time": "2026-03-04T05:06:07.123456Z",
        "actor": "system:evidence.seal",
        "subjects": [{"kind": "recording", "id": f"01938e5c-0a6c-7c3e-8f3b-{number + 1:012}"}],
        "facts": {"sha256": f"sha256:{hashlib.sha256(media).hexdigest()}", "size": len(media)},
    }


def some_leaves(count: int, kind: str = "true") -> list[bytes]:
    """Leaves that nobody opens in a test."""
    return [canonical.leaf(hashlib.sha256(f"{kind} {n}".encode()).hexdigest()) for n in range(count)]


def flip(path: Path, at: int) -> None:
    """Change one bit of one stored byte."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def written(path: Path, value: Any) -> Path:
    """A file with this text, or with this value as JSON."""
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path

"""The publisher: sequence, integrate into the tree, sign, ask the witnesses, publish the checkpoint."""

import fcntl
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import close_old_connections, connection

from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Refusal, Unavailable
from fairwitness.publiclog import files, keys
from fairwitness.publiclog.models import Leaf
from fairwitness.publiclog.sequence import BATCH, sequence
from fairwitness.rules import notes, tiles

INTEGRATE = 65_536
WITNESS_TIMEOUT = 5  # seconds
# What the public is told of a failure that is not a refusal of ours: its text may name hosts and paths.
WHY_IS_IN_THE_LOG = "the publisher's own log says why"


@dataclass(frozen=True)
class Published:
    """What one round did."""

    sequenced: int
    size: int
    cosigned: int
    refusals: tuple[str, ...]


def publish() -> Published:
    """One round. Safe to be killed anywhere: the index is durable before the tree, the tree before the checkpoint.

    Raises Unavailable when the stored tree is not the one that was signed last; then nothing is signed.
    """
    with _alone():
        return _publish(keys.signing_key())


def _publish(private: Ed25519PrivateKey) -> Published:
    key = keys.key_of(private)
    if not (files.folder() / "key").exists():
        files.write([("key", f"{key}\n".encode())])
    elif keys.public_key() != key:
        raise Unavailable(
            "The signing key is not the one that this log is published with; nothing was published."
        )
    old = files.checkpoint()
    _check_not_behind(old)
    sequenced = 0
    while batch := sequence(BATCH):
        sequenced += batch
    growth = _grown(old)
    _check_nothing_beyond(growth.size)
    note = files.checkpoint_note()
    if note is None or growth.size > old.size:
        text = str(notes.Checkpoint(key.name, growth.size, growth.root()))
        note = notes.Note(text, (notes.sign(text, key, private.sign),))
    note, refusals = _witnessed(note)
    files.write([("checkpoint", str(note).encode())])
    for folder in tiles.outgrown(old.size, growth.size):
        shutil.rmtree(files.folder() / folder, ignore_errors=True)
    return Published(sequenced, growth.size, len(note.signatures) - 1, tuple(refusals))


@contextmanager
def _alone() -> Iterator[None]:
    """One round at a time: two would write the same files, and one could put back an older checkpoint."""
    path = settings.FAIRWITNESS_HOME / "run" / "publisher.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _indexed() -> int:
    """How many places the index has given, by its last one."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def _check_nothing_beyond(size: int) -> None:
    """A row put far beyond the end would stop the log from growing without a word."""
    if _indexed() != size:
        raise Unavailable(
            f"The index of the public log has a place beyond its end at {size}; nothing was signed."
        )


def _check_not_behind(old: notes.Checkpoint) -> None:
    """A database restored from before the last checkpoint would give places anew that the log gave already."""
    indexed = _indexed()
    if indexed < old.size:
        raise Unavailable(
            f"The published log has {old.size} entries and this database knows {indexed} of them: it is older than "
            "the log. Nothing was published; restore the database that belongs to it."
        )


def _grown(old: notes.Checkpoint) -> tiles.Growth:
    """Write the tiles of every indexed entry that the last checkpoint does not cover yet."""
    try:
        growth = tiles.Growth(old.size, files.fetch)
    except (tiles.DamagedLog, OSError) as error:
        raise Unavailable(f"The stored log is damaged and nothing was signed: {error}.") from error
    if growth.root() != old.root:
        raise Unavailable("The stored log is not the one that was signed last; nothing was signed.")
    while leaves := _leaves(growth.size, INTEGRATE):
        files.write(growth.add(leaves))
    files.write(growth.finish())
    return growth


def _leaves(start: int, count: int) -> list[bytes]:
    rows = Leaf.objects.filter(index__gte=start, index__lt=start + count).order_by("index")
    found = list(rows.values_list("index", "data"))
    if [index for index, _ in found] != list(range(start, start + len(found))):
        raise Unavailable(f"The index of the public log has a gap after {start}; nothing was signed.")
    return [bytes(data) for _, data in found]


def _witnessed(note: notes.Note) -> tuple[notes.Note, list[str]]:
    """The note with the cosignatures that the witnesses give; what they refuse, as sentences."""
    refusals = []
    known = {(key.name, key.id): key for key in keys.witness_keys()}
    for url in settings.FAIRWITNESS_WITNESSES:
        try:
            for line in _ask(url, note):
                key = known.get((line.name, line.key_id))
                if key is None:
                    raise Unavailable(f"the answer is signed by {line.name}, which is not among the keys")
                notes.verify_cosignature(notes.Note(note.text, (line,)), key, keys.ed25519_verify)
                older = tuple(s for s in note.signatures if (s.name, s.key_id) != (line.name, line.key_id))
                note = notes.Note(note.text, (*older, line))
        except (OSError, ValueError, HTTPException, Refusal) as error:
            # Whatever a witness does or answers, the log is published.
            refusals.append(f"{url}: {error}")
    return note, refusals


def _ask(url: str, note: notes.Note) -> list[notes.Signature]:
    """C2SP tlog-witness: offer the checkpoint with a consistency proof from what this witness saw last."""
    memory = settings.FAIRWITNESS_HOME / "run" / "witnesses.json"
    seen = _remembered(memory)
    size = notes.parse_checkpoint(note.text).size
    status, answer = _post(url, _request(note, min(seen.get(url, 0), size), size))
    if status == 409 and answer.strip().isdigit() and int(answer) <= size:
        # The witness remembers another size than we do; its memory is the one that counts.
        status, answer = _post(url, _request(note, int(answer), size))
    if status != 200:
        raise Unavailable(f"refused with {status}: {answer.strip()[:200]}")
    memory.write_text(json.dumps({**seen, url: size}))
    return [notes.parse_signature(line) for line in answer.splitlines() if line]


def _remembered(memory: Path) -> dict[str, int]:
    """What each witness saw last, as far as is known here; if it is not known or wrong, the witness says so."""
    try:
        return {url: int(size) for url, size in json.loads(memory.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def _request(note: notes.Note, old: int, size: int) -> bytes:
    proof = tiles.Tree(size, files.fetch).consistency_proof(old) if 0 < old < size else []
    return notes.witness_request(old, proof, note)


def _post(url: str, body: bytes) -> tuple[int, str]:
    """What a witness answers. Raises TimeoutError when the whole of it takes too long, be it byte by byte.

    The time-out of a socket begins anew with every byte that comes; so a clock of its own shuts the connection down.
    """
    parts, over = urlsplit(url.rstrip("/") + "/add-checkpoint"), threading.Event()
    if parts.scheme not in {"http", "https"}:
        raise ValueError("the address of a witness begins with http:// or https://")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(parts.netloc, timeout=WITNESS_TIMEOUT)) as line:
        line.connect()
        limit = threading.Timer(WITNESS_TIMEOUT, _shut, (line.sock, over))
        limit.start()
        try:
            line.request("POST", parts.path, body)
            answer = line.getresponse()
            status, said = answer.status, answer.read(65_536)
        except TimeoutError:
            over.set()
        except (OSError, HTTPException):
            if not over.is_set():
                raise
        finally:
            limit.cancel()
    if over.is_set():  # what was cut off may look like a whole answer
        raise TimeoutError("it took too long to answer")
    return status, said.decode(errors="strict" if status == 200 else "replace")


def _shut(line: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def run_for_ever(stop: Callable[[], bool], say: Callable[[str], None]) -> None:
    """Publish every FAIRWITNESS_PUBLISH_EVERY seconds until `stop()`; a failed round is said, shown and tried again."""
    for _round in _rounds(stop, settings.FAIRWITNESS_PUBLISH_EVERY):
        # Between rounds the database may have been restarted; a dead connection is not used again.
        close_old_connections()
        try:
            done = publish()
        except Exception as error:
            connection.close()
            say(f"The log could not be published: {error if isinstance(error, Refusal) else repr(error)}")
            note_well(str(error) if isinstance(error, Refusal) else WHY_IS_IN_THE_LOG, None, say)
            continue
        for refusal in done.refusals:
            say(f"A witness did not sign. {refusal}")
        note_well("", done, say)


def _rounds(stop: Callable[[], bool], every: int) -> Iterator[None]:
    while not stop():
        yield
        until = time.monotonic() + every
        while time.monotonic() < until and not stop():
            time.sleep(min(0.5, every))


def note_well(error: str, done: Published | None, say: Callable[[str], None] = print) -> None:
    """Leave word of how the last round went, for /healthz and the log's page: anyone may read it.

    `unsigned` counts the rounds in a row in which not every witness signed. A disk that takes no word is said.
    """
    path = settings.FAIRWITNESS_HOME / "run" / "publisher.json"
    before = last_word()
    word: dict[str, Any] = {"at": clock.rfc3339(clock.now()), "error": error}
    word["unsigned"] = before.get("unsigned", 0) + 1 if done and done.refusals else 0
    if done:
        word |= {
            "size": done.size,
            "cosigned": done.cosigned,
            "witnesses": len(settings.FAIRWITNESS_WITNESSES),
        }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(word), encoding="utf-8")
        part.replace(path)
    except OSError as full:
        say(f"No word could be left of this round: {full}")


def last_word() -> dict[str, Any]:
    """The word that the last round left; empty where there is none or it cannot be read."""
    try:
        found = json.loads((settings.FAIRWITNESS_HOME / "run" / "publisher.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

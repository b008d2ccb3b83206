"""The witness: it signs what goes on from what it saw, refuses the rest, and forgets nothing."""

import http.client
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fairwitness.rules import merkle, notes
from tests.verify.published import Log, program, some_leaves, verify, written

NAME = "witness.example/w1"
pytestmark = pytest.mark.slow
Answer = tuple[int, str, str]  # status, type, body


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


class Witness:
    """A witness made and run as its operator does."""

    def __init__(self, home: Path, log_key: object) -> None:
        self.command = program("witness", home)
        self.folder = home / "memory"
        self.process: subprocess.Popen[str] | None = None
        self.port = 0
        made = self.run("init", "--name", NAME, "--log", log_key)
        assert made.returncode == 0, made.stderr
        self.key = notes.parse_key(made.stdout)

    def run(self, command: str, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a command of the witness to its end."""
        line = [*self.command, command, "--dir", str(self.folder), *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

    def serve(self, limit: Sequence[str] = ()) -> None:
        """Start serving, under a limit if given."""
        line = [*limit, *self.command, "serve", "--dir", str(self.folder), "--port", "0"]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        said = self.process.stdout.readline()
        self.port = int(said.rsplit(":", 1)[1].strip().rstrip("/"))

    def kill(self) -> None:
        """As by a power cut."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            if self.process.stdout:
                self.process.stdout.close()
            self.process = None

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request and its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                method, path, body, {name.replace("_", "-"): headers[name] for name in headers}
            )
            response = connection.getresponse()
            return response.status, response.headers["Content-Type"], response.read().decode()
        finally:
            connection.close()

    def add(self, old: int, proof: list[bytes], checkpoint: str) -> Answer:
        """Ask for a cosignature."""
        body = notes.witness_request(old, proof, notes.parse_note(checkpoint.encode()))
        return self.ask("POST", "/add-checkpoint", body)

    def seen(self) -> int:
        """The size that it says it saw last."""
        line = next(line for line in self.ask("GET", "/")[2].splitlines() if line.startswith("Last seen"))
        return 0 if "nothing yet" in line else int(line.split()[2])


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "log")
    made.publish(some_leaves(300))
    return made


@pytest.fixture
def quiet(log: Log, tmp_path: Path) -> Witness:
    """A witness that does not serve."""
    return Witness(tmp_path / "witness", log.key)


@pytest.fixture
def witness(quiet: Witness) -> Iterator[Witness]:
    """A witness that serves."""
    quiet.serve()
    yield quiet
    quiet.kill()


def grown(log: Log, more: int) -> tuple[int, list[bytes], str]:
    """Publish more entries; what to ask a witness then."""
    old = log.size
    checkpoint = log.publish(some_leaves(more, f"after {old}"))
    return old, log.tree.consistency_proof(old), checkpoint


# ---- Asked by the log ----


def test_it_works(witness: Witness, log: Log, tmp_path: Path) -> None:
    status, _, line = witness.add(0, [], log.checkpoint)
    assert status == 200
    status, _, line = witness.add(*grown(log, 300))
    assert status == 200
    note = notes.parse_note(log.checkpoint.encode())
    cosigned = notes.join(note, [notes.parse_signature(line.removesuffix("\n"))])
    assert abs(notes.verify_cosignature(cosigned, witness.key, verifies) - time.time()) < 60
    assert witness.seen() == 600
    log.put("checkpoint", str(cosigned).encode())
    file = written(tmp_path / "witnesses", f"{witness.key}\n")
    outcome = verify("--log", log.folder, "--key", log.key, "--witness", file, "--need", 1, cwd=tmp_path)
    assert outcome.holds, outcome.text


def test_its_pages(witness: Witness, log: Log) -> None:
    status, kind, text = witness.ask("GET", "/")
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert NAME in text
    assert str(witness.key) in text
    assert log.key.name in text
    assert witness.ask("GET", "/checkpoint")[0] == 404
    line = witness.add(0, [], log.checkpoint)[2]
    assert witness.ask("GET", "/checkpoint") == (200, kind, log.checkpoint + line)
    assert witness.ask("GET", "/memory/seed")[0] == 404
    assert witness.ask("GET", "/../seed")[0] == 404


def test_the_same_checkpoint_again(witness: Witness, log: Log) -> None:
    """Whose answer was lost asks again, now from the size that the witness has."""
    assert witness.add(0, [], log.checkpoint)[0] == 200
    assert witness.add(0, [], log.checkpoint) == (409, "text/x.tlog.size", "300\n")
    assert witness.add(300, [], log.checkpoint)[0] == 200


def test_a_log_that_begins_empty(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.publish([])
    witness = Witness(tmp_path / "witness", log.key)
    witness.serve()
    try:
        assert witness.add(0, [], log.checkpoint)[0] == 200
        assert witness.add(0, [], log.publish(some_leaves(5)))[0] == 200
        assert witness.seen() == 5
    finally:
        witness.kill()


def test_an_empty_log_with_another_root(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    witness = Witness(tmp_path / "witness", log.key)
    witness.serve()
    try:
        assert witness.add(0, [], log.sign(b"\1" * 32))[0] == 422
    finally:
        witness.kill()


def test_an_old_size_that_is_not_its_own(witness: Witness, log: Log) -> None:
    assert witness.add(0, [], log.checkpoint)[0] == 200
    _, proof, checkpoint = grown(log, 10)
    assert witness.add(299, proof, checkpoint) == (409, "text/x.tlog.size", "300\n")
    assert witness.add(311, proof, checkpoint)[0] == 400
    assert witness.seen() == 300


def test_a_rollback(witness: Witness, log: Log) -> None:
    before = log.checkpoint
    witness.add(0, [], before)
    assert witness.add(*grown(log, 300))[0] == 200
    assert witness.add(0, [], before) == (409, "text/x.tlog.size", "600\n")
    assert witness.add(600, [], before)[0] == 400
    assert witness.add(300, [], before) == (409, "text/x.tlog.size", "600\n")
    assert witness.seen() == 600


def test_a_log_rewritten_from_the_start(witness: Witness, log: Log, tmp_path: Path) -> None:
    """With the right key, and with the proof that an honest log of this size would have."""
    witness.add(0, [], log.checkpoint)
    forged = Log(tmp_path / "forged", log.private)
    forged.publish([b"forged", *some_leaves(299)])
    _, proof, checkpoint = grown(forged, 300)
    status, _, text = witness.add(300, proof, checkpoint)
    assert status == 422
    assert text.startswith("REFUSED: ")
    assert witness.add(300, [], checkpoint)[0] == 422
    assert witness.seen() == 300
    assert (witness.folder / "refused").read_text("utf-8") == checkpoint
    assert witness.add(*grown(log, 5))[0] == 200  # the true log still goes on


def test_a_fork_of_the_same_size_is_kept_as_proof(witness: Witness, log: Log, tmp_path: Path) -> None:
    line = witness.add(0, [], log.checkpoint)[2]
    forged = Log(tmp_path / "forged", log.private)
    forged.publish(some_leaves(300, "forged"))
    assert witness.add(300, [], forged.checkpoint) == (409, "text/x.tlog.size", "300\n")
    proof = (witness.folder / "fork").read_text("utf-8")
    assert proof == f"{log.checkpoint}{line}\n=====\n\n{forged.checkpoint}"
    again = Log(tmp_path / "again", log.private)
    again.publish(some_leaves(300, "again"))
    assert witness.add(300, [], again.checkpoint)[0] == 409
    assert (witness.folder / "fork").read_text("utf-8") == proof


@pytest.mark.parametrize("change", ["drop", "flip", "more", "reverse"])
def test_a_wrong_proof(witness: Witness, log: Log, change: str) -> None:
    witness.add(0, [], log.checkpoint)
    old, proof, checkpoint = grown(log, 300)
    wrong = {
        "drop": proof[1:],
        "flip": [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]],
        "more": [*proof, proof[0]],
        "reverse": proof[::-1],
    }[change]
    assert witness.add(old, wrong, checkpoint)[0] == 422
    assert witness.seen() == 300


def test_a_proof_where_there_is_nothing_to_prove(witness: Witness, log: Log) -> None:
    assert witness.add(0, [b"x" * 32], log.checkpoint)[0] == 422
    assert witness.add(0, [], log.checkpoint)[0] == 200
    assert witness.add(300, [b"x" * 32], log.checkpoint)[0] == 422


def test_another_key(witness: Witness, log: Log, tmp_path: Path) -> None:
    other = Log(tmp_path / "other")
    assert witness.add(0, [], other.publish(some_leaves(300)))[0] == 403
    forged = log.checkpoint.replace("\n300\n", "\n301\n")
    assert witness.add(0, [], forged)[0] == 403
    assert witness.seen() == 0


def test_another_log(witness: Witness, log: Log) -> None:
    assert witness.add(0, [], log.checkpoint.replace("police.example", "other.example"))[0] == 404


def test_signatures_of_others_are_not_kept(witness: Witness, log: Log) -> None:
    """Else anyone could make its memory grow."""
    more = "".join(f"— other.example/{n} AAAAAAAA\n" for n in range(100))
    status, _, line = witness.add(0, [], log.checkpoint + more)
    assert status == 200
    assert witness.ask("GET", "/checkpoint")[2] == log.checkpoint + line


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old\n\nx",
        b"old 0\nx",
        b"old -1\n\n",
        b"old 00\n\n",
        b"old 0x\n\n",
        b"old 0\n!!!!\n\n",
        b"old 0\nAAAA\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n",
        b"old 0\n\n\xff\xfe",
        b"old \xff\n\n",
        b"old 0\n\nno checkpoint\n",
        b"old " + b"9" * 4000 + b"\n\n",
    ],
)
def test_a_request_that_is_none(witness: Witness, log: Log, body: bytes) -> None:
    assert witness.ask("POST", "/add-checkpoint", body)[0] == 400
    assert witness.ask("POST", "/add-checkpoint", body + log.checkpoint.encode())[0] == 400
    assert witness.seen() == 0


def test_more_than_63_steps(witness: Witness, log: Log) -> None:
    assert witness.add(0, [b"x" * 32] * 63, log.checkpoint)[0] == 422
    assert witness.add(0, [b"x" * 32] * 64, log.checkpoint)[0] == 400


def test_a_body_that_is_too_large(witness: Witness) -> None:
    assert witness.ask("POST", "/add-checkpoint", b"x", Content_Length="300000")[0] == 413
    assert witness.ask("POST", "/add-checkpoint", b"x", Content_Length="9" * 30)[0] == 413
    assert witness.ask("POST", "/add-checkpoint", b"x", Content_Length="-1")[0] == 411
    assert witness.ask("POST", "/add-checkpoint", b"x", Content_Length="")[0] == 411
    assert witness.ask("POST", "/add-checkpoint", b"x", Transfer_Encoding="chunked")[0] == 411
    assert witness.ask("GET", "/")[0] == 200


def test_a_method_or_a_place_that_it_does_not_have(witness: Witness) -> None:
    assert witness.ask("POST", "/", b"x")[0] == 404
    assert witness.ask("PUT", "/add-checkpoint", b"x")[0] == 501


def test_clients_that_say_nothing_do_not_keep_others_out_for_long(witness: Witness, log: Log) -> None:
    silent = [socket.create_connection(("127.0.0.1", witness.port)) for _ in range(20)]
    try:
        assert witness.add(0, [], log.checkpoint)[0] == 200
    finally:
        for connection in silent:
            connection.close()


def test_connections_beyond_the_most_are_closed_at_once(witness: Witness) -> None:
    many = [socket.create_connection(("127.0.0.1", witness.port), timeout=10) for _ in range(40)]
    try:
        time.sleep(0.5)
        ended = 0
        for connection in many:
            connection.setblocking(False)
            try:
                ended += connection.recv(1) == b""
            except BlockingIOError:
                pass
        assert ended == 40 - 32
    finally:
        for connection in many:
            connection.close()


def test_two_clients_at_once(witness: Witness, log: Log) -> None:
    """Of many that ask from one size for different checkpoints, one is first; none is rolled back."""
    witness.add(0, [], log.checkpoint)
    asked = []
    for _ in range(8):
        log.publish(some_leaves(7, "more"))
        asked.append((300, log.tree.consistency_proof(300), log.checkpoint))
    answers: list[tuple[int, Answer]] = []

    def ask(number: int) -> None:
        answers.append((300 + 7 * (number + 1), witness.add(*asked[number])))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    signed = [size for size, answer in answers if answer[0] == 200]
    assert len(signed) == 1
    assert witness.seen() == signed[0]
    assert {answer for _, answer in answers if answer[0] != 200} == {
        (409, "text/x.tlog.size", f"{signed[0]}\n")
    }


def test_two_processes_at_once(witness: Witness, log: Log, tmp_path: Path) -> None:
    """Serving and watching share one memory."""
    witness.add(0, [], log.checkpoint)
    log.publish(some_leaves(10))
    assert witness.run("watch", "--log", log.folder).returncode == 0
    assert witness.seen() == 310
    assert witness.add(*grown(log, 10))[0] == 200
    assert witness.seen() == 320


def test_it_is_killed_again_and_again_and_forgets_nothing(quiet: Witness, log: Log) -> None:
    """Whatever it has signed, it remembers after kill -9 at any moment."""
    checkpoints = [(300, log.checkpoint)]
    for _ in range(60):
        log.publish(some_leaves(3, "more"))
        checkpoints.append((log.size, log.checkpoint))
    signed = 0
    for round_ in range(6):
        quiet.serve()
        killer = threading.Timer(0.05 + 0.05 * round_, quiet.kill)
        killer.start()
        try:
            for size, checkpoint in checkpoints:
                if size > signed:
                    status, _, text = quiet.add(signed, prove(log, signed, size), checkpoint)
                    if status == 409:  # it had signed and was killed before it could say so
                        assert int(text) > signed
                        signed = int(text)
                    else:
                        assert status == 200
                        signed = size
        except (OSError, http.client.HTTPException):
            pass
        killer.join()
        shown = quiet.run("show").stdout
        remembered = 0 if "nothing yet" in shown else int(shown.split("Last seen")[1].split()[0])
        assert remembered >= signed
    assert signed > 300


def prove(log: Log, old: int, new: int) -> list[bytes]:
    hashes = [log.tree.leaf_hash(index) for index in range(new)]
    return merkle.consistency_proof(hashes, old)


# ---- Asking the log ----


def test_watching(quiet: Witness, log: Log, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for more in (0, 1, 300):
        log.publish(some_leaves(more))
        watched = quiet.run("watch", "--log", log.folder, "--out", out)
        assert watched.returncode == 0, watched.stdout
        assert f"signed size {log.size}" in watched.stdout
        (file,) = out.iterdir()
        assert file.name == f"cosigned-{quiet.key.id.hex()}"
        note = notes.parse_note(file.read_bytes())
        assert note.text == notes.parse_note(log.checkpoint.encode()).text
        notes.verify_cosignature(note, quiet.key, verifies)


def test_watching_again_and_again(quiet: Witness, log: Log) -> None:
    line = [*quiet.command, "watch", "--dir", str(quiet.folder), "--log", str(log.folder), "--every", "1"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "signed size 300" in process.stdout.readline()
        log.publish(some_leaves(10))
        assert "signed size 310" in "".join(process.stdout.readline() for _ in range(2))
        process.kill()


def test_watching_a_log_that_was_rewritten(quiet: Witness, log: Log, tmp_path: Path) -> None:
    quiet.run("watch", "--log", log.folder)
    forged = Log(tmp_path / "forged", log.private)
    forged.publish(some_leaves(900, "forged"))
    watched = quiet.run("watch", "--log", forged.folder)
    assert watched.returncode == 1
    assert "REFUSED: the log is not shown to go on from its 300 entries" in watched.stdout


def test_watching_a_log_that_was_cut_short(quiet: Witness, log: Log, tmp_path: Path) -> None:
    quiet.run("watch", "--log", log.folder)
    cut = Log(tmp_path / "cut", log.private)
    cut.publish(some_leaves(200))
    watched = quiet.run("watch", "--log", cut.folder)
    assert watched.returncode == 1
    assert "REFUSED: the log has 200 entries; it had 300 when last seen here." in watched.stdout


def test_watching_a_log_of_someone_else(quiet: Witness, tmp_path: Path) -> None:
    other = Log(tmp_path / "other")
    other.publish(some_leaves(3))
    watched = quiet.run("watch", "--log", other.folder)
    assert watched.returncode == 1
    assert "it is not signed by the key" in watched.stdout


def test_watching_a_log_whose_tiles_are_damaged(quiet: Witness, log: Log) -> None:
    quiet.run("watch", "--log", log.folder)
    log.publish(some_leaves(300))
    (log.folder / "tile/0/002.p/88").write_bytes(b"x" * 32)
    watched = quiet.run("watch", "--log", log.folder)
    assert watched.returncode == 1
    assert "tile/0/002.p/88 has 32 bytes, not 2,816" in watched.stdout


# ---- Its folder ----


def test_its_seed_is_secret(quiet: Witness) -> None:
    assert stat.S_IMODE((quiet.folder / "seed").stat().st_mode) == 0o600
    assert stat.S_IMODE(quiet.folder.stat().st_mode) == 0o700
    seed = (quiet.folder / "seed").read_text("ascii").strip()
    assert seed not in quiet.run("show").stdout
    (quiet.folder / "seed").chmod(0o640)
    shown = quiet.run("show")
    assert shown.returncode == 1
    assert "must be secret" in shown.stderr


def test_two_witnesses_have_two_keys(log: Log, tmp_path: Path) -> None:
    keys = {Witness(tmp_path / str(n), log.key).key.public for n in range(3)}
    assert len(keys) == 3


def test_a_witness_is_not_made_twice(quiet: Witness, log: Log) -> None:
    again = quiet.run("init", "--name", NAME, "--log", log.key)
    assert again.returncode == 1
    assert "has a witness already" in again.stderr


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a name", None),
        ("a+name", None),
        ("", None),
        ("name", "x"),
        ("name", "witness"),
        ("name", "no/such/file"),
    ],
)
def test_a_witness_that_cannot_be_made(
    quiet: Witness, log: Log, tmp_path: Path, name: str, key: str | None
) -> None:
    given = {None: str(log.key), "witness": str(quiet.key)}.get(key, key)
    line = [*quiet.command, "init", "--dir", str(tmp_path / "new"), "--name", name, "--log", str(given)]
    made = subprocess.run(line, capture_output=True, text=True, check=False)
    assert made.returncode == 1
    assert made.stderr.startswith("FAULT")
    assert not (tmp_path / "new/seed").exists()


def test_the_logs_key_from_a_file(log: Log, tmp_path: Path) -> None:
    assert Witness(tmp_path / "witness", log.folder / "key").run("show").returncode == 0


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.unlink(), "the memory of the witness is lost"),
        (lambda path: path.write_text("x"), "the memory of the witness is damaged"),
    ],
)
def test_a_witness_without_its_memory_does_not_sign(quiet: Witness, log: Log, damage: Any, says: str) -> None:
    quiet.run("watch", "--log", log.folder)
    damage(quiet.folder / "checkpoint")
    for command in (("show",), ("watch", "--log", str(log.folder))):
        run = quiet.run(*command)
        assert run.returncode == 1
        assert says in run.stderr


def test_a_memory_lost_while_serving(witness: Witness, log: Log) -> None:
    witness.add(0, [], log.checkpoint)
    (witness.folder / "checkpoint").unlink()
    assert witness.add(*grown(log, 5))[0] == 500
    assert witness.ask("GET", "/")[0] == 500


def test_a_disk_that_takes_nothing_gives_no_signature(quiet: Witness, log: Log) -> None:
    """What could not be remembered is not signed."""
    quiet.serve(limit=["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"])
    try:
        status, _, text = quiet.add(0, [], log.checkpoint)
        assert (status, text) == (500, "The witness cannot sign now.\n")
        assert quiet.seen() == 0
    finally:
        quiet.kill()


def test_a_folder_that_is_no_witness(quiet: Witness, tmp_path: Path) -> None:
    line = [*quiet.command, "show", "--dir", str(tmp_path)]
    run = subprocess.run(line, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "is not the folder of a witness" in run.stderr


def test_its_memory_does_not_grow(witness: Witness, log: Log, tmp_path: Path) -> None:
    witness.add(0, [], log.checkpoint)
    forged = Log(tmp_path / "forged", log.private)
    forged.publish(some_leaves(1000, "forged"))
    for _ in range(5):
        witness.add(*grown(log, 5))
        witness.add(log.size, [], forged.checkpoint)
    names = {path.name for path in witness.folder.iterdir()}
    assert names == {"seed", "witness.json", "checkpoint", "lock", "refused"}
    assert sum((witness.folder / name).stat().st_size for name in names) < 2000

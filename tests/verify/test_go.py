"""Go's own libraries accept the published log, and we accept what they sign: two strangers agree.

Needs Go and golang.org/x/mod as Debian packages have them (golang-go, golang-golang-x-mod-dev).
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fairwitness.rules import notes
from tests.verify.published import Log, flip, new_key, some_leaves
from tests.verify.test_witness import verifies

GOPATH = Path("/usr/share/gocode")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("go") or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir(),
        reason="INDEPENDENT CHECK NOT MADE: install golang-go and golang-golang-x-mod-dev to make it",
    ),
]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built."""
    folder = tmp_path_factory.mktemp("go")
    shutil.copy(Path(__file__).parent / "go/main.go", folder)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GOPATH": str(GOPATH),
        "GO111MODULE": "off",
        "GOCACHE": str(folder / "cache"),
    }
    subprocess.run(["go", "build", "-o", "checker", "main.go"], cwd=folder, env=environment, check=True)
    return folder / "checker"


def run(checker: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([checker, *map(str, words)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600, 1000])
def test_it_accepts_the_log(checker: Path, tmp_path: Path, size: int) -> None:
    log = Log(tmp_path / "log")
    log.publish(some_leaves(size))
    checked = run(checker, log.folder, log.key)
    assert (checked.stdout, checked.stderr) == (f"accepted {size} records\n", "")


def test_it_accepts_a_log_on_three_levels(checker: Path, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    (tmp_path / "old").write_text(log.publish(some_leaves(5000)))
    log.publish(some_leaves(61_000))
    checked = run(checker, log.folder, log.key, tmp_path / "old")
    assert (checked.stdout, checked.stderr) == ("accepted 66000 records\n", "")


def test_it_accepts_a_log_that_grew(checker: Path, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    (tmp_path / "old").write_text(log.publish(some_leaves(300)))
    for more in (1, 5, 200, 7, 600):
        log.publish(some_leaves(more))
        assert run(checker, log.folder, log.key, tmp_path / "old").returncode == 0


def test_it_accepts_a_checkpoint_with_cosignatures(checker: Path, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    checkpoint = log.publish(some_leaves(300))
    private, key = new_key("witness.example/w1", notes.COSIGNATURE)
    text = notes.parse_note(checkpoint.encode()).text
    log.sign(log.tree.root(), notes.cosign(text, key, private.sign, 1_772_600_000))
    assert run(checker, log.folder, log.key).returncode == 0


def test_it_refuses_what_we_refuse(checker: Path, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.publish(some_leaves(300))
    _, other = new_key(log.key.name, notes.ED25519)
    assert "the signature" in run(checker, log.folder, other).stderr
    flip(log.folder / "tile/entries/000", 100)
    assert "record 1" in run(checker, log.folder, log.key).stderr
    flip(log.folder / "tile/entries/000", 100)
    flip(log.folder / "tile/0/000", 100)
    assert "record 0" in run(checker, log.folder, log.key).stderr


def test_it_refuses_a_rewritten_log(checker: Path, tmp_path: Path) -> None:
    log, forged = Log(tmp_path / "log"), tmp_path / "forged"
    (tmp_path / "old").write_text(log.publish(some_leaves(300)))
    Log(forged, log.private).publish(some_leaves(900, "forged"))
    assert "the old tree" in run(checker, forged, log.key, tmp_path / "old").stderr


def test_we_accept_what_it_signs(checker: Path) -> None:
    text = str(notes.Checkpoint("go.example/log", 3, b"r" * 32))
    vkey, _, signed = run(checker, "sign", text).stdout.partition("\n")
    note = notes.parse_note(signed.encode())
    notes.verify(note, notes.parse_key(vkey), verifies)
    assert str(note) == signed
    assert str(notes.parse_key(vkey)) == vkey

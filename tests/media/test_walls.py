"""A hostile child: attack code runs where a decoder would, once free (it must succeed) and once behind the walls."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from fairwitness.kernel import child
from fairwitness.kernel.child import Limits, MediaRefused

REPOSITORY = Path(__file__).parents[2]
LIMITS = Limits(seconds=20, cpu_seconds=10, memory_bytes=1 << 30, output_bytes=1 << 20, answer_bytes=1 << 16)

# Runs instead of the child's own program: the same start, the same walls, then the attack. What the attack leaves in
# `got` is its booty; what stopped it comes back as the name of the exception.
_HOSTILE = """
import contextlib, ctypes, encodings.idna, json, mmap, os, signal, socket, subprocess, sys, threading, time
from pathlib import Path
from fairwitness.media import walls
wish = json.loads(sys.argv[2])
parent, got = os.getppid(), None
if wish["walls"]:
    walls.raise_walls(**wish["limits"])
try:
{attack}
    answer = {{"got": got}}
except (OSError, MemoryError, ValueError, RuntimeError) as stopped:
    answer = {{"stopped": type(stopped).__name__, "errno": getattr(stopped, "errno", None)}}
print(json.dumps(answer))
"""


def run(
    monkeypatch: pytest.MonkeyPatch, attack: str, *, walled: bool, fds: tuple[int, ...] = (), **given: Any
) -> dict[str, Any]:
    """Run the attack; `given` reaches it as `wish[...]`."""
    indented = "\n".join("    " + line for line in attack.strip().splitlines())
    monkeypatch.setattr(child, "_PROGRAM", f"exec({_HOSTILE.format(attack=indented)!r})")
    limits = given.pop("within", LIMITS)
    wish = {"walls": walled, "limits": child._enforced(limits), **given}
    answer: dict[str, Any] = json.loads(child._converse("attack", wish, fds, limits))
    return answer


def refused(answer: dict[str, Any]) -> bool:
    """Whether the machine said no, and not merely that the thing was not there."""
    return answer.get("stopped") == "PermissionError"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data home with a signing key, a blob, and the database's socket."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "log.key").write_text("the signing key")
    (home / "log.key").chmod(0o600)
    (home / "blob").write_text("other people's footage")
    (home / "blob").chmod(0o444)
    return home


@pytest.fixture
def database(home: Path) -> Iterator[Path]:
    """A listening unix socket where the database's would be."""
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(home):
        server.bind(".s.PGSQL.5432")
        server.listen()
        yield home / ".s.PGSQL.5432"


@pytest.mark.parametrize("name", ["log.key", "blob"])
def test_no_file_of_the_home(monkeypatch: pytest.MonkeyPatch, home: Path, name: str) -> None:
    attack = "got = Path(wish['path']).read_text()"
    assert run(monkeypatch, attack, walled=False, path=str(home / name))["got"]
    assert refused(run(monkeypatch, attack, walled=True, path=str(home / name)))


@pytest.mark.parametrize(
    "attack",
    [
        "got = Path('/etc/passwd').read_text()[:4]",
        "got = os.listdir('/')",
        "got = os.listdir('/proc/self/fd')",
        "got = Path('/proc/self/environ').read_bytes().hex() or 'empty'",
        "got = Path(f'/proc/{parent}/environ').read_bytes().hex()",
        "fd = os.open(f'/proc/{parent}/mem', os.O_RDONLY); got = 'open'",
        "fd = os.open('/tmp', os.O_TMPFILE | os.O_RDWR); got = 'a file of its own'",
        "fd = os.open('/', os.O_RDONLY | os.O_DIRECTORY); got = os.stat('etc/passwd', dir_fd=fd).st_size",
        "got = os.memfd_create('room for more')",
    ],
)
def test_no_other_file(monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    assert run(monkeypatch, attack, walled=False)["got"]
    assert refused(run(monkeypatch, attack, walled=True))


def test_no_database(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    # A socket's path may be 108 bytes long, and pytest's folders may be longer.
    attack = (
        "os.chdir(wish['home']); s = socket.socket(socket.AF_UNIX); s.connect('.s.PGSQL.5432'); got = 'in'"
    )
    assert run(monkeypatch, attack, walled=False, home=str(database.parent))["got"] == "in"
    socket_only = "s = socket.socket(socket.AF_UNIX); got = 'made'"
    assert refused(run(monkeypatch, attack, walled=True, home=str(database.parent)))
    assert refused(run(monkeypatch, socket_only, walled=True))


def test_no_port_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "s = socket.create_connection(('127.0.0.1', wish['port']), timeout=2); got = 'in'"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run(monkeypatch, attack, walled=False, port=port)["got"] == "in"
        assert refused(run(monkeypatch, attack, walled=True, port=port))


@pytest.mark.parametrize(
    "attack",
    [
        "s = socket.create_connection(('192.0.2.1', 80), timeout=1); got = 'out'",
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); got = s.sendto(b'x', ('192.0.2.1', 53))",
        "s = socket.socket(socket.AF_INET6); got = 'made'",
        "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); got = 'made'",
        "s = socket.socket(socket.AF_UNIX); got = s.connect('\\0dbus')",
        "got = socket.socketpair() and 'made'",
    ],
)
def test_no_net(monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    assert refused(run(monkeypatch, attack, walled=True))


@pytest.mark.parametrize(
    "attack",
    [
        "got = os.fork() or os._exit(0)",
        "got = os.posix_spawn('/bin/true', ['true'], {})",
        "got = subprocess.run(['/bin/true']).returncode + 1",
    ],
)
def test_no_other_process(monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    assert run(monkeypatch, attack, walled=False)["got"]
    assert refused(run(monkeypatch, attack, walled=True))


def test_no_other_program(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "os.execv('/bin/echo', ['echo', json.dumps({'got': 'another program'})])"
    assert run(monkeypatch, attack, walled=False)["got"] == "another program"
    assert refused(run(monkeypatch, attack, walled=True))


def test_no_signal_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "os.kill(wish['victim'], signal.SIGKILL); got = 'killed'"
    for walled in (True, False):
        with subprocess.Popen(["sleep", "60"]) as victim:
            answer = run(monkeypatch, attack, walled=walled, victim=victim.pid)
            if walled:
                assert refused(answer)
                assert victim.poll() is None
                victim.kill()
            else:
                assert answer["got"] == "killed"
            assert victim.wait(5) == -signal.SIGKILL


_SYSTEM_CALL = """
libc = ctypes.CDLL(None, use_errno=True)
done = libc.syscall(*wish['call'])
if done < 0:
    raise OSError(ctypes.get_errno(), 'refused')
got = done + 1
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="system calls by their numbers on x86_64")
@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("ptrace: let the parent trace it", [101, 0, 0, 0, 0]),
        ("unshare: a user namespace", [272, 0x10000000]),
        ("setsid: out of the reach of the parent's kill", [112]),
        ("personality: executable memory", [135, 0x0400000]),
        ("io_uring_setup: system calls by another door", [425, 8, 0]),
        ("bpf", [321, 0, 0, 0]),
        ("userfaultfd", [323, 1]),
        ("keyctl: the session's keys", [250, 0, -3, 1]),
        ("shmget: memory beyond the limit", [29, 0, 4096, 0o1600]),
        ("chroot", [161, 0]),
        ("open by the 32-bit door of x32", [0x40000000 + 2, 0, 0]),
    ],
)
def test_no_dangerous_system_call(monkeypatch: pytest.MonkeyPatch, what: str, call: list[int]) -> None:
    assert refused(run(monkeypatch, _SYSTEM_CALL, walled=True, call=call)), what


def test_no_new_code(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "got = len(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))"
    assert run(monkeypatch, attack, walled=False)["got"] == 4096
    assert refused(run(monkeypatch, attack, walled=True))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "got = [os.getuid(), os.getgid(), os.getgroups()]"
    assert run(monkeypatch, attack, walled=False)["got"][0] == 0
    user, group, groups = run(monkeypatch, attack, walled=True)["got"]
    assert user > 0
    assert group > 0
    assert groups == []
    for back in ("os.setresuid(0, 0, 0)", "os.setgroups([0])", "os.setresgid(0, 0, 0)"):
        assert refused(run(monkeypatch, f"got = {back}", walled=True))


def test_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://secret")
    answer = run(monkeypatch, "got = sorted(os.environ)", walled=False)
    assert set(answer["got"]) <= {"OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_CTYPE"}


def test_no_descriptor_but_its_own(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    attack = """
got = []
for fd in range(3, 1024):
    with contextlib.suppress(OSError):
        os.fstat(fd)
        got.append(fd)
"""
    with (home / "log.key").open("rb") as secret, (home / "blob").open("rb") as source:
        os.set_inheritable(secret.fileno(), True)
        assert run(monkeypatch, attack, walled=True, fds=(source.fileno(),))["got"] == [source.fileno()]


def test_cannot_write_to_what_it_reads(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    attack = "got = os.pwrite(wish['fd'], b'forged', 0)"
    with (home / "blob").open("rb") as source:
        fd = source.fileno()
        assert run(monkeypatch, attack, walled=True, fds=(fd,), fd=fd)["stopped"] == "OSError"
        assert refused(run(monkeypatch, "got = os.fchmod(wish['fd'], 0o777)", walled=True, fds=(fd,), fd=fd))
    assert (home / "blob").read_text() == "other people's footage"


def test_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    for mouth in (1, 2):
        attack = f"while True: os.write({mouth}, b'x' * 65536)"
        with pytest.raises(MediaRefused) as refusal:
            run(monkeypatch, attack, walled=True)
        assert refusal.value.reason_code == "output_too_large"
        assert len(refusal.value.complaint) < 3000


@pytest.mark.parametrize(
    "attack",
    [
        "while True: os.write(wish['fd'], b'x' * 65536)",
        "got = os.pwrite(wish['fd'], b'x', 100 << 30)",
        "got = os.ftruncate(wish['fd'], 100 << 30)",
    ],
)
def test_hundred_gigabytes_of_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, attack: str) -> None:
    with (tmp_path / "output").open("w+b") as output:
        answer = run(monkeypatch, attack, walled=True, fds=(output.fileno(),), fd=output.fileno())
        assert answer == {"stopped": "OSError", "errno": 27}  # EFBIG
        assert os.fstat(output.fileno()).st_size <= LIMITS.output_bytes


@pytest.mark.parametrize(
    "attack",
    [
        "got = len(bytearray(100 << 30))",
        "hoard = []\nwhile True: hoard.append(bytes(1 << 20))",
        "hoard = []\nwhile True: hoard.append(mmap.mmap(-1, 1 << 28))",
    ],
)
def test_hundred_gigabytes_of_memory(monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    assert run(monkeypatch, attack, walled=True)["stopped"] in ("MemoryError", "OSError")


def test_endless_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    within = Limits(seconds=30, cpu_seconds=1)
    began = time.monotonic()
    with pytest.raises(MediaRefused) as refusal:
        run(monkeypatch, "while True: pass", walled=True, within=within)
    assert refusal.value.reason_code == "cpu"
    assert time.monotonic() - began < 25


def test_endless_computing_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "for _ in range(4): threading.Thread(target=lambda: sum(iter(int, 1))).start()"
    with pytest.raises(MediaRefused) as refusal:
        run(monkeypatch, attack, walled=True, within=Limits(seconds=30, cpu_seconds=1))
    assert refusal.value.reason_code == "cpu"


@pytest.mark.parametrize(
    "attack", ["time.sleep(600)", "signal.pthread_sigmask(0, range(1, 64)); time.sleep(600)"]
)
def test_endless_waiting(monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    began = time.monotonic()
    with pytest.raises(MediaRefused) as refusal:
        run(monkeypatch, attack, walled=True, within=Limits(seconds=2))
    assert refusal.value.reason_code == "timeout"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("attack", ["os.abort()", "ctypes.string_at(0)", "os._exit(3)"])
def test_crash_is_a_refusal(monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    with pytest.raises(MediaRefused) as refusal:
        run(monkeypatch, attack, walled=True)
    assert refusal.value.reason_code == "crashed"


def test_threads_of_its_own_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "done = []; t = threading.Thread(target=done.append, args=(1,)); t.start(); t.join(); got = done"
    assert run(monkeypatch, attack, walled=True)["got"] == [1]


_PARENT = """
import sys
from fairwitness.kernel import child
child._PROGRAM = "from fairwitness.media import walls; import os, time;" \\
    "os.write(2, b'x'); walls.raise_walls(memory_bytes=1 << 30, cpu_seconds=60, output_bytes=1); time.sleep(600)"
child._converse("wait", {}, (), child.Limits(seconds=600))
"""


def _children_of(process: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == process:
                found.append(int(entry.name))
    return found


def _wait_for(condition: Any, seconds: float = 15) -> Any:
    until = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def test_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], cwd=REPOSITORY) as parent:
        outer = _wait_for(lambda: _children_of(parent.pid))
        # Where process namespaces are given the child has a child, which does the reading.
        time.sleep(1.5)
        family = outer + [inner for process in outer for inner in _children_of(process)]
        parent.kill()
    assert family
    assert _wait_for(lambda: not [process for process in family if Path(f"/proc/{process}/status").exists()])


_AS_ORDINARY_USER = """
import json, sys
sys.path[:0] = json.loads(sys.argv[2])
from pathlib import Path
from fairwitness.kernel import child
secret = Path(sys.argv[1]) / "own"
secret.write_text("of the same user")
found = {wall: result.stands for wall, result in child.walls().items()}
child._PROGRAM = f"from fairwitness.media import walls; walls.raise_walls(memory_bytes=1 << 30, cpu_seconds=9, " \\
    f"output_bytes=9); print(open({str(secret)!r}).read())"
try:
    found["read"] = child._converse("attack", {}, (), child.Limits(seconds=20)).decode()
except child.MediaRefused as refused:
    found["read"] = "PermissionError" in refused.complaint
print(json.dumps(found))
"""


def _interpreter_for_everybody() -> str:
    """Ours, or the system's of the same version where ours lies in a folder of root's alone."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        with contextlib.suppress(OSError):
            subprocess.run(
                [python, "-c", "import json"], user=65534, group=65534, extra_groups=[], check=True
            )
            return python
    pytest.skip("no interpreter here may be run by an ordinary user")


@pytest.mark.skipif(os.getuid() != 0, reason="these tests run as an ordinary user already")
def test_walls_of_an_ordinary_user() -> None:
    """As when the service does not run as root: even files of the very same user are out of reach."""
    python = _interpreter_for_everybody()
    places = json.dumps([str(REPOSITORY), str(Path(av.__file__).parents[1])])
    # Not below pytest's folder, which is root's.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as own:
        os.chown(own, 65534, 65534)
        done = subprocess.run(
            [python, "-B", "-c", _AS_ORDINARY_USER, own, places],
            cwd="/",
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout).values()) == {True}

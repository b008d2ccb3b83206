"""Attacks the walls from inside, each in the ways that a hostile video would, and says which of them stand.

Nothing here believes that a system call did what it was asked: a wall stands when every attack on it was refused.
The attacks do no harm where a wall is missing.
"""

import ctypes
import mmap
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

WALLS = ("files", "network", "processes", "memory", "cpu", "output", "environment", "user")
# What the parent gives: two fixed words for libraries, and what Python itself adds in the C locale.
_ALLOWED_ENVIRONMENT = {"OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_CTYPE"}

_libc = ctypes.CDLL(None, use_errno=True)


class Found(NamedTuple):
    """Whether a wall stands, and the observation that says so."""

    stands: bool
    why: str


def try_walls(parent: int, scratch: int, *, spend_cpu: bool = False) -> dict[str, Found]:
    """Attack every wall once. `parent` is the process outside, `scratch` a writable descriptor of a file of no value.

    With `spend_cpu` the limit of processor time is really run into, which takes about a second; otherwise only
    raising it is tried.
    """
    return {
        "files": _all_refused(_attacks_on_files(parent)),
        "network": _all_refused(_attacks_on_network()),
        "processes": _all_refused(_attacks_on_processes(parent)),
        "memory": _bounded(
            resource.RLIMIT_AS, lambda most: mmap.mmap(-1, most), "take more memory than the limit"
        ),
        "cpu": _try_cpu(spend_cpu),
        "output": _bounded(
            resource.RLIMIT_FSIZE, lambda most: os.pwrite(scratch, b"x", most), "write beyond the limit"
        ),
        "environment": _try_environment(),
        "user": _try_user(parent),
    }


def _all_refused(attacks: dict[str, Callable[[], object]]) -> Found:
    for name, attack in attacks.items():
        try:
            attack()
        except (OSError, MemoryError):
            continue
        return Found(False, f"could {name}")
    return Found(True, "refused: " + "; ".join(attacks))


def _attacks_on_files(parent: int) -> dict[str, Callable[[], object]]:
    return {
        "open this program": lambda: _open(__file__),
        "open the interpreter": lambda: _open(sys.executable),
        "open /etc/passwd": lambda: _open("/etc/passwd"),
        "open its own environment in /proc": lambda: _open("/proc/self/environ"),
        "open the parent's environment in /proc": lambda: _open(f"/proc/{parent}/environ"),
        "open the parent's memory in /proc": lambda: _open(f"/proc/{parent}/mem"),
        "list /": lambda: list(Path("/").iterdir()),
        "make a file": lambda: os.close(os.open("/tmp", os.O_TMPFILE | os.O_RDWR, 0o600)),
    }


def _open(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY))


def _attacks_on_network() -> dict[str, Callable[[], object]]:
    return {
        "make an IPv4 socket": lambda: socket.socket(socket.AF_INET).close(),
        "make an IPv6 socket": lambda: socket.socket(socket.AF_INET6).close(),
        "make a datagram socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "make a unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "make a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "make a pair of sockets": socket.socketpair,
    }


def _attacks_on_processes(parent: int) -> dict[str, Callable[[], object]]:
    return {
        "fork": _fork,
        "execute another program": _execute,
        "signal the parent": lambda: os.kill(parent, 0),
        "signal its own group": lambda: os.killpg(0, 0),
        "read the parent's memory": lambda: _read_memory_of(parent),
    }


def _fork() -> None:
    inner = os.fork()
    if inner == 0:
        os._exit(0)
    os.waitpid(inner, 0)


def _execute() -> None:
    """Only a refusal before the path is looked at counts: "no such file" means that executing is allowed."""
    try:
        os.execv("/fairwitness-no-such-program", ["x"])
    except PermissionError:
        raise
    except OSError:
        return


class _Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def _read_memory_of(process: int) -> None:
    here = ctypes.create_string_buffer(1)
    local, remote = _Span(ctypes.addressof(here), 1), _Span(ctypes.addressof(here), 1)
    if _libc.process_vm_readv(process, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) < 0:
        reason = ctypes.get_errno()
        # EFAULT: the right was there, only the address was not.
        if reason != 14:
            raise OSError(reason, os.strerror(reason))


def _bounded(limit: int, attack: Callable[[int], object], what: str) -> Found:
    most, hard = resource.getrlimit(limit)
    if most == resource.RLIM_INFINITY:
        return Found(False, "there is no limit")
    return _all_refused(
        {
            what: lambda: attack(most),
            "raise the limit": lambda: _raise_limit(limit, hard),
        }
    )


def _raise_limit(limit: int, hard: int) -> None:
    try:
        resource.setrlimit(limit, (hard + 1, hard + 1))
    except ValueError as refused:
        # Python's word for EPERM here.
        raise PermissionError(str(refused)) from refused


def _try_cpu(spend: bool) -> Found:
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY:
        return Found(False, "there is no limit")
    found = _all_refused({"raise the limit": lambda: _raise_limit(resource.RLIMIT_CPU, hard)})
    return _run_into_cpu_limit(hard) if found.stands and spend else found


def _run_into_cpu_limit(hard: int) -> Found:
    """Lower the soft limit to the next full second and compute until the machine says stop."""
    stopped: list[int] = []
    signal.signal(signal.SIGXCPU, lambda number, frame: stopped.append(number))
    soon = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soon, hard))
    while not stopped and time.process_time() < soon + 2:
        pass
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    return Found(bool(stopped), "stopped at the limit" if stopped else "computed past the limit")


def _try_environment() -> Found:
    found = set(os.environ) - _ALLOWED_ENVIRONMENT
    if found:
        return Found(False, f"was started with {len(found)} variables of the environment")
    return Found(True, "empty but for fixed words")


def _try_user(parent: int) -> Found:
    if os.getuid() == 0 or os.geteuid() == 0 or 0 in os.getgroups():
        return Found(False, "runs as root")
    return _all_refused(
        {
            "become root": lambda: os.setresuid(0, 0, 0),
            "join root's group": lambda: os.setgroups([0]),
            "change root": lambda: os.chroot("/"),
            "make a user namespace": _make_user_namespace,
        }
    )


def _make_user_namespace() -> None:
    if _libc.unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), "refused")

"""Walls the running process in before it reads its first untrusted byte; `doctor` finds which walls stand."""

import contextlib
import ctypes
import os
import resource
import signal

from fairwitness.media import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_NEW_MOUNTS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PIDS, _NEW_NET = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
_NAMESPACES = _NEW_MOUNTS | _NEW_UTS | _NEW_IPC | _NEW_PIDS | _NEW_NET
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_CAPABILITY_VERSION_3 = 0x20080522
# A user of its own for each child, far above those a system gives out, so that two children are strangers too.
_FIRST_USER = 2_000_000_000
_NOBODY = 65534

_libc = ctypes.CDLL(None, use_errno=True)


def raise_walls(*, memory_bytes: int, cpu_seconds: int, output_bytes: int) -> int:
    """Take away from this process, for good, everything but its open descriptors and its own memory and threads.

    Call it once, from the main thread, after the last import. `output_bytes` bounds each file written. Returns the
    process id of the parent as it was seen before the walls. A wall that this machine does not give is skipped
    without a word: only `doctor.try_walls`, which attacks them, says what stands.
    """
    parent, user = os.getppid(), _FIRST_USER + os.getpid()
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _leave_namespaces()
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, output_bytes)
    _limit(resource.RLIMIT_NOFILE, 64)
    _enter_empty_root()
    _become(user)
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    # Set again: changing user has cleared it.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    landlock.install(_libc)
    seccomp.install(_libc)
    return parent


def _die_with(parent: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died between the two lines, and nobody will ask for the answer.
        os._exit(1)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (bound, bound))


def _leave_namespaces() -> None:
    """Enter fresh namespaces, by right or through a user namespace; a new process namespace begins with a fork."""
    # Not for root: in a user namespace it would look like nobody and still own root's files.
    by_right = os.getuid() == 0
    if _libc.unshare(_NAMESPACES if by_right else _NAMESPACES | _NEW_USER) != 0:
        return
    inner = os.fork()
    if inner:
        _end_as(inner)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _end_as(inner: int) -> None:
    """Wait for the inner process and end in the same way, so that the parent sees what really happened."""
    _, status = os.waitpid(inner, 0)
    if os.WIFSIGNALED(status):
        ended_by = os.WTERMSIG(status)
        if ended_by not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), ended_by)
    os._exit(os.waitstatus_to_exitcode(status))


def _enter_empty_root() -> None:
    """Make an empty, read-only file system the root; only in a mount namespace of our own."""
    flags = _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    if os.getpid() != 1 or _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None):
        return
    if _libc.mount(b"none", b"/tmp", b"tmpfs", flags, None) == 0 and _libc.chroot(b"/tmp") == 0:
        os.chdir("/")


def _become(user: int) -> None:
    """Drop root: groups, user and every capability; an ordinary user only loses what its namespace lent it."""
    if os.getuid() == 0:
        try:
            _change_user(user)
            # Only where nobody else has this user: the machine counts processes and threads by user.
            _limit(resource.RLIMIT_NPROC, 64)
        except OSError:
            # A container may not know so high a number; where this fails too, `doctor` says so.
            with contextlib.suppress(OSError):
                _change_user(_NOBODY)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _change_user(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)

"""A list of the few system calls that decoding needs, as a seccomp-BPF program that refuses every other.

A list of what is allowed, not of what is forbidden: a system call that the kernel learns tomorrow is refused today.
Sources: Linux `Documentation/userspace-api/seccomp_filter.rst`, `bpf(4)`; numbers from the kernel's
`arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (aarch64).
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import NamedTuple

_LD_WORD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_SET_MODE_FILTER, _SYNC_THREADS = 1, 1
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16
_CLONE_THREAD, _PROT_EXEC, _AT_EMPTY_PATH, _PR_SET_NAME = 0x10000, 0x4, 0x1000, 15
_F_GETFD, _F_GETFL = 1, 3


class Machine(NamedTuple):
    """One processor architecture: its audit number, the number of `seccomp` itself and of the calls that we name."""

    audit: int
    seccomp: int
    calls: dict[str, int]


# Memory, time, threads of its own, and descriptors that are already open: nothing here can name a file,
# a host or another process.
_NEEDED = """
    read write pread64 pwrite64 lseek readv writev futex munmap mremap madvise brk close fstat ftruncate
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall sched_yield sched_getaffinity getcpu
    nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday getrusage getrlimit times sysinfo
    getpid gettid getppid getuid geteuid getgid getegid getgroups set_robust_list rseq membarrier getrandom
    exit exit_group
"""
_PLAIN = frozenset(_NEEDED.split())

MACHINES = {
    "x86_64": Machine(
        0xC000003E,
        317,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
            "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "sched_yield": 24, "mremap": 25,
            "madvise": 28, "nanosleep": 35, "getpid": 39, "clone": 56, "exit": 60, "fcntl": 72,
            "ftruncate": 77, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99,
            "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110,
            "getgroups": 115, "sigaltstack": 131, "prctl": 157, "gettid": 186, "futex": 202,
            "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
            "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234, "newfstatat": 262,
            "set_robust_list": 273, "prlimit64": 302, "getcpu": 309, "getrandom": 318, "membarrier": 324,
            "rseq": 334, "clone3": 435,
        },
    ),
    "aarch64": Machine(
        0xC00000B7,
        277,
        {
            "fcntl": 25, "ftruncate": 46, "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65,
            "writev": 66, "pread64": 67, "pwrite64": 68, "newfstatat": 79, "fstat": 80, "exit": 93,
            "exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113,
            "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124,
            "restart_syscall": 128, "tgkill": 131, "sigaltstack": 132, "rt_sigaction": 134,
            "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "getgroups": 158, "getrlimit": 163,
            "getrusage": 165, "prctl": 167, "getcpu": 168, "gettimeofday": 169, "getpid": 172,
            "getppid": 173, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178,
            "sysinfo": 179, "brk": 214, "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222,
            "mprotect": 226, "madvise": 233, "prlimit64": 261, "getrandom": 278, "membarrier": 283,
            "rseq": 293, "clone3": 435,
        },
    ),
}  # fmt: skip


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _low_word_of(argument: int) -> int:
    # Both machines are little-endian: the low half of a 64-bit argument comes first.
    return _AT_ARGUMENTS + 8 * argument


def _always(number: int, answer: int = _ALLOW) -> list[bytes]:
    return [_instruction(_JUMP_EQUAL, number, 0, 1), _instruction(_RETURN, answer)]


def _when(number: int, argument: int, test: int, value: int, *, holds: bool = True) -> list[bytes]:
    """Allow call `number` when the test of its argument holds (or does not); otherwise go on to the next rule."""
    return [
        _instruction(_LD_WORD, _AT_NUMBER),
        _instruction(_JUMP_EQUAL, number, 0, 3),
        _instruction(_LD_WORD, _low_word_of(argument)),
        _instruction(test, value, *((0, 1) if holds else (1, 0))),
        _instruction(_RETURN, _ALLOW),
    ]


def program(machine: Machine, own_pid: int) -> bytes:
    """The filter as an array of `struct sock_filter`; `own_pid` is the only process that may be signalled (abort)."""
    call = machine.calls
    rules = [
        _instruction(_LD_WORD, _AT_ARCHITECTURE),
        # Another architecture's numbering (32-bit calls) would mean other calls by the same numbers.
        _instruction(_JUMP_EQUAL, machine.audit, 1, 0),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_LD_WORD, _AT_NUMBER),
    ]
    for name, number in call.items():
        rules += _always(number) if name in _PLAIN else []
    # glibc then falls back to clone(2), whose flags a filter can read.
    rules += _always(call["clone3"], _ERRNO | errno.ENOSYS)
    rules += _when(call["clone"], 0, _JUMP_SET, _CLONE_THREAD)
    # Everything that may run is loaded by now: no new memory becomes code.
    rules += _when(call["mmap"], 2, _JUMP_SET, _PROT_EXEC, holds=False)
    rules += _when(call["mprotect"], 2, _JUMP_SET, _PROT_EXEC, holds=False)
    rules += _when(call["newfstatat"], 3, _JUMP_EQUAL, _AT_EMPTY_PATH)
    rules += _when(call["prlimit64"], 0, _JUMP_EQUAL, 0)
    rules += _when(call["prctl"], 0, _JUMP_EQUAL, _PR_SET_NAME)
    rules += _when(call["tgkill"], 0, _JUMP_EQUAL, own_pid)
    rules += _when(call["fcntl"], 1, _JUMP_EQUAL, _F_GETFD)
    rules += _when(call["fcntl"], 1, _JUMP_EQUAL, _F_GETFL)
    rules.append(_instruction(_RETURN, _ERRNO | errno.EPERM))
    return b"".join(rules)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def install(libc: ctypes.CDLL) -> bool:
    """Put the filter over all threads of this process, for good; False where the machine has none for us."""
    machine = MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little":
        return False
    code = program(machine, os.getpid())
    filter_ = _Program(len(code) // 8, code)
    done: int = libc.syscall(machine.seccomp, _SET_MODE_FILTER, _SYNC_THREADS, ctypes.byref(filter_))
    return done == 0

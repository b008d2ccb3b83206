"""The system call filter of both machines, run here by a small interpreter of BPF: what it allows and what not."""

import errno
import re
import struct
from pathlib import Path

import pytest

from fairwitness.media.seccomp import MACHINES, program

_ALLOW = 0x7FFF0000
_EPERM, _ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
_OWN_PID = 4242


def answer(name: str, call: int, *arguments: int, audit: int | None = None) -> int:
    """What the kernel would be told for this call (struct seccomp_data, little-endian)."""
    machine = MACHINES[name]
    six = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<iIQ6Q", call, audit or machine.audit, 0, *six)
    code = program(machine, _OWN_PID)
    at, accumulator = 0, 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return int(value)
        else:
            true = accumulator == value if operation == 0x15 else bool(accumulator & value)
            at += if_true if true else if_false


MACHINE_NAMES = pytest.mark.parametrize("name", sorted(MACHINES))


@MACHINE_NAMES
def test_what_decoding_needs(name: str) -> None:
    call = MACHINES[name].calls
    for needed in ("read", "write", "pread64", "futex", "munmap", "exit_group", "clock_gettime"):
        assert answer(name, call[needed]) == _ALLOW


@MACHINE_NAMES
def test_everything_unknown_is_refused(name: str) -> None:
    known = set(MACHINES[name].calls.values())
    for call in range(1000):
        if call not in known:
            assert answer(name, call) == _EPERM


@MACHINE_NAMES
@pytest.mark.parametrize(
    ("call", "good", "bad"),
    [
        ("clone", (0x3D0F00,), (0x1200011,)),
        ("mmap", (0, 4096, 3), (0, 4096, 7)),
        ("mprotect", (0, 4096, 1), (0, 4096, 5)),
        ("newfstatat", (3, 0, 0, 0x1000), (3, 0, 0, 0)),
        ("prlimit64", (0, 9), (17, 9)),
        ("prctl", (15,), (22,)),
        ("tgkill", (_OWN_PID, _OWN_PID, 6), (1, 1, 9)),
        ("fcntl", (3, 3), (3, 8)),
    ],
)
def test_calls_that_depend_on_an_argument(
    name: str, call: str, good: tuple[int, ...], bad: tuple[int, ...]
) -> None:
    number = MACHINES[name].calls[call]
    assert answer(name, number, *good) == _ALLOW
    assert answer(name, number, *bad) == _EPERM


@MACHINE_NAMES
def test_clone3_says_that_it_does_not_exist(name: str) -> None:
    assert answer(name, MACHINES[name].calls["clone3"]) == _ENOSYS


@MACHINE_NAMES
def test_another_architecture_is_refused(name: str) -> None:
    assert answer(name, MACHINES[name].calls["read"], audit=0x40000003) == _EPERM


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_numbers_are_the_kernels(name: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"needs {header} of the kernel's headers")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", Path(header).read_text())
    numbers = {call: int(number) for call, number in found}
    numbers.setdefault("newfstatat", numbers.get("fstatat", -1))
    for call, number in MACHINES[name].calls.items():
        assert numbers[call] == number, call
    assert numbers["seccomp"] == MACHINES[name].seccomp

"""Landlock: from now on no path of the file system may be opened, made, moved or removed, whoever asks.

Sources: Linux `Documentation/userspace-api/landlock.rst`; the system calls have the same numbers on all machines.
"""

import ctypes
import os
import struct

_CREATE_RULESET, _RESTRICT_SELF, _VERSION = 444, 446, 1
# Rights known to each ABI, from 1 on: an older kernel refuses a ruleset that names a right it does not know.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NETWORK_RIGHTS = 0b11  # bind and connect over TCP, from ABI 4
_SCOPES = 0b11  # abstract unix sockets and signals, from ABI 6


def install(libc: ctypes.CDLL) -> bool:
    """Forbid every path, TCP port, abstract socket and foreign signal that this kernel's Landlock knows of."""
    abi = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if abi < 1:
        return False
    rights = (1 << _FILE_RIGHTS.get(abi, 16)) - 1
    rules = struct.pack("=QQQ", rights, _NETWORK_RIGHTS if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    done: int = libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return done == 0

"""Keys of records: UUID version 7 (RFC 9562), so that keys made later sort later and indexes stay compact."""

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A fresh UUIDv7: 48 bits of Unix milliseconds, 12 bits of sub-millisecond time, 62 random bits."""
    ns = time.time_ns()
    milliseconds, rest = divmod(ns, 1_000_000)
    # RFC 9562 section 6.2, method 3: the fraction of the millisecond keeps keys of one process in order.
    fraction = rest * 4096 // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    return uuid.UUID(int=value)

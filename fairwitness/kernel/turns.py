"""Whose turn it is: a page for which somebody waits goes first; what machines send gives way, and takes turns."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator

from django.db import connection

# A machine waits so long at a time for pages that are being made, then goes on: pages slow it down and cannot stop it.
GIVES_WAY = 0.1  # seconds
# A page that takes longer than this is one more piece of long work, and nobody waits for it any more.
LONG = 1.0  # seconds
# So many pieces of machines' work at a time; all others wait for their turn in the order in which they came.
_turns = threading.BoundedSemaphore(max(2, (os.cpu_count() or 2) // 2))
_pages: dict[int, float] = {}
_changed = threading.Condition()


@contextlib.contextmanager
def page() -> Iterator[None]:
    """Within the block somebody waits for a page."""
    me = threading.get_ident()
    with _changed:
        _pages[me] = time.monotonic()
    try:
        yield
    finally:
        with _changed:
            del _pages[me]
            if not _pages:
                _changed.notify_all()


@contextlib.contextmanager
def machine() -> Iterator[None]:
    """A turn for a short piece of work for which nobody sits at a screen. Not to be waited in, nor taken twice."""
    give_connection_back()
    if _pages:
        with _changed:
            _changed.wait_for(_nobody_waits, GIVES_WAY)
    with _turns:
        yield


def give_connection_back() -> None:
    """Whoever waits keeps no place in the database meanwhile."""
    if connection.connection is not None and not connection.in_atomic_block:
        connection.close()


def _nobody_waits() -> bool:
    now = time.monotonic()
    return all(now - since > LONG for since in _pages.values())

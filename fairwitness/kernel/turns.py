"""Whose turn it is: a page for which somebody waits goes first; what machines send gives way, and takes turns."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator

from django.db import connection

# A page that is begun has so long alone. After that machines, all of them together, get this share of a processor for as
# long as somebody waits for a page: pages slow them down and cannot stop them.
GIVES_WAY = 0.1  # seconds
SHARE = 0.25
# A page that takes longer than this is one more piece of long work, and nobody waits for it any more.
LONG = 1.0  # seconds
# So many pieces of machines' work at a time; all others wait for their turn in the order in which they came.
_turns = threading.BoundedSemaphore(max(2, (os.cpu_count() or 2) // 2))
_pages: dict[int, float] = {}
_changed = threading.Condition()
_machines_from = [0.0]  # when a machine may go on although somebody waits for a page


@contextlib.contextmanager
def page() -> Iterator[None]:
    """Within the block somebody waits for a page."""
    me = threading.get_ident()
    with _changed:
        _pages[me] = time.monotonic()
        if len(_pages) == 1:
            _machines_from[0] = max(_machines_from[0], _pages[me] + GIVES_WAY)
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
    with _turns:
        if _pages:
            _give_way()
        begun = time.thread_time()
        try:
            yield
        finally:
            if _pages:
                _rest(time.thread_time() - begun)


def _give_way() -> None:
    with _changed:
        while _pages and not _nobody_waits() and (rest := _machines_from[0] - time.monotonic()) > 0:
            _changed.wait(rest)


def _rest(worked: float) -> None:
    """After `worked` seconds of a processor the next machine waits for as much as the share is less than the whole."""
    with _changed:
        _machines_from[0] = max(_machines_from[0], time.monotonic()) + worked * (1 / SHARE - 1)


def give_connection_back() -> None:
    """Whoever waits keeps no place in the database meanwhile."""
    if connection.connection is not None and not connection.in_atomic_block:
        connection.close()


def _nobody_waits() -> bool:
    now = time.monotonic()
    return all(now - since > LONG for since in _pages.values())

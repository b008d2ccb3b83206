"""The WSGI application that granian serves."""

import contextlib
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.site.settings")
# A dock that was pulled out of the wall says no goodbye, and would keep its thread for ever: after so many seconds
# of silence a peer is asked whether it is there, every few seconds, some times.
SILENT, ASK_EVERY, ASK_TIMES = 30, 10, 3

_pages = get_wsgi_application()
_asking: list[bool] = []


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, and once before its first answer: silent peers are asked after, and the watch is begun."""
    if not _asking:
        _asking.append(True)
        _ask_silent_peers()
        import_string("fairwitness.site.stand_in.begin")()
    return _pages(environ, start_response)


def _ask_silent_peers() -> None:
    """Set on the sockets that listen, which the server opens by itself; every later connection inherits it."""
    for place in Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").is_dir() else ():
        with contextlib.suppress(OSError):
            descriptor = int(place.name)
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as each:
                if each.family == socket.AF_UNIX or not each.getsockopt(
                    socket.SOL_SOCKET, socket.SO_ACCEPTCONN
                ):
                    continue
                each.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, ASK_EVERY)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, ASK_TIMES)


# Whoever makes a page comes back from every question to the database to threads that receive uploads; each of them
# lets go so soon (seconds).
sys.setswitchinterval(0.0005)

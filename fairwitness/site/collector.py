"""For a collector of logs: what happened as JSON lines or as syslog (RFC 5424), to a file, UDP (5426) or TCP (6587)."""

import json
import re
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TextIO
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from fairwitness.accounts.doors import Happened
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Invalid

# RFC 5424, 6.2.1: security messages of the sign-in log, audit of the ledger; then how grave.
FACILITY = {"sign_in": 10, "ledger": 13}
SEVERITY = {"done": 6, "failed": 4, "refused": 4}
# Parameters of ours, under the enterprise number that RFC 5612 keeps for examples: we have none of our own.
SD_ID = "fairwitness@32473"
# RFC 5426, 3.2: what fits one datagram of IPv4; facts that would not are left out, and that is said.
DATAGRAM = 60_000
MOST_SUBJECTS = 50
_NOT_PRINTED = re.compile(r"[^\x21-\x7e]")


def as_json(each: Happened) -> str:
    """One JSON object on one line."""
    return json.dumps(each.plain(), ensure_ascii=False, separators=(",", ":"), sort_keys=False)


def as_syslog(each: Happened) -> str:
    """One message of RFC 5424; longer ones than a datagram holds go without facts, and say so."""
    line = _syslog(each, each.more)
    if len(line.encode()) <= DATAGRAM:
        return line
    subjects = each.more.get("subjects", [])
    left_out = {"facts_left_out": True, "subjects_left_out": max(0, len(subjects) - MOST_SUBJECTS)}
    kept = {name: value for name, value in each.more.items() if name != "facts"}
    return _syslog(each, {**kept, "subjects": subjects[:MOST_SUBJECTS], **left_out})


def _syslog(each: Happened, more: dict[str, Any]) -> str:
    priority = FACILITY[each.log] * 8 + SEVERITY[each.outcome]
    host = _NOT_PRINTED.sub("", urlsplit(settings.FAIRWITNESS_ADDRESS).hostname or "")[:255] or "-"
    first = {
        "log": each.log,
        "id": each.id,
        "event": each.event,
        "outcome": each.outcome,
        "actor": each.actor,
    }
    said = "".join(f' {name}="{_escaped(value)}"' for name, value in {**first, **more}.items())
    message_id = _NOT_PRINTED.sub("", each.event)[:32] or "-"
    return f"<{priority}>1 {clock.rfc3339(each.at)} {host} fairwitness - {message_id} [{SD_ID}{said}]"


def _escaped(value: Any) -> str:
    """RFC 5424, 6.3.3: quotes, backslashes and closing brackets get a backslash; lists and facts are JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return re.sub(r'(["\\\]])', r"\\\1", text)


FORMATS: dict[str, Callable[[Happened], str]] = {"jsonl": as_json, "syslog": as_syslog}


class Taker(Protocol):
    """Where lines go; `send` answers once it has been handed over."""

    def send(self, line: str) -> None: ...


class ToFile:
    """Each line on a line of its own."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def send(self, line: str) -> None:
        self.out.write(line + "\n")
        self.out.flush()


class ToUdp:
    """One datagram a line; whether it came nobody says, so TCP is better where it matters."""

    def __init__(self, host: str, port: int) -> None:
        family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self.address: Any = address
        self.socket = socket.socket(family, kind)

    def send(self, line: str) -> None:
        self.socket.sendto(line.encode(), self.address)


class ToTcp:
    """Each line after its length (RFC 6587, 3.4.1); a broken connection is made anew, ever more slowly."""

    def __init__(self, host: str, port: int, patience: float = 300.0) -> None:
        self.address = (host, port)
        self.patience = patience
        self.socket: socket.socket | None = None

    def send(self, line: str) -> None:
        data = line.encode()
        waited, pause = 0.0, 0.5
        while True:
            try:
                if self.socket is None or _hung_up(self.socket):
                    self._close()
                    self.socket = socket.create_connection(self.address, timeout=30)
                self.socket.sendall(f"{len(data)} ".encode() + data)
                return
            except OSError as error:
                self._close()
                if waited >= self.patience:
                    where = f"{self.address[0]}:{self.address[1]}"
                    raise Invalid(
                        _("Nobody takes the log at {where}: {error}.").format(where=where, error=error)
                    ) from error
                time.sleep(pause)
                waited, pause = waited + pause, min(pause * 2, 30.0)

    def _close(self) -> None:
        with suppress(OSError):
            if self.socket:
                self.socket.close()
        self.socket = None


def _hung_up(open_socket: socket.socket) -> bool:
    """Whether the other side has closed: what is sent into that would be lost without a word."""
    says_something = select.select([open_socket], [], [], 0)[0]
    return bool(says_something) and open_socket.recv(1, socket.MSG_PEEK) == b""


def taker(to: str, out: TextIO) -> Taker:
    """Where `to` leads: udp://host:port, tcp://host:port, or nothing for `out`. Raises Invalid."""
    if not to:
        return ToFile(out)
    try:
        parts = urlsplit(to)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.scheme not in ("udp", "tcp"):
        raise Invalid(
            _("“{to}” is not an address such as udp://127.0.0.1:514 or tcp://127.0.0.1:601.").format(to=to)
        )
    return ToUdp(host, port) if parts.scheme == "udp" else ToTcp(host, port)

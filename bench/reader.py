"""Whoever fetches the bytes: a process of its own that reads from a socket and does nothing with what it reads.

`fast` reads ranges one after the other over one connection and says in JSON how many seconds it took. `slow` opens
many connections, reads a little of each at a steady rate until its input ends, and says how many bytes came.
"""

import argparse
import json
import re
import selectors
import socket
import sys
import time

BUFFER = 2**20
TICK = 0.25  # seconds


def request(path: str, cookie: str, first: int, last: int) -> bytes:
    """One request for the bytes from `first` to `last`, both included (RFC 9110, section 14)."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}", f"Range: bytes={first}-{last}"]
    return "\r\n".join([*lines, "", ""]).encode()


def read_range(connection: socket.socket, asked: bytes, length: int) -> None:
    """Send the request and read the answer's `length` bytes. Raises ValueError when it is another answer."""
    connection.sendall(asked)
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            raise ValueError(f"no answer: {head[:200]!r}")
        head += part
    head, _sep, body = head.partition(b"\r\n\r\n")
    declared = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    if not head.startswith(b"HTTP/1.1 206") or declared is None or int(declared[1]) != length:
        raise ValueError(f"not the answer: {head[:200]!r}")
    buffer, left = bytearray(BUFFER), length - len(body)
    while left:
        count = connection.recv_into(buffer, min(BUFFER, left))
        if not count:
            raise ValueError(f"{left} bytes are missing")
        left -= count


def fast(port: int, path: str, cookie: str, ranges: list[tuple[int, int]]) -> float:
    """Seconds from the first request to the last byte."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        begun = time.perf_counter()
        for first, last in ranges:
            read_range(connection, request(path, cookie, first, last), last - first + 1)
        return time.perf_counter() - begun


def slow(port: int, path: str, cookie: str, size: int, viewers: int, rate: int) -> int:
    """Many viewers, each at `rate` bytes a second, until the input ends; answers how many bytes came in all."""
    connections = []
    for _viewer in range(viewers):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.connect(("127.0.0.1", port))
        connection.sendall(request(path, cookie, 0, size - 1))
        connections.append(connection)
    came, ended = 0, selectors.DefaultSelector()
    ended.register(sys.stdin, selectors.EVENT_READ)
    for connection in connections:
        came += len(connection.recv(int(rate * TICK)))
    print("watching", flush=True)
    while not ended.select(timeout=TICK):
        for connection in connections:
            connection.setblocking(False)
            try:
                came += len(connection.recv(int(rate * TICK)))
            except BlockingIOError:
                continue
    return came


def main() -> None:
    """Read as the command says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("how", choices=["fast", "slow"])
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--cookie", default="")
    parser.add_argument("--ranges", type=json.loads, default=[])
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--rate", type=int, default=64 * 1024)
    asked = parser.parse_args()
    if asked.how == "fast":
        print(json.dumps(fast(asked.port, asked.path, asked.cookie, asked.ranges)))
    else:
        print(slow(asked.port, asked.path, asked.cookie, asked.size, asked.viewers, asked.rate))


if __name__ == "__main__":
    main()

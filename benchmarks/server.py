"""A lean HTTP/1.1 server, so that the client is what a benchmark measures.

It answers any POST with what the endpoint's name asks for, under the headers that
SageMaker Runtime sends: ``bytes-100`` is answered with 100 bytes, ``parts-100x20`` with
an event stream of 100 parts of 20 bytes each. It checks nothing. For a soak it fails,
too: ``fails-400`` with that status, ``fails-once`` with 503 in a call's first attempt,
``cut`` inside a frame, and ``ends`` without an answer.

`running` starts it in processes of its own, which share one port where the system
spreads connections over listeners (SO_REUSEPORT on Linux), and which end with the
process that started them.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from email.utils import formatdate
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final

import cpu_affinity
import event_stream

__all__ = ["running"]

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BYTES: Final = re.compile(rb"/endpoints/bytes-(\d+)/")
_FAILS: Final = re.compile(rb"/endpoints/fails-(\d+)/")
_PARTS: Final = re.compile(rb"/endpoints/parts-(\d+)x(\d+)/")
_FIRST: Final = b"\r\namz-sdk-request: attempt=1;"
_HEAD: Final = (
    "HTTP/1.1 {status}\r\n"
    "x-amzn-RequestId: 2c4f8f0a-4d0e-4f0b-9d7c-6f1f9f3c9b1e\r\n"
    "x-Amzn-Invoked-Production-Variant: AllTraffic\r\n"
    "Date: {date}\r\n"
)
_PROCESSES: Final = 2 if sys.platform == "linux" else 1


class _Connection(asyncio.Protocol):
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        # uvloop's transports have the methods of asyncio.Transport, not its type
        self._write: Callable[[bytes], None] = transport.write
        self._close: Callable[[], None] = transport.close

    def data_received(self, data: bytes) -> None:
        received = self._received + data
        while (end := _end_of_request(received)) is not None:
            path = received.split(b" ", 2)[1]
            if path.startswith(b"/endpoints/fails-once/"):
                is_first = _FIRST in received[:end]
                path = b"/endpoints/fails-503/" if is_first else b"/endpoints/bytes-20/"
            if not path.startswith(b"/endpoints/ends/"):
                self._write(_answer(path))
            if path.startswith((b"/endpoints/ends/", b"/endpoints/cut/")):
                self._close()
                return
            received = received[end:]
        self._received = received


def _end_of_request(received: bytes) -> int | None:
    """Return where the first request ends; None if it is not whole yet."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    length = _LENGTH.search(received, 0, head)
    end = head + 4 + (int(length[1]) if length else 0)
    return end if end <= len(received) else None


@lru_cache
def _answer(path: bytes) -> bytes:
    head = _HEAD.format(status="200 OK", date=formatdate(usegmt=True))
    if failure := _FAILS.match(path):
        head = head.replace("200 OK", f"{int(failure[1])} Failed")
    if path.startswith(b"/endpoints/cut/"):
        return _answer(b"/endpoints/parts-3x20/")[:-40]
    if parts := _PARTS.match(path):
        frame = event_stream.payload_part(b"x" * int(parts[2]))
        head += (
            "Content-Type: application/vnd.amazon.eventstream\r\n"
            "X-Amzn-SageMaker-Content-Type: application/octet-stream\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"%x\r\n%b\r\n" % (len(frame), frame)
        return head.encode() + chunk * int(parts[1]) + b"0\r\n\r\n"
    size = _BYTES.match(path)
    body = b"x" * (int(size[1]) if size else 0)
    head += f"Content-Type: application/octet-stream\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def _serve(port: int) -> None:
    listener = _listener(port)
    server = await asyncio.get_running_loop().create_server(_Connection, sock=listener)
    print("ready", flush=True)
    await server.serve_forever()


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if _PROCESSES > 1:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    return listener


@contextmanager
def running() -> Generator[str]:
    """Run the server, and give its URL."""
    with _listener(0) as reserved:
        port = int(reserved.getsockname()[1])
        if _PROCESSES == 1:
            reserved.close()
        processes = [
            subprocess.Popen(  # noqa: S603 - this file, by this interpreter
                [sys.executable, __file__, str(port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(_PROCESSES)
        ]
        try:
            for process in processes:
                cpu_affinity.keep_to_server_cores(process.pid)
                if process.stdout is None or process.stdout.readline() != b"ready\n":
                    message = "the server did not start"
                    raise SystemExit(message)
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in processes:
                process.communicate()


def _end_with_the_parent() -> None:
    """Leave when standard input closes, as it does however the parent ends."""
    sys.stdin.read()
    os._exit(0)


def _main() -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    factory = None
    if find_spec("uvloop"):
        import uvloop  # noqa: PLC0415 - where it is there

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(int(sys.argv[1])))


if __name__ == "__main__":
    _main()

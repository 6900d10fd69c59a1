"""A fast HTTP/1.1 server, so that benchmarks measure the client.

The name of the endpoint selects the response to a POST. It has the headers of SageMaker
Runtime. The server does not validate requests.

* ``bytes-100``: 100 bytes
* ``parts-100x20``: an event stream of 100 parts of 20 bytes
* ``fails-400``: an error with this status
* ``fails-once``: status 503 at the first attempt of a call, then 20 bytes
* ``cut``: an event stream that ends within a message
* ``ends``: the connection is closed without a response

`running` starts the server in separate processes, which end with their parent. On
Linux, two processes share a port (SO_REUSEPORT). With TLS, `interpreters.environment`
makes the clients trust the certificate of the server.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from email.utils import formatdate
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cpu_affinity
import event_stream
import interpreters

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
    """A connection that handles requests in sequence."""

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: Any) -> None:
        # transports of uvloop are not instances of asyncio.Transport
        self._write: Callable[[bytes], None] = transport.write
        self._close: Callable[[], None] = transport.close

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data  # in place, without a copy of a large body
        while (end := _end_of_request(received)) is not None:
            path = bytes(received[received.index(b" ") + 1 : received.index(b" HTTP/")])
            if path.startswith(b"/endpoints/fails-once/"):
                is_first = _FIRST in received[:end]
                path = b"/endpoints/fails-503/" if is_first else b"/endpoints/bytes-20/"
            if not path.startswith(b"/endpoints/ends/"):
                self._write(_response(path))
            if path.startswith((b"/endpoints/ends/", b"/endpoints/cut/")):
                self._close()
                return
            del received[:end]


def _end_of_request(received: bytearray) -> int | None:
    """Return the length of the first request, or None if it is incomplete."""
    headers_end = received.find(b"\r\n\r\n")
    if headers_end < 0:
        return None
    length = _LENGTH.search(received, 0, headers_end)
    end = headers_end + 4 + (int(length[1]) if length else 0)
    return end if end <= len(received) else None


@lru_cache
def _response(path: bytes) -> bytes:
    head = _HEAD.format(status="200 OK", date=formatdate(usegmt=True))
    if failure := _FAILS.match(path):
        head = head.replace("200 OK", f"{int(failure[1])} Failed")
    if path.startswith(b"/endpoints/cut/"):
        return _response(b"/endpoints/parts-3x20/")[:-40]
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


async def _serve(port: int, certificate: str | None) -> None:
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(
        _Connection, sock=_listener(port), ssl=context
    )
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
def running(*, tls: bool = False) -> Generator[str]:
    """Run the server; yields its base URL."""
    if not tls:
        with _running([]) as port:
            yield f"http://127.0.0.1:{port}"
        return
    sys.path.append(str(Path(__file__).parent.parent))
    from tests.transport.certificates import self_signed  # noqa: PLC0415 - for TLS

    with TemporaryDirectory() as folder:
        self_signed(Path(folder))
        certificate = str(Path(folder) / "127.0.0.1.pem")
        with _running([certificate]) as port:
            os.environ[interpreters.CERTIFICATE] = certificate
            try:
                yield f"https://127.0.0.1:{port}"
            finally:
                del os.environ[interpreters.CERTIFICATE]


@contextmanager
def _running(arguments: list[str]) -> Generator[int]:
    """Run the server with *arguments*; yields its port."""
    with _listener(0) as reserved:
        port = int(reserved.getsockname()[1])
        if _PROCESSES == 1:
            reserved.close()
        processes = [
            subprocess.Popen(  # noqa: S603 - this file, by this interpreter
                [sys.executable, __file__, str(port), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(_PROCESSES)
        ]
        try:
            for process in processes:
                cpu_affinity.pin_to_server_cores(process.pid)
                if process.stdout is None or process.stdout.readline() != b"ready\n":
                    message = "the server did not start"
                    raise SystemExit(message)
            yield port
        finally:
            for process in processes:
                process.communicate()


def _end_with_the_parent() -> None:
    """Exit when the parent ends, which closes standard input."""
    sys.stdin.read()
    os._exit(0)


def _main() -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    factory = None
    if find_spec("uvloop"):
        import uvloop  # noqa: PLC0415 - optional

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(int(sys.argv[1]), next(iter(sys.argv[2:]), None)))


if __name__ == "__main__":
    _main()

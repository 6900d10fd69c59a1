"""A server that sends the bytes that a test specifies, or sends nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final, TypeAlias

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import Body, Endpoint, Headers, Request, Timeouts
from sagemaker_rt.interfaces import HTTPClient

__all__ = [
    "OK",
    "Peer",
    "Server",
    "ask",
    "ask_once",
    "facts",
    "full_backlog",
    "hang",
    "open_files",
    "reply",
    "serve",
    "to_port",
]


def reply(body: bytes = b"hello", *headers: str, status: str = "200 OK") -> bytes:
    """Return a complete response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


OK: Final = reply()


class Peer:
    """One connection, as the server sees it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.number = number
        """The number of the connection, from 1."""
        self._is_pause_due = False

    async def send(self, *parts: bytes) -> None:
        """Send the parts one by one, with a pause between all that is sent."""
        for part in parts:
            await self.pause()
            self._is_pause_due = True
            self.writer.write(part)
            await self.writer.drain()

    async def pause(self) -> None:
        """Let the client read what was sent apart from what comes next."""
        if self._is_pause_due:
            self._is_pause_due = False
            await asyncio.sleep(0.01)

    async def hang(self) -> None:
        """Send nothing, and wait until the client closes the connection."""
        while await self.reader.read(1 << 16):
            pass

    async def end(self, *parts: bytes) -> None:
        """Send the parts, and close the connection with a FIN."""
        await self.send(*parts)
        await self.pause()
        self.writer.close()

    async def reset(self, *parts: bytes) -> None:
        """Send the parts, and close the connection with a RST."""
        await self.send(*parts)
        await self.pause()
        endpoint = self.writer.get_extra_info("socket")
        endpoint.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()

    async def receive(self) -> bytes | None:
        """Return the next request, or None at the end of the connection."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            self._is_pause_due = False
            length = re.search(rb"content-length: (\d+)", head.lower())
            size = int(length[1]) if length else 0
            return head + await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            return None


Answer: TypeAlias = Callable[[Peer], Awaitable[None]]
"""Handles each request, or with ``raw`` each connection."""


class Server:
    """A running server, and the requests that it received."""

    def __init__(
        self, answer: Answer, *, host: str, is_secure: bool, is_raw: bool
    ) -> None:
        self.host = host
        self.is_secure = is_secure
        self.requests: list[bytes] = []
        self.received = asyncio.Semaphore(0)
        """Is released once for each request."""
        self.connections = 0
        self.is_idle = asyncio.Event()
        self.is_idle.set()
        self.port = 0
        self._answer = answer
        self._is_raw = is_raw
        self._open: set[asyncio.StreamWriter] = set()

    def request(
        self,
        body: Body = b"{}",
        *,
        timeouts: Timeouts | None = None,
        deadline: float | None = None,
        **headers: str,
    ) -> Request:
        """Return a request to this server; ``_`` in header names becomes ``-``."""
        scheme = "https" if self.is_secure else "http"
        return Request(
            path="/endpoints/m/invocations",
            headers=Headers({k.replace("_", "-"): v for k, v in headers.items()}),
            body=body,
            endpoint=Endpoint(f"{scheme}://{self.host}:{self.port}"),
            timeouts=timeouts or Timeouts(),
            deadline=deadline,
        )

    @property
    def head(self) -> bytes:
        """Start line and headers of the latest request."""
        return self.requests[-1].partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """The body of the latest request."""
        return self.requests[-1].partition(b"\r\n\r\n")[2]

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        self._open.add(writer)
        self.is_idle.clear()
        peer = Peer(reader, writer, self.connections)
        try:
            if self._is_raw:
                await self._answer(peer)
            while not writer.is_closing() and (request := await peer.receive()):
                self.requests.append(request)
                self.received.release()
                await self._answer(peer)
        except OSError:
            pass  # the client closed the connection, as many tests expect
        finally:
            self._open.discard(writer)
            if not self._open:
                self.is_idle.set()
            writer.close()

    def drop(self) -> None:
        """Abort every connection."""
        for writer in tuple(self._open):
            writer.transport.abort()


_TURNS_TO_ACCEPT: Final = 10
"""Turns of the event loop after which a connection that was made has its task."""


@contextlib.asynccontextmanager
async def serve(
    answer: Answer | bytes = OK,
    *,
    context: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    raw: bool = False,
) -> AsyncIterator[Server]:
    """Run a server that handles each request; with *raw*, each connection.

    Args:
        answer: The handler, or the response to every request.
        context: TLS configuration; None is plain HTTP.
    """

    async def give(peer: Peer) -> None:
        await peer.send(bytes(answer) if isinstance(answer, bytes) else b"")

    server = Server(
        give if isinstance(answer, bytes) else answer,
        host=f"[{host}]" if ":" in host else host,
        is_secure=context is not None,
        is_raw=raw,
    )
    listening = await asyncio.start_server(server.talk, host, 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        # asyncio leaks a connection that it accepts while the server is closed
        for _ in range(_TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        listening.close()
        server.drop()
        async with asyncio.timeout(30):
            await server.is_idle.wait()


def open_files() -> int:
    """Return how many file descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - each is only a number


async def ask(client: HTTPClient, server: Server) -> bytes:
    """Send a request to *server*; return the body of the response."""
    response = await client.send(server.request())
    return await response.body.read(1000)


async def ask_once(client: HTTPClient) -> bytes:
    """Send a request to a new server; return the body of the response."""
    async with serve() as server:
        return await ask(client, server)


async def hang(peer: Peer) -> None:
    """Never answer."""
    await peer.hang()


def facts(error: SageMakerRuntimeError) -> tuple[bool, bool, bool]:
    """Return the attributes that decide about a retry."""
    return error.request_sent, error.may_have_executed, error.is_retryable


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """Give a port on which connections are neither accepted nor refused."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = int(listening.getsockname()[1])
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def to_port(port: int, *, scheme: str = "http", **timeouts: float) -> Request:
    """Return a request to a port of the loopback address."""
    return Request(
        endpoint=Endpoint(f"{scheme}://127.0.0.1:{port}"),
        timeouts=Timeouts(**timeouts),
    )

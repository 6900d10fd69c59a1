"""Faulty servers, and their behaviours.

A *setup* starts a faulty server for one row of the table. A *behaviour* is what the
server does with each request, or each connection. After the server is repaired, it
answers all requests with `GOOD`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, TypeAlias

from tests.faults import faulty_certificates
from tests.transport.servers import (
    OK,
    Peer,
    Server,
    full_backlog,
    open_files,
    reply,
    serve,
)

__all__ = [
    "CONNECTED",
    "FIRST",
    "GOOD",
    "OK",
    "Behaviour",
    "FaultyServer",
    "Peer",
    "Setup",
    "behind_proxy",
    "full_port",
    "in_turn",
    "on_connection",
    "on_request",
    "open_files",
    "refused_port",
    "reply",
    "requested_tunnel",
    "sends",
    "sends_and_closes",
    "sends_and_closes_at_once",
    "sends_and_hangs",
    "sends_and_resets",
    "sends_byte_by_byte",
    "sends_slowly",
    "tunnels",
    "unknown_host",
    "with_other_server",
]

GOOD: Final = reply(b"good")
"""The response after the server is repaired."""
FIRST: Final = reply(b"first")
"""The response to calls before the one that is checked."""
CONNECTED: Final = b"HTTP/1.1 200 Connected\r\n\r\n"
"""The response of a proxy that has opened a tunnel."""


class FaultyServer:
    """A server with a fault, and the requests that it received."""

    def __init__(self, url: str, *, trust: Path | None = None) -> None:
        self.url = url
        self.trust = trust
        """File of the certificates that the client must trust."""
        self.other_server: Server | None = None
        self.proxy: str | None = None
        """URL of the proxy in front of the server."""
        self.is_repaired = False
        """Whether the fault is over."""
        self.is_idle_event = asyncio.Event()
        """Is set while no behaviour is running."""
        self.is_idle_event.set()
        self._busy = 0
        self._server: Server | None = None

    def listen(self, server: Server) -> None:
        self._server = server

    @property
    def requests(self) -> list[bytes]:
        """The requests that were received completely."""
        return [] if self._server is None else self._server.requests

    @property
    def other_requests(self) -> list[bytes]:
        """The requests that the other server received."""
        return [] if self.other_server is None else self.other_server.requests

    @property
    def connections(self) -> int:
        return 0 if self._server is None else self._server.connections

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        self._busy += 1
        self.is_idle_event.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self.is_idle_event.set()


Behaviour: TypeAlias = Callable[[Peer, FaultyServer], Awaitable[None]]
Setup: TypeAlias = Callable[[Path], AbstractAsyncContextManager[FaultyServer]]
"""Starts a faulty server, and can write files to the given folder."""


def on_request(behaviour: Behaviour) -> Setup:
    """Run the behaviour for each request, after it is received completely."""
    return _listen(behaviour, "http")


def on_connection(
    behaviour: Behaviour, *, scheme: str = "http", certificate: str | None = None
) -> Setup:
    """Run the behaviour for each connection, before anything is read.

    Later requests on it are answered with `GOOD`.

    Args:
        scheme: The scheme of the URL for the client.
        certificate: The kind of certificate; None is a server without TLS.
    """
    return _listen(behaviour, scheme, certificate=certificate, is_raw=True)


def _listen(
    behaviour: Behaviour,
    scheme: str,
    *,
    certificate: str | None = None,
    is_raw: bool = False,
) -> Setup:
    @contextlib.asynccontextmanager
    async def setup(folder: Path) -> AsyncIterator[FaultyServer]:
        context, trusted = None, None
        if certificate is not None:
            context, trusted = faulty_certificates.make(certificate, folder)
        faulty = FaultyServer("", trust=trusted)
        known: set[int] = set()

        async def act(peer: Peer) -> None:
            begins = is_raw and peer.number not in known
            known.add(peer.number)
            with faulty.busy():
                if begins is is_raw and not faulty.is_repaired:
                    with contextlib.suppress(asyncio.IncompleteReadError):
                        await behaviour(peer, faulty)
                elif not begins:
                    await peer.send(GOOD)
                if peer.writer.is_closing():
                    await peer.writer.wait_closed()

        async with serve(act, context=context, raw=is_raw) as server:
            faulty.url = f"{scheme}://127.0.0.1:{server.port}"
            faulty.listen(server)
            yield faulty

    return setup


def behind_proxy(behaviour: Behaviour, *, certificate: str = "good") -> Setup:
    """Run the behaviour for each connection to the proxy of a TLS server.

    After it is repaired, the proxy opens tunnels.
    """

    @contextlib.asynccontextmanager
    async def setup(folder: Path) -> AsyncIterator[FaultyServer]:
        context, trusted = faulty_certificates.make(certificate, folder)
        faulty = FaultyServer("", trust=trusted)

        async def act(peer: Peer) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError):
                await (tunnels if faulty.is_repaired else behaviour)(peer, faulty)

        async with (
            serve(GOOD, context=context) as server,
            serve(act, raw=True) as proxy,
        ):
            faulty.url = f"https://127.0.0.1:{server.port}"
            faulty.proxy = f"http://me:a-proxys-password@127.0.0.1:{proxy.port}"
            faulty.listen(server)
            yield faulty

    return setup


async def tunnels(
    peer: Peer, faulty: FaultyServer, *, until: int | None = None
) -> None:
    """Open a tunnel; close it after the server received *until* requests."""
    host, port = (await requested_tunnel(peer)).split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await peer.send(CONNECTED)

    async def forward() -> None:
        with contextlib.suppress(OSError):
            while data := await peer.reader.read(1 << 16):
                writer.write(data)
        writer.close()

    forwarding = asyncio.create_task(forward())
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            if until is not None and len(faulty.requests) >= until:
                writer.close()
                break
            peer.writer.write(data)
    peer.writer.close()
    await forwarding


async def requested_tunnel(peer: Peer) -> str:
    """Return the host and port that a client requests from a proxy."""
    head = await peer.reader.readuntil(b"\r\n\r\n")
    return head.split(b" ")[1].decode()


def with_other_server(setup: Setup) -> Setup:
    """Start a second server, to which nothing must be sent."""

    @contextlib.asynccontextmanager
    async def setup_of_two(folder: Path) -> AsyncIterator[FaultyServer]:
        async with serve(GOOD) as other, setup(folder) as faulty:
            faulty.other_server = other
            yield faulty

    return setup_of_two


def refused_port() -> Setup:
    """Use a port on which no server listens."""

    @contextlib.asynccontextmanager
    async def setup(folder: Path) -> AsyncIterator[FaultyServer]:
        # bound without listening, so that no other process gets the port
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            yield FaultyServer(f"http://127.0.0.1:{bound.getsockname()[1]}")

    return setup


def full_port() -> Setup:
    """Use a port on which connections are neither accepted nor refused."""

    @contextlib.asynccontextmanager
    async def setup(folder: Path) -> AsyncIterator[FaultyServer]:
        with full_backlog() as port:
            yield FaultyServer(f"http://127.0.0.1:{port}")

    return setup


def unknown_host() -> Setup:
    """Use a host name that does not exist, by RFC 6761."""

    @contextlib.asynccontextmanager
    async def setup(folder: Path) -> AsyncIterator[FaultyServer]:
        yield FaultyServer("https://no-such-host.invalid")

    return setup


def sends(*parts: bytes) -> Behaviour:
    """Send the parts, and keep the connection."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        await peer.send(*parts)

    return behaviour


def sends_and_closes(*parts: bytes) -> Behaviour:
    """Send the parts, and close the connection with a FIN."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        await peer.end(*parts)

    return behaviour


def sends_and_resets(*parts: bytes) -> Behaviour:
    """Send the parts, and close the connection with a RST."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        await peer.reset(*parts)

    return behaviour


def sends_and_closes_at_once(*parts: bytes) -> Behaviour:
    """Send the parts and the FIN together."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        peer.writer.write(b"".join(parts))
        peer.writer.close()

    return behaviour


def sends_and_hangs(*parts: bytes) -> Behaviour:
    """Send the parts, and nothing more until the client closes the connection."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        await peer.send(*parts)
        await peer.hang()

    return behaviour


def sends_byte_by_byte(
    start: bytes, content: bytes, *, repeated: bool = False
) -> Behaviour:
    """Send *start*, and then *content* byte by byte."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        await peer.send(start)
        while True:
            await peer.send(*(bytes([byte]) for byte in content))
            if not repeated:
                return

    return behaviour


def sends_slowly(start: bytes, content: bytes) -> Behaviour:
    """Send *start*, and then a byte of *content* every two milliseconds."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        await peer.send(start)
        for byte in content:
            await asyncio.sleep(0.002)
            peer.writer.write(bytes([byte]))

    return behaviour


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Run one behaviour for each request; the last one for all further requests."""

    async def behaviour(peer: Peer, faulty: FaultyServer) -> None:
        number = min(len(faulty.requests), len(behaviours))
        await behaviours[number - 1](peer, faulty)

    return behaviour

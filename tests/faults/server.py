"""Places that misbehave by request, and what they do.

A *scene* sets up a place for one row of the table, and a *behaviour* is what the server
there does about each request, or each connection. Once a place is told that the fault
is over, it answers as a good one does.
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
    "Peer",
    "Place",
    "Scene",
    "accepts",
    "answers",
    "asked_for",
    "behind",
    "beside_another",
    "drips",
    "ends",
    "ends_at_once",
    "in_turn",
    "is_full",
    "is_silent",
    "open_files",
    "refuses",
    "reply",
    "resets",
    "says",
    "serves_no_name",
    "tunnels",
]

GOOD: Final = reply(b"good")
"""What a place answers when its fault is over."""
FIRST: Final = reply(b"first")
"""What it answers to calls before the one that meets the fault."""
CONNECTED: Final = b"HTTP/1.1 200 Connected\r\n\r\n"
"""What a proxy says that has made a tunnel."""


class Place:
    """One misbehaving server, and what it has received."""

    def __init__(self, url: str, *, trust: Path | None = None) -> None:
        self.url = url
        self.trust = trust
        """Certificates that the client is to trust."""
        self.elsewhere: Server | None = None
        self.proxy: str | None = None
        """The URL of the proxy that is between."""
        self.is_over = False
        """Whether it has begun to be good."""
        self.is_quiet = asyncio.Event()
        """Is set while nothing is being done about a request."""
        self.is_quiet.set()
        self._busy = 0
        self._server: Server | None = None

    def listen(self, server: Server) -> None:
        self._server = server

    @property
    def requests(self) -> list[bytes]:
        """The requests that came to their end."""
        return [] if self._server is None else self._server.requests

    @property
    def requests_elsewhere(self) -> list[bytes]:
        """What came to the other server."""
        return [] if self.elsewhere is None else self.elsewhere.requests

    @property
    def connections(self) -> int:
        return 0 if self._server is None else self._server.connections

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        self._busy += 1
        self.is_quiet.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self.is_quiet.set()


Behaviour: TypeAlias = Callable[[Peer, Place], Awaitable[None]]
Scene: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Place]]
"""Sets a place up, and may keep files in the folder that it is given."""


def answers(does: Behaviour) -> Scene:
    """Do this about each request, once all of it has come."""
    return _listening(does, "http")


def accepts(
    does: Behaviour, *, scheme: str = "http", certificate: str | None = None
) -> Scene:
    """Do this about each connection, of which nothing has been read.

    Requests that come on it afterwards are answered as by a good server.

    Args:
        scheme: What the client is to speak.
        certificate: What is wrong with it; None is a place without TLS.
    """
    return _listening(does, scheme, certificate=certificate, is_raw=True)


def _listening(
    does: Behaviour,
    scheme: str,
    *,
    certificate: str | None = None,
    is_raw: bool = False,
) -> Scene:
    @contextlib.asynccontextmanager
    async def scene(folder: Path) -> AsyncIterator[Place]:
        context, trusted = None, None
        if certificate is not None:
            context, trusted = faulty_certificates.make(certificate, folder)
        place = Place("", trust=trusted)
        known: set[int] = set()

        async def act(peer: Peer) -> None:
            begins = is_raw and peer.number not in known
            known.add(peer.number)
            with place.busy():
                if begins is is_raw and not place.is_over:
                    with contextlib.suppress(asyncio.IncompleteReadError):
                        await does(peer, place)
                elif not begins:
                    await peer.send(GOOD)
                if peer.writer.is_closing():
                    await peer.writer.wait_closed()

        async with serve(act, context=context, raw=is_raw) as server:
            place.url = f"{scheme}://127.0.0.1:{server.port}"
            place.listen(server)
            yield place

    return scene


def behind(does: Behaviour, *, certificate: str = "good") -> Scene:
    """Have a good server of TLS, and do this about each connection to its proxy.

    Once the fault is over, the proxy tunnels.
    """

    @contextlib.asynccontextmanager
    async def scene(folder: Path) -> AsyncIterator[Place]:
        context, trusted = faulty_certificates.make(certificate, folder)
        place = Place("", trust=trusted)

        async def act(peer: Peer) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError):
                await (tunnels if place.is_over else does)(peer, place)

        async with (
            serve(GOOD, context=context) as server,
            serve(act, raw=True) as proxy,
        ):
            place.url = f"https://127.0.0.1:{server.port}"
            place.proxy = f"http://me:a-proxys-password@127.0.0.1:{proxy.port}"
            place.listen(server)
            yield place

    return scene


async def tunnels(peer: Peer, place: Place, *, until: int | None = None) -> None:
    """Be a good proxy; *until* so many requests have come, and cut then."""
    host, port = (await asked_for(peer)).split(":")
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
            if until is not None and len(place.requests) >= until:
                writer.close()
                break
            peer.writer.write(data)
    peer.writer.close()
    await forwarding


async def asked_for(peer: Peer) -> str:
    """Return the host and port that a proxy is asked for."""
    head = await peer.reader.readuntil(b"\r\n\r\n")
    return head.split(b" ")[1].decode()


def beside_another(scene: Scene) -> Scene:
    """Have another server, which is good, and to which nothing is to be sent."""

    @contextlib.asynccontextmanager
    async def scene_of_two(folder: Path) -> AsyncIterator[Place]:
        async with serve(GOOD) as other, scene(folder) as place:
            place.elsewhere = other
            yield place

    return scene_of_two


def refuses() -> Scene:
    """Have nobody listen."""

    @contextlib.asynccontextmanager
    async def scene(folder: Path) -> AsyncIterator[Place]:
        # bound, so that nobody else gets the port, and not listening
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            yield Place(f"http://127.0.0.1:{bound.getsockname()[1]}")

    return scene


def is_full() -> Scene:
    """Neither take connections nor refuse them."""

    @contextlib.asynccontextmanager
    async def scene(folder: Path) -> AsyncIterator[Place]:
        with full_backlog() as port:
            yield Place(f"http://127.0.0.1:{port}")

    return scene


def serves_no_name() -> Scene:
    """Be at a name that does not exist, by RFC 6761."""

    @contextlib.asynccontextmanager
    async def scene(folder: Path) -> AsyncIterator[Place]:
        yield Place("https://no-such-host.invalid")

    return scene


def says(*parts: bytes) -> Behaviour:
    """Send the parts, and wait for what comes next."""

    async def does(peer: Peer, place: Place) -> None:
        await peer.send(*parts)

    return does


def ends(*parts: bytes) -> Behaviour:
    """Send the parts, and end the connection in an orderly way."""

    async def does(peer: Peer, place: Place) -> None:
        await peer.end(*parts)

    return does


def resets(*parts: bytes) -> Behaviour:
    """Send the parts, and reset the connection."""

    async def does(peer: Peer, place: Place) -> None:
        await peer.reset(*parts)

    return does


def ends_at_once(*parts: bytes) -> Behaviour:
    """Send the parts and the end of the connection together."""

    async def does(peer: Peer, place: Place) -> None:
        peer.writer.write(b"".join(parts))
        peer.writer.close()

    return does


def is_silent(*parts: bytes) -> Behaviour:
    """Send the parts, and nothing more for as long as the client waits."""

    async def does(peer: Peer, place: Place) -> None:
        await peer.send(*parts)
        await peer.hang()

    return does


def drips(start: bytes, drops: bytes, *, repeated: bool = False) -> Behaviour:
    """Send *start*, and then the *drops* one byte after the other."""

    async def does(peer: Peer, place: Place) -> None:
        await peer.send(start)
        while True:
            await peer.send(*(bytes([drop]) for drop in drops))
            if not repeated:
                return

    return does


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Do one after the other; the last is done about all further requests."""

    async def does(peer: Peer, place: Place) -> None:
        number = min(len(place.requests), len(behaviours))
        await behaviours[number - 1](peer, place)

    return does

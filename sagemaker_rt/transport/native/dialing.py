"""Connects to a server: look-up, TCP, proxy, TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.sansio.address_order import interleaved
from sagemaker_rt.transport.native.connection import READ_BYTES, Wire
from sagemaker_rt.transport.native.native_errors import ConnectionEndedError
from sagemaker_rt.transport.native.route import Route
from sagemaker_rt.transport.tcp_info import socket_bytes_acked

if TYPE_CHECKING:
    from sagemaker_rt.transport.native.tls import TLSStream
    from sagemaker_rt.transport.pooled_client import SSLContextLoader

__all__ = ["Dialer"]

Address: TypeAlias = tuple[int, int, int, str, Any]
"""As `socket.getaddrinfo` returns it."""

_DELAY: Final = 0.25  # seconds before the next address is tried (RFC 8305, section 5)
_LOOKUP_SECONDS: Final = 10.0  # a look-up is reused for this time
_MAX_LOOKUPS: Final = 256


class Dialer:
    """Connects to servers, in one event loop.

    Args:
        ssl_context: The TLS configuration, or an async function that returns it; None
            trusts the certificates of the system.
        prepare: Sets the options of a new socket.
        delay: Seconds before the next address of a host is tried.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        ssl_context: ssl.SSLContext | SSLContextLoader | None,
        prepare: Callable[[socket.socket], None],
        delay: float = _DELAY,
    ) -> None:
        self._loop = loop
        self._ssl_context = ssl_context
        self._prepare = prepare
        self._delay = delay
        self._addresses: dict[tuple[str, int], tuple[float, list[Address]]] = {}

    async def dial(self, route: Route) -> Wire:
        """Return a new connection to the server of *route*.

        Raises:
            OSError: No connection could be made.
            ProxyRefusedError: The proxy did not open a tunnel.
            OptionsError: A certificate file cannot be read.
        """
        proxy = route.proxy
        is_proxy_secure = proxy is not None and proxy.scheme == "https"
        if route.is_secure or is_proxy_secure:
            await self._context()  # its errors are raised before anything is sent
        host, port = (route if proxy is None else proxy).host, route.port
        addresses = await self._look_up(host, port if proxy is None else proxy.port)
        connected = await self._connect(addresses)
        try:
            line = _Line(self._loop, connected)
            if proxy is not None and is_proxy_secure:
                await line.start_tls(await self._context(), proxy.host)
            if proxy is not None and route.is_secure:
                await line.open_tunnel(route)
            if route.is_secure:
                await line.start_tls(await self._context(), route.server_name)
            return line.wire()
        except BaseException:
            connected.close()
            raise

    async def _context(self) -> ssl.SSLContext:
        context = self._ssl_context
        if callable(context):
            context = await context()
        if context is None:
            context = await in_thread(_default_context)
        self._ssl_context = context
        return context

    async def _look_up(self, host: str, port: int) -> Sequence[Address]:
        """Return the addresses of *host*; each call starts with another one."""
        if (literal := _literal(host, port)) is not None:
            return [literal]
        now, key = self._loop.time(), (host, port)
        known_until, found = self._addresses.get(key, (0.0, []))
        if known_until <= now:
            found = interleaved(
                await in_thread(_addresses_of, host, port), family=lambda it: it[0]
            )
        else:
            found = [*found[1:], found[0]]
        if len(self._addresses) >= _MAX_LOOKUPS:
            self._addresses.clear()
        self._addresses[key] = now + _LOOKUP_SECONDS, found
        return found

    async def _connect(self, addresses: Sequence[Address]) -> socket.socket:
        """Return a socket that is connected to the first address that accepts."""
        if len(addresses) == 1:
            return await self._connect_to(addresses[0])
        failures: list[OSError] = []
        tasks: list[asyncio.Task[socket.socket]] = []
        winner = None
        try:
            for number, address in enumerate(addresses, 1):
                tasks.append(self._loop.create_task(self._connect_to(address)))
                is_last = number == len(addresses)
                winner = await _first(tasks, None if is_last else self._delay, failures)
                if winner is not None:
                    return winner.result()
        finally:
            for task in tasks:
                if task is not winner and not task.cancel():
                    _discard(task)
                elif task is not winner:
                    task.add_done_callback(_discard)
        raise _combined(failures)

    async def _connect_to(self, address: Address) -> socket.socket:
        family, kind, protocol, _, name = address
        connected = socket.socket(family, kind, protocol)
        try:
            connected.setblocking(False)
            self._prepare(connected)
            await self._loop.sock_connect(connected, name)
        except BaseException:
            connected.close()
            raise
        return connected


async def _first(
    tasks: list[asyncio.Task[socket.socket]],
    limit: float | None,
    failures: list[OSError],
) -> asyncio.Task[socket.socket] | None:
    """Return the first task that is connected; None after *limit*, or a failure.

    Without *limit*, None means that all tasks have failed.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        done, pending = await asyncio.wait(
            pending, timeout=limit, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            error = task.exception()
            if error is None:
                return task
            if not isinstance(error, OSError):
                raise error
            failures.append(error)
        if limit is not None:
            return None
    return None


def _discard(task: asyncio.Task[socket.socket]) -> None:
    """Close the socket of *task*, which has lost the race."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def _combined(failures: Sequence[OSError]) -> OSError:
    texts = [str(error) for error in failures]
    if len(set(texts)) == 1:
        return failures[0]
    return OSError("; ".join(texts))


def _addresses_of(host: str, port: int) -> list[Address]:
    return [
        (family, kind, protocol, name, address)
        for family, kind, protocol, name, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
    ]


def _literal(host: str, port: int) -> Address | None:
    """Return the address of *host*, if it is an IP address."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port)
    return None


class _Line:
    """A connected socket, before it is used for requests."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connected: socket.socket
    ) -> None:
        self._loop = loop
        self._socket = connected
        self._tls: TLSStream | None = None
        self._sent = 0
        self._acked_at_start = socket_bytes_acked(connected)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """Make a TLS handshake, inside of an earlier one if there was one."""
        from sagemaker_rt.transport.native.tls import TLSStream  # noqa: PLC0415 - for https only

        tls = TLSStream(context, server_name, self._tls)
        while True:
            try:
                is_connected = tls.is_connected()
            finally:
                outgoing = tls.outgoing()  # an alert, if the handshake failed
                if outgoing:
                    await self._send(outgoing)
            if is_connected:
                break
            tls.receive(await self._receive())
        self._tls = tls

    async def open_tunnel(self, route: Route) -> None:
        """Request a tunnel from the proxy."""
        from sagemaker_rt.transport.native.tunnel import TunnelReply, tunnel_request  # noqa: PLC0415 - for proxies only

        authorization = None if route.proxy is None else route.proxy.authorization
        request, tls = tunnel_request(route.authority, authorization), self._tls
        await self._send(request if tls is None else tls.encrypt(request))
        reply = TunnelReply()
        while not reply.is_open:
            data = await self._receive()
            reply.feed(data if tls is None else tls.decrypt(data))

    def wire(self) -> Wire:
        """Return the socket, for requests.

        Raises:
            OSError: The server has sent something before any request.
        """
        if self._tls is not None and self._tls.decrypt(b""):
            message = "the server has sent a response to no request"
            raise ConnectionAbortedError(message)
        return Wire(self._socket, self._tls, self._sent, self._acked_at_start)

    async def _send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._socket, data)
        self._sent += len(data)

    async def _receive(self) -> bytes:
        data = await self._loop.sock_recv(self._socket, READ_BYTES)
        if not data:
            message = "the server closed it"
            raise ConnectionEndedError(message)
        return data


@cache
def _default_context() -> ssl.SSLContext:
    """Return the context that trusts the certificates of the system."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context

"""The pool: aiohttp's, which looks at a connection before it hands it out again."""

from __future__ import annotations

import asyncio
import select
import socket
import sys
from collections.abc import Coroutine
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler

from sagemaker_rt.transport.request_body import Upload
from sagemaker_rt.transport.tcp_info import bytes_acked

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import AddrInfoType, Connection
    from aiohttp.tracing import Trace

__all__ = ["NewestFirstConnector", "ObservedProtocol", "keepalive_socket"]

_FINAL: Final = 200  # the first status that is no interim one

# Seconds after which the other side may have closed an idle connection without the
# event loop having seen it yet: it may have been blocked, or its process frozen.
_FRESH: Final = 0.1
# asyncio would make room for 256 KiB before each read, which the C library takes from
# the system and gives back every time: 20 microseconds a call
_READ_BYTES: Final = 64 * 1024
# Address translation and firewalls forget a connection that is silent for minutes, as
# one is while a model thinks.
_PROBE_SECONDS: Final = 30


class ObservedProtocol(ResponseHandler):
    """A connection that notes what nobody else could look at.

    It is how much of what was sent the other side had by its end, since the socket is
    closed by then; and how the parser finds the end of a body, which aiohttp forgets.
    """

    acked_at_end: int | None = None
    """What `bytes_acked` was when the other side had nothing more to say."""

    is_chunked: bool | None = None
    """Whether the parser reads the body as chunks; None until there is a final head."""

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Note it; *data* is a head and the body to come."""
        if self.is_chunked is None and data[0].code >= _FINAL:
            self.is_chunked = data[0].chunked
        super().feed_data(data, size)

    def eof_received(self) -> None:
        """Note it; the connection closes."""
        self.acked_at_end = bytes_acked(self.transport)
        super().eof_received()


def _observed(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return ObservedProtocol(loop)


class NewestFirstConnector(aiohttp.TCPConnector):
    """A pool that reuses the newest connection first, and tells uploads of new ones.

    The newest is the least likely to have been closed by the other side; the others
    grow old and are closed here.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._factory = partial(_observed, loop=self._loop)

    def _get(
        self, key: ConnectionKey, traces: list[Trace]
    ) -> Coroutine[Any, Any, Connection | None]:
        idle = self._conns.get(key)
        while idle:
            idle.rotate(1)  # newest to the left, where the base takes it
            protocol, since = idle[0]
            is_old = monotonic() - since > _FRESH
            # a protocol is as long as its queue of responses
            if not len(protocol) and not (is_old and _has_news(protocol.transport)):
                break
            idle.popleft()
            protocol.abort()
        return super()._get(key, traces)

    async def _wait_for_available_connection(
        self, key: ConnectionKey, traces: list[Trace]
    ) -> None:
        try:
            await super()._wait_for_available_connection(key, traces)
        except BaseException:
            # it may have been its turn already, which goes to the next then
            self._release_waiter()
            raise

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - of the base
    ) -> ResponseHandler:
        if isinstance(req.body, Upload):
            req.body.connecting()
        protocol = await super()._create_connection(req, traces, timeout)
        transport = protocol.transport
        if transport is not None and hasattr(transport, "max_size"):
            setattr(transport, "max_size", _READ_BYTES)  # noqa: B010 - in no stub
        return protocol


def keepalive_socket(address: AddrInfoType) -> socket.socket:
    """Return a socket for *address* that probes a connection which has gone silent."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL"):
        option = getattr(socket, name, None)  # each system has its own of them
        if option is not None:
            made.setsockopt(socket.IPPROTO_TCP, option, _PROBE_SECONDS)
    return made


def _has_news(transport: asyncio.Transport | None) -> bool:
    """Tell whether an idle connection has something to read: its end, most likely."""
    if transport is None or sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(transport.get_extra_info("socket"), select.POLLIN)
    return bool(poll.poll(0))

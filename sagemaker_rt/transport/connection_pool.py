"""The connection pool: aiohttp's, which checks a connection before it is reused."""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import Coroutine
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from sagemaker_rt.transport.recording_protocol import RecordingProtocol
from sagemaker_rt.transport.request_body import RequestBody

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

__all__ = ["NewestFirstConnector"]

# Seconds of idleness after which the socket is polled before reuse. The server may have
# closed the connection while the event loop was blocked, or the process frozen, so that
# the loop has not read the end yet.
_UNCHECKED_AGE: Final = 0.1
# By default, asyncio allocates 256 KiB before each read, which the C library maps and
# unmaps every time: 20 microseconds a call.
_READ_BYTES: Final = 64 * 1024


def _recording_protocol(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return RecordingProtocol(loop)


class NewestFirstConnector(aiohttp.TCPConnector):
    """A connection pool that reuses the newest connection first.

    The server is the least likely to have closed the newest one; the others reach
    ``keepalive_timeout`` and are closed. A `RequestBody` is notified when a new
    connection is made for it.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._factory = partial(_recording_protocol, loop=self._loop)

    def _get(
        self, key: ConnectionKey, traces: list[Trace]
    ) -> Coroutine[Any, Any, Connection | None]:
        idle = self._conns.get(key)
        while idle:
            idle.rotate(1)  # the base class takes the leftmost one
            protocol, idle_since = idle[0]
            needs_poll = monotonic() - idle_since > _UNCHECKED_AGE
            # The length of a protocol is that of its queue of responses. One that is
            # queued now answers no request, and must not answer the next one.
            if not len(protocol) and not (
                needs_poll and _is_readable(protocol.transport)
            ):
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
            # This waiter may have been woken for a connection already, and been
            # cancelled before it took it. Then the next one must be woken.
            self._release_waiter()
            raise

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - of the base class
    ) -> ResponseHandler:
        if isinstance(req.body, RequestBody):
            req.body.start_connecting()
        protocol = await super()._create_connection(req, traces, timeout)
        transport = protocol.transport
        if transport is not None and hasattr(transport, "max_size"):
            setattr(transport, "max_size", _READ_BYTES)  # noqa: B010 - not in the stubs
        return protocol


def _is_readable(transport: asyncio.Transport | None) -> bool:
    """Return whether an idle connection has data to read: most likely, its end."""
    if transport is None or sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(transport.get_extra_info("socket"), select.POLLIN)
    return bool(poll.poll(0))

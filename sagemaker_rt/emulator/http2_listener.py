"""The HTTP/2 connections of the emulator; the library is imported by the first one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from sagemaker_rt.emulator.http2_stream import Http2Stream

if TYPE_CHECKING:
    from sagemaker_rt.emulator.http2_protocol import Http2Protocol

__all__ = ["Http2Listener"]

_MAX_TURNS: Final = 100


class Http2Listener:
    """Makes the protocols of HTTP/2 connections, and closes them.

    Args:
        respond: Serves a stream.
        window: Bytes of a stream that a client may send before they are read.
    """

    def __init__(
        self,
        respond: Callable[[Http2Stream], Awaitable[None]],
        *,
        window: int = 65_535,
    ) -> None:
        self._respond: Final = respond
        self._window: Final = window
        self._connections: Final[set[Http2Protocol]] = set()

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol of a new connection.

        Raises:
            ImportError: The package `h2` is not installed.
        """
        from sagemaker_rt.emulator.http2_protocol import Http2Protocol  # noqa: PLC0415 - imports h2

        return Http2Protocol(
            self._respond, window=self._window, connections=self._connections
        )

    async def aclose(self) -> None:
        """Close all connections, and wait for their tasks."""
        closing = [connection.aclose() for connection in self._connections]
        await asyncio.gather(*closing)
        for _ in range(_MAX_TURNS):
            if not self._connections:
                break
            await asyncio.sleep(0)  # a socket is closed in a later turn of the loop

"""What a stream in both directions shares with the attempts of its call.

The call runs through the stack until the response headers are received. Meanwhile the
caller may send events already, on the connection of the latest attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from sagemaker_rt.context import Key
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.sansio.event_signing import EventSigner
from sagemaker_rt.streaming.duplex import DuplexConnection

__all__ = ["STREAM_LINK", "StreamLink", "StreamTotals"]


class StreamTotals(Protocol):
    """What a stream has sent and received at its end."""

    @property
    def events_sent(self) -> int:
        """Events that were sent."""
        ...

    @property
    def events_read(self) -> int:
        """Events that were received."""
        ...

    @property
    def bytes_read(self) -> int:
        """Bytes that were received."""
        ...


_StreamEnded: TypeAlias = Callable[[StreamTotals, BaseException | None], None]


class StreamLink:
    """The connection of the latest attempt, and the signer of its events."""

    def __init__(self) -> None:
        self.connection: DuplexConnection | None = None
        """None before the first attempt, and between two."""
        self.signer: EventSigner | None = None
        """Continues the signature of the request; None without a connection."""
        self.has_sent = False
        """Whether an event was sent, so that no other attempt can be made."""
        self.failure: SageMakerRuntimeError | None = None
        """The error of the attempt in which an event was sent."""
        self._waiters: Final[set[asyncio.Future[None]]] = set()
        self._when_ended: Final[list[_StreamEnded]] = []

    def attach(self, connection: DuplexConnection, signer: EventSigner) -> None:
        """Let events be sent on *connection*; an earlier one is closed."""
        if self.connection is not None:
            self.connection.close()
        self.connection, self.signer = connection, signer
        self.wake()

    def detach(self, connection: DuplexConnection) -> None:
        """Close *connection*, which failed."""
        connection.close()
        if self.connection is connection:
            self.connection = self.signer = None
            self.wake()

    def when_ended(self, function: _StreamEnded) -> None:
        """Call *function* once when the stream has ended, with the error or None.

        It is called with None if the stream was read to its end, or closed.
        """
        self._when_ended.append(function)

    def end(self, stream: StreamTotals, error: BaseException | None) -> None:
        """Call the functions of `when_ended`."""
        while self._when_ended:
            self._when_ended.pop(0)(stream, error)

    def wake(self) -> None:
        """End all calls of `changed`."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed(self) -> None:
        """Return after the next change."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)


STREAM_LINK: Final[Key[StreamLink]] = Key("stream_link")
"""In the context of a call that is a stream in both directions."""

"""The sending half of a stream in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError, StackError
from sagemaker_rt.sansio.event_signing import EventSigner
from sagemaker_rt.streaming.duplex import DuplexConnection
from sagemaker_rt.streaming.stream_link import StreamLink

__all__ = ["CallState", "EventSender"]


class CallState(Protocol):
    """The call that opens a stream, while it may still fail."""

    def raise_failure(self) -> None:
        """Raise the error of the call, or that of a stream that was closed."""
        ...

    @property
    def has_response(self) -> bool:
        """Whether the call has succeeded."""
        ...


class EventSender:
    """Signs events and queues them, in the order of the calls.

    An event is queued whole and signed in one step, without waiting. So a call that is
    cancelled has either queued its event, or not changed the chain of signatures.

    Args:
        clock: Returns seconds since the epoch, for the signatures.
    """

    def __init__(
        self, link: StreamLink, call: CallState, *, clock: Callable[[], float]
    ) -> None:
        self._link: Final = link
        self._call: Final = call
        self._clock: Final = clock
        self._lock: Final = asyncio.Lock()
        self.is_closed = False
        """Whether the end of the events was queued."""
        self.count = 0
        """Events that were queued."""

    async def send(self, frame: bytes) -> None:
        """Wait for room, and queue the event *frame*.

        Raises:
            ClientStateError: The input is closed, or the stream has ended.
            SageMakerRuntimeError: The call, or the stream, failed.
        """
        async with self._lock:
            connection, signer = await self._ready()
            self._queue(connection, signer, frame)
            self.count += 1

    async def close(self) -> None:
        """Queue the signed end of the events; a second call does nothing.

        Raises:
            SageMakerRuntimeError: The call, or the stream, failed.
        """
        async with self._lock:
            if not self.is_closed:
                connection, signer = await self._ready()
                self._queue(connection, signer, b"")
                connection.end()
                self.is_closed = True

    def _queue(
        self, connection: DuplexConnection, signer: EventSigner, frame: bytes
    ) -> None:
        connection.write(signer.sign(frame, at=int(self._clock() * 1000)))
        self._link.has_sent = True

    async def _ready(self) -> tuple[DuplexConnection, EventSigner]:
        """Return a connection that has room for an event, and its signer."""
        link = self._link
        while True:
            self._call.raise_failure()
            if self.is_closed:
                message = "the input of the stream is closed; no event can follow"
                raise ClientStateError(message)
            connection, signer = link.connection, link.signer
            if connection is None or signer is None:
                await self._attached()
            elif connection.is_ended:
                message = "the model has ended the stream; no event can be sent"
                raise ClientStateError(message)
            elif await self._has_room(connection):
                return connection, signer

    async def _attached(self) -> None:
        """Wait for an attempt, or for the end of the call."""
        if self._call.has_response:
            message = (
                "a middleware responded without a connection, so no stream was opened"
            )
            raise StackError(message)
        await self._link.changed()

    async def _has_room(self, connection: DuplexConnection) -> bool:
        """Wait for room on *connection*; return False if its state has changed.

        Raises:
            SageMakerRuntimeError: The connection failed after the response had begun.
        """
        if connection.has_room:
            return True
        try:
            await connection.wait_for_room()
        except SageMakerRuntimeError:
            if self._call.has_response:
                raise
            if connection is self._link.connection:  # the call has yet to see it
                await self._link.changed()
        return False

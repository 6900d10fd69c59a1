"""The sending half of a `ReconnectingStream`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from attrs import evolve

from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError
from sagemaker_rt.sansio.bidirectional_events import PARTIAL, content_of
from sagemaker_rt.sansio.replay_buffer import ReplayBuffer
from sagemaker_rt.shapes import RequestPayloadPart
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream
from sagemaker_rt.streaming.connection_sequence import ConnectionSequence
from sagemaker_rt.streaming.event_writer import require_part

__all__ = ["ReplayingSender"]


class ReplayingSender:
    """Sends events on the current connection, and those of *buffer* on the next one."""

    def __init__(
        self, connections: ConnectionSequence, buffer: ReplayBuffer[RequestPayloadPart]
    ) -> None:
        self._connections: Final = connections
        self._buffer: Final = buffer
        self._lock: Final = asyncio.Lock()
        self._replaying: asyncio.Task[None] | None = None
        self._is_message_cut = False

    async def send(self, part: RequestPayloadPart) -> None:
        """Send *part*, if need be on the next connection.

        Raises:
            ReplayBufferFullError: The buffer is full; the event was not sent.
            ClientStateError: The start of the message was lost with its connection; the
                event was not sent.
            SageMakerRuntimeError: The event is invalid, or cannot be sent.
        """
        require_part(part)
        content = content_of(part.bytes)
        if content is not part.bytes:  # a buffer, which its owner may change
            part = evolve(part, bytes=content)
        size = len(content or b"")
        async with self._lock:
            self._buffer.require_room(size)
            while not await self._was_sent(part, size):
                pass

    async def _was_sent(self, part: RequestPayloadPart, size: int) -> bool:
        """Send *part* on the current connection; return False if that was lost."""
        stream = await self._ready()
        if self._is_message_cut:
            self._is_message_cut = False
            message = (
                "the connection was lost inside a message; send it again from its start"
            )
            raise ClientStateError(message)
        before = stream.events_sent
        try:
            await stream.send(part)
        except SageMakerRuntimeError as error:
            failure = error
        else:
            return True
        finally:
            if stream.events_sent != before:  # also if it was cancelled afterwards
                is_complete = part.completion_state != PARTIAL
                self._buffer.add(part, size, is_complete=is_complete)
        if isinstance(failure, ClientStateError):
            await self._connections.read_rest(stream)
        await self._connections.replace(stream, failure)
        return False

    async def close(self) -> None:
        """End the events; the connection is not replaced any more.

        Raises:
            SageMakerRuntimeError: The connection has failed.
        """
        async with self._lock:
            stream = await self._ready()
            self._connections.keep()
            await stream.close_input()

    async def _ready(self) -> BidirectionalStream:
        """Return the current connection, when the buffer was sent on it."""
        while True:
            stream, replaying = self._connections.current, self._replaying
            if replaying is None:
                return stream
            await asyncio.wait([replaying])
            if replaying is self._replaying:
                self._replaying = None

    def replay(self, stream: BidirectionalStream) -> tuple[int, bool]:
        """Send the buffer on *stream*, before all other events; it does not wait.

        Returns:
            The number of events, and whether a message was cut that the buffer has not.
        """
        self.stop()
        self._replaying = None
        self._is_message_cut = self._buffer.drop_message()
        events = self._buffer.events()
        if events:
            replaying = _send_all(stream, events)
            self._replaying = asyncio.get_running_loop().create_task(replaying)
        return len(events), self._is_message_cut

    def stop(self) -> None:
        """Stop sending the buffer; it does not wait."""
        if self._replaying is not None:
            self._replaying.cancel()

    async def stopped(self) -> None:
        """Wait until the buffer is not being sent."""
        if self._replaying is not None:
            await asyncio.wait([self._replaying])


async def _send_all(
    stream: BidirectionalStream, events: list[RequestPayloadPart]
) -> None:
    # an error ends the stream, so that what uses it next reconnects
    with suppress(SageMakerRuntimeError):
        for event in events:
            await stream.send(event)

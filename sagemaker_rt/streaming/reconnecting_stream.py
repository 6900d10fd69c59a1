"""A stream in both directions that continues on another connection."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, TypeAlias

from attrs import evolve, frozen

from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError
from sagemaker_rt.sansio.bidirectional_events import PARTIAL, MessageJoiner
from sagemaker_rt.sansio.reconnection import is_reconnectable, require_arguments
from sagemaker_rt.sansio.replay_buffer import ReplayBuffer
from sagemaker_rt.shapes import RequestPayloadPart, ResponsePayloadPart
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream
from sagemaker_rt.streaming.connection_sequence import ConnectionSequence
from sagemaker_rt.streaming.event_messages import MAX_MESSAGE_BYTES, joined
from sagemaker_rt.streaming.event_receiver import BidirectionalEvent
from sagemaker_rt.streaming.event_writer import EventWriter
from sagemaker_rt.streaming.replaying_sender import ReplayingSender
from sagemaker_rt.streaming.stream_connector import (
    Connect,
    Setup,
    ShouldReconnect,
    StreamConnector,
)

__all__ = ["Reconnected", "ReconnectingStream"]


@frozen(kw_only=True)
class Reconnected:
    """The events before it are of one connection, and those after it of another."""

    error: Exception | None = None
    """The error that ended the earlier connection; None if it was closed as planned."""
    replayed: int = 0
    """The number of events that are sent again."""
    sent_message_cut: bool = False
    """Whether events of an incomplete message were sent, and are not sent again."""
    received_message_cut: bool = False
    """Whether events of an incomplete message were received; the rest is lost."""


_Event: TypeAlias = BidirectionalEvent | Reconnected


class ReconnectingStream(EventWriter, AsyncIterator[_Event]):
    """Events in both directions, on one connection after the other.

    ::

        async with ReconnectingStream(
            lambda: client.invoke_endpoint_with_bidirectional_stream(endpoint_name="m"),
            replay_bytes=8 * 1024 * 1024,
        ) as stream:
            ...

    The service closes a stream after 30 minutes. Before that, and after an error that
    ends only the connection, another one is opened. The reader gets a `Reconnected` in
    the place where the connection changed.

    A new connection has a new WebSocket in the container: the model knows nothing of
    the events before. With *replay_bytes*, the events that were not acknowledged are
    sent again, so a model may process an event twice. Without it, events that were sent
    shortly before the connection was lost may be lost too.

    Sends and reads that are cancelled lose nothing, as those of `BidirectionalStream`;
    connecting continues. Several tasks may send; one task at a time may read.

    Args:
        connect: Opens a stream. It is called for each connection.
        reconnect_after: Seconds after which the connection is replaced, between two
            messages; up to a tenth is subtracted at random. None to wait for an error.
        max_attempts: The maximum number of consecutive attempts to reconnect. It counts
            anew when an event was received, or a connection has lasted for a minute.
        replay_bytes: The maximum size of the events that are kept to be sent again. An
            event counts 256 bytes more than its content.
        setup: Is called with each new `BidirectionalStream` before other events are
            sent, for example to send a configuration. It may read.
        should_reconnect: Returns whether to reconnect after an error. By default, after
            a lost connection, a timeout, `InternalStreamFailure`, and the statuses 424,
            429 and 5xx of an opening. A `ModelStreamError` is raised.
        sleep: Waits between attempts.
        chance: Draws a number in [0, 1), for delays.

    Raises:
        ParamValidationError: An argument is invalid.
    """

    def __init__(  # noqa: PLR0913 - sleep and chance are for tests
        self,
        connect: Connect,
        *,
        reconnect_after: float | None = 28 * 60.0,
        max_attempts: int = 5,
        replay_bytes: int = 0,
        setup: Setup | None = None,
        should_reconnect: ShouldReconnect = is_reconnectable,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        require_arguments(
            connect=connect,
            reconnect_after=reconnect_after,
            max_attempts=max_attempts,
            replay_bytes=replay_bytes,
            setup=setup,
            should_reconnect=should_reconnect,
        )
        self._connector: Final = StreamConnector(
            connect, setup, should_reconnect, max_attempts, sleep, chance
        )
        self._connections: Final = ConnectionSequence(
            self, self._connector, seconds=reconnect_after, chance=chance
        )
        self._buffer: Final = ReplayBuffer[RequestPayloadPart](replay_bytes)
        self._sender: Final = ReplayingSender(self._connections, self._buffer)
        # events of earlier connections, and the changes of the connection
        self._pending: Final[deque[_Event]] = deque()
        self._joiner = MessageJoiner(MAX_MESSAGE_BYTES)
        self._is_receiving_message = False
        self.reconnects = 0
        """The number of connections after the first one."""

    @property
    def connection(self) -> BidirectionalStream:
        """The stream on the current connection.

        Raises:
            ClientStateError: The stream was not entered, or was closed.
            Exception: Reconnecting failed.
        """
        return self._connections.current

    @property
    def events_sent(self) -> int:
        """Events that were sent, or are queued; those sent again count once."""
        return self._buffer.count

    def acknowledge(self, events: int) -> None:
        """Declare that the first *events* that were sent need not be sent again.

        Only the caller knows what the model has processed, for example by the results
        that it sends. Events are kept in whole messages.

        Args:
            events: A number up to `events_sent`; one below an earlier number has no
                effect.

        Raises:
            ParamValidationError: *events* is not such a number.
        """
        self._buffer.acknowledge(events)

    async def send(self, part: RequestPayloadPart) -> None:
        """Send an event; reconnect if the connection was lost.

        Raises:
            ReplayBufferFullError: Too many events were not acknowledged. The event was
                not sent.
            ClientStateError: The first events of the message were lost with their
                connection. The event was not sent; send the message from its start.
            SageMakerRuntimeError: As by `BidirectionalStream.send`, or no connection
                could be opened.
        """
        await self._sender.send(part)

    async def close_input(self) -> None:
        """End the events that are sent; the connection is not replaced any more.

        Raises:
            SageMakerRuntimeError: As by `BidirectionalStream.close_input`.
        """
        await self._sender.close()

    async def __anext__(self) -> _Event:
        while True:
            if self._pending:
                return self._delivered(self._pending.popleft())
            stream = self.connection
            try:
                event = await anext(stream)
            except StopAsyncIteration:
                if stream is self.connection:
                    self._connections.keep()
                    raise
            except SageMakerRuntimeError as error:
                await self._connections.replace(stream, error)
            else:
                self._connector.received()
                return self._delivered(event)

    def _delivered(self, event: _Event) -> _Event:
        """Record the state of the message that *event* is a part of."""
        if isinstance(event, Reconnected):
            is_cut, self._is_receiving_message = self._is_receiving_message, False
            return evolve(event, received_message_cut=is_cut)
        if isinstance(event, ResponsePayloadPart):
            self._is_receiving_message = event.completion_state == PARTIAL
        return event

    def messages(self) -> AsyncIterator[str | bytes | Reconnected]:
        """Iterate over whole messages, and the changes of the connection.

        The events of a message that was cut are discarded. Iterating raises the same
        errors as `BidirectionalStream.messages`.
        """
        return _Messages(self)

    async def _next_message(self) -> str | bytes | Reconnected:
        async for event in self:
            if isinstance(event, Reconnected):
                self._joiner = MessageJoiner(MAX_MESSAGE_BYTES)
                return event
            try:
                message = joined(self._joiner, event)
            except SageMakerRuntimeError as error:
                self._connections.end(error)
                raise
            if message is not None:
                return message
        self._joiner.close()
        raise StopAsyncIteration

    def is_inside_message(self) -> bool:
        """Return whether a message would be cut if the connection was replaced now."""
        is_sending = self._buffer.is_inside_message and not self._buffer.keeps_events
        return is_sending or self._is_receiving_message

    def keep_received(self, stream: BidirectionalStream) -> None:
        """Read what was received on *stream*, for a later read; it does not wait."""
        self._pending.extend(_received(stream))

    def use(
        self,
        new: BidirectionalStream,
        old: BidirectionalStream,
        error: SageMakerRuntimeError | None,
    ) -> None:
        """Use the connection *new* from now on."""
        self.keep_received(old)
        replayed, is_cut = self._sender.replay(new)
        self.reconnects += 1
        cause = error or old.error
        self._pending.append(
            Reconnected(error=cause, replayed=replayed, sent_message_cut=is_cut)
        )

    def abort(self) -> None:
        """End the stream at once, in both directions; it does not wait."""
        message = "the stream was closed; read it in its `async with`"
        self._connections.end(ClientStateError(message))
        self._sender.stop()
        self._pending.clear()

    async def aclose(self) -> None:
        """Close the input, and the stream; events that were not read are discarded.

        It takes at most a second. A second call does nothing.
        """
        try:
            await self._connections.aclose()
        finally:
            self.abort()
        await self._sender.stopped()

    async def __aenter__(self) -> Self:
        await self._connections.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is not None:
            self.abort()
        await self.aclose()

    def __repr__(self) -> str:
        return (
            f"<ReconnectingStream, {self.events_sent} events sent, "
            f"{self.reconnects} reconnects>"
        )


class _Messages(AsyncIterator[str | bytes | Reconnected]):
    """The messages of *stream*, which is not closed by leaving them."""

    def __init__(self, stream: ReconnectingStream) -> None:
        self._stream = stream

    async def __anext__(self) -> str | bytes | Reconnected:
        return await self._stream._next_message()  # noqa: SLF001 - of this module


def _received(stream: BidirectionalStream) -> list[BidirectionalEvent]:
    """Return the events of *stream* that were received, but not read."""
    events: list[BidirectionalEvent] = []
    # if another task reads the stream, it gets them, and this a ClientStateError
    with suppress(SageMakerRuntimeError, StopAsyncIteration):
        while True:
            reading = stream.__anext__()
            try:
                reading.send(None)
            except StopIteration as read:
                events.append(read.value)
            else:  # it waits for an event
                reading.close()
                break
    return events

"""A connection in memory, and the parts of a stream on it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from typing import Any

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.bidirectional_events import encode_event
from sagemaker_rt.sansio.event_signing import EventSigner, SignatureChain
from sagemaker_rt.sansio.eventstream import EventStreamDecoder
from sagemaker_rt.shapes import InvokeEndpointWithBidirectionalStreamOutput
from sagemaker_rt.step_inputs import Output
from sagemaker_rt.streaming.bidirectional_stream import (
    BidirectionalStream,
    StreamSettings,
)
from sagemaker_rt.streaming.event_receiver import EventReceiver
from sagemaker_rt.streaming.event_sender import EventSender
from sagemaker_rt.streaming.opening_call import OpeningCall
from sagemaker_rt.streaming.stream_link import StreamLink

__all__ = ["Connection", "LiveConnection", "contents", "output", "signer", "stream_on"]

KEYS = Credentials("AKIDEXAMPLE", "a-secret")


class Connection(AsyncIterator[bytes]):
    """A `DuplexConnection`, and the body of its response."""

    is_cancel_safe = True

    def __init__(
        self, *chunks: bytes, error: SageMakerRuntimeError | None = None
    ) -> None:
        self.has_room = True
        self.is_ended = False
        self.is_closed = False
        self.has_end = False
        self.written: list[bytes] = []
        self.room = asyncio.Event()
        self._chunks = list(chunks)
        self._error = error

    async def wait_for_room(self) -> None:
        await self.room.wait()
        if self._error is not None:
            raise self._error

    def write(self, data: bytes) -> None:
        if self.is_closed:
            message = "closed"
            raise ClientStateError(message)
        self.written.append(data)

    def end(self) -> None:
        self.has_end = True

    async def drain(self) -> None:
        await asyncio.sleep(0)

    async def response(self) -> Response:
        if self._error is not None:
            raise self._error
        return Response(200, Headers(), self)

    def close(self) -> None:
        self.is_closed = True
        self.room.set()

    def read_nowait(self) -> bytes | None:
        return None

    async def read(self, limit: int) -> bytes:
        return b"".join(self._chunks)[:limit]

    def iter_chunks(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._chunks:
            return self._chunks.pop(0)
        if self._error is not None:
            raise self._error
        self.is_ended = True
        raise StopAsyncIteration

    def release(self) -> None:
        self.close()


def signer() -> EventSigner:
    chain = SignatureChain(
        KEYS, region="us-east-1", service="sagemaker", prior="ab" * 32
    )
    return EventSigner(chain)


def output(connection: Connection | None) -> Output:
    """Return the output of a call whose response *connection* has."""
    response = None
    if connection is not None:
        response = Response(200, Headers(), connection)
    result = InvokeEndpointWithBidirectionalStreamOutput(metadata=Metadata())
    return Output(result, response, result.metadata)


def stream_on(connection: Connection, **settings: Any) -> BidirectionalStream:
    """Return a stream on *connection*."""
    link = StreamLink()
    link.attach(connection, signer())

    async def run() -> Output:
        return output(connection)

    call = OpeningCall(run(), link, operation="Talk")
    return BidirectionalStream(
        call,
        EventSender(link, call, clock=lambda: 1_700_000_000.0),
        EventReceiver(call, MODELLED_ERRORS),
        StreamSettings(clock=lambda: 1_700_000_000.0, **settings),
    )


class LiveConnection(Connection):
    """A connection that waits for what the test receives on it."""

    def __init__(self) -> None:
        super().__init__()
        self._received: asyncio.Queue[bytes | SageMakerRuntimeError] = asyncio.Queue()
        self._failure: SageMakerRuntimeError | None = None
        self.stream = stream_on(self)

    def receive(self, *texts: str, state: str = "COMPLETE") -> None:
        """Receive events with *texts*."""
        for text in texts:
            frame = encode_event(
                text.encode(), data_type="UTF8", completion_state=state
            )
            self._received.put_nowait(frame)

    def fail(self, error: SageMakerRuntimeError) -> None:
        """Lose the connection, after what was received."""
        self._failure = error
        self.room.set()
        self._received.put_nowait(error)

    def close(self) -> None:
        super().close()
        self.fail(self._failure or ClientStateError("the stream was closed"))

    async def wait_for_room(self) -> None:
        await self.room.wait()
        if self._failure is not None:
            raise copy.copy(self._failure)

    def write(self, data: bytes) -> None:
        if self._failure is not None:
            raise copy.copy(self._failure)
        super().write(data)

    async def __anext__(self) -> bytes:
        received = await self._received.get()
        if isinstance(received, bytes):
            return received
        self._received.put_nowait(received)
        raise copy.copy(received)


def contents(connection: Connection) -> list[bytes]:
    """Return the contents of the events that were sent, without their end."""
    decoder = EventStreamDecoder()
    frames = [
        m.payload for m in EventStreamDecoder().feed(b"".join(connection.written))
    ]
    return [message.payload for frame in frames for message in decoder.feed(frame)]

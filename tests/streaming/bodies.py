"""Response bodies made of event-stream messages, and streams that read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

from sagemaker_rt.context import Metadata
from sagemaker_rt.http import Headers, Response, ResponseBody
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.sansio.eventstream_headers import HeaderValue
from sagemaker_rt.shapes import (
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
    UnknownEvent,
)
from sagemaker_rt.streaming.event_functions import Event
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.response_stream_handler import ResponseStreamHandler

__all__ = [
    "BORDERS",
    "EVENTS",
    "FRAMES",
    "OPERATION",
    "WHOLE",
    "Body",
    "Slow",
    "corrupt",
    "failure",
    "frame",
    "part",
    "stream_of",
    "watching",
]

OPERATION: Final = "InvokeEndpointWithResponseStream"


class Body:
    """A body in chunks. Exceptions are raised; None is a chunk that never arrives."""

    def __init__(self, *chunks: bytes | BaseException | None) -> None:
        self.chunks = chunks
        self.releases = 0
        self.is_reader_done = False
        self.is_waiting = asyncio.Event()

    def read_nowait(self) -> bytes | None:
        return None

    async def read(self, limit: int) -> bytes:
        raise AssertionError

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        try:
            for chunk in self.chunks:
                if isinstance(chunk, BaseException):
                    raise chunk
                if chunk is None:
                    self.is_waiting.set()
                    await asyncio.Event().wait()
                else:
                    yield chunk
        finally:
            self.is_reader_done = True

    def release(self) -> None:
        self.releases += 1


class Slow:
    """A body whose every chunk must be waited for, and can be cancelled meanwhile.

    *is_generator* selects the kind of its iterator: a cancelled generator ends.
    """

    def __init__(self, chunks: Sequence[bytes], *, is_generator: bool) -> None:
        self.chunks = list(chunks)
        self.is_generator = is_generator
        self.has_more = asyncio.Event()
        self.releases = 0

    def read_nowait(self) -> bytes | None:
        return None

    async def read(self, limit: int) -> bytes:
        raise AssertionError

    def iter_chunks(self) -> AsyncIterator[bytes]:
        return self._generate() if self.is_generator else self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await self.has_more.wait()
        self.has_more.clear()
        if not self.chunks:
            raise StopAsyncIteration
        return self.chunks.pop(0)

    async def _generate(self) -> AsyncIterator[bytes]:
        with suppress(StopAsyncIteration):
            while True:
                yield await self.__anext__()

    def release(self) -> None:
        self.releases += 1


def frame(payload: bytes = b"", /, **headers: HeaderValue) -> bytes:
    """Return a message; ``message_type`` is the header ``:message-type``."""
    named = {f":{name.replace('_', '-')}": value for name, value in headers.items()}
    return encode_message(named, payload)


def part(payload: bytes) -> bytes:
    return frame(payload, message_type="event", event_type="PayloadPart")


def failure(code: str, payload: bytes = b"{}") -> bytes:
    return frame(payload, message_type="exception", exception_type=code)


def corrupt(payload: bytes) -> bytes:
    """Return a message with a wrong checksum."""
    whole = part(payload)
    return whole[:-1] + bytes([whole[-1] ^ 1])


FRAMES: Final = (
    part(b"one"),
    part(b""),
    frame(b"odd", message_type="event", event_type="Novelty"),
    part(b"three"),
)
EVENTS: Final[tuple[Event, ...]] = (
    PayloadPart(b"one"),
    PayloadPart(b""),
    UnknownEvent(
        "Novelty", {":message-type": "event", ":event-type": "Novelty"}, b"odd"
    ),
    PayloadPart(b"three"),
)
WHOLE: Final = b"".join(FRAMES)
BORDERS: Final = [sum(map(len, FRAMES[:count])) for count in range(len(FRAMES) + 1)]


def stream_of(
    body: ResponseBody,
    metadata: Metadata | None = None,
    *,
    content_type: str | None = "text/plain",
) -> ResponseStream:
    output = InvokeEndpointWithResponseStreamOutput(
        content_type=content_type,
        invoked_production_variant="blue",
        custom_attributes="a=b",
        metadata=metadata or Metadata(),
    )
    return ResponseStream(
        output,
        Response(200, Headers(), body),
        operation=OPERATION,
        known_errors=MODELLED_ERRORS,
    )


def watching(seen: list[object]) -> ResponseStreamHandler:
    handler = ResponseStreamHandler()
    handler.on_event(seen.append)
    return handler

"""Event stream messages of a streamed response."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from attrs import frozen

from sagemaker_rt.emulator.models import ModelFailure
from sagemaker_rt.emulator.responses import json_document
from sagemaker_rt.sansio.eventstream import encode_message

__all__ = ["Chunking", "encode_stream", "exception_frame", "payload_part", "rechunk"]


@frozen(kw_only=True)
class Chunking:
    """How streamed responses are divided into events and writes.

    The two sizes are independent of each other.
    """

    part_bytes: int = 1024
    """Size of an event if the model returns bytes. A model that yields parts determines
    the events itself."""
    write_bytes: int | None = None
    """Size of the writes to the connection, across the boundaries of events. None
    writes one event at a time."""


def payload_part(data: bytes) -> bytes:
    """Return the message of a PayloadPart event."""
    return encode_message(
        {
            ":message-type": "event",
            ":event-type": "PayloadPart",
            ":content-type": "application/octet-stream",
        },
        data,
    )


def exception_frame(name: str, members: Mapping[str, object]) -> bytes:
    """Return the message of a modeled exception."""
    return encode_message(
        {
            ":message-type": "exception",
            ":exception-type": name,
            ":content-type": "application/json",
        },
        json_document(members),
    )


async def encode_stream(parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yield a message for each of *parts*; a failure becomes a ModelStreamError event.

    The first item is empty. It is yielded when the first part is available, so that the
    caller can still send an error response.

    Raises:
        ModelFailure: The model failed before its first part.
    """
    async with aclosing(parts):
        first = await anext(parts, None)
        # from here on, the status 200 is sent, and a failure can only be an event
        yield b""
        if first is None:
            return
        yield payload_part(first)
        try:
            async for part in parts:
                yield payload_part(part)
        except ModelFailure as failure:
            members = {"Message": failure.message, "ErrorCode": failure.error_code}
            yield exception_frame("ModelStreamError", members)


async def rechunk(
    frames: AsyncGenerator[bytes], size: int | None
) -> AsyncGenerator[bytes]:
    """Yield the bytes of *frames* in pieces of *size*; the last one may be shorter.

    Args:
        size: None yields each frame as it is.
    """
    rest = b""
    async with aclosing(frames):
        async for frame in frames:
            if size is None:
                yield frame
                continue
            rest += frame
            complete = len(rest) - len(rest) % size
            for start in range(0, complete, size):
                yield rest[start : start + size]
            rest = rest[complete:]
    if rest:
        yield rest

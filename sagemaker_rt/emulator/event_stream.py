"""A model's answer as the messages of an event stream."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from attrs import frozen

from sagemaker_rt.emulator.models import ModelFailure
from sagemaker_rt.sansio.eventstream import encode_message

__all__ = ["Chunking", "exception_frame", "in_frames", "in_pieces", "payload_part"]


@frozen(kw_only=True)
class Chunking:
    """How streamed answers are cut, in two ways that know nothing of each other."""

    part_bytes: int = 1024
    """How much of a whole answer goes into one event; models that stream have their
    own parts."""
    write_bytes: int | None = None
    """How much of the event stream is written at once; None is one message, a number
    is pieces of that size, across the borders of messages."""


def payload_part(data: bytes) -> bytes:
    """Return the message of an event that carries *data*."""
    return encode_message(
        {
            ":message-type": "event",
            ":event-type": "PayloadPart",
            ":content-type": "application/octet-stream",
        },
        data,
    )


def exception_frame(name: str, members: Mapping[str, object]) -> bytes:
    """Return the message of the exception *name*."""
    return encode_message(
        {
            ":message-type": "exception",
            ":exception-type": name,
            ":content-type": "application/json",
        },
        json.dumps(members).encode(),
    )


async def in_frames(parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yield one message for each of *parts*, and one for a failure between them.

    The first thing that it yields is empty, when the first part is there: until then a
    `ModelFailure` comes through, since a head can still tell of it.
    """
    async with aclosing(parts):
        first = await anext(parts, None)
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


async def in_pieces(
    frames: AsyncGenerator[bytes], size: int | None
) -> AsyncGenerator[bytes]:
    """Yield the bytes of *frames* in pieces of *size*, across their borders.

    Args:
        size: None is one piece for each frame.
    """
    rest = b""
    async with aclosing(frames):
        async for frame in frames:
            if size is None:
                yield frame
                continue
            rest += frame
            whole = len(rest) - len(rest) % size
            for start in range(0, whole, size):
                yield rest[start : start + size]
            rest = rest[whole:]
    if rest:
        yield rest

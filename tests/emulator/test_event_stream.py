from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from sagemaker_rt.emulator.event_stream import (
    encode_stream,
    exception_frame,
    payload_part,
    rechunk,
)
from sagemaker_rt.emulator.models import ModelFailure
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message


async def generate(*parts: bytes | ModelFailure) -> AsyncGenerator[bytes]:
    for part in parts:
        if isinstance(part, ModelFailure):
            raise part
        yield part


async def collect(generator: AsyncGenerator[bytes]) -> list[bytes]:
    return [item async for item in generator]


def decoded(frame: bytes) -> Message:
    (message,) = EventStreamDecoder().feed(frame)
    return message


def test_a_part_is_the_payload_of_an_event() -> None:
    message = decoded(payload_part(b"data"))

    expected = {
        ":message-type": "event",
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
    }
    assert expected == dict(message.headers)
    assert b"data" == message.payload


def test_an_exception_has_its_name_and_members() -> None:
    message = decoded(exception_frame("ModelStreamError", {"Message": "why"}))

    assert "exception" == message.headers[":message-type"]
    assert "ModelStreamError" == message.headers[":exception-type"]
    assert {"Message": "why"} == json.loads(message.payload)


async def test_the_first_item_is_empty() -> None:
    frames = await collect(encode_stream(generate(b"a", b"b")))

    assert [b"", payload_part(b"a"), payload_part(b"b")] == frames


async def test_a_stream_without_parts_has_no_messages() -> None:
    assert [b""] == await collect(encode_stream(generate()))


async def test_a_failure_before_the_first_part_is_raised() -> None:
    with pytest.raises(ModelFailure, match="why"):
        await anext(encode_stream(generate(ModelFailure(500, "why"))))


async def test_a_failure_after_the_first_part_is_an_exception_event() -> None:
    failure = ModelFailure(500, "why", error_code="ModelInvocationTimeExceeded")

    frames = await collect(encode_stream(generate(b"a", failure)))

    message = decoded(frames[-1])
    assert "ModelStreamError" == message.headers[":exception-type"]
    expected = {"Message": "why", "ErrorCode": "ModelInvocationTimeExceeded"}
    assert expected == json.loads(message.payload)


async def test_closing_the_stream_closes_the_parts() -> None:
    parts = generate(b"a", b"b")
    frames = encode_stream(parts)
    await anext(frames)

    await frames.aclose()

    assert [] == await collect(parts)


async def test_frames_are_not_rechunked_by_default() -> None:
    assert [b"abc", b"de"] == await collect(rechunk(generate(b"abc", b"de"), None))


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (2, [b"ab", b"cd", b"e"]),
        (4, [b"abcd", b"e"]),
        (5, [b"abcde"]),
        (9, [b"abcde"]),
    ],
)
async def test_pieces_of_a_size_cross_the_boundaries_of_frames(
    size: int, pieces: list[bytes]
) -> None:
    assert pieces == await collect(rechunk(generate(b"abc", b"de"), size))

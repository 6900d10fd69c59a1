from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from sagemaker_rt.emulator.event_stream import (
    exception_frame,
    in_frames,
    in_pieces,
    payload_part,
)
from sagemaker_rt.emulator.models import ModelFailure
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message


async def parts_of(*parts: bytes | ModelFailure) -> AsyncGenerator[bytes]:
    for part in parts:
        if isinstance(part, ModelFailure):
            raise part
        yield part


async def all_of(generator: AsyncGenerator[bytes]) -> list[bytes]:
    return [item async for item in generator]


def decoded(frame: bytes) -> Message:
    (message,) = EventStreamDecoder().feed(frame)
    return message


def test_a_part_travels_as_the_payload_of_an_event() -> None:
    message = decoded(payload_part(b"data"))

    expected = {
        ":message-type": "event",
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
    }
    assert expected == dict(message.headers)
    assert b"data" == message.payload


def test_an_exception_names_itself_and_carries_its_members() -> None:
    message = decoded(exception_frame("ModelStreamError", {"Message": "why"}))

    assert "exception" == message.headers[":message-type"]
    assert "ModelStreamError" == message.headers[":exception-type"]
    assert {"Message": "why"} == json.loads(message.payload)


async def test_the_first_thing_tells_that_a_part_is_there() -> None:
    frames = await all_of(in_frames(parts_of(b"a", b"b")))

    assert [b"", payload_part(b"a"), payload_part(b"b")] == frames


async def test_a_stream_may_have_no_parts() -> None:
    assert [b""] == await all_of(in_frames(parts_of()))


async def test_a_failure_before_the_first_part_comes_through() -> None:
    with pytest.raises(ModelFailure, match="why"):
        await anext(in_frames(parts_of(ModelFailure(500, "why"))))


async def test_a_failure_after_the_first_part_is_an_exception_event() -> None:
    failure = ModelFailure(500, "why", error_code="ModelInvocationTimeExceeded")

    frames = await all_of(in_frames(parts_of(b"a", failure)))

    message = decoded(frames[-1])
    assert "ModelStreamError" == message.headers[":exception-type"]
    expected = {"Message": "why", "ErrorCode": "ModelInvocationTimeExceeded"}
    assert expected == json.loads(message.payload)


async def test_frames_that_are_no_longer_wanted_close_the_parts() -> None:
    parts = parts_of(b"a", b"b")
    frames = in_frames(parts)
    await anext(frames)

    await frames.aclose()

    assert [] == await all_of(parts)


async def test_pieces_are_frames_by_default() -> None:
    assert [b"abc", b"de"] == await all_of(in_pieces(parts_of(b"abc", b"de"), None))


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (2, [b"ab", b"cd", b"e"]),
        (4, [b"abcd", b"e"]),
        (5, [b"abcde"]),
        (9, [b"abcde"]),
    ],
)
async def test_pieces_of_a_size_go_across_the_borders_of_frames(
    size: int, pieces: list[bytes]
) -> None:
    assert pieces == await all_of(in_pieces(parts_of(b"abc", b"de"), size))

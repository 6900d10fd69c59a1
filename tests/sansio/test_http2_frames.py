"""The checks of HTTP/2 frames."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.sansio.http2_frames import FrameFilter, GoAway

DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, UPDATE, CONTINUATION = (
    0,
    1,
    3,
    4,
    6,
    7,
    8,
    9,
)
END_STREAM: Final = 1


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 1) -> bytes:
    head = len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4)
    return head + payload


GOING: Final = frame(GOAWAY, (1).to_bytes(4) + (2).to_bytes(4) + b"bye", stream=0)
STREAM: Final = (
    frame(SETTINGS, stream=0)
    + frame(HEADERS, b"head")
    + frame(DATA, b"one")
    + GOING
    + frame(DATA, b"two", flags=END_STREAM)
)


@pytest.mark.parametrize("split", range(len(STREAM) + 1))
def test_goaway_is_taken_out_at_every_split(split: int) -> None:
    filter = FrameFilter()

    passed = filter.feed(STREAM[:split], now=0) + filter.feed(STREAM[split:], now=0)

    assert STREAM.replace(GOING, b"") == passed
    assert [GoAway(1, 2, b"bye")] == filter.goaways


def test_the_preface_of_a_client_is_passed_on() -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    filter = FrameFilter(preface=len(preface))

    passed = filter.feed(preface[:7], now=0) + filter.feed(preface[7:] + GOING, now=0)

    assert preface == passed
    assert 1 == len(filter.goaways)


def test_a_frame_that_is_too_large_is_refused() -> None:
    with pytest.raises(DeserializationError):
        FrameFilter().feed((16_385).to_bytes(3) + bytes(6), now=0)


def test_a_goaway_that_is_too_short_is_refused() -> None:
    with pytest.raises(DeserializationError):
        FrameFilter().feed(frame(GOAWAY, bytes(7)), now=0)


def test_the_reserved_bit_of_a_stream_id_is_ignored() -> None:
    filter = FrameFilter()

    filter.feed(frame(GOAWAY, b"\x80\x00\x00\x03" + bytes(4)), now=0)

    assert [GoAway(3, 0)] == filter.goaways


def test_header_blocks_are_limited_in_size() -> None:
    filter = FrameFilter()
    filter.feed(frame(HEADERS, bytes(16_384)), now=0)

    with pytest.raises(DeserializationError):
        filter.feed(frame(CONTINUATION, bytes(16_384)) * 4, now=0)


def test_header_blocks_are_limited_in_frames() -> None:
    filter = FrameFilter()
    filter.feed(frame(HEADERS) + frame(CONTINUATION) * 32, now=0)

    with pytest.raises(DeserializationError):
        filter.feed(frame(CONTINUATION), now=0)


@pytest.mark.parametrize("kind", [RST, SETTINGS, PING, DATA, 2, 99])
def test_a_flood_of_control_frames_is_refused(kind: int) -> None:
    filter = FrameFilter()
    filter.feed(frame(kind) * 1000, now=0)

    with pytest.raises(DeserializationError):
        filter.feed(frame(kind), now=9.9)


@pytest.mark.parametrize(
    "busy", [frame(UPDATE), frame(DATA, b"x"), frame(DATA, flags=END_STREAM)]
)
def test_frames_of_a_busy_stream_are_not_a_flood(busy: bytes) -> None:
    assert 5000 * busy == FrameFilter().feed(5000 * busy, now=0)


def test_control_frames_are_counted_in_a_period() -> None:
    filter = FrameFilter()

    for second in range(0, 100, 10):
        filter.feed(frame(PING) * 900, now=second)

    assert [] == filter.goaways


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_are_passed_on_or_refused(chunks: list[bytes]) -> None:
    filter = FrameFilter()

    try:
        passed = b"".join(filter.feed(chunk, now=0) for chunk in chunks)
    except DeserializationError:
        return

    assert len(passed) <= sum(map(len, chunks))

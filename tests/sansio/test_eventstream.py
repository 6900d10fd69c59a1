from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import (
    CorruptMessageError,
    EventStreamError,
    SerializationError,
    TruncatedStreamError,
)
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message, encode_message
from sagemaker_rt.sansio.eventstream_headers import Byte, HeaderValue, Integer, Short

PART: dict[str, HeaderValue] = {
    ":message-type": "event",
    ":event-type": "PayloadPart",
    ":content-type": "application/octet-stream",
}
ALL_TYPES: dict[str, HeaderValue] = {
    "true": True,
    "false": False,
    "byte": Byte(-49),
    "short": Short(42),
    "integer": Integer(40972),
    "long": 42424242,
    "bytes": b"\x00\xff teapot",
    "string": "thé",
    "timestamp": datetime(1970, 1, 1, 2, 24, 35, 309_000, tzinfo=UTC),
    "uuid": UUID(int=0x0102030405060708090A0B0C0D0E0F10),
}
MESSAGES = [
    Message(dict(PART), b"one"),
    Message({}, b""),
    Message(dict(ALL_TYPES), b'{"foo": "bar"}'),
    Message(dict(PART), b"two"),
    Message({"only": "headers"}, b""),
    Message({}, bytes(range(70))),
]


def frame(block: bytes = b"", payload: bytes = b"") -> bytes:
    """Return a frame with correct checksums and the encoded headers *block*."""
    whole = prelude(16 + len(block) + len(payload), len(block)) + block + payload
    return whole + struct.pack("!I", crc32(whole))


def prelude(length: int, headers_length: int) -> bytes:
    lengths = struct.pack("!II", length, headers_length)
    return lengths + struct.pack("!I", crc32(lengths))


def decode(*chunks: bytes) -> list[Message]:
    decoder = EventStreamDecoder()
    messages = [message for chunk in chunks for message in decoder.feed(chunk)]
    decoder.close()
    return messages


def outcome(*chunks: bytes) -> list[Message] | EventStreamError:
    try:
        return decode(*chunks)
    except EventStreamError as error:
        return error


def kinds(headers: dict[str, HeaderValue]) -> dict[str, type]:
    return {name: type(value) for name, value in headers.items()}


STREAM = b"".join(encode_message(m.headers, m.payload) for m in MESSAGES)
FRAME = encode_message(ALL_TYPES, b"payload")


# Decoding, in chunks of any size


def test_a_frame_is_decoded_to_its_message() -> None:
    block = b"\x01a\x07\x00\x03abc\x02bc\x03\xff\xfe"

    messages = decode(frame(block, b"payload"))

    assert [Message({"a": "abc", "bc": Short(-2)}, b"payload")] == messages


def test_a_stream_may_be_split_in_two_anywhere() -> None:
    for cut in range(len(STREAM) + 1):
        messages = decode(STREAM[:cut], STREAM[cut:])

        assert messages == MESSAGES, cut


def test_a_stream_may_be_fed_byte_by_byte() -> None:
    messages = decode(*(STREAM[i : i + 1] for i in range(len(STREAM))))

    assert messages == MESSAGES


@given(st.lists(st.integers(0, len(STREAM))))
def test_a_stream_may_be_split_anywhere(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]

    messages = decode(*(STREAM[i:j] for i, j in pairwise(edges)))

    assert messages == MESSAGES


def test_a_message_is_returned_with_its_last_byte() -> None:
    decoder = EventStreamDecoder()

    before = decoder.feed(FRAME[:-1])
    after = decoder.feed(FRAME[-1:] + FRAME[:20])

    assert [] == before
    assert [Message(ALL_TYPES, b"payload")] == after


def test_empty_chunks_decode_to_nothing() -> None:
    assert [] == decode(b"", b"")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("cut", [0, 7, 40])
def test_a_chunk_may_be_any_bytes_like_object(
    kind: Callable[[bytes], bytes | bytearray | memoryview], cut: int
) -> None:
    decoder = EventStreamDecoder()

    messages = decoder.feed(kind(FRAME[:cut])) + decoder.feed(kind(FRAME[cut:]))

    assert [Message(ALL_TYPES, b"payload")] == messages
    assert bytes is type(messages[0].payload)


def test_a_buffer_may_be_reused_after_feed() -> None:
    decoder = EventStreamDecoder()
    buffer = bytearray(FRAME + FRAME[:50])

    [first] = decoder.feed(buffer)
    buffer[:] = b"overwritten"
    [second] = decoder.feed(FRAME[50:])

    assert Message(ALL_TYPES, b"payload") == first == second


def test_a_large_frame_may_be_fed_in_small_chunks() -> None:
    payload = bytes(range(256)) * 8192
    data = encode_message(PART, payload) + encode_message(PART, b"next")

    messages = decode(*(data[i : i + 4096] for i in range(0, len(data), 4096)))

    assert [Message(PART, payload), Message(PART, b"next")] == messages


def test_consecutive_messages_with_the_same_headers_are_one_run() -> None:
    payloads = [[b"one", b"", b"three"], [b"four"], [b"five", b"six"]]
    headers: list[dict[str, HeaderValue]] = [PART, ALL_TYPES, PART]
    stream = b"".join(
        encode_message(names, payload)
        for names, run in zip(headers, payloads, strict=True)
        for payload in run
    )
    decoder = EventStreamDecoder()

    runs = decoder.feed_runs(stream + stream[:9])

    assert headers == [run.headers for run in runs]
    assert payloads == [run.payloads for run in runs]
    assert [] == decoder.feed_runs(b"")


# The cache of preludes


def test_messages_do_not_share_their_headers() -> None:
    decoder = EventStreamDecoder()
    [first] = decoder.feed(encode_message(PART, b"one"))

    first.headers.clear()
    [second] = decoder.feed(encode_message(PART, b"two"))

    assert second.headers == PART


def test_different_headers_may_follow_equal_preludes() -> None:
    headers: list[dict[str, HeaderValue]] = [
        {"n": "a"}, {"n": "b"}, {"m": "b"}, {"n": "a"}, {"n": b"a"}
    ]  # fmt: skip

    messages = decode(*(encode_message(each, b"same") for each in headers))

    assert headers == [message.headers for message in messages]


def test_a_frame_with_a_cached_prelude_is_verified() -> None:
    for position in range(12, len(FRAME)):
        broken = bytearray(FRAME)
        broken[position] ^= 1
        decoder = EventStreamDecoder()
        decoder.feed(FRAME)

        with pytest.raises(CorruptMessageError, match="message checksum"):
            decoder.feed(broken)


def test_more_preludes_than_fit_the_cache_are_decoded() -> None:
    sizes = [*range(600), *range(600)]
    decoder = EventStreamDecoder()

    messages = decoder.feed(b"".join(encode_message(PART, bytes(n)) for n in sizes))

    assert sizes == [len(message.payload) for message in messages]
    assert all(message.headers == PART for message in messages)
    assert len(decoder._preludes) <= 256


def test_preludes_of_long_headers_are_not_cached() -> None:
    headers: dict[str, HeaderValue] = {"long": "x" * 2000}
    decoder = EventStreamDecoder()

    messages = decoder.feed(encode_message(headers) * 3)

    assert [Message(headers, b"")] * 3 == messages
    assert {} == decoder._preludes


# Corrupt frames


@pytest.mark.parametrize("mask", [0x01, 0x02, 0x10, 0x7F, 0x80, 0xFF])
@pytest.mark.parametrize(
    "good",
    [FRAME, frame(), encode_message(PART, b"x" * 20)],
    ids=["all", "none", "part"],
)
def test_a_frame_with_one_wrong_byte_is_rejected(good: bytes, mask: int) -> None:
    for position in range(len(good)):
        broken = bytearray(good)
        broken[position] ^= mask
        decoder = EventStreamDecoder()

        with pytest.raises(CorruptMessageError, match="checksum"):
            decoder.feed(broken)


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_wrong_byte_is_found_in_any_chunking(mask: int) -> None:
    for position in range(len(FRAME)):
        broken = bytearray(FRAME)
        broken[position] ^= mask

        with pytest.raises(CorruptMessageError, match="checksum"):
            decode(*(bytes([byte]) for byte in broken))


def test_messages_before_a_corrupt_frame_are_returned_before_its_error() -> None:
    decoder = EventStreamDecoder()

    messages = decoder.feed(FRAME + FRAME + b"\xff" * 12 + FRAME)

    assert [Message(ALL_TYPES, b"payload")] * 2 == messages
    with pytest.raises(CorruptMessageError, match="prelude checksum"):
        decoder.feed(FRAME)


def test_a_deferred_error_can_be_raised_without_feeding() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(FRAME[:-1])
    decoder.raise_failure()

    decoder.feed(FRAME[-1:] + b"\xff" * 12)

    with pytest.raises(CorruptMessageError, match="prelude checksum"):
        decoder.raise_failure()


def test_close_raises_the_error_that_feed_deferred() -> None:
    decoder = EventStreamDecoder()

    decoder.feed(FRAME + b"\xff" * 12)

    with pytest.raises(CorruptMessageError, match="prelude checksum"):
        decoder.close()


def test_a_decoder_raises_its_first_error_again() -> None:
    decoder = EventStreamDecoder()
    seen = []

    for act in (
        lambda: decoder.feed(b"\xff" * 12),
        lambda: decoder.feed(FRAME),
        decoder.close,
        lambda: decoder.feed(b""),
        decoder.close,
    ):
        with pytest.raises(EventStreamError) as caught:
            act()
        seen.append((caught.type, str(caught.value)))

    assert [seen[0]] * 5 == seen
    assert CorruptMessageError is seen[0][0]


def test_each_error_is_a_new_object() -> None:
    """The caller sets attributes and adds notes on it."""
    decoder = EventStreamDecoder()
    caught = []

    for _ in range(2):
        with pytest.raises(CorruptMessageError) as info:
            decoder.feed(b"\xff" * 12)
        caught.append(info.value)

    assert caught[0] is not caught[1]


@pytest.mark.parametrize(
    ("start", "token"),
    [
        (
            struct.pack("!III", 16, 0, 1),
            "0x00000001",
        ),
        (
            prelude(16, 0) + bytes(4),
            "0x7d98c8ff",
        ),
        (prelude(0, 0), "16"),
        (prelude(15, 0), "15"),
        (prelude(40, 25), "41"),
        (
            prelude(2**32 - 1, 2**32 - 1),
            "4294967311",
        ),
        (
            prelude(2**17 + 17, 2**17 + 1),
            "131073",
        ),
        (
            prelude(3 * 2**23 + 17, 0),
            "25165825",
        ),
    ],
)
def test_an_invalid_frame_is_rejected_after_its_first_bytes(
    start: bytes, token: str
) -> None:
    decoder = EventStreamDecoder()

    with pytest.raises(CorruptMessageError, match=token):
        decoder.feed(start)


def test_a_frame_of_the_largest_size_is_accepted() -> None:
    decoder = EventStreamDecoder()

    messages = decoder.feed(prelude(16 + 2**17 + 3 * 2**23, 2**17))

    assert [] == messages


def test_the_limits_can_be_set() -> None:
    exact = EventStreamDecoder(7, max_headers=len(FRAME) - 16 - 7)
    tight_payload = EventStreamDecoder(max_payload=6)
    tight_headers = EventStreamDecoder(max_headers=len(FRAME) - 16 - 8)

    messages = exact.feed(FRAME)

    assert [Message(ALL_TYPES, b"payload")] == messages
    with pytest.raises(CorruptMessageError, match="payload of 7"):
        tight_payload.feed(FRAME)
    with pytest.raises(CorruptMessageError, match="headers of 129"):
        tight_headers.feed(FRAME)


@given(st.lists(st.binary(max_size=40)))
def test_random_bytes_raise_typed_errors(chunks: list[bytes]) -> None:
    result = outcome(*chunks)

    assert isinstance(result, EventStreamError) or not b"".join(chunks)


# The end of a stream


def test_a_stream_must_end_between_frames() -> None:
    boundaries = {0}
    for message in MESSAGES:
        encoded = encode_message(message.headers, message.payload)
        boundaries.add(max(boundaries) + len(encoded))

    for end in range(len(STREAM) + 1):
        decoder = EventStreamDecoder()
        decoder.feed(STREAM[:end])
        if end in boundaries:
            decoder.close()
        else:
            with pytest.raises(TruncatedStreamError):
                decoder.close()


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (5, "byte 5 of at least 12"),
        (12, "byte 12 of at least 16"),
        (15, "byte 15 of at least 16"),
    ],
)
def test_a_truncated_stream_raises_at_each_call(end: int, text: str) -> None:
    decoder = EventStreamDecoder()
    decoder.feed(frame() + frame()[:end])

    for act in (decoder.close, decoder.close, lambda: decoder.feed(frame())):
        with pytest.raises(TruncatedStreamError, match=text):
            act()


def test_a_closed_decoder_accepts_no_data() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(FRAME)
    decoder.close()

    decoder.close()

    with pytest.raises(EventStreamError) as caught:
        decoder.feed(FRAME)
    assert EventStreamError is caught.type


# Encoding


def test_the_encoding_of_a_message() -> None:
    block = b"\x04true\x00\x01b\x02\x80\x01s\x07\x00\x03\xc3\xa9!"
    headers: dict[str, HeaderValue] = {"true": True, "b": Byte(-128), "s": "é!"}

    encoded = encode_message(headers, b"payload")

    assert frame(block, b"payload") == encoded


def test_a_message_may_be_empty() -> None:
    assert frame() == encode_message({})


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_payload_may_be_any_bytes_like_object(
    kind: Callable[[bytes], bytes | bytearray | memoryview],
) -> None:
    assert frame(payload=b"abc") == encode_message({}, kind(b"abc"))


@given(st.sets(st.sampled_from(sorted(ALL_TYPES))), st.binary(max_size=100))
def test_decoding_reverses_encoding(names: set[str], payload: bytes) -> None:
    headers = {name: ALL_TYPES[name] for name in names}

    [message] = decode(encode_message(headers, payload))

    assert Message(headers, payload) == message
    assert kinds(headers) == kinds(message.headers)


def test_messages_that_exceed_the_limits_are_rejected() -> None:
    headers: dict[str, HeaderValue] = {f"{n}": b"x" * 32767 for n in range(4)}

    with pytest.raises(SerializationError, match="131088"):
        encode_message(headers)
    with pytest.raises(SerializationError, match="25165825"):
        encode_message({}, bytes(3 * 2**23 + 1))


def test_the_repr_of_a_message_hides_its_payload() -> None:
    assert "Message(headers={'a': 1})" == repr(Message({"a": Byte(1)}, b"secret"))

"""Event stream framing, by published vectors and compared with botocore."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer, ParserError
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import CorruptMessageError, EventStreamError
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message, encode_message
from sagemaker_rt.sansio.eventstream_headers import Byte, HeaderValue, Integer, Short
from tests.conformance.vectors import entries, vectors

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

# The JSON forms of header values in the two suites.
BY_NUMBER: dict[int, Callable[[Any], HeaderValue]] = {
    0: bool,
    1: bool,
    2: Byte,
    3: Short,
    4: Integer,
    5: int,
    6: b64decode,
    7: lambda value: b64decode(value).decode(),
    8: lambda value: EPOCH + value * MILLISECOND,
    9: lambda value: UUID(bytes=b64decode(value)),
}
BY_NAME: dict[str, Callable[[Any], HeaderValue]] = {
    "boolean": bool,
    "byte": Byte,
    "short": Short,
    "integer": Integer,
    "long": int,
    "blob": b64decode,
    "string": str,
    "timestamp": datetime.fromisoformat,
}


def decode(*chunks: bytes) -> list[Message]:
    decoder = EventStreamDecoder()
    messages = [message for chunk in chunks for message in decoder.feed(chunk)]
    decoder.close()
    return messages


def assert_same(expected: Message, message: Message) -> None:
    """Compare messages and the types of header values; `Byte(1)` equals `Short(1)`."""
    assert expected == message
    for name, value in expected.headers.items():
        assert type(value) is type(message.headers[name])


# smithy-go


def names(kind: str) -> list[str]:
    return [path.name for path in entries(f"eventstream/smithy-go/encoded/{kind}")]


def smithy_go(kind: str, name: str) -> tuple[bytes, Path]:
    root = vectors("eventstream") / "smithy-go"
    return (root / "encoded" / kind / name).read_bytes(), root / "decoded" / kind / name


def message_of(decoded: Path) -> Message:
    document = json.loads(decoded.read_text())
    headers = {
        header["name"]: BY_NUMBER[header["type"]](header["value"])
        for header in document["headers"]
    }
    return Message(headers, b64decode(document["payload"]))


@pytest.mark.parametrize("name", names("positive"))
def test_good_frames_decode(name: str) -> None:
    encoded, decoded = smithy_go("positive", name)

    [message] = decode(encoded)

    assert_same(message_of(decoded), message)


@pytest.mark.parametrize("name", names("positive"))
def test_good_frames_encode(name: str) -> None:
    encoded, decoded = smithy_go("positive", name)
    message = message_of(decoded)

    assert encoded == encode_message(message.headers, message.payload)


@pytest.mark.parametrize("name", names("positive"))
def test_good_frames_decode_at_every_split(name: str) -> None:
    encoded, decoded = smithy_go("positive", name)
    expected = [message_of(decoded)] * 2

    for cut in range(2 * len(encoded) + 1):
        assert expected == decode((encoded * 2)[:cut], (encoded * 2)[cut:])


@pytest.mark.parametrize("name", names("negative"))
def test_bad_frames_are_rejected_for_the_expected_reason(name: str) -> None:
    encoded, decoded = smithy_go("negative", name)
    reason = decoded.read_text().strip().removesuffix(" mismatch").lower()

    with pytest.raises(CorruptMessageError, match=reason):
        decode(encoded)


# The events of the restJson1 tests of Smithy


def cases() -> list[str]:
    return [
        case["case"]
        for path in entries("eventstream", "smithy-restjson1-events.json")
        for case in json.loads(path.read_text())["events"]
    ]


def restjson1(name: str) -> tuple[bytes, Message]:
    path = vectors("eventstream") / "smithy-restjson1-events.json"
    [case] = [
        case for case in json.loads(path.read_text())["events"] if name == case["case"]
    ]
    headers = {
        header: BY_NAME[kind](value)
        for header, typed in case["headers"].items()
        for kind, value in typed.items()
    }
    return b64decode(case["bytes"]), Message(headers, (case["body"] or "").encode())


@pytest.mark.parametrize("name", cases())
def test_events_decode_and_encode(name: str) -> None:
    encoded, expected = restjson1(name)

    [message] = decode(encoded)

    assert_same(expected, message)
    assert encoded == encode_message(message.headers, message.payload)


def test_all_vectors_are_read() -> None:
    vectors("eventstream")

    assert [5, 4] == [len(names("positive")), len(names("negative"))]
    assert 16 == len(cases())


# botocore


def botocore_messages(*chunks: bytes) -> list[Message]:
    buffer = EventStreamBuffer()
    messages = []
    for chunk in chunks:
        buffer.add_data(chunk)
        messages += [Message(event.headers, event.payload) for event in buffer]
    return messages


def in_botocore_form(message: Message) -> Message:
    def plain(value: HeaderValue) -> HeaderValue:
        if isinstance(value, UUID):
            return value.bytes
        if isinstance(value, datetime):
            return (value - EPOCH) // MILLISECOND
        return value

    headers = {name: plain(value) for name, value in message.headers.items()}
    return Message(headers, message.payload)


VALUES: st.SearchStrategy[HeaderValue] = st.one_of(
    st.booleans(),
    st.integers(-(2**7), 2**7 - 1).map(Byte),
    st.integers(-(2**15), 2**15 - 1).map(Short),
    st.integers(-(2**31), 2**31 - 1).map(Integer),
    st.integers(-(2**63), 2**63 - 1),
    st.binary(max_size=20),
    st.text(max_size=20),
    st.integers(-(10**12), 10**12).map(lambda value: EPOCH + value * MILLISECOND),
    st.uuids(),
)
MESSAGES = st.builds(
    Message,
    st.dictionaries(st.text(min_size=1, max_size=20), VALUES, max_size=5),
    st.binary(max_size=40),
)


def split(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(each, len(stream)) for each in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


@given(st.lists(MESSAGES, max_size=4), st.lists(st.integers(0, 400)))
def test_botocore_decodes_encoded_messages_alike(
    sent: list[Message], cuts: list[int]
) -> None:
    stream = b"".join(encode_message(each.headers, each.payload) for each in sent)

    decoded_messages = decode(*split(stream, cuts))
    by_botocore = botocore_messages(*split(stream, cuts))

    assert sent == decoded_messages
    assert by_botocore == [in_botocore_form(message) for message in decoded_messages]


@given(MESSAGES, st.data())
def test_botocore_rejects_a_broken_frame_too(
    message: Message, data: st.DataObject
) -> None:
    broken = bytearray(encode_message(message.headers, message.payload))
    position = data.draw(st.integers(0, len(broken) - 1))
    broken[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises(CorruptMessageError):
        decode(bytes(broken))
    with pytest.raises(ParserError):
        botocore_messages(bytes(broken))


@given(MESSAGES, st.data())
def test_botocore_decodes_accepted_headers_alike(
    message: Message, data: st.DataObject
) -> None:
    """The reverse does not hold: botocore accepts truncated values."""
    block = bytearray(encode_message(message.headers)[12:-4])
    for position in data.draw(st.lists(st.integers(0, max(0, len(block) - 1)))):
        block[position : position + 1] = data.draw(st.binary(max_size=2))
    lengths = (16 + len(block)).to_bytes(4) + len(block).to_bytes(4)
    frame = lengths + crc32(lengths).to_bytes(4) + block
    frame += crc32(frame).to_bytes(4)

    try:
        decoded_messages = decode(frame)
    except EventStreamError:
        return
    by_botocore = botocore_messages(frame)

    assert by_botocore == [in_botocore_form(message) for message in decoded_messages]

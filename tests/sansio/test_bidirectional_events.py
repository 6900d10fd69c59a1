"""The encoding of events, and the joining of messages."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidTextError,
    ParamValidationError,
    ResponseTooLargeError,
    SerializationError,
)
from sagemaker_rt.sansio.bidirectional_events import (
    MessageJoiner,
    content_of,
    encode_event,
)
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message


def decoded(payload: Any, **members: Any) -> Message:
    (message,) = EventStreamDecoder().feed(encode_event(payload, **members))
    return message


def test_an_event_has_the_headers_of_the_python_client() -> None:
    message = decoded(
        b"hello", data_type="UTF8", completion_state="PARTIAL", padding="abc"
    )

    assert {
        ":message-type": "event",
        ":event-type": "PayloadPart",
        "DataType": "UTF8",
        "CompletionState": "PARTIAL",
        "P": "abc",
        ":content-type": "application/octet-stream",
    } == message.headers
    assert b"hello" == message.payload


def test_absent_members_are_not_sent() -> None:
    assert {
        ":message-type": "event",
        ":event-type": "PayloadPart",
    } == decoded(None).headers


@pytest.mark.parametrize(
    "payload", [b"ab", bytearray(b"ab"), memoryview(b"ab"), array("B", b"ab")]
)
def test_the_content_is_any_buffer(payload: Any) -> None:
    assert b"ab" == decoded(payload).payload


@pytest.mark.parametrize(
    "members",
    [
        {"data_type": "TEXT"},
        {"completion_state": "DONE"},
        {"data_type": ""},
        {"data_type": []},
        {"completion_state": 5},
        {"padding": 5},
        {"payload": "text"},
        {"payload": 3},
    ],
)
def test_a_value_that_the_service_rejects_is_refused(members: dict[str, Any]) -> None:
    payload = members.pop("payload", b"")

    with pytest.raises(ParamValidationError):
        encode_event(payload, **members)


@pytest.mark.parametrize("payload", [None, b"x"])
def test_content_that_cannot_change_is_not_copied(payload: bytes | None) -> None:
    assert payload is content_of(payload)


def test_an_event_that_is_too_large_is_refused() -> None:
    with pytest.raises(SerializationError):
        encode_event(bytes((24 << 20) + 1))


def test_a_message_is_joined_from_its_parts() -> None:
    joiner = MessageJoiner(100)

    assert joiner.feed("ä".encode()[:1], is_text=True, is_complete=False) is None
    assert "ä" == joiner.feed("ä".encode()[1:], is_text=False, is_complete=True)
    assert b"\xff" == joiner.feed(b"\xff", is_text=False, is_complete=True)
    joiner.close()


def test_a_text_message_must_be_utf_8() -> None:
    with pytest.raises(InvalidTextError):
        MessageJoiner(100).feed(b"\xff", is_text=True, is_complete=True)


def test_a_message_is_limited() -> None:
    joiner = MessageJoiner(3)
    joiner.feed(b"ab", is_text=False, is_complete=False)

    with pytest.raises(ResponseTooLargeError):
        joiner.feed(b"cd", is_text=False, is_complete=False)


def test_a_stream_must_not_end_inside_a_message() -> None:
    joiner = MessageJoiner(100)
    joiner.feed(b"", is_text=False, is_complete=False)

    with pytest.raises(IncompleteOutputError):
        joiner.close()

from __future__ import annotations

import pytest

from sagemaker_rt.errors import (
    CorruptMessageError,
    ModelStreamError,
    UnmodeledEventError,
)
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream import Message
from sagemaker_rt.sansio.eventstream_headers import HeaderValue
from sagemaker_rt.sansio.response_events import (
    PAYLOAD_PART,
    event_type,
    is_payload_part,
)


def type_of(payload: bytes = b"", **headers: HeaderValue) -> str:
    named = {f":{name.replace('_', '-')}": value for name, value in headers.items()}
    return event_type(Message(named, payload), MODELLED_ERRORS)


@pytest.mark.parametrize("kind", [PAYLOAD_PART, "Novelty", ""])
def test_an_event_has_the_type_of_its_header(kind: str) -> None:
    assert kind == type_of(message_type="event", event_type=kind)


@pytest.mark.parametrize("kind", [1, b"PayloadPart", True])
def test_the_type_of_an_event_must_be_a_string(kind: HeaderValue) -> None:
    with pytest.raises(CorruptMessageError):
        type_of(message_type="event", event_type=kind)


def test_an_event_must_have_a_type() -> None:
    with pytest.raises(CorruptMessageError):
        type_of(message_type="event")


@pytest.mark.parametrize("headers", [{}, {"message_type": "novelty"}])
def test_a_message_must_have_a_known_type(headers: dict[str, HeaderValue]) -> None:
    with pytest.raises(CorruptMessageError):
        type_of(b"", **headers)


def test_an_exception_of_the_service_model_has_its_class() -> None:
    payload = b'{"Message":"m","ErrorCode":"c"}'

    with pytest.raises(ModelStreamError) as raised:
        type_of(payload, message_type="exception", exception_type="ModelStreamError")

    assert ("m", "c") == (raised.value.message, raised.value.error_code)


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        ({"message_type": "exception", "exception_type": "Novelty"}, "Novelty", "p"),
        ({"message_type": "exception"}, "UnmodeledEventError", "p"),
        ({"message_type": "error", "error_code": "E", "error_message": "m"}, "E", "m"),
        ({"message_type": "error"}, "UnmodeledEventError", ""),
    ],
)
def test_any_other_error_keeps_its_code_and_message(
    headers: dict[str, HeaderValue], code: str, message: str
) -> None:
    with pytest.raises(UnmodeledEventError) as raised:
        type_of(b"p", **headers)

    assert (code, message) == (raised.value.code, raised.value.message)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({":message-type": "event", ":event-type": PAYLOAD_PART}, True),
        ({":message-type": "event", ":event-type": "Novelty"}, False),
        ({":message-type": "exception", ":event-type": PAYLOAD_PART}, False),
        ({}, False),
    ],
)
def test_a_part_is_recognized(headers: dict[str, HeaderValue], expected: bool) -> None:
    assert expected == is_payload_part(Message(headers, b""))

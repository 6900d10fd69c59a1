from __future__ import annotations

import io
import json
from array import array
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import attrs
import numpy as np
import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    REQUEST_ID,
    AttemptResult,
    Metadata,
)
from sagemaker_rt.converters import from_dict, to_dict
from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.shapes import (
    BodyLike,
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
    SessionInfo,
    UnknownEvent,
)

EXPIRY: Final = datetime(2030, 10, 22, 12, 34, 56, tzinfo=UTC)
NO_CALL: Final = {"request_id": None, "http_status": None, "attempts": 0}


def facts() -> Metadata:
    metadata = Metadata()
    metadata[REQUEST_ID] = "r-1"
    metadata[HTTP_STATUS] = 200
    metadata[ATTEMPTS] = (AttemptResult(1, None, None),)
    return metadata


SHAPES: Final[list[tuple[attrs.AttrsInstance, dict[str, Any]]]] = [
    (
        InvokeEndpointInput(endpoint_name="m", body="héllo", accept="text/csv"),
        {"endpoint_name": "m", "body": "héllo", "accept": "text/csv"},
    ),
    (
        InvokeEndpointAsyncInput(
            endpoint_name="m", input_location="s3://b/k", request_ttl_seconds=60
        ),
        {
            "endpoint_name": "m",
            "input_location": "s3://b/k",
            "request_ttl_seconds": 60,
        },
    ),
    (
        InvokeEndpointWithResponseStreamInput(endpoint_name="m", body=b"\xff"),
        {"endpoint_name": "m", "body": {"base64": "/w=="}},
    ),
    (
        InvokeEndpointOutput(body=b"{}", content_type="application/json"),
        {"body": "{}", "content_type": "application/json", "metadata": NO_CALL},
    ),
    (
        InvokeEndpointOutput(body=b"\xff", metadata=facts()),
        {
            "body": {"base64": "/w=="},
            "metadata": {"request_id": "r-1", "http_status": 200, "attempts": 1},
        },
    ),
    (
        InvokeEndpointAsyncOutput(inference_id="i-1"),
        {"inference_id": "i-1", "metadata": NO_CALL},
    ),
    (
        InvokeEndpointWithResponseStreamOutput(custom_attributes="a"),
        {"custom_attributes": "a", "metadata": NO_CALL},
    ),
    (PayloadPart("é".encode()), {"bytes": "é"}),
    (PayloadPart(b"\xc3"), {"bytes": {"base64": "ww=="}}),
    (
        UnknownEvent("Newer", {"n": 5}, b"a"),
        {"tag": "Newer", "headers": {"n": 5}, "raw": "a"},
    ),
    (
        SessionInfo(id="s-1", expires_at=EXPIRY),
        {"id": "s-1", "expires_at": "2030-10-22T12:34:56+00:00"},
    ),
]


def name_of(value: object) -> str | None:
    return type(value).__name__ if attrs.has(type(value)) else ""


@pytest.mark.parametrize(("shape", "members"), SHAPES, ids=name_of)
def test_a_shape_becomes_a_dictionary_that_json_can_say(
    shape: attrs.AttrsInstance, members: dict[str, Any]
) -> None:
    assert members == json.loads(json.dumps(to_dict(shape)))


@pytest.mark.parametrize(("shape", "members"), SHAPES, ids=name_of)
def test_the_dictionary_becomes_the_shape(
    shape: attrs.AttrsInstance, members: dict[str, Any]
) -> None:
    assert shape == from_dict(type(shape), members)


@pytest.mark.parametrize(
    "body",
    [
        b"abc",
        bytearray(b"abc"),
        memoryview(b"abc"),
        array("b", b"abc"),
        np.frombuffer(b"abc", np.int8),
        "abc",
    ],
    ids=lambda body: type(body).__name__,
)
def test_a_body_in_any_form_becomes_text(body: BodyLike) -> None:
    input = InvokeEndpointInput(endpoint_name="m", body=body)

    assert {"endpoint_name": "m", "body": "abc"} == to_dict(input)


def test_a_file_is_not_read_for_a_dictionary() -> None:
    input = InvokeEndpointInput(endpoint_name="m", body=io.BytesIO(b"abc"))

    with pytest.raises(SerializationError) as caught:
        to_dict(input)

    assert "a BytesIO is no part of a dictionary; read it first" == str(caught.value)


def test_the_headers_of_an_event_become_what_json_can_say() -> None:
    headers = {
        "id": UUID(int=5),
        "at": EXPIRY,
        "raw": b"\xff",
        "text": "a",
        "yes": True,
    }

    members = to_dict(UnknownEvent("Newer", headers, b""))

    assert {
        "id": "00000000-0000-0000-0000-000000000005",
        "at": "2030-10-22T12:34:56+00:00",
        "raw": {"base64": "/w=="},
        "text": "a",
        "yes": True,
    } == members["headers"]


@pytest.mark.parametrize("body", [b"abc", "abc", bytearray(b"abc"), None])
def test_a_body_is_taken_as_it_is(body: BodyLike | None) -> None:
    input = from_dict(InvokeEndpointAsyncInput, {"endpoint_name": "m", "body": body})

    assert body == input.body


def test_metadata_remembers_which_call_it_was() -> None:
    metadata = {"request_id": "r-1", "http_status": 200, "attempts": 2}

    output = from_dict(InvokeEndpointOutput, {"body": b"", "metadata": metadata})

    assert ("r-1", 200, ()) == (
        output.request_id,
        output.http_status,
        output.metadata.attempts,
    )


def test_digits_become_a_number() -> None:
    """Command lines and forms have nothing else."""
    members = {"endpoint_name": "m", "request_ttl_seconds": "3600"}

    assert 3600 == from_dict(InvokeEndpointAsyncInput, members).request_ttl_seconds


def test_a_time_may_be_one_already() -> None:
    assert (
        EXPIRY == from_dict(SessionInfo, {"id": "s", "expires_at": EXPIRY}).expires_at
    )


@pytest.mark.parametrize(
    ("shape", "members", "problems"),
    [
        (
            InvokeEndpointInput,
            {},
            [
                "required field missing @ InvokeEndpointInput.endpoint_name",
                "required field missing @ InvokeEndpointInput.body",
            ],
        ),
        (
            InvokeEndpointInput,
            {"endpoint_name": "m", "body": b"", "boddy": b""},
            ["extra fields found (boddy) @ InvokeEndpointInput"],
        ),
        (
            InvokeEndpointInput,
            {"endpoint_name": None, "body": b"", "accept": 5},
            [
                "must be text, no NoneType @ InvokeEndpointInput.endpoint_name",
                "must be text, no int @ InvokeEndpointInput.accept",
            ],
        ),
        (
            InvokeEndpointInput,
            {"endpoint_name": "m", "body": {"base64": "/w"}},
            ["Incorrect padding @ InvokeEndpointInput.body"],
        ),
        (
            InvokeEndpointAsyncInput,
            {"endpoint_name": "m", "request_ttl_seconds": 60.5},
            [
                (
                    "must be a whole number, no float: 60.5"
                    " @ InvokeEndpointAsyncInput.request_ttl_seconds"
                )
            ],
        ),
        (
            InvokeEndpointAsyncInput,
            {"endpoint_name": "m", "request_ttl_seconds": True},
            [
                (
                    "must be a whole number, no bool: True"
                    " @ InvokeEndpointAsyncInput.request_ttl_seconds"
                )
            ],
        ),
        (
            InvokeEndpointOutput,
            {"body": 5},
            [
                (
                    'must be text, bytes or {"base64": …}, no int'
                    " @ InvokeEndpointOutput.body"
                )
            ],
        ),
        (
            InvokeEndpointOutput,
            {"body": "", "metadata": 200},
            ["must be a mapping, no int @ InvokeEndpointOutput.metadata"],
        ),
        (
            SessionInfo,
            {"id": "s-1", "expires_at": "soon"},
            ["Invalid isoformat string: 'soon' @ SessionInfo.expires_at"],
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    shape: type[attrs.AttrsInstance], members: dict[str, Any], problems: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as caught:
        from_dict(shape, members)

    text = f"{shape.__name__} cannot be made: {'; '.join(problems)}"
    assert (text, tuple(problems)) == (str(caught.value), caught.value.problems)


def test_what_has_no_members_is_refused() -> None:
    with pytest.raises(ParamValidationError) as caught:
        from_dict(InvokeEndpointInput, ["endpoint_name"])  # type: ignore[arg-type] # what is tested

    assert "members must be a mapping, no list" == str(caught.value)

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
from hypothesis import given
from hypothesis import strategies as st

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


def metadata() -> Metadata:
    facts = Metadata()
    facts[REQUEST_ID] = "r-1"
    facts[HTTP_STATUS] = 200
    facts[ATTEMPTS] = (AttemptResult(1, None, None),)
    return facts


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
        InvokeEndpointOutput(body=b"\xff", metadata=metadata()),
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
def test_a_shape_becomes_a_json_dictionary(
    shape: attrs.AttrsInstance, members: dict[str, Any]
) -> None:
    assert members == json.loads(json.dumps(to_dict(shape)))


@pytest.mark.parametrize(("shape", "members"), SHAPES, ids=name_of)
def test_the_dictionary_becomes_an_equal_shape(
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
    ],
    ids=lambda body: type(body).__name__,
)
def test_the_bytes_of_an_input_stay_bytes(body: BodyLike) -> None:
    input = InvokeEndpointInput(endpoint_name="m", body=body)

    members = to_dict(input)

    assert {"endpoint_name": "m", "body": {"base64": "YWJj"}} == members
    assert b"abc" == from_dict(InvokeEndpointInput, members).body


def test_the_text_of_an_input_stays_text() -> None:
    input = InvokeEndpointInput(endpoint_name="m", body="abc")

    assert {"endpoint_name": "m", "body": "abc"} == to_dict(input)


HEADER = st.one_of(
    st.booleans(),
    st.integers(),
    st.text(),
    st.binary(),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
)
ANY_SHAPE = st.one_of(
    st.builds(
        InvokeEndpointInput, endpoint_name=st.text(), body=st.text() | st.binary()
    ),
    st.builds(
        InvokeEndpointAsyncInput,
        endpoint_name=st.text(),
        body=st.none() | st.text() | st.binary(),
        request_ttl_seconds=st.none() | st.integers(),
    ),
    st.builds(
        InvokeEndpointOutput, body=st.binary(), content_type=st.none() | st.text()
    ),
    st.builds(PayloadPart, st.binary()),
    st.builds(UnknownEvent, st.text(), st.dictionaries(st.text(), HEADER), st.binary()),
)


@given(ANY_SHAPE)
def test_a_shape_is_equal_after_a_round_trip_through_json(
    shape: attrs.AttrsInstance,
) -> None:
    members = json.loads(json.dumps(to_dict(shape)))

    assert shape == from_dict(type(shape), members)


def test_a_file_is_not_read() -> None:
    input = InvokeEndpointInput(endpoint_name="m", body=io.BytesIO(b"abc"))

    with pytest.raises(SerializationError, match="BytesIO"):
        to_dict(input)


def test_the_headers_of_an_event_become_json_values() -> None:
    headers = {
        "id": UUID(int=5),
        "at": EXPIRY,
        "raw": b"\xff",
        "text": "a",
        "yes": True,
    }

    members = to_dict(UnknownEvent("Newer", headers, b""))

    assert {
        "id": {"uuid": "00000000-0000-0000-0000-000000000005"},
        "at": {"timestamp": "2030-10-22T12:34:56+00:00"},
        "raw": {"base64": "/w=="},
        "text": "a",
        "yes": True,
    } == members["headers"]


@pytest.mark.parametrize("body", [b"abc", "abc", bytearray(b"abc"), None])
def test_a_body_is_not_converted(body: BodyLike | None) -> None:
    input = from_dict(InvokeEndpointAsyncInput, {"endpoint_name": "m", "body": body})

    assert body == input.body


def test_metadata_keeps_the_request_id_and_the_status() -> None:
    metadata = {"request_id": "r-1", "http_status": 200, "attempts": 2}

    output = from_dict(InvokeEndpointOutput, {"body": b"", "metadata": metadata})

    assert ("r-1", 200, ()) == (
        output.request_id,
        output.http_status,
        output.metadata.attempts,
    )


def test_digits_become_an_integer() -> None:
    """As command lines and forms pass them."""
    members = {"endpoint_name": "m", "request_ttl_seconds": "3600"}

    assert 3600 == from_dict(InvokeEndpointAsyncInput, members).request_ttl_seconds


def test_a_datetime_is_accepted_as_a_time() -> None:
    assert (
        EXPIRY == from_dict(SessionInfo, {"id": "s", "expires_at": EXPIRY}).expires_at
    )


@pytest.mark.parametrize(
    ("shape", "members", "problems"),
    [
        (InvokeEndpointInput, {}, {"endpoint_name": "required", "body": "required"}),
        (
            InvokeEndpointInput,
            {"endpoint_name": "m", "body": b"", "boddy": b""},
            {"": "boddy"},
        ),
        (
            InvokeEndpointInput,
            {"endpoint_name": None, "body": b"", "accept": 5},
            {"endpoint_name": "not NoneType", "accept": "not int"},
        ),
        (
            InvokeEndpointInput,
            {"endpoint_name": "m", "body": {"base64": "/w"}},
            {"body": "padding"},
        ),
        (
            InvokeEndpointAsyncInput,
            {"endpoint_name": "m", "request_ttl_seconds": 60.5},
            {"request_ttl_seconds": "not float: 60.5"},
        ),
        (
            InvokeEndpointAsyncInput,
            {"endpoint_name": "m", "request_ttl_seconds": True},
            {"request_ttl_seconds": "not bool: True"},
        ),
        (InvokeEndpointOutput, {"body": 5}, {"body": "not int"}),
        (
            InvokeEndpointOutput,
            {"body": "", "metadata": 200},
            {"metadata": "not int"},
        ),
        (SessionInfo, {"id": "s-1", "expires_at": "soon"}, {"expires_at": "'soon'"}),
    ],
)
def test_all_problems_are_reported_at_once(
    shape: type[attrs.AttrsInstance], members: dict[str, Any], problems: dict[str, str]
) -> None:
    with pytest.raises(ParamValidationError) as caught:
        from_dict(shape, members)

    reported = caught.value.problems
    for (member, token), problem in zip(problems.items(), reported, strict=True):
        text, _, path = problem.partition(" @ ")
        assert f"{shape.__name__}.{member}".rstrip(".") == path
        assert token in text
    assert all(problem in str(caught.value) for problem in reported)


def test_members_must_be_a_mapping() -> None:
    with pytest.raises(ParamValidationError, match="not list"):
        from_dict(InvokeEndpointInput, ["endpoint_name"])  # type: ignore[arg-type] # what is tested

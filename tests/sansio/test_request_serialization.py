from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.http import Headers, Request
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    Operation,
)
from sagemaker_rt.sansio.request_serialization import compile_serializer
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointWithBidirectionalStreamInput,
    InvokeEndpointWithResponseStreamInput,
)


class Format(str, Enum):  # noqa: UP042 - StrEnum prints its value
    CSV = "text/csv"


class Seconds(IntEnum):
    MINUTE = 60


def request_of(operation: Operation, params: object) -> Request:
    request = Request()
    compile_serializer(operation.input, operation.path)(params, request)
    return request


def invoke(**members: Any) -> Request:
    """Return the request of InvokeEndpoint with the required *members* and these."""
    params = InvokeEndpointInput(**{"endpoint_name": "m", "body": b"", **members})
    return request_of(INVOKE_ENDPOINT, params)


def test_members_that_are_not_set_are_not_sent() -> None:
    request = invoke(content_type=None, accept="", target_model="")

    assert "/endpoints/m/invocations" == request.path
    assert {} == request.headers
    assert b"" == request.body


def test_each_call_has_its_own_members() -> None:
    serialize = compile_serializer(INVOKE_ENDPOINT.input, INVOKE_ENDPOINT.path)
    inputs = [
        InvokeEndpointInput(endpoint_name="m", body=b"", inference_id=id)
        for id in ("a", "a", "b", None)
    ]
    requests = [Request() for _ in inputs]

    for params, request in zip(inputs, requests, strict=True):
        serialize(params, request)

    ids = [request.headers.get("x-amzn-sagemaker-inference-id") for request in requests]
    assert ["a", "a", "b", None] == ids


def test_the_header_of_a_member_depends_on_the_operation() -> None:
    streamed = InvokeEndpointWithResponseStreamInput(
        endpoint_name="m", body=b"x", accept="text/plain", content_type="text/csv"
    )
    queued = InvokeEndpointAsyncInput(
        endpoint_name="m", body=b"x", accept="text/plain", content_type="text/csv"
    )

    assert {"content-type": "text/csv", "accept": "text/plain"} == invoke(
        content_type="text/csv", accept="text/plain"
    ).headers
    assert {
        "content-type": "text/csv",
        "x-amzn-sagemaker-accept": "text/plain",
    } == request_of(INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, streamed).headers
    assert {
        "x-amzn-sagemaker-content-type": "text/csv",
        "x-amzn-sagemaker-accept": "text/plain",
    } == request_of(INVOKE_ENDPOINT_ASYNC, queued).headers


def test_members_override_existing_headers() -> None:
    request = Request(headers=Headers({"X-Tenant": "acme", "Accept": "*/*"}))
    serialize = compile_serializer(InvokeEndpointInput, INVOKE_ENDPOINT.path)

    serialize(InvokeEndpointInput(endpoint_name="m", body=b"", accept="a/b"), request)

    assert {"x-tenant": "acme", "accept": "a/b"} == request.headers


@pytest.mark.parametrize(
    ("seconds", "expected"), [(60, "60"), (0, "0"), (Seconds.MINUTE, "60")]
)
def test_a_number_is_sent_as_digits(seconds: int, expected: str) -> None:
    params = InvokeEndpointAsyncInput(
        endpoint_name="m", input_location="s3://b/k", request_ttl_seconds=seconds
    )

    request = request_of(INVOKE_ENDPOINT_ASYNC, params)

    assert expected == request.headers["X-Amzn-SageMaker-RequestTTLSeconds"]


def test_a_member_of_an_enumeration_is_sent_as_its_value() -> None:
    """Formatting would give its name."""
    value = invoke(content_type=Format.CSV).headers["Content-Type"]

    assert (str, "text/csv") == (type(value), value)


@given(name=st.text(max_size=8))
def test_an_endpoint_name_is_one_segment_of_the_path(name: str) -> None:
    """Validation rejects most of these names; serialization is safe without it."""
    path = invoke(endpoint_name=name).path

    before, segment, after = path[:11], path[11:-12], path[-12:]
    assert ("/endpoints/", "/invocations") == (before, after)
    assert set() == set(segment) & set("/?#")
    assert segment.isascii()


def test_an_endpoint_name_is_percent_encoded_as_utf8() -> None:
    path = invoke(endpoint_name="a/ü ~-_.").path

    assert "/endpoints/a%2F%C3%BC%20~-_./invocations" == path


def test_bytes_are_not_copied() -> None:
    body = b"abc"

    assert invoke(body=body).body is body


def test_a_missing_body_is_an_empty_body() -> None:
    params = InvokeEndpointAsyncInput(endpoint_name="m", input_location="s3://b/k")

    assert b"" == request_of(INVOKE_ENDPOINT_ASYNC, params).body


def test_the_request_of_a_stream_of_events_has_no_body() -> None:
    params = InvokeEndpointWithBidirectionalStreamInput(
        endpoint_name="m", model_invocation_path="v1/listen"
    )

    request = request_of(INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM, params)

    assert "/endpoints/m/invocations-bidirectional-stream" == request.path
    assert {"x-amzn-sagemaker-model-invocation-path": "v1/listen"} == request.headers
    assert b"" == request.body

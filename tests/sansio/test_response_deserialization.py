from __future__ import annotations

import pytest

from sagemaker_rt import shapes
from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    DeserializationError,
)
from sagemaker_rt.sansio.response_deserialization import (
    compile_deserializer,
    request_id,
)
from tests.doubles import response


def test_an_output_is_made_from_headers_and_body() -> None:
    metadata = Metadata()
    headers = {
        "Content-Type": "text/csv",
        "x-amzn-invoked-production-variant": "blue",
        "X-AMZN-SAGEMAKER-CUSTOM-ATTRIBUTES": "naïve",
        "x-amzn-sagemaker-new-session-id": "s; Expires=2030-01-01T00:00:00Z",
        "x-amzn-sagemaker-closed-session-id": "s",
    }
    read = compile_deserializer(shapes.InvokeEndpointOutput)

    output = read(response(200, headers), b"1,2", metadata)

    assert (
        shapes.InvokeEndpointOutput(
            body=b"1,2",
            content_type="text/csv",
            invoked_production_variant="blue",
            custom_attributes="naïve",
            new_session_id="s; Expires=2030-01-01T00:00:00Z",
            closed_session_id="s",
        )
        == output
    )
    assert output.metadata is metadata


def test_missing_headers_are_none() -> None:
    read = compile_deserializer(shapes.InvokeEndpointOutput)

    output = read(response(), b"", Metadata())

    assert shapes.InvokeEndpointOutput(body=b"") == output


def test_a_streamed_output_has_no_body() -> None:
    headers = {"X-Amzn-SageMaker-Content-Type": "text/plain"}
    read = compile_deserializer(shapes.InvokeEndpointWithResponseStreamOutput)

    output = read(response(200, headers), b"", Metadata())

    expected = shapes.InvokeEndpointWithResponseStreamOutput(content_type="text/plain")
    assert expected == output


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"InferenceId": "abc", "More": [1]}', "abc"),
        (b'{"InferenceId": null}', None),
        (b"{}", None),
        (b"", None),
    ],
)
def test_a_json_member_is_a_string_or_none(body: bytes, expected: str | None) -> None:
    read = compile_deserializer(shapes.InvokeEndpointAsyncOutput)

    output = read(response(202), body, Metadata())

    assert expected == output.inference_id


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b'{"InferenceId": 1}', "InferenceId"),
        (b"[1]", "list"),
        (b"null", "NoneType"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"9" * 5_000, "not JSON"),
    ],
    ids=lambda value: repr(value[:8]),
)
def test_an_invalid_document_raises_an_error(body: bytes, token: str) -> None:
    read = compile_deserializer(shapes.InvokeEndpointAsyncOutput)

    with pytest.raises(DeserializationError) as caught:
        read(response(202), body, Metadata())

    assert token in str(caught.value)
    assert caught.value.may_have_executed


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-amzn-requestid": "a", "x-amz-request-id": "b"}, "a"),
        ({"x-amz-request-id": "b"}, "b"),
        ({"x-amzn-requestid": "", "x-amz-request-id": "b"}, "b"),
        ({"x-amzn-requestid": "ü"}, "ü"),
        ({}, None),
    ],
)
def test_a_request_id_is_in_one_of_two_headers(
    headers: dict[str, str], expected: str | None
) -> None:
    assert expected == request_id(headers)

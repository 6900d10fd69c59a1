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


def test_an_answer_is_read_from_its_head_and_its_body() -> None:
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


def test_headers_that_did_not_come_are_none() -> None:
    read = compile_deserializer(shapes.InvokeEndpointOutput)

    output = read(response(), b"", Metadata())

    assert shapes.InvokeEndpointOutput(body=b"") == output


def test_a_streamed_answer_has_no_body_to_read() -> None:
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
def test_a_member_of_the_document_is_a_string_or_none(
    body: bytes, expected: str | None
) -> None:
    read = compile_deserializer(shapes.InvokeEndpointAsyncOutput)

    output = read(response(202), body, Metadata())

    assert expected == output.inference_id


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"InferenceId": 1}', "InferenceId of the response is a int, no string"),
        (b"[1]", "the response's body is a JSON list, no object"),
        (b"null", "the response's body is a JSON NoneType, no object"),
        (b"{", "the response's body is no JSON: "),
        (b"\xff", "the response's body is no JSON: "),
        (b"[" * 100_000, "the response's body is no JSON: "),
        (b"9" * 5_000, "the response's body is no JSON: "),
    ],
    ids=lambda value: repr(value[:8]),
)
def test_a_document_that_cannot_be_read_is_an_error(body: bytes, text: str) -> None:
    read = compile_deserializer(shapes.InvokeEndpointAsyncOutput)

    with pytest.raises(DeserializationError) as caught:
        read(response(202), body, Metadata())

    assert str(caught.value).startswith(text)
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
def test_a_request_id_has_two_spellings(
    headers: dict[str, str], expected: str | None
) -> None:
    assert expected == request_id(headers)

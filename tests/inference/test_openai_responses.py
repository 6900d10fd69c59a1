from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from attrs import evolve

from sagemaker_rt import (
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamOutput,
    Metadata,
    ModelError,
    ModelStreamError,
    OutputDecodingError,
    ServiceError,
    ThrottlingException,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.context import REQUEST_ID
from sagemaker_rt.inference.openai_responses import (
    error_document,
    error_response,
    object_in,
    streamed_response,
    unsupported_method,
    whole_response,
)


def output(
    body: bytes, content_type: str | None = "application/octet-stream"
) -> InvokeEndpointOutput:
    metadata = Metadata()
    metadata[REQUEST_ID] = "r-1"
    return InvokeEndpointOutput(
        body=body,
        content_type=content_type,
        invoked_production_variant="v",
        metadata=metadata,
    )


def model_error(status: int, message: str) -> ModelError:
    details = {"OriginalStatusCode": status, "OriginalMessage": message}
    return ModelError("Received an error.", request_id="r-1", details=details)


class Events(httpx2.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"data: [DONE]\n\n"


def test_an_answer_has_the_headers_of_the_output() -> None:
    response = whole_response(output(b'\n{"choices": []}'))

    assert 200 == response.status_code
    assert b'\n{"choices": []}' == response.content
    assert "application/json" == response.headers["content-type"]
    assert "v" == response.headers["x-amzn-invoked-production-variant"]
    assert "r-1" == response.headers["x-request-id"]


def test_an_answer_that_is_not_json_keeps_its_type() -> None:
    assert "a/b" == whole_response(output(b"x", "a/b")).headers["content-type"]


def test_an_answer_may_have_no_headers() -> None:
    response = whole_response(InvokeEndpointOutput(body=b""))

    assert not response.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"error": {"message": "no", "code": 429}}', 429),
        (b'{"error": {"message": "no", "code": "x"}}', 500),
        (b'{"code": 424, "error": "no"}', 424),
        (b'{"code": 200, "error": "no"}', 500),
        (b'{"object": "response", "error": {"message": "no"}}', 200),
        (b'{"choices": [], "error": {"message": "no"}}', 200),
        (b'{"object": "list", "error": null}', 200),
        (b'["error"]', 200),
        (b'{"error"', 200),
    ],
)
def test_an_error_with_status_200_gets_another_status(body: bytes, status: int) -> None:
    response = whole_response(output(body))

    assert status == response.status_code
    assert body == response.content


async def test_a_stream_has_the_type_of_events() -> None:
    response = streamed_response(
        InvokeEndpointWithResponseStreamOutput(content_type="application/jsonlines"),
        Events(),
    )

    assert "text/event-stream" == response.headers["content-type"]
    assert b"data: [DONE]\n\n" == await response.aread()


@pytest.mark.parametrize(
    ("message", "content_type"),
    [(' {"error": "busy"}', "application/json"), ("busy", "text/plain")],
)
def test_a_model_error_is_the_response_of_the_container(
    message: str, content_type: str
) -> None:
    error = model_error(503, message)

    response = error_response(error)

    assert (503, message) == (response.status_code, response.text)
    assert content_type == response.headers["content-type"]
    assert "r-1" == response.headers["x-request-id"]
    assert error is response.extensions["sagemaker_rt.error"]


@pytest.mark.parametrize(
    ("error", "status", "type", "code"),
    [
        (model_error(500, ""), 500, "server_error", "model_error"),
        (model_error(0, ""), 504, "server_error", "model_error"),
        (model_error(200, ""), 500, "server_error", "model_error"),
        (ModelError("no"), 424, "server_error", "model_error"),
        (ValidationError("no"), 400, "invalid_request_error", "validation_error"),
        (
            ThrottlingException("no", http_status=400),
            429,
            "invalid_request_error",
            "throttling_exception",
        ),
        (
            UnknownServiceError("", code="AccessDeniedException", http_status=403),
            403,
            "invalid_request_error",
            "access_denied_exception",
        ),
        (ServiceError("no"), 500, "server_error", "unknown"),
        (ServiceError("no", http_status=302), 500, "server_error", "unknown"),
    ],
)
def test_other_errors_have_the_format_of_openai(
    error: ServiceError, status: int, type: str, code: str
) -> None:
    response = error_response(error)

    document = response.json()["error"]
    assert status == response.status_code
    assert (type, code) == (document["type"], document["code"])
    assert document["message"]


def test_the_delay_before_a_retry_is_passed_on() -> None:
    response = error_response(ThrottlingException("no", retry_after=1.5))

    assert "1500" == response.headers["retry-after-ms"]
    assert "x-request-id" not in response.headers


def test_an_error_in_a_stream_has_the_code_of_the_model() -> None:
    details = {"ErrorCode": "ModelInvocationTimeExceeded"}
    error = ModelStreamError("too slow", details=details)

    assert {
        "message": "too slow",
        "type": "server_error",
        "code": "model_invocation_time_exceeded",
    } == error_document(error)["error"]
    assert "model_stream_error" == error_document(ModelStreamError())["error"]["code"]


def test_other_methods_than_post_are_not_found() -> None:
    request = httpx2.Request("GET", "https://example.com/v1/models")

    response = unsupported_method(request)

    assert 404 == response.status_code
    assert "GET /v1/models" in json.loads(response.content)["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"1"])
def test_another_body_than_an_object_has_no_members(body: bytes) -> None:
    assert {} == object_in(body)
    assert {"a": 1} == object_in(b'{"a": 1}')


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"a": 1}\n{"b": 2}', b'{"a', b"\xff"]
)
def test_an_answer_that_claims_to_be_json_must_be_json(body: bytes) -> None:
    answer = output(body, "application/json; charset=utf-8")

    with pytest.raises(OutputDecodingError) as caught:
        whole_response(answer)

    assert answer is caught.value.output
    assert "r-1" == caught.value.request_id


@pytest.mark.parametrize("text", ["é", "\udce9", "你"])
def test_headers_may_have_any_characters(text: str) -> None:
    answer = output(b"{}")
    answer = evolve(answer, custom_attributes=text, content_type="text/plain; a=é")
    events = InvokeEndpointWithResponseStreamOutput(custom_attributes=text)
    error = ServiceError("m", request_id=text)

    name = b"X-Amzn-SageMaker-Custom-Attributes"
    value = text.encode(errors="surrogateescape")
    assert (name, value) in whole_response(answer).headers.raw
    assert (name, value) in streamed_response(events, Events()).headers.raw
    assert (b"x-request-id", value) in error_response(error).headers.raw


def test_the_message_of_a_container_may_be_invalid_text() -> None:
    assert b"a?b" == error_response(model_error(500, "a\ud800b")).content

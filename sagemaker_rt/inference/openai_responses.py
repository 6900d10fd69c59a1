"""Responses to OpenAI's client, made from outputs and errors of the operations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx2

from sagemaker_rt.errors import (
    ModelError,
    ModelStreamError,
    OutputDecodingError,
    ServiceError,
)
from sagemaker_rt.sansio.http_bindings import Header, bindings_of
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.json_members import members
from sagemaker_rt.sansio.openai_errors import openai_service_error
from sagemaker_rt.sansio.stream_errors import find_error
from sagemaker_rt.shapes import (
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamOutput,
)

__all__ = [
    "error_document",
    "error_response",
    "object_in",
    "streamed_response",
    "unsupported_method",
    "whole_response",
]

_JSON: Final = "application/json"
_OK: Final = 200
_NOT_FOUND: Final = 404
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_GATEWAY_TIMEOUT: Final = 504
_ERRORS: Final = range(400, 600)


def whole_response(output: InvokeEndpointOutput) -> httpx2.Response:
    """Return the response for a whole answer of the container.

    Its type is JSON if the body is, since containers also declare other types.

    Raises:
        OutputDecodingError: The type is JSON, and the body is not, which would be an
            exception of the parser in OpenAI's client.
    """
    body = output.body
    response = httpx2.Response(
        _reported_status(body), headers=_headers_of(output), content=body
    )
    if not body.lstrip().startswith(b"{") and _JSON not in (output.content_type or ""):
        return response
    try:
        parse_json(body)
    except OutputDecodingError as error:
        if _JSON not in (output.content_type or ""):
            return response
        error.set_output(output)
        raise
    response.headers["Content-Type"] = _JSON
    return response


def streamed_response(
    output: InvokeEndpointWithResponseStreamOutput, events: httpx2.AsyncByteStream
) -> httpx2.Response:
    """Return the response whose body is *events*."""
    response = httpx2.Response(_OK, headers=_headers_of(output), stream=events)
    response.headers["Content-Type"] = "text/event-stream"
    return response


def unsupported_method(request: httpx2.Request) -> httpx2.Response:
    """Return the response to a request that is not a POST request."""
    message = (
        f"{request.method} {request.url.path}: an endpoint of SageMaker serves POST "
        "requests only"
    )
    document = openai_service_error(message, code="NotFound", status=_NOT_FOUND)
    return httpx2.Response(_NOT_FOUND, json=document)


def error_response(error: ServiceError) -> httpx2.Response:
    """Return the response of the container for a model error, else one for *error*.

    The error itself is in ``response.extensions["sagemaker_rt.error"]``.
    """
    status = _status_of(error)
    headers = {"Content-Type": _JSON}
    if error.request_id is not None:
        headers["x-request-id"] = error.request_id
    if error.retry_after is not None:
        headers["retry-after-ms"] = str(int(error.retry_after * 1000))
    body = json.dumps(error_document(error, status)).encode()
    if isinstance(error, ModelError) and error.original_message:
        body = error.original_message.encode(errors="replace")
        headers["Content-Type"] = _JSON if _is_json(body) else "text/plain"
    return httpx2.Response(
        status,
        headers=_encoded(headers),
        content=body,
        extensions={"sagemaker_rt.error": error},
    )


def error_document(error: ServiceError, status: int = _SERVER_ERROR) -> dict[str, Any]:
    """Return the document of an error in the format of OpenAI's API."""
    code = error.code
    if isinstance(error, ModelStreamError) and error.error_code:
        code = error.error_code
    message = error.message or str(error)
    return openai_service_error(message, code=code, status=status)


def object_in(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in *body*; an empty one if there is none."""
    try:
        return members(parse_json(body))
    except OutputDecodingError:
        return {}


def _is_json(body: bytes) -> bool:
    return body.lstrip().startswith(b"{")


def _reported_status(body: bytes) -> int:
    """Return the status of an answer: a container may send errors with status 200."""
    if b'"error"' not in body:
        return _OK
    document = object_in(body)
    is_answer = "choices" in document or document.get("object") == "response"
    error = None if is_answer else find_error(document, "message")
    if error is None:
        return _OK
    code = error.error_code
    return code if isinstance(code, int) and code in _ERRORS else _SERVER_ERROR


def _headers_of(
    output: InvokeEndpointOutput | InvokeEndpointWithResponseStreamOutput,
) -> httpx2.Headers:
    """Return the headers that the members of *output* were read from."""
    headers: dict[str, str] = {
        binding.name: getattr(output, attribute)
        for attribute, binding in bindings_of(type(output), Header).items()
        if getattr(output, attribute) is not None
    }
    if output.request_id is not None:
        headers["x-request-id"] = output.request_id
    return _encoded(headers)


def _encoded(headers: Mapping[str, str]) -> httpx2.Headers:
    """Return *headers*, which may have any characters; httpx2 encodes text as ASCII."""
    return httpx2.Headers(
        [
            (name.encode(), value.encode(errors="surrogateescape"))
            for name, value in headers.items()
        ]
    )


def _status_of(error: ServiceError) -> int:
    status = error.http_status or _SERVER_ERROR
    if isinstance(error, ModelError):
        # 0 means that the container did not respond in time
        if error.original_status_code == 0:
            return _GATEWAY_TIMEOUT
        status = error.original_status_code or status
    elif error.is_throttle:
        status = _TOO_MANY_REQUESTS
    return status if status in _ERRORS else _SERVER_ERROR

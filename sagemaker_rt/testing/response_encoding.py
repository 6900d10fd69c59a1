"""Encodes outputs, errors and events as HTTP responses of the service."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from sagemaker_rt.errors import OptionsError, ServiceError, UnmodeledEventError
from sagemaker_rt.operations import INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.sansio.eventstream_headers import HeaderValue
from sagemaker_rt.sansio.http_bindings import Header, JSONMember, members
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncOutput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
    UnknownEvent,
)
from sagemaker_rt.testing.http_stub import HTTPStub, Piece

__all__ = [
    "DEFAULT_MESSAGE",
    "REQUEST_ID",
    "Output",
    "StreamEvent",
    "encode_error",
    "encode_events",
    "encode_output",
    "new_exception",
]

StreamEvent: TypeAlias = (
    bytes | PayloadPart | UnknownEvent | BaseException | type[BaseException]
)
"""An item of a stream. Bytes are a `PayloadPart`. A service error is encoded as an
exception event; any other exception is raised at its position in the stream."""

Output: TypeAlias = (
    InvokeEndpointOutput
    | InvokeEndpointAsyncOutput
    | InvokeEndpointWithResponseStreamOutput
)

REQUEST_ID: Final = "stubbed-request-id"
DEFAULT_MESSAGE: Final = "stubbed"
"""Message of errors that are specified by their class or code."""

# status of errors that the service model does not know
_BAD_REQUEST: Final = 400
_STATUSES: Final = {INVOKE_ENDPOINT_ASYNC.output: 202}
_EVENT_STREAM: Final = "application/vnd.amazon.eventstream"
# attributes of errors, and the members of the service model
_ERROR_MEMBERS: Final = {
    "original_status_code": "OriginalStatusCode",
    "original_message": "OriginalMessage",
    "log_stream_arn": "LogStreamArn",
    "error_code": "ErrorCode",
}
_HEADER_VALUES: Final = (bool, int, bytes, str, datetime, UUID)


def encode_output(output: Output, events: Iterable[StreamEvent] = ()) -> HTTPStub:
    """Return the response that the client decodes as *output*.

    Args:
        events: The events of a streaming output.

    Raises:
        OptionsError: One of *events* is invalid.
    """
    headers = {"x-amzn-RequestId": output.request_id or REQUEST_ID}
    document: dict[str, object] = {}
    shape: type = type(output)
    for member in members(shape):
        value = getattr(output, member.attribute)
        if isinstance(member.binding, Header) and value is not None:
            headers[member.binding.name] = value
        elif isinstance(member.binding, JSONMember) and value is not None:
            document[member.binding.name] = value
    status = _STATUSES.get(type(output), 200)
    if isinstance(output, InvokeEndpointWithResponseStreamOutput):
        headers["Content-Type"] = _EVENT_STREAM
        return HTTPStub(status, headers, encode_events(events))
    if isinstance(output, InvokeEndpointAsyncOutput):
        headers["Content-Type"] = "application/json"
        return HTTPStub(status, headers, json.dumps(document))
    return HTTPStub(status, headers, output.body)


def encode_error(error: ServiceError) -> HTTPStub:
    """Return the response that the client decodes as *error*."""
    headers = {
        "x-amzn-RequestId": error.request_id or REQUEST_ID,
        "x-amzn-errortype": error.code,
        "Content-Type": "application/json",
    }
    if error.retry_after is not None:
        headers["x-amz-retry-after"] = str(round(error.retry_after * 1000))
    body = getattr(error, "body", b"") or _encode_document(error)
    return HTTPStub(error.http_status or _BAD_REQUEST, headers, body)


def encode_events(events: Iterable[StreamEvent]) -> tuple[Piece, ...]:
    """Return the encoded message of each event; exceptions without an event stay.

    Raises:
        OptionsError: One of *events* is invalid.
    """
    return tuple(_encode_event(event) for event in events)


def new_exception(kind: type[BaseException]) -> BaseException:
    """Return an instance of *kind*.

    Raises:
        OptionsError: The class has other arguments than a message.
    """
    try:
        return kind(DEFAULT_MESSAGE)
    except TypeError as error:
        message = f"{kind.__name__} cannot be created: {error}; pass an instance"
        raise OptionsError(message) from error


def _encode_event(event: StreamEvent) -> Piece:
    if isinstance(event, type) and issubclass(event, BaseException):
        event = new_exception(event)
    match event:
        case bytes():
            return _payload_part(event)
        case PayloadPart(bytes=bytes() as data):
            return _payload_part(data)
        case UnknownEvent(headers=Mapping(), raw=bytes()):
            headers = _check_header_values(event.headers)
            headers |= {":message-type": "event", ":event-type": event.tag}
            return encode_message(headers, event.raw)
        case UnmodeledEventError():
            headers = {":message-type": "error", ":error-code": event.code}
            headers[":error-message"] = event.message or DEFAULT_MESSAGE
            return encode_message(headers)
        case ServiceError():
            headers = {":message-type": "exception", ":exception-type": event.code}
            headers[":content-type"] = "application/json"
            return encode_message(headers, _encode_document(event))
        case BaseException():
            return event
    message = (
        "an event must be bytes, a PayloadPart of bytes, an UnknownEvent with headers "
        f"and bytes, or an exception, not {type(event).__name__}"
    )
    raise OptionsError(message)


def _payload_part(data: bytes) -> bytes:
    headers = {
        ":message-type": "event",
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
    }
    return encode_message(headers, data)


def _check_header_values(headers: Mapping[str, object]) -> dict[str, HeaderValue]:
    values = {k: v for k, v in headers.items() if isinstance(v, _HEADER_VALUES)}
    for name in headers.keys() - values.keys():
        message = (
            f"header {name!r} of an event has the type "
            f"{type(headers[name]).__name__}, which event streams cannot encode"
        )
        raise OptionsError(message)
    return values


def _encode_document(error: ServiceError) -> bytes:
    document: dict[str, object] = {"Message": error.message}
    for attribute, name in _ERROR_MEMBERS.items():
        value = getattr(error, attribute, None)
        if value is not None:
            document[name] = value
    return json.dumps(document).encode()

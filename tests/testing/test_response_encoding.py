from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt import errors, shapes
from sagemaker_rt.context import REQUEST_ID, Metadata
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.error_responses import service_error
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message
from sagemaker_rt.sansio.eventstream_headers import Byte, Integer, Short
from sagemaker_rt.sansio.http_bindings import members
from sagemaker_rt.sansio.response_deserialization import compile_deserializer
from sagemaker_rt.testing import response_encoding
from sagemaker_rt.testing.response_encoding import (
    encode_error,
    encode_events,
    encode_output,
    new_exception,
)

OUTPUTS = (
    shapes.InvokeEndpointOutput,
    shapes.InvokeEndpointAsyncOutput,
    shapes.InvokeEndpointWithResponseStreamOutput,
)


def decoded(*pieces: object) -> list[Message]:
    decoder = EventStreamDecoder()
    frames = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    found = decoder.feed(frames)
    decoder.close()
    return found


def any_output() -> st.SearchStrategy[response_encoding.Output]:
    texts = st.none() | st.text(max_size=20)
    kinds = {
        kind: {
            member.attribute: st.binary() if member.is_required else texts
            for member in members(kind)
        }
        for kind in OUTPUTS
    }
    builds: list[st.SearchStrategy[Any]] = [
        st.builds(kind, **fields) for kind, fields in kinds.items()
    ]
    return st.one_of(builds)


@given(any_output())
def test_the_client_decodes_what_is_encoded(output: response_encoding.Output) -> None:
    response = encode_output(output).response()

    body = response.body.read_nowait()
    assert body is not None
    assert output == compile_deserializer(type(output))(response, body, Metadata())


def test_an_output_has_status_and_content_type_of_the_service() -> None:
    stubs = [
        encode_output(shapes.InvokeEndpointOutput(body=b"", content_type="text/csv")),
        encode_output(shapes.InvokeEndpointAsyncOutput()),
        encode_output(shapes.InvokeEndpointWithResponseStreamOutput()),
    ]

    assert [
        (200, "text/csv"),
        (202, "application/json"),
        (200, "application/vnd.amazon.eventstream"),
    ] == [(stub.status, stub.headers["Content-Type"]) for stub in stubs]


def test_an_output_keeps_its_request_id() -> None:
    known = Metadata({REQUEST_ID: "r-1"})
    outputs = [
        shapes.InvokeEndpointOutput(body=b"", metadata=known),
        shapes.InvokeEndpointOutput(body=b""),
    ]

    ids = [encode_output(output).headers["x-amzn-RequestId"] for output in outputs]

    assert ["r-1", "stubbed-request-id"] == ids


def read(error: errors.ServiceError) -> errors.ServiceError:
    response = encode_error(error).response()
    body = response.body.read_nowait()
    assert body is not None
    return service_error(response, body, MODELLED_ERRORS)


@pytest.mark.parametrize("kind", MODELLED_ERRORS.values())
def test_a_modeled_error_is_decoded_as_its_class(
    kind: type[errors.ServiceError],
) -> None:
    error = kind("no luck")

    found = read(error)

    assert kind is type(found)
    assert (error.code, "no luck") == (found.code, found.message)
    assert (kind.http_status or 400) == found.http_status
    assert "stubbed-request-id" == found.request_id


def test_an_error_keeps_its_members_and_attributes() -> None:
    error = errors.ModelError(
        "it failed",
        request_id="r-1",
        retry_after=1.5,
        details={
            "OriginalStatusCode": 507,
            "OriginalMessage": "disk full",
            "LogStreamArn": "arn:aws:logs:eu-west-1:1:log",
        },
    )

    found = read(error)

    assert isinstance(found, errors.ModelError)
    assert (507, "disk full") == (found.original_status_code, found.original_message)
    assert "arn:aws:logs:eu-west-1:1:log" == found.log_stream_arn
    assert ("r-1", 1.5) == (found.request_id, found.retry_after)


def test_an_unmodeled_error_keeps_code_status_and_body() -> None:
    error = errors.UnknownServiceError(
        "no", code="AccessDeniedException", http_status=403
    )
    caught = copy.copy(error)
    caught.body = b"<html>no</html>"

    first, second = read(error), read(caught)

    assert ("AccessDeniedException", 403, "no") == (
        first.code,
        first.http_status,
        first.message,
    )
    assert isinstance(second, errors.UnknownServiceError)
    assert (403, b"<html>no</html>") == (second.http_status, second.body)


def test_parts_are_encoded_like_those_of_the_service() -> None:
    messages = decoded(*encode_events([b"a", shapes.PayloadPart(b"b")]))

    assert [b"a", b"b"] == [message.payload for message in messages]
    assert {
        ":message-type": "event",
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
    } == messages[0].headers


def test_an_unknown_event_keeps_its_headers() -> None:
    headers = {
        "yes": True,
        "byte": Byte(1),
        "short": Short(2),
        "integer": Integer(3),
        "long": 4,
        "bytes": b"5",
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "uuid": UUID(int=6),
    }

    (message,) = decoded(*encode_events([shapes.UnknownEvent("New", headers, b"x")]))

    expected = {**headers, ":message-type": "event", ":event-type": "New"}
    assert (expected, b"x") == (message.headers, message.payload)


def test_an_event_header_of_an_unsupported_type_is_rejected() -> None:
    event = shapes.UnknownEvent("New", {"weight": 1.5}, b"")

    with pytest.raises(errors.OptionsError) as caught:
        encode_events([event])

    assert "'weight'" in str(caught.value)
    assert "float" in str(caught.value)


def test_service_errors_are_exception_events() -> None:
    failed = errors.ModelStreamError("late", details={"ErrorCode": "TooLate"})

    first, second, third = decoded(
        *encode_events(
            [
                failed,
                errors.InternalStreamFailure,
                errors.UnmodeledEventError("odd", code="Odd"),
            ]
        )
    )

    assert {"Message": "late", "ErrorCode": "TooLate"} == json.loads(first.payload)
    assert ("exception", "ModelStreamError") == (
        first.headers[":message-type"],
        first.headers[":exception-type"],
    )
    assert "InternalStreamFailure" == second.headers[":exception-type"]
    assert {"Message": "stubbed"} == json.loads(second.payload)
    assert {
        ":message-type": "error",
        ":error-code": "Odd",
        ":error-message": "odd",
    } == third.headers


def test_other_exceptions_are_not_encoded() -> None:
    error = errors.TruncatedBodyError("cut")

    pieces = encode_events([b"a", error, ValueError])

    assert error is pieces[1]
    assert "ValueError('stubbed')" == repr(pieces[2])


@pytest.mark.parametrize(
    "event",
    [
        1,
        "text",
        None,
        int,
        bytearray(b"a"),
        shapes.PayloadPart("text"),  # type: ignore[arg-type] # callers may not run a type checker
        shapes.UnknownEvent("New", None, b""),  # type: ignore[arg-type] # the same
        shapes.UnknownEvent("New", {}, "text"),  # type: ignore[arg-type] # the same
    ],
)
def test_an_invalid_event_is_rejected(event: Any) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        encode_events([event])

    assert f"not {type(event).__name__}" in str(caught.value)


def test_an_exception_class_with_other_arguments_is_rejected() -> None:
    assert "OSError('stubbed')" == repr(new_exception(OSError))
    with pytest.raises(errors.OptionsError) as caught:
        new_exception(UnicodeDecodeError)

    assert "UnicodeDecodeError" in str(caught.value)


def test_each_member_of_an_error_is_encoded() -> None:
    """Attributes that errors read from a document are also encoded."""
    plain = {*vars(errors.ServiceError("")), *dir(errors.ServiceError)}
    read_from_documents = {
        name
        for kind in MODELLED_ERRORS.values()
        for name in vars(kind(""))
        if name not in plain
    }

    assert set(response_encoding._ERROR_MEMBERS) == read_from_documents


def test_each_operation_has_an_output() -> None:
    assert set(OUTPUTS) == set(response_encoding.Output.__args__)
    assert all(attrs.has(kind) for kind in OUTPUTS)

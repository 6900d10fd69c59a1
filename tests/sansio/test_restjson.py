from __future__ import annotations

import io
import json
import tempfile
from array import array
from enum import Enum, IntEnum
from mmap import mmap
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from sagemaker_rt import errors, shapes
from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    DeserializationError,
    ModelError,
    SerializationError,
    ServiceError,
    UnknownServiceError,
)
from sagemaker_rt.http import FileBody, Headers, Request
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    MODELLED_ERRORS,
    Operation,
)
from sagemaker_rt.sansio.http_bindings import Header, JSONMember, Label, Payload
from sagemaker_rt.sansio.restjson import (
    Member,
    compile_deserializer,
    compile_serializer,
    event_error,
    members,
    request_id,
    service_error,
    to_body,
)
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)
from tests.doubles import response

HTML = b"<html><body>502 Bad Gateway</body></html>"
NO_DOCUMENTS = {
    "HTML": HTML,
    "empty": b"",
    "array": b'["message"]',
    "string": b'"message"',
    "number": b"42",
    "null": b"null",
    "deep": b"[" * 100_000,
    "no UTF-8": b'{"message": "\xff"}',
    "huge number": b'{"n": ' + b"9" * 5_000 + b"}",
    "cut": b'{"message": "the mod',
}
"""Bodies that are no JSON object, and so say nothing."""
THROTTLE = b'{"message": null}'


class Format(str, Enum):  # noqa: UP042 - what programs have had for years
    CSV = "text/csv"


class Seconds(IntEnum):
    MINUTE = 60


@frozen(kw_only=True)
class Order:
    """A shape with each kind of binding, and a member without."""

    name: Annotated[str, Label("Name")]
    count: Annotated[int | None, Header("X-Count")] = None
    payload: Annotated[bytes | None, Payload()] = None
    note: Annotated[str | None, JSONMember("Note")] = None
    remark: str = ""


def request_of(operation: Operation, params: object) -> Request:
    request = Request()
    compile_serializer(operation.input, operation.path)(params, request)
    return request


def invoke(**members: Any) -> Request:
    """Return the request of InvokeEndpoint, with *members* beside the required."""
    params = InvokeEndpointInput(**{"endpoint_name": "m", "body": b"", **members})
    return request_of(INVOKE_ENDPOINT, params)


def error_of(status: int = 400, body: bytes = b"", **headers: str) -> ServiceError:
    """Return what a response is; an underscore in a header stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return service_error(response(status, named), body, MODELLED_ERRORS)


def unknown_error_of(status: int, body: bytes) -> UnknownServiceError:
    error = error_of(status, body)
    assert isinstance(error, UnknownServiceError)
    return error


def test_members_are_the_attributes_that_have_a_binding() -> None:
    assert (
        Member("name", Label("Name"), is_integer=False, is_required=True),
        Member("count", Header("X-Count"), is_integer=True, is_required=False),
        Member("payload", Payload(), is_integer=False, is_required=False),
        Member("note", JSONMember("Note"), is_integer=False, is_required=False),
    ) == members(Order)


def test_what_is_not_given_is_not_sent() -> None:
    request = invoke(content_type=None, accept="", target_model="")

    assert "/endpoints/m/invocations" == request.path
    assert {} == request.headers
    assert b"" == request.body


def test_a_member_has_the_header_of_its_operation() -> None:
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


def test_headers_that_are_there_stay_unless_a_member_says_otherwise() -> None:
    request = Request(headers=Headers({"X-Tenant": "acme", "Accept": "*/*"}))
    serialize = compile_serializer(InvokeEndpointInput, INVOKE_ENDPOINT.path)

    serialize(InvokeEndpointInput(endpoint_name="m", body=b"", accept="a/b"), request)

    assert {"x-tenant": "acme", "accept": "a/b"} == request.headers


@pytest.mark.parametrize(
    ("seconds", "expected"), [(60, "60"), (0, "0"), (Seconds.MINUTE, "60")]
)
def test_a_number_is_sent_in_digits(seconds: int, expected: str) -> None:
    params = InvokeEndpointAsyncInput(
        endpoint_name="m", input_location="s3://b/k", request_ttl_seconds=seconds
    )

    request = request_of(INVOKE_ENDPOINT_ASYNC, params)

    assert expected == request.headers["X-Amzn-SageMaker-RequestTTLSeconds"]


def test_a_member_of_an_enumeration_is_sent_as_its_value() -> None:
    """Formatting it would give its name, and so another header than was signed."""
    value = invoke(content_type=Format.CSV).headers["Content-Type"]

    assert (str, "text/csv") == (type(value), value)


@given(name=st.text(max_size=8))
@settings(deadline=None)
def test_a_name_stays_one_segment_of_the_path(name: str) -> None:
    """Validation refuses most of these; this is what stands behind it."""
    path = invoke(endpoint_name=name).path

    before, segment, after = path[:11], path[11:-12], path[-12:]
    assert ("/endpoints/", "/invocations") == (before, after)
    assert set() == set(segment) & set("/?#")
    assert segment.isascii()


def test_a_name_is_escaped_by_its_utf8_bytes() -> None:
    path = invoke(endpoint_name="a/ü ~-_.").path

    assert "/endpoints/a%2F%C3%BC%20~-_./invocations" == path


@pytest.mark.parametrize(
    "body",
    [
        b"abc",
        bytearray(b"abc"),
        memoryview(b"abc"),
        memoryview(b"a-b-c-")[::2],
        "abc",
    ],
)
def test_bytes_and_text_become_bytes(body: shapes.BodyLike) -> None:
    request = invoke(body=body)

    assert (bytes, b"abc") == (type(request.body), request.body)


def test_text_is_sent_as_utf8() -> None:
    assert "naïve 😹".encode() == invoke(body="naïve 😹").body


def test_a_buffer_that_changes_later_does_not_change_the_request() -> None:
    buffer = bytearray(b"abc")
    request = invoke(body=buffer)

    buffer[0] = 0

    assert b"abc" == request.body


def test_bytes_are_not_copied() -> None:
    body = b"abc"

    assert invoke(body=body).body is body


def test_no_body_is_an_empty_one() -> None:
    params = InvokeEndpointAsyncInput(endpoint_name="m", input_location="s3://b/k")

    assert b"" == request_of(INVOKE_ENDPOINT_ASYNC, params).body


def test_a_file_is_sent_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"skipped;sent")

    with path.open("rb") as file:
        file.seek(8)
        body = to_body(file)

        assert isinstance(body, FileBody)
        assert (4, 8) == (len(body), file.tell())
        assert [b"se", b"nt"] == list(body.chunks(2))


def test_a_mapped_file_is_sent() -> None:
    with mmap(-1, 4) as mapped:
        mapped[:] = b"sent"
        body = to_body(mapped)

        assert isinstance(body, FileBody)
        assert [b"sent"] == list(body.chunks())


def test_a_body_made_of_a_file_is_kept() -> None:
    body = FileBody(io.BytesIO(b"abc"))

    assert to_body(body) is body


class Pipe(io.RawIOBase):
    """A binary stream that can be read once."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        return 0


class Awaited:
    """A file whose methods are awaited, as those of aiofiles are."""

    async def read(self, size: int = -1) -> bytes:
        return b""


class Whole:
    """What is read all at once, as an answer of httpx is."""

    def read(self) -> bytes:
        return b""


def closed_file() -> io.BytesIO:
    file = io.BytesIO(b"abc")
    file.close()
    return file


@pytest.mark.parametrize(
    "file", [Pipe(), closed_file(), Whole()], ids=["pipe", "closed", "whole"]
)
def test_a_file_must_be_read_and_sought(file: object) -> None:
    with pytest.raises(SerializationError) as caught:
        to_body(file)

    assert f"body {file!r} is a file that cannot be read and sought" in str(
        caught.value
    )
    assert caught.value.__cause__ is not None


def test_the_text_of_a_file_that_cannot_seek() -> None:
    pipe = Pipe()

    with pytest.raises(SerializationError) as caught:
        to_body(pipe)

    assert (
        f"body {pipe!r} is a file that cannot be read and sought, "
        "as attempts need: seek"
    ) == str(caught.value)


@pytest.mark.parametrize(
    "value",
    [io.StringIO("abc"), Awaited(), 42, {"a": 1}, ["a"], object(), array("b", [1])],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_no_body(value: object) -> None:
    with pytest.raises(SerializationError) as caught:
        to_body(value)

    assert (
        f"body is a {type(value).__name__}; "
        "it must be bytes-like, str or a seekable binary file"
    ) == str(caught.value)


def test_a_file_of_text_is_no_body_even_in_a_wrapper() -> None:
    with (
        tempfile.NamedTemporaryFile("w+", encoding="utf-8") as file,
        pytest.raises(SerializationError, match="must be bytes-like"),
    ):
        to_body(file)


def test_text_that_has_no_encoding_is_no_body() -> None:
    with pytest.raises(SerializationError) as caught:
        to_body("ab\ud800")

    assert "body has a lone surrogate at 2; UTF-8 has none" == str(caught.value)


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


@pytest.mark.parametrize("error_class", MODELLED_ERRORS.values())
def test_a_modelled_error_is_raised_as_itself(error_class: type[ServiceError]) -> None:
    body = json.dumps({"message": "why"}).encode()

    error = error_of(400, body, x_amzn_errortype=error_class.code)

    assert error_class is type(error)
    assert ("why", 400) == (error.message, error.http_status)


def test_an_error_knows_what_the_document_says() -> None:
    document = {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL",
        "LogStreamArn": "arn:aws:logs:x",
        "Message": "Received client error (400) from model",
        "OriginalMessage": "no such column",
        "OriginalStatusCode": 400,
    }

    error = error_of(
        424,
        json.dumps(document).encode(),
        x_amzn_errortype="ModelError",
        x_amzn_requestid="r-1",
    )

    assert isinstance(error, ModelError)
    assert (400, "no such column", "arn:aws:logs:x") == (
        error.original_status_code,
        error.original_message,
        error.log_stream_arn,
    )
    assert (
        "ModelError (HTTP 424, request r-1): Received client error (400) from model"
    ) == str(error)


@pytest.mark.parametrize(
    "code",
    [
        "ModelError",
        "modelerror",
        "ModelError:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "com.amazonaws.sagemakerruntime#ModelError",
        "com.amazonaws.sagemakerruntime#ModelError:http://internal.amazon.com/#x",
        " ModelError ",
    ],
)
@pytest.mark.parametrize("place", ["header", "code", "__type"])
def test_a_code_is_bare_wherever_it_stands(code: str, place: str) -> None:
    if place == "header":
        error = error_of(424, x_amzn_errortype=code)
    else:
        error = error_of(424, json.dumps({place: code}).encode())

    assert ModelError is type(error)
    assert "ModelError" == error.code


@pytest.mark.parametrize(
    ("header", "document", "expected"),
    [
        ("A", {"code": "B", "__type": "C"}, "A"),
        ("", {"code": "B", "__type": "C"}, "B"),
        ("", {"code": 7, "__type": "C"}, "C"),
        ("", {"Code": "B"}, "Unknown"),
        (":http://x", {}, "Unknown"),
        ("Fehler-ü", {}, "Fehler-ü"),
    ],
)
def test_the_header_goes_before_the_code_and_that_before_the_type(
    header: str, document: dict[str, object], expected: str
) -> None:
    error = error_of(400, json.dumps(document).encode(), x_amzn_errortype=header)

    assert expected == error.code


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"message": "a", "Message": "b"}, "a"),
        ({"message": None, "Message": "b"}, "b"),
        ({"message": 7}, ""),
        ({"Message": ["b"]}, ""),
        ({}, ""),
    ],
)
def test_the_message_is_text_under_either_spelling(
    document: dict[str, object], expected: str
) -> None:
    assert expected == error_of(400, json.dumps(document).encode()).message


def test_a_refusal_that_quotes_the_request_does_not_show_its_token() -> None:
    """As InvalidSignatureException does, with the request's canonical form."""
    canonical = "should have been 'POST\n/\n\nX-Amz-Security-Token:hush\nhost:h'"

    error = error_of(403, json.dumps({"message": canonical}).encode())

    assert canonical.replace("hush", "[redacted]") == error.message
    assert "hush" not in str(error)


def test_an_error_without_a_message_says_so() -> None:
    assert "Unknown (HTTP 502): no message" == str(error_of(502, HTML))


@pytest.mark.parametrize("body", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
def test_a_body_that_says_nothing_is_kept_beside_the_status(body: bytes) -> None:
    error = unknown_error_of(502, body)

    assert ("Unknown", "", 502) == (error.code, error.message, error.http_status)
    assert body[:4096] == error.body
    assert error.is_retryable


@pytest.mark.parametrize("body", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
def test_a_body_that_says_nothing_does_not_hide_the_header(body: bytes) -> None:
    error = error_of(503, body, x_amzn_errortype="ServiceUnavailable")

    assert errors.ServiceUnavailable is type(error)


@given(
    body=st.binary(max_size=64)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["code", "__type", "message", "OriginalStatusCode"]),
                inner,
            )
        ),
    ).map(lambda value: json.dumps(value).encode()),
    code=st.text(max_size=12),
    status=st.integers(300, 599),
)
@settings(deadline=None)
def test_whatever_comes_is_a_service_error(body: bytes, code: str, status: int) -> None:
    error = error_of(status, body, x_amzn_errortype=code, x_amz_retry_after=code)

    assert error.http_status == status
    assert str(error)
    assert errors.ServiceError is not type(error)


def test_a_message_and_a_code_are_cut() -> None:
    document = {"__type": "C" * 10_000, "message": "m" * 10_000}

    error = unknown_error_of(400, json.dumps(document).encode())

    assert ("C" * 4096, "m" * 4096) == (error.code, error.message)
    assert 4096 == len(error.body)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        ("250", 0.25),
        ("1500", 1.5),
        ("9" * 15, 999_999_999_999.999),
        ("9" * 5_000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1e3", None),
        ("1_000", None),
        (" 1", None),
        ("1, 2", None),
        ("\u0661", None),
        ("soon", None),
    ],
    ids=lambda value: repr(value)[:12],
)
def test_milliseconds_to_wait_are_digits_alone(
    value: str, expected: float | None
) -> None:
    assert expected == error_of(503, x_amz_retry_after=value).retry_after


def test_an_error_that_asks_for_no_time_waits_for_none() -> None:
    assert error_of(503).retry_after is None


@pytest.mark.parametrize(
    ("status", "body", "code", "expected"),
    [
        (400, THROTTLE, "", True),
        (400, THROTTLE, "ValidationError", False),
        (400, THROTTLE, "Strange", False),
        (403, THROTTLE, "", False),
        (400, b"{}", "", False),
        (400, b'{"message": ""}', "", False),
        (400, HTML, "", False),
    ],
)
def test_a_refusal_without_a_name_or_a_message_is_throttling(
    status: int, body: bytes, code: str, *, expected: bool
) -> None:
    """The field's way of saying that too many requests run at once."""
    error = error_of(status, body, x_amzn_errortype=code)

    assert (expected, expected) == (error.is_throttle, error.is_retryable)


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


def test_a_modelled_event_is_its_error() -> None:
    payload = (
        b'{"Message": "out of memory", "ErrorCode": "ModelInvocationTimeExceeded"}'
    )

    error = event_error("ModelStreamError", payload, MODELLED_ERRORS)

    assert isinstance(error, errors.ModelStreamError)
    assert "ModelStreamError: out of memory" == str(error)
    assert "ModelInvocationTimeExceeded" == error.error_code


@pytest.mark.parametrize("payload", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InternalStreamFailure", errors.InternalStreamFailure),
        ("Novelty", errors.UnmodeledEventError),
    ],
)
def test_an_event_that_says_nothing_is_still_its_error(
    code: str, expected: type[ServiceError], payload: bytes
) -> None:
    error = event_error(code, payload, MODELLED_ERRORS)

    assert expected is type(error)
    assert (code, "") == (error.code, error.message)


def test_an_unmodelled_event_keeps_its_code_and_its_message() -> None:
    error = event_error("Novelty", b'{"message": "new"}', MODELLED_ERRORS)

    assert "Novelty: new" == str(error)

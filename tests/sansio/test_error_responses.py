from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt import errors
from sagemaker_rt.errors import (
    ModelError,
    ServiceError,
    UnknownServiceError,
)
from sagemaker_rt.operations import (
    MODELLED_ERRORS,
)
from sagemaker_rt.sansio.error_responses import event_error, service_error
from tests.doubles import response

HTML = b"<html><body>502 Bad Gateway</body></html>"


NOT_JSON_OBJECTS = {
    "HTML": HTML,
    "empty": b"",
    "array": b'["message"]',
    "string": b'"message"',
    "number": b"42",
    "null": b"null",
    "deep": b"[" * 100_000,
    "invalid UTF-8": b'{"message": "\xff"}',
    "huge number": b'{"n": ' + b"9" * 5_000 + b"}",
    "truncated": b'{"message": "the mod',
}
"""Bodies that are not a JSON object."""


THROTTLE = b'{"message": null}'


def error_of(status: int = 400, body: bytes = b"", **headers: str) -> ServiceError:
    """Return the error of a response; underscores in *headers* become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return service_error(response(status, named), body, MODELLED_ERRORS)


def unknown_error_of(status: int, body: bytes) -> UnknownServiceError:
    error = error_of(status, body)
    assert isinstance(error, UnknownServiceError)
    return error


@pytest.mark.parametrize("error_class", MODELLED_ERRORS.values())
def test_a_modelled_error_has_its_class(error_class: type[ServiceError]) -> None:
    body = json.dumps({"message": "why"}).encode()

    error = error_of(400, body, x_amzn_errortype=error_class.code)

    assert error_class is type(error)
    assert ("why", 400) == (error.message, error.http_status)


def test_an_error_has_the_members_of_the_document() -> None:
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
    assert "Received client error (400) from model (HTTP 424, request r-1)" == str(
        error
    )


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
def test_a_code_is_stripped_of_namespace_and_url(code: str, place: str) -> None:
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
        ("", {"Code": "B", "__type": "C"}, "B"),
        ("", {"code": "A", "Code": "B"}, "A"),
        (":http://x", {}, "Unknown"),
        ("Fehler-ü", {}, "Fehler-ü"),
    ],
)
def test_the_header_takes_precedence_over_code_and_type(
    header: str, document: dict[str, object], expected: str
) -> None:
    error = error_of(400, json.dumps(document).encode(), x_amzn_errortype=header)

    assert expected == error.code


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"message": "a", "Message": "b"}, "a"),
        ({"message": None, "Message": "b"}, "b"),
        ({"message": 7}, '{"message": 7}'),
        ({"Message": ["b"]}, '{"Message": ["b"]}'),
        ({"detail": "c\nd"}, '{"detail": "c\\nd"}'),
    ],
)
def test_the_message_is_a_string_under_one_of_two_names(
    document: dict[str, object], expected: str
) -> None:
    assert expected == error_of(400, json.dumps(document).encode()).message


def test_the_session_token_that_a_message_quotes_is_removed() -> None:
    """InvalidSignatureException quotes the canonical request."""
    canonical = "should have been 'POST\n/\n\nX-Amz-Security-Token:hush\nhost:h'"

    error = error_of(403, json.dumps({"message": canonical}).encode())

    assert canonical.replace("hush", "[redacted]") == error.message
    assert "hush" not in str(error)


def test_the_text_of_an_error_without_a_message() -> None:
    assert f"{HTML.decode()} (HTTP 502)" == str(error_of(502, HTML))
    assert "no message (HTTP 502)" == str(error_of(502))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"Payload too large", "Payload too large"),
        (b"a\r\n\tb\x00\x1b[1m", r"a\r\n\tb\x00\x1b[1m"),
        ("é\u202e".encode(), r"é\u202e"),
        (b"a\xff", "a\ufffd"),
        (b"x" * 600, "x" * 512),
        ("🚀".encode() * 600, "🚀" * 512),
        (b"X-Amz-Security-Token:hush", "X-Amz-Security-Token:[redacted]"),
    ],
)
@pytest.mark.parametrize("code", ["", "ModelError"])
def test_the_start_of_a_body_without_a_message_is_the_message(
    code: str, body: bytes, message: str
) -> None:
    error = error_of(413, body, x_amzn_errortype=code, x_amzn_requestid="r-1")

    assert (message, body, "r-1") == (error.message, error.body, error.request_id)
    assert f"{message} (HTTP 413, request r-1)" == str(error)


@pytest.mark.parametrize("code", sorted(errors.THROTTLING_CODES))
def test_a_throttling_code_has_a_type_of_its_own(code: str) -> None:
    in_header = error_of(400, b"{}", x_amzn_errortype=code)
    in_body = error_of(400, json.dumps({"Code": code}).encode())
    in_stream = event_error(code, b"{}", MODELLED_ERRORS)

    for error in (in_header, in_body, in_stream):
        assert errors.ThrottlingException is type(error)
        assert (code, True, True) == (error.code, error.is_throttle, error.is_retryable)


@pytest.mark.parametrize(
    ("status", "body", "is_throttling"),
    [
        (429, b"slow down", True),
        (429, b'{"code": "SomethingElse"}', True),
        (429, b'{"code": "RequestTimeout"}', False),
        (400, b'{"message": null}', True),
        (400, b"{}", False),
        (503, b"", False),
    ],
)
def test_responses_without_a_known_code_can_be_throttling(
    status: int, body: bytes, *, is_throttling: bool
) -> None:
    error = error_of(status, body)

    assert is_throttling == isinstance(error, errors.ThrottlingException)
    assert is_throttling == error.is_throttle


def test_a_model_that_is_not_ready_keeps_its_type() -> None:
    error = error_of(429, x_amzn_errortype="ModelNotReadyException")

    assert errors.ModelNotReadyException is type(error)


@pytest.mark.parametrize("body", NOT_JSON_OBJECTS.values(), ids=NOT_JSON_OBJECTS)
def test_a_body_that_is_not_a_json_object_is_kept(body: bytes) -> None:
    error = unknown_error_of(502, body)

    assert ("Unknown", 502) == (error.code, error.http_status)
    assert body[:4096] == error.body
    assert error.is_retryable


@pytest.mark.parametrize("body", NOT_JSON_OBJECTS.values(), ids=NOT_JSON_OBJECTS)
def test_the_header_is_used_if_the_body_is_not_a_json_object(body: bytes) -> None:
    error = error_of(503, body, x_amzn_errortype="ServiceUnavailable")

    assert errors.ServiceUnavailable is type(error)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ({"code": "model_error", "type": "server_error"}, "ModelError", "ModelError"),
        ({"code": "validation_error"}, "ValidationError", "ValidationError"),
        ({"code": "odd"}, "UnknownServiceError", "odd"),
        ({"type": "odd"}, "UnknownServiceError", "odd"),
        ({"code": 7}, "UnknownServiceError", "Unknown"),
    ],
)
def test_an_error_of_the_openai_path_has_its_class(
    error: dict[str, object], kind: str, code: str
) -> None:
    body = json.dumps({"error": {"message": "why", **error}}).encode()

    found = error_of(400, body)

    assert (kind, code, "why") == (type(found).__name__, found.code, found.message)


def test_the_header_takes_precedence_over_an_error_in_the_document() -> None:
    body = b'{"error": {"message": "why", "code": "model_error"}}'

    error = error_of(400, body, x_amzn_errortype="ValidationError")

    assert ("ValidationError", "why") == (type(error).__name__, error.message)


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
def test_any_response_is_a_service_error(body: bytes, code: str, status: int) -> None:
    error = error_of(status, body, x_amzn_errortype=code, x_amz_retry_after=code)

    assert error.http_status == status
    assert str(error)
    assert errors.ServiceError is not type(error)


def test_message_code_and_body_are_truncated() -> None:
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
def test_retry_after_must_be_digits(value: str, expected: float | None) -> None:
    assert expected == error_of(503, x_amz_retry_after=value).retry_after


def test_without_the_header_retry_after_is_none() -> None:
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
def test_a_400_without_a_code_and_with_a_null_message_is_throttling(
    status: int, body: bytes, code: str, *, expected: bool
) -> None:
    """The service responds so to too many concurrent requests."""
    error = error_of(status, body, x_amzn_errortype=code)

    assert (expected, expected) == (error.is_throttle, error.is_retryable)


def test_a_modelled_exception_event_has_its_class() -> None:
    payload = (
        b'{"Message": "out of memory", "ErrorCode": "ModelInvocationTimeExceeded"}'
    )

    error = event_error("ModelStreamError", payload, MODELLED_ERRORS)

    assert isinstance(error, errors.ModelStreamError)
    assert "out of memory" == str(error)
    assert "ModelInvocationTimeExceeded" == error.error_code


@pytest.mark.parametrize("payload", NOT_JSON_OBJECTS.values(), ids=NOT_JSON_OBJECTS)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InternalStreamFailure", errors.InternalStreamFailure),
        ("Novelty", errors.UnmodeledEventError),
    ],
)
def test_an_event_whose_payload_is_not_a_json_object_has_its_class(
    code: str, expected: type[ServiceError], payload: bytes
) -> None:
    error = event_error(code, payload, MODELLED_ERRORS)

    assert expected is type(error)
    assert code == error.code
    assert bool(payload) == bool(error.message)
    assert len(error.message) <= 512


def test_an_unmodelled_event_keeps_its_code_and_message() -> None:
    error = event_error("Novelty", b'{"message": "new"}', MODELLED_ERRORS)

    assert "new (Novelty)" == str(error)

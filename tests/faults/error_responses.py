"""Error responses: their bodies, and which of them are retried."""

from __future__ import annotations

import json
from typing import Final

from sagemaker_rt import (
    ConnectionLostError,
    InternalDependencyException,
    InternalFailure,
    ModelError,
    ModelNotReadyException,
    SageMakerRuntimeError,
    ThrottlingException,
    TruncatedBodyError,
    UnknownServiceError,
    ValidationError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    Behaviour,
    in_turn,
    on_request,
    reply,
    sends,
    sends_and_closes,
    sends_and_hangs,
    sends_and_resets,
)

__all__ = ["ERROR_BODY", "RETRY", "error_response"]

_BAD: Final = "400 Bad Request"
_MEBIBYTE: Final = 1 << 20


def error_response(
    status: str, code: str | None = None, *headers: str, **members: object
) -> bytes:
    """Return an error response in the format of the service."""
    if code is not None:
        headers = (f"x-amzn-ErrorType: {code}", *headers)
    return reply(json.dumps(members).encode(), *headers, status=status)


_INVALID: Final[dict[str, bytes]] = {
    "HTML": b"<html><h1>400 Bad Request</h1></html>",
    "empty": b"",
    "a JSON array": b'["message"]',
    "a JSON string": b'"message"',
    "a number": b"17",
    "null": b"null",
    "deeply nested": b"[" * 100_000,
    "not UTF-8": b'{"message": "\xff\xfe"}',
    "half a JSON document": b'{"message": "no',
    "JSON with members of wrong types": b'{"message": 1, "code": [2]}',
    "larger than 1 MiB": b'{"message": "' + b"m" * 2 * _MEBIBYTE,
}
_UNFINISHED: Final[dict[str, Behaviour]] = {
    "truncated by a close": sends_and_closes(
        error_response(_BAD, "ValidationError", message="m")[:-3]
    ),
    "truncated by a reset": sends_and_resets(
        error_response(_BAD, "ValidationError", message="m")[:-3]
    ),
    "stalled": sends_and_hangs(
        error_response(_BAD, "ValidationError", message="m")[:-3]
    ),
}
_NAMED: Final[dict[str, bytes]] = {
    "a header": error_response(_BAD, "ValidationError", message="m"),
    "a header with a namespace and a URL": error_response(
        _BAD, "com.amazon#ValidationError:http://internal/", message="m"
    ),
    "the member code": error_response(_BAD, code="ValidationError", message="m"),
    "the member __type": error_response(
        _BAD, None, __type="com.amazon#ValidationError", Message="m"
    ),
    "a header, and another is in __type": error_response(
        _BAD, "ValidationError", __type="Other", Message="m"
    ),
}

ERROR_BODY: Final = (
    *(
        Fault(
            name=f"the body of an error is {what}",
            phase="error body",
            setup=on_request(sends(reply(body, status=_BAD))),
            error=UnknownServiceError,
            code="Unknown",
            is_reused=len(body) < _MEBIBYTE,
        )
        for what, body in _INVALID.items()
    ),
    *(
        Fault(
            name=f"the body of an error is {how}",
            phase="error body",
            setup=on_request(behaviour),
            error=ValidationError,
            code="ValidationError",
        )
        for how, behaviour in _UNFINISHED.items()
    ),
    *(
        Fault(
            name=f"the code of an error is in {what}",
            phase="error body",
            setup=on_request(sends(data)),
            error=ValidationError,
            code="ValidationError",
            message="m",
            is_reused=True,
        )
        for what, data in _NAMED.items()
    ),
    Fault(
        name="the message of an error has 1 MB",
        phase="error body",
        setup=on_request(sends(error_response(_BAD, "Odd", message="m" * 1_000_000))),
        error=UnknownServiceError,
        code="Odd",
        message="m" * 4096,
        is_reused=True,
    ),
    Fault(
        name="the code of an error is not ASCII",
        phase="error body",
        setup=on_request(sends(error_response(_BAD, "F\xe4hler", message="m"))),
        error=UnknownServiceError,
        code="Fähler",
        message="m",
        is_reused=True,
    ),
    Fault(
        name="a stream operation gets 403 with HTML",
        phase="error body",
        setup=on_request(sends(reply(b"<html>", status="403 Forbidden"))),
        call=Call(operation="stream"),
        error=UnknownServiceError,
        code="Unknown",
        is_reused=True,
    ),
)

_NOT_RETRIED: Final[dict[str, tuple[bytes, type[SageMakerRuntimeError], str]]] = {
    "ModelError is sent": (
        error_response("424 Failed Dependency", "ModelError", OriginalStatusCode=500),
        ModelError,
        "ModelError",
    ),
    "501 is sent": (
        error_response("501 Not Implemented"),
        UnknownServiceError,
        "Unknown",
    ),
    "505 is sent": (
        error_response("505 No Such Version"),
        UnknownServiceError,
        "Unknown",
    ),
    "408 without a code is sent": (
        error_response("408 Request Timeout"),
        UnknownServiceError,
        "Unknown",
    ),
    "AccessDeniedException is sent": (
        error_response("403 Forbidden", "AccessDeniedException"),
        UnknownServiceError,
        "AccessDeniedException",
    ),
}
_UNAVAILABLE: Final = "503 Service Unavailable"
_RETRIED: Final[dict[str, tuple[bytes, type[SageMakerRuntimeError], str, float]]] = {
    "500 is sent forever": (
        error_response("500 Internal Server Error", "InternalFailure"),
        InternalFailure,
        "InternalFailure",
        0.0,
    ),
    "502 with HTML is sent": (
        reply(b"<html>", status="502 Bad Gateway"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
    "504 with an empty body is sent": (
        reply(b"", status="504 Gateway Timeout"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
    "408 RequestTimeout is sent": (
        error_response("408 Request Timeout", "RequestTimeout"),
        UnknownServiceError,
        "RequestTimeout",
        0.0,
    ),
    "429 without a code is sent": (
        reply(b"", status="429 Too Many Requests"),
        ThrottlingException,
        "Unknown",
        0.0,
    ),
    "400 ThrottlingException is sent": (
        error_response(_BAD, "ThrottlingException", message="Rate exceeded"),
        ThrottlingException,
        "ThrottlingException",
        0.0,
    ),
    "400 with a message of null is sent": (
        error_response(_BAD, message=None),
        ThrottlingException,
        "Unknown",
        0.0,
    ),
    **{
        f"503 is sent with x-amz-retry-after: {shown}": (
            error_response(_UNAVAILABLE, None, f"x-amz-retry-after: {value or shown}"),
            UnknownServiceError,
            "Unknown",
            delay,
        )
        for shown, value, delay in (
            ("1500", "", 1.5),
            ("-1500", "", 0.0),
            ("1.5", "", 0.0),
            ("soon", "", 0.0),
            ("86400000", "", 5.0),
            ("400 digits", "9" * 400, 0.0),
        )
    },
    "503 is sent with Retry-After: 3600": (
        error_response(_UNAVAILABLE, None, "Retry-After: 3600"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
}
_ERROR_500: Final = sends(error_response("500 Internal Server Error"))
_NOT_READY: Final = sends(
    error_response("429 Too Many Requests", "ModelNotReadyException")
)
_AMBIGUOUS: Final = Call(options={"retry_ambiguous": True})

RETRY: Final = (
    *(
        Fault(
            name=name,
            phase="retry",
            setup=on_request(sends(data)),
            error=error,
            code=code,
            delays=(),
            is_reused=True,
        )
        for name, (data, error, code) in _NOT_RETRIED.items()
    ),
    Fault(
        name="530 InternalDependencyException is sent",
        phase="retry",
        setup=on_request(
            sends(error_response("530 Odd", "InternalDependencyException"))
        ),
        error=InternalDependencyException,
        may_have_executed=True,
        delays=(),
        is_reused=True,
    ),
    *(
        Fault(
            name=name,
            phase="retry",
            setup=on_request(sends(data)),
            error=error,
            code=code,
            attempts=3,
            delays=(delay, delay),
            bodies=3,
            is_reused=True,
        )
        for name, (data, error, code, delay) in _RETRIED.items()
    ),
    *(
        Fault(
            name=name,
            phase="retry",
            setup=on_request(in_turn(*[behaviour] * times, sends(GOOD))),
            data=b"good",
            attempts=times + 1,
            bodies=times + 1,
            is_reused=True,
        )
        for name, behaviour, times in (
            ("500 is sent once", _ERROR_500, 1),
            ("500 is sent twice", _ERROR_500, 2),
            ("ModelNotReadyException is sent twice", _NOT_READY, 2),
            ("ModelNotReadyException is sent five times", _NOT_READY, 5),
            (
                "503 with Connection: close is sent once",
                sends_and_closes(
                    error_response(_UNAVAILABLE, None, "Connection: close")
                ),
                1,
            ),
        )
    ),
    Fault(
        name="ModelNotReadyException is sent, and model_not_ready_timeout is 0",
        phase="retry",
        setup=on_request(_NOT_READY),
        call=Call(options={"model_not_ready_timeout": 0.0}),
        error=ModelNotReadyException,
        bodies=1,
        is_reused=True,
    ),
    Fault(
        name="500 is sent once, and its body stalls",
        phase="retry",
        setup=on_request(
            in_turn(
                sends_and_hangs(
                    error_response("500 Internal Server Error", message="m")[:-3]
                ),
                sends(GOOD),
            )
        ),
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="with retry_ambiguous, the connection is reset once",
        phase="retry",
        setup=on_request(in_turn(sends_and_resets(), sends(GOOD))),
        call=_AMBIGUOUS,
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="with retry_ambiguous, the connection is always reset",
        phase="retry",
        setup=on_request(sends_and_resets()),
        call=_AMBIGUOUS,
        error=ConnectionLostError,
        may_have_executed=True,
        attempts=3,
        bodies=3,
        is_incomplete=True,
    ),
    Fault(
        name="with retry_ambiguous, a body is truncated",
        phase="retry",
        setup=on_request(sends_and_closes(reply(b"x" * 100)[:-50])),
        call=_AMBIGUOUS,
        error=TruncatedBodyError,
        may_have_executed=True,
        is_incomplete=True,
    ),
)

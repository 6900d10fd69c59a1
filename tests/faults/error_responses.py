"""Error responses: their bodies, and which of them are asked for again."""

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
    TruncatedBodyError,
    UnknownServiceError,
    ValidationError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    Behaviour,
    answers,
    ends,
    in_turn,
    is_silent,
    reply,
    resets,
    says,
)

__all__ = ["ERROR_BODY", "RETRY", "refusal"]

_BAD: Final = "400 Bad Request"
_MEBIBYTE: Final = 1 << 20


def refusal(
    status: str, code: str | None = None, *headers: str, **members: object
) -> bytes:
    """Return an error response as the service makes them."""
    if code is not None:
        headers = (f"x-amzn-ErrorType: {code}", *headers)
    return reply(json.dumps(members).encode(), *headers, status=status)


_UNREADABLE: Final[dict[str, bytes]] = {
    "a page": b"<html><h1>400 Bad Request</h1></html>",
    "empty": b"",
    "a JSON array": b'["message"]',
    "a JSON string": b'"message"',
    "a number": b"17",
    "null": b"null",
    "nested without end": b"[" * 100_000,
    "no UTF-8": b'{"message": "\xff\xfe"}',
    "half a document": b'{"message": "no',
    "a document whose members are of wrong types": b'{"message": 1, "code": [2]}',
    "larger than an error's may be": b'{"message": "' + b"m" * 2 * _MEBIBYTE,
}
_UNFINISHED: Final[dict[str, Behaviour]] = {
    "cut by the end": ends(refusal(_BAD, "ValidationError", message="m")[:-3]),
    "cut by a reset": resets(refusal(_BAD, "ValidationError", message="m")[:-3]),
    "stalled": is_silent(refusal(_BAD, "ValidationError", message="m")[:-3]),
}
_NAMED: Final[dict[str, bytes]] = {
    "a header": refusal(_BAD, "ValidationError", message="m"),
    "a header with a namespace and a URL": refusal(
        _BAD, "com.amazon#ValidationError:http://internal/", message="m"
    ),
    "the member code": refusal(_BAD, code="ValidationError", message="m"),
    "the member __type": refusal(
        _BAD, None, __type="com.amazon#ValidationError", Message="m"
    ),
    "a header, and otherwise in its members": refusal(
        _BAD, "ValidationError", __type="Other", Message="m"
    ),
}

ERROR_BODY: Final = (
    *(
        Fault(
            name=f"an error's body is {what}",
            phase="error body",
            scene=answers(says(reply(body, status=_BAD))),
            error=UnknownServiceError,
            code="Unknown",
            message="",
            is_reused=len(body) < _MEBIBYTE,
        )
        for what, body in _UNREADABLE.items()
    ),
    *(
        Fault(
            name=f"an error's body is {how}",
            phase="error body",
            scene=answers(does),
            error=ValidationError,
            code="ValidationError",
            message="",
        )
        for how, does in _UNFINISHED.items()
    ),
    *(
        Fault(
            name=f"an error is named by {what}",
            phase="error body",
            scene=answers(says(data)),
            error=ValidationError,
            code="ValidationError",
            message="m",
            is_reused=True,
        )
        for what, data in _NAMED.items()
    ),
    Fault(
        name="an error's message has a megabyte",
        phase="error body",
        scene=answers(says(refusal(_BAD, "Odd", message="m" * 1_000_000))),
        error=UnknownServiceError,
        code="Odd",
        message="m" * 4096,
        is_reused=True,
    ),
    Fault(
        name="an error's name is no ASCII",
        phase="error body",
        scene=answers(says(refusal(_BAD, "F\xe4hler", message="m"))),
        error=UnknownServiceError,
        code="Fähler",
        message="m",
        is_reused=True,
    ),
    Fault(
        name="a stream is refused by a page",
        phase="error body",
        scene=answers(says(reply(b"<html>", status="403 Forbidden"))),
        call=Call(operation="stream"),
        error=UnknownServiceError,
        code="Unknown",
        is_reused=True,
    ),
)

_ONCE: Final[dict[str, tuple[bytes, type[SageMakerRuntimeError], str]]] = {
    "the model fails": (
        refusal("424 Failed Dependency", "ModelError", OriginalStatusCode=500),
        ModelError,
        "ModelError",
    ),
    "501 comes": (refusal("501 Not Implemented"), UnknownServiceError, "Unknown"),
    "505 comes": (refusal("505 No Such Version"), UnknownServiceError, "Unknown"),
    "408 comes without a name": (
        refusal("408 Request Timeout"),
        UnknownServiceError,
        "Unknown",
    ),
    "access is denied": (
        refusal("403 Forbidden", "AccessDeniedException"),
        UnknownServiceError,
        "AccessDeniedException",
    ),
}
_UNAVAILABLE: Final = "503 Service Unavailable"
_AGAIN: Final[dict[str, tuple[bytes, type[SageMakerRuntimeError], str, float]]] = {
    "500 comes for ever": (
        refusal("500 Internal Server Error", "InternalFailure"),
        InternalFailure,
        "InternalFailure",
        0.0,
    ),
    "a proxy answers 502 with a page": (
        reply(b"<html>", status="502 Bad Gateway"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
    "a proxy answers 504 with nothing": (
        reply(b"", status="504 Gateway Timeout"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
    "408 comes, named RequestTimeout": (
        refusal("408 Request Timeout", "RequestTimeout"),
        UnknownServiceError,
        "RequestTimeout",
        0.0,
    ),
    "429 comes without a name": (
        reply(b"", status="429 Too Many Requests"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
    "400 comes, named ThrottlingException": (
        refusal(_BAD, "ThrottlingException", message="Rate exceeded"),
        UnknownServiceError,
        "ThrottlingException",
        0.0,
    ),
    "400 comes with a message of null": (
        refusal(_BAD, message=None),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
    **{
        f"503 comes, to be asked again after {what} ms": (
            refusal(_UNAVAILABLE, None, f"x-amz-retry-after: {told or what}"),
            UnknownServiceError,
            "Unknown",
            delay,
        )
        for what, told, delay in (
            ("1500", "", 1.5),
            ("-1500", "", 0.0),
            ("1.5", "", 0.0),
            ("some", "", 0.0),
            ("86400000", "", 5.0),
            ("400 digits of", "9" * 400, 0.0),
        )
    },
    "503 comes, and says so in seconds": (
        refusal(_UNAVAILABLE, None, "Retry-After: 3600"),
        UnknownServiceError,
        "Unknown",
        0.0,
    ),
}
_ERROR_500: Final = says(refusal("500 Internal Server Error"))
_NOT_READY: Final = says(refusal("429 Too Many Requests", "ModelNotReadyException"))
_AMBIGUOUS: Final = Call(options={"retry_ambiguous": True})

RETRY: Final = (
    *(
        Fault(
            name=name,
            phase="retry",
            scene=answers(says(data)),
            error=error,
            code=code,
            delays=(),
            is_reused=True,
        )
        for name, (data, error, code) in _ONCE.items()
    ),
    Fault(
        name="what the service depends on fails",
        phase="retry",
        scene=answers(says(refusal("530 Odd", "InternalDependencyException"))),
        error=InternalDependencyException,
        may_have_executed=True,
        delays=(),
        is_reused=True,
    ),
    *(
        Fault(
            name=name,
            phase="retry",
            scene=answers(says(data)),
            error=error,
            code=code,
            attempts=3,
            delays=(delay, delay),
            bodies=3,
            is_reused=True,
        )
        for name, (data, error, code, delay) in _AGAIN.items()
    ),
    *(
        Fault(
            name=name,
            phase="retry",
            scene=answers(in_turn(*[does] * times, says(GOOD))),
            data=b"good",
            attempts=times + 1,
            bodies=times + 1,
            is_reused=True,
        )
        for name, does, times in (
            ("500 comes once", _ERROR_500, 1),
            ("500 comes twice", _ERROR_500, 2),
            ("the model is not ready twice", _NOT_READY, 2),
            ("the model is not ready five times", _NOT_READY, 5),
            (
                "503 comes once, and announces the connection's end",
                ends(refusal(_UNAVAILABLE, None, "Connection: close")),
                1,
            ),
        )
    ),
    Fault(
        name="the model is not ready, and there is no time",
        phase="retry",
        scene=answers(_NOT_READY),
        call=Call(options={"model_not_ready_timeout": 0.0}),
        error=ModelNotReadyException,
        bodies=1,
        is_reused=True,
    ),
    Fault(
        name="500 comes once, and its body is stalled",
        phase="retry",
        scene=answers(
            in_turn(
                is_silent(refusal("500 Internal Server Error", message="m")[:-3]),
                says(GOOD),
            )
        ),
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="the caller allows a second run, and the connection is reset once",
        phase="retry",
        scene=answers(in_turn(resets(), says(GOOD))),
        call=_AMBIGUOUS,
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
    Fault(
        name="the caller allows a second run, and the connection is always reset",
        phase="retry",
        scene=answers(resets()),
        call=_AMBIGUOUS,
        error=ConnectionLostError,
        may_have_executed=True,
        attempts=3,
        bodies=3,
        is_cut=True,
    ),
    Fault(
        name="the caller allows a second run, and half a body comes",
        phase="retry",
        scene=answers(ends(reply(b"x" * 100)[:-50])),
        call=_AMBIGUOUS,
        error=TruncatedBodyError,
        may_have_executed=True,
        is_cut=True,
    ),
)

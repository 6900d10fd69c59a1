"""Parsing of error responses and of exception events.

::

    code     header X-Amzn-ErrorType, else "code", "Code" or "__type" of the document,
             or of its member "error"
    message  "message", else "Message" of the document or of its member "error", else
             the start of the body
    class    the modelled error with that code, else ThrottlingException,
             else UnknownServiceError or UnmodeledEventError (in a stream)

The service answers too many concurrent requests with status 400, no code and a null
message. Such a response is throttling, as is one of status 429 without a code. The
codes that mean throttling are listed in `sagemaker_rt.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from sagemaker_rt.errors import (
    THROTTLING_CODES,
    TRANSIENT_CODES,
    DeserializationError,
    ServiceError,
    ThrottlingException,
    UnknownServiceError,
    UnmodeledEventError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.redaction import escaped, without_session_token
from sagemaker_rt.sansio.response_deserialization import json_object, request_id

__all__ = ["MAX_MESSAGE", "ErrorClasses", "event_error", "service_error"]

ErrorClasses: TypeAlias = Mapping[str, type[ServiceError]]
"""The modelled errors by their codes in lower case."""

MAX_MESSAGE: Final = 4096
"""Limit for the message and code of an error, in characters, and for the body of an
unknown error, in bytes. The rest is dropped."""


def service_error(response: Response, body: bytes, known: ErrorClasses) -> ServiceError:
    """Return the error for *response*; no body raises another error.

    Args:
        body: The response body; it may be incomplete.
        known: The modelled errors; all others become an `UnknownServiceError`.
    """
    headers = response.headers.lower
    document = _json_object_or_empty(body)
    document = _with_error_object(document, known)
    code = _error_code(headers.get("x-amzn-errortype"), document)
    error_class = known.get(code.lower())
    if error_class is None:
        is_throttle = _is_throttle(response.status, code, document)
        error_class = ThrottlingException if is_throttle else UnknownServiceError
    is_own_code = error_class in {ThrottlingException, UnknownServiceError}
    error = error_class(
        _message(document) or _start_of(body),
        code=(code or UnknownServiceError.code) if is_own_code else None,
        http_status=response.status,
        request_id=request_id(headers),
        retry_after=_retry_after(headers.get("x-amz-retry-after", "")),
        details=document,
    )
    # Kept for diagnosis: a response without a known code is often from a proxy.
    error.body = body[:MAX_MESSAGE]
    return error


def event_error(code: str, payload: bytes, known: ErrorClasses) -> ServiceError:
    """Return the error for an exception event; no payload raises another error.

    Args:
        code: The exception type in the headers of the event.
        known: The modelled errors; all others become an `UnmodeledEventError`.
    """
    document = _json_object_or_empty(payload)
    message = _message(document) or _start_of(payload)
    error_class = known.get(code.lower())
    if error_class is not None:
        return error_class(message, details=document)
    if code in THROTTLING_CODES:
        return ThrottlingException(message, code=code)
    return UnmodeledEventError(message, code=code)


def _json_object_or_empty(body: bytes) -> dict[str, object]:
    # A proxy may answer with HTML, for example. Its status still makes the error.
    try:
        return json_object(body)
    except DeserializationError:
        return {}


def _with_error_object(
    document: dict[str, object], known: ErrorClasses
) -> dict[str, object]:
    """Return *document* with the message and code of its member ``error``.

    The OpenAI-compatible path of the service answers in this form. Its codes are those
    of the service model in other letters: ``model_error`` is ``ModelError``.
    """
    error = document.get("error")
    if not isinstance(error, dict):
        return document
    code = _first_str(error, "code", "type") or ""
    modelled = known.get(code.replace("_", "").lower())
    members = {
        "message": _first_str(error, "message") or "",
        "code": code if modelled is None else modelled.code,
    }
    return {**members, **document}


def _message(document: Mapping[str, object]) -> str:
    """Return the message of the service, without the session token it may quote."""
    text = (_first_str(document, "message", "Message") or "")[:MAX_MESSAGE]
    return without_session_token(text)


def _start_of(body: bytes) -> str:
    """Return the start of a body without a message, on one line."""
    text = body[: 4 * _MAX_START].decode(errors="replace")[:_MAX_START]
    return without_session_token(escaped(text))


def _first_str(document: Mapping[str, object], *names: str) -> str | None:
    """Return the first of the named members that is a string."""
    values = (document.get(name) for name in names)
    return next((value for value in values if isinstance(value, str)), None)


def _error_code(header: str | None, document: Mapping[str, object]) -> str:
    """Return the error code without its namespace and the URL after it.

    restJson1 allows ``namespace#Code:http://…``.
    """
    raw = header or _first_str(document, "code", "Code", "__type") or ""
    return raw[:MAX_MESSAGE].partition(":")[0].rpartition("#")[2].strip()


_BAD_REQUEST: Final = 400
_TOO_MANY_REQUESTS: Final = 429
_MAX_START: Final = 512  # characters


def _is_throttle(status: int, code: str, document: Mapping[str, object]) -> bool:
    """Return whether a response that is not modelled is throttling.

    A response of status 400 is, if it has no code, and a message that is null. An
    absent message, or any code, is an ordinary bad request.
    """
    if code in THROTTLING_CODES:
        return True
    if status == _TOO_MANY_REQUESTS:
        return code not in TRANSIENT_CODES
    has_null_message = "message" in document and document["message"] is None
    return status == _BAD_REQUEST and not code and has_null_message


_MAX_DIGITS: Final = 15


def _retry_after(value: str) -> float | None:
    """Return seconds from *value* in milliseconds; None if *value* is invalid."""
    is_number = value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS
    return int(value) / 1000 if is_number else None

"""Parsing of error responses and of exception events: their codes and messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias, TypedDict

from sagemaker_rt.errors import (
    DeserializationError,
    ServiceError,
    UnknownServiceError,
    UnmodeledEventError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.redaction import without_session_token
from sagemaker_rt.sansio.response_deserialization import json_object, request_id

__all__ = ["MAX_MESSAGE", "ErrorClasses", "event_error", "service_error"]

ErrorClasses: TypeAlias = Mapping[str, type[ServiceError]]
"""The modelled errors by their codes in lower case."""

MAX_MESSAGE: Final = 4096
"""Characters of an error's message and code, and bytes of an unknown error's body,
that are kept."""


def service_error(response: Response, body: bytes, known: ErrorClasses) -> ServiceError:
    """Return the error that *response* is, whatever its body looks like.

    Args:
        body: As much of the response's body as could be had.
        known: Errors that have a class; any other becomes an `UnknownServiceError`.
    """
    headers = response.headers.lower
    document = _lenient_document(body)
    code = _error_code(headers.get("x-amzn-errortype"), document)
    facts = _Facts(
        message=_message(document),
        http_status=response.status,
        request_id=request_id(headers),
        retry_after=_retry_after(headers.get("x-amz-retry-after", "")),
        details=document,
    )
    error_class = known.get(code.lower())
    if error_class is not None:
        return error_class(**facts)
    error = UnknownServiceError(code=code, **facts)
    error.body = body[:MAX_MESSAGE]
    if _is_too_many_at_once(error, document):
        error.is_throttle = error.is_retryable = True
    return error


def event_error(code: str, payload: bytes, known: ErrorClasses) -> ServiceError:
    """Return the error that an exception event of type *code* is.

    Args:
        payload: The event's payload, whatever it looks like.
        known: Errors that have a class; any other becomes an `UnmodeledEventError`.
    """
    document = _lenient_document(payload)
    error_class = known.get(code.lower())
    if error_class is not None:
        return error_class(_message(document), details=document)
    return UnmodeledEventError(_message(document), code=code)


def _lenient_document(body: bytes) -> dict[str, object]:
    """Return the JSON object that *body* is, or an empty one if it is anything else."""
    try:
        return json_object(body)
    except DeserializationError:
        return {}


def _message(document: Mapping[str, object]) -> str:
    """Return what the service says, without the caller's session token."""
    text = (_first_text(document, "message", "Message") or "")[:MAX_MESSAGE]
    return without_session_token(text)


def _first_text(document: Mapping[str, object], *names: str) -> str | None:
    """Return the first of the named members that is text."""
    texts = (document.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str)), None)


class _Facts(TypedDict):
    """What a service error is made of."""

    message: str
    http_status: int
    request_id: str | None
    retry_after: float | None
    details: Mapping[str, object]


def _error_code(header: str | None, document: Mapping[str, object]) -> str:
    """Return the error's bare name: without its namespace, and the URL behind it."""
    raw = header or _first_text(document, "code", "__type") or ""
    return raw[:MAX_MESSAGE].partition(":")[0].rpartition("#")[2].strip()


_BAD_REQUEST: Final = 400


def _is_too_many_at_once(
    error: UnknownServiceError, document: Mapping[str, object]
) -> bool:
    """Tell whether *error* says nothing, as the service does when it is overrun.

    Its limit of concurrent requests answers 400 without a type, and a message of null.
    """
    is_nameless = error.code == UnknownServiceError.code
    is_null = "message" in document and document["message"] is None
    return error.http_status == _BAD_REQUEST and is_nameless and is_null


_MILLISECONDS: Final = re.compile(r"[0-9]{1,15}")


def _retry_after(value: str) -> float | None:
    """Return the seconds that *value* says in milliseconds; None if it says nothing."""
    return int(value) / 1000 if _MILLISECONDS.fullmatch(value) else None

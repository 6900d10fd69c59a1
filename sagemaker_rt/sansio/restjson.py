"""The restJson1 protocol, compiled from the bindings of a shape.

Each ``compile_*`` looks at a shape once, and returns a plain function that does one
call's work: no binding is interpreted while a call runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from inspect import iscoroutinefunction
from operator import attrgetter
from typing import (
    Annotated,
    Any,
    Final,
    TypeAlias,
    TypedDict,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)
from urllib.parse import quote

import attrs
from attrs import frozen

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    DeserializationError,
    SerializationError,
    ServiceError,
    UnknownServiceError,
    UnmodeledEventError,
)
from sagemaker_rt.http import Body, FileBody, Request, Response
from sagemaker_rt.sansio.http_bindings import (
    Binding,
    Header,
    JSONMember,
    Label,
    Payload,
)
from sagemaker_rt.sansio.redaction import without_session_token

__all__ = [
    "Deserializer",
    "ErrorClasses",
    "Member",
    "Serializer",
    "compile_deserializer",
    "compile_serializer",
    "event_error",
    "members",
    "request_id",
    "service_error",
    "to_body",
]

Serializer: TypeAlias = Callable[[Any, Request], None]
"""Writes an input on a request."""
Deserializer: TypeAlias = Callable[[Response, bytes, Metadata], Any]
"""Reads an output from a response's head and its whole body."""
ErrorClasses: TypeAlias = Mapping[str, type[ServiceError]]
"""The modelled errors by their codes in lower case."""

B = TypeVar("B", bound="Label | Header | Payload | JSONMember")

MAX_MESSAGE: Final = 4096
"""Characters of an error's message and code, and bytes of an unknown error's body,
that are kept."""


@frozen
class Member:
    """A member of a shape: its attribute, where it travels, and what it may be."""

    attribute: str
    binding: Binding
    is_integer: bool
    is_required: bool


@cache  # evaluating the annotations takes most of the time of a compilation
def members(shape: type) -> tuple[Member, ...]:
    """Return the members of *shape*: those of its attributes that have a binding."""
    hints = get_type_hints(shape, include_extras=True)
    found: list[Member] = []
    for attribute in attrs.fields(shape):
        hint = hints[attribute.name]
        if get_origin(hint) is not Annotated:
            continue
        kind, binding = get_args(hint)
        is_integer = int in (kind, *get_args(kind))
        is_required = type(None) not in get_args(kind)
        found.append(Member(attribute.name, binding, is_integer, is_required))
    return tuple(found)


def compile_serializer(shape: type, path: str) -> Serializer:
    """Return what writes an input of *shape* on a request to *path*.

    The function sets the request's path, its headers and its body, and leaves out
    headers whose value is None or empty. It raises `SerializationError` for a body that
    is none.
    """
    labels, headers, payloads, _ = _by_binding(shape)
    ((label, _),) = labels.items()
    ((payload, _),) = payloads.items()
    names = [binding.name.lower() for binding in headers.values()]
    values = attrgetter(*headers)
    before, _, after = path.partition(f"{{{labels[label].name}}}")

    @lru_cache(256)
    def path_of(value: str) -> str:
        return f"{before}{quote(value, safe='-_.~')}{after}"

    def serialize(params: Any, request: Request) -> None:
        request.path = path_of(getattr(params, label))
        lower = request.headers.lower
        for name, value in zip(names, values(params), strict=False):
            if value is not None and value != "":
                lower[name] = value if type(value) is str else _plain(value)
        body = getattr(params, payload)
        request.body = body if type(body) is bytes else to_body(body)

    return serialize


def compile_deserializer(shape: type) -> Deserializer:
    """Return what reads an output of *shape*, which also takes the call's metadata.

    The function raises `DeserializationError` for a document that is no JSON object,
    or whose member is no string.
    """
    _, headers, payloads, documents = _by_binding(shape)
    pairs = [(attribute, h.name.lower()) for attribute, h in headers.items()]
    payload = next(iter(payloads), None)

    def deserialize(response: Response, body: bytes, metadata: Metadata) -> Any:
        get = response.headers.lower.get
        values: dict[str, object] = {
            attribute: value
            for attribute, name in pairs
            if (value := get(name)) is not None
        }
        if payload is not None:
            values[payload] = body
        if documents:
            document = _document(body)
            for attribute, binding in documents.items():
                values[attribute] = _string(document, binding.name)
        return shape(metadata=metadata, **values)

    return deserialize


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


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id that the service gave a request, from lower-case *headers*."""
    return headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")


def to_body(value: object) -> Body:
    """Return *value* as a request's body.

    Raises:
        SerializationError: It is not bytes-like, text or a seekable binary file.
    """
    if value is None:
        return b""
    if isinstance(value, str):
        return _encoded(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)  # a mutable buffer must not change between attempts
    if isinstance(value, FileBody):
        return value
    try:
        if _gives_bytes(getattr(value, "read", None)):
            return FileBody(value)  # type: ignore[arg-type] # tried, not known
    except (OSError, AttributeError, TypeError, ValueError) as error:
        message = (
            f"body {value!r} is a file that cannot be read and sought, "
            f"as attempts need: {error}"
        )
        raise SerializationError(message) from error
    message = (
        f"body is a {type(value).__name__}; "
        "it must be bytes-like, str or a seekable binary file"
    )
    raise SerializationError(message)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        message = f"body has a lone surrogate at {error.start}; UTF-8 has none"
        raise SerializationError(message) from error


def _gives_bytes(read: object) -> bool:
    """Tell whether *read* is a binary file's: others give text, or are awaited."""
    if not callable(read) or iscoroutinefunction(read):
        return False
    return isinstance(read(0), bytes)


def _plain(value: str | int) -> str:
    """Return *value* as it travels: a member of an enumeration prints its own name."""
    return str.__str__(value) if isinstance(value, str) else int.__repr__(value)


def _by_binding(
    shape: type,
) -> tuple[
    dict[str, Label], dict[str, Header], dict[str, Payload], dict[str, JSONMember]
]:
    """Return the bindings of *shape*, by kind and then by attribute."""
    found = members(shape)

    def of(kind: type[B]) -> dict[str, B]:
        return {m.attribute: m.binding for m in found if isinstance(m.binding, kind)}

    return of(Label), of(Header), of(Payload), of(JSONMember)


def _document(body: bytes) -> dict[str, object]:
    """Return the JSON object that *body* is; an empty body is an empty object."""
    try:
        document = json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        message = f"the response's body is no JSON: {error}"
        raise DeserializationError(message) from error
    if not isinstance(document, dict):
        message = f"the response's body is a JSON {type(document).__name__}, no object"
        raise DeserializationError(message)
    return document


def _lenient_document(body: bytes) -> dict[str, object]:
    """Return the JSON object that *body* is, or an empty one if it is anything else."""
    try:
        return _document(body)
    except DeserializationError:
        return {}


def _string(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        message = f"{name} of the response is a {type(value).__name__}, no string"
        raise DeserializationError(message)
    return value


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

"""Conversion of shapes to and from dictionaries, with cattrs; calls do not use it."""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

import attrs
import cattrs

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Metadata
from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.sansio.request_body import buffer_of
from sagemaker_rt.shapes import BodyLike

__all__ = ["from_dict", "to_dict"]

T = TypeVar("T", bound=attrs.AttrsInstance)


def to_dict(shape: attrs.AttrsInstance) -> dict[str, Any]:
    """Return *shape* as a dictionary that can be written as JSON.

    Members that are None are omitted. The body of an input stays text if it is text;
    other bodies become ``{"base64": …}``. Other bytes become text if they are valid
    UTF-8, and otherwise ``{"base64": …}``. In the headers of an `UnknownEvent`, bytes,
    times and UUIDs become ``{"base64": …}``, ``{"timestamp": …}`` and ``{"uuid": …}``.
    So `from_dict` returns an equal shape, in which all buffers are ``bytes``. Metadata
    becomes ``request_id``, ``http_status`` and
    the number of ``attempts``.

    Raises:
        SerializationError: The body is a file, which is not read here.
    """
    result: dict[str, Any] = _converter().unstructure(shape)
    return {name: value for name, value in result.items() if value is not None}


def from_dict(shape: type[T], members: Mapping[str, Any]) -> T:
    """Return the *shape* with these *members*, by their Python names.

    It accepts the results of `to_dict`. A number may also be a string of digits.

    Raises:
        ParamValidationError: A member is unknown or missing, or has a wrong type.
    """
    if not isinstance(members, Mapping):
        problem = f"members must be a mapping, not {type(members).__name__}"
        raise ParamValidationError(problem, [problem])
    try:
        return _converter().structure(members, shape)
    except cattrs.BaseValidationError as error:
        name = shape.__name__
        problems = cattrs.transform_error(error, path=name, format_exception=_problem)
        message = f"{name} is invalid: {'; '.join(problems)}"
        raise ParamValidationError(message, problems) from error


def _problem(error: BaseException, expected: type | None) -> str:
    """Return a description of *error*: the text of a hook, or else that of cattrs."""
    if isinstance(error, (TypeError, ValueError)):
        return str(error)
    return cattrs.v.format_exception(error, expected)


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    """Return the converter, created at the first use because that takes a while."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    for bytes_type in (bytes, bytearray, memoryview):
        converter.register_unstructure_hook(bytes_type, _text_or_base64)
    converter.register_unstructure_hook(Metadata, _facts_of)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook(io.IOBase, _refuse_file)
    converter.register_unstructure_hook(BodyLike, _write_body)
    converter.register_unstructure_hook(BodyLike | None, _write_body)
    # the values of event headers, which are typed as object
    converter.register_unstructure_hook_func(_is_object, _write_header)
    converter.register_structure_hook_func(_is_object, _read_header)
    for member_type, read in _READERS.items():
        converter.register_structure_hook(member_type, read)
    return converter


def _is_object(annotation: object) -> bool:
    return annotation is object


def _text_or_base64(value: bytes | bytearray | memoryview) -> object:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return _base64(value)


def _base64(value: bytes | bytearray | memoryview) -> dict[str, str]:
    return {"base64": b64encode(value).decode()}


def _write_body(body: object) -> object:
    """Return text as it is, a buffer in base64, and refuse files."""
    if isinstance(body, str) or (view := buffer_of(body)) is None:
        return _converter().unstructure(body)
    return _base64(view)


def _write_header(value: object) -> object:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _base64(value)
    if isinstance(value, datetime):
        return {"timestamp": value.isoformat()}
    return {"uuid": str(value)} if isinstance(value, UUID) else value


def _read_header(value: object, _: object) -> object:
    if isinstance(value, Mapping):
        for name, read in _HEADERS.items():
            if value.keys() == {name}:
                return read(value[name])
    return value


def _facts_of(metadata: Metadata) -> dict[str, object]:
    return {
        "request_id": metadata.request_id,
        "http_status": metadata.http_status,
        "attempts": len(metadata.attempts),
    }


def _refuse_file(file: object) -> NoReturn:
    message = f"{type(file).__name__} cannot be in a dictionary; read the file first"
    raise SerializationError(message)


def _read_str(value: object, _: object) -> str:
    if not isinstance(value, str):
        message = f"must be text, not {type(value).__name__}"
        raise TypeError(message)
    return value


def _read_int(value: object, _: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = f"must be an integer, not {type(value).__name__}: {value!r}"
    raise TypeError(message)


def _read_datetime(value: object, _: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _read_body(value: Any, _: object) -> Any:
    """Return *value* with base64 decoded; its type is checked by the operation."""
    if isinstance(value, Mapping) and value.keys() == {"base64"}:
        return _read_base64(value["base64"])
    return value


def _read_base64(text: str) -> bytes:
    return b64decode(text, validate=True)


def _read_bytes(value: object, _: object) -> bytes:
    body: object = _read_body(value, None)
    if isinstance(body, str):
        return body.encode()
    if not isinstance(body, (bytes, bytearray, memoryview)):
        message = f'must be text, bytes or {{"base64": …}}, not {type(body).__name__}'
        raise TypeError(message)
    return bytes(body)


def _read_metadata(facts: object, _: object) -> Metadata:
    """Return metadata with request ID and status; the attempts are lost."""
    if not isinstance(facts, Mapping):
        message = f"must be a mapping, not {type(facts).__name__}"
        raise TypeError(message)
    metadata = Metadata()
    if facts.get("request_id") is not None:
        metadata[REQUEST_ID] = facts["request_id"]
    if facts.get("http_status") is not None:
        metadata[HTTP_STATUS] = facts["http_status"]
    return metadata


_HEADERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "base64": _read_base64,
    "timestamp": datetime.fromisoformat,
    "uuid": UUID,
}
_READERS: Final[Mapping[Any, Callable[[Any, Any], object]]] = {
    str: _read_str,
    int: _read_int,
    bytes: _read_bytes,
    datetime: _read_datetime,
    BodyLike: _read_body,
    BodyLike | None: _read_body,
    Metadata: _read_metadata,
}

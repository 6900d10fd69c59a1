"""Shapes to and from plain dictionaries, by cattrs; never on a call's way."""

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
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Metadata
from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.sansio.request_body import buffer_of
from sagemaker_rt.shapes import BodyLike, PayloadPart

__all__ = ["from_dict", "to_dict"]

T = TypeVar("T", bound=attrs.AttrsInstance)


def to_dict(shape: attrs.AttrsInstance) -> dict[str, Any]:
    """Return *shape* as a dictionary that JSON can say.

    Members that are None are left out. Bytes become text where they are UTF-8, and
    ``{"base64": …}`` elsewhere. Metadata becomes request id, status and the number of
    attempts.

    Raises:
        SerializationError: The body is a file, which is not read for this.
    """
    result: dict[str, Any] = _converter().unstructure(shape)
    return {name: value for name, value in result.items() if value is not None}


def from_dict(shape: type[T], members: Mapping[str, Any]) -> T:
    """Return a *shape* made of *members*, under their Python names.

    It takes what `to_dict` gives, and for a number its digits too.

    Raises:
        ParamValidationError: A name is unknown, one is missing, or a value cannot be.
    """
    if not isinstance(members, Mapping):
        problem = f"members must be a mapping, no {type(members).__name__}"
        raise ParamValidationError(problem, [problem])
    try:
        return _converter().structure(members, shape)
    except cattrs.BaseValidationError as error:
        name = shape.__name__
        problems = cattrs.transform_error(error, path=name, format_exception=_problem)
        message = f"{name} cannot be made: {'; '.join(problems)}"
        raise ParamValidationError(message, problems) from error


def _problem(error: BaseException, kind: type | None) -> str:
    """Return what is wrong; a value's hook says it in its own words."""
    if isinstance(error, (TypeError, ValueError)):
        return str(error)
    return cattrs.v.format_exception(error, kind)


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    """Return the converter, which is put together when it is first needed."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (bytes, bytearray, memoryview):
        converter.register_unstructure_hook(kind, _text)
    converter.register_unstructure_hook(Metadata, _facts)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook(UUID, str)
    converter.register_unstructure_hook(io.IOBase, _refuse_file)
    converter.register_unstructure_hook(BodyLike, _write_body)
    converter.register_unstructure_hook(BodyLike | None, _write_body)
    # what an event's headers hold is told by each value alone
    converter.register_unstructure_hook_func(_is_anything, converter.unstructure)
    converter.register_structure_hook_func(_is_anything, lambda value, _: value)
    for kind, read in _READERS.items():
        converter.register_structure_hook(kind, read)
    # its member `bytes` hides the type of that name
    converter.register_structure_hook(
        PayloadPart,
        make_dict_structure_fn(
            PayloadPart, converter, bytes=override(struct_hook=_read_bytes)
        ),
    )
    converter.register_unstructure_hook(
        PayloadPart,
        make_dict_unstructure_fn(
            PayloadPart, converter, bytes=override(unstruct_hook=_text)
        ),
    )
    return converter


def _is_anything(kind: object) -> bool:
    return kind is object


def _text(value: bytes | bytearray | memoryview) -> object:
    whole = bytes(value)
    try:
        return whole.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(whole).decode()}


def _write_body(body: object) -> object:
    """Return *body* as `_text` if it has a buffer, else by the hook of its type."""
    if isinstance(body, str) or (view := buffer_of(body)) is None:
        return _converter().unstructure(body)
    return _text(view)


def _facts(metadata: Metadata) -> dict[str, object]:
    return {
        "request_id": metadata.request_id,
        "http_status": metadata.http_status,
        "attempts": len(metadata.attempts),
    }


def _refuse_file(file: object) -> NoReturn:
    message = f"a {type(file).__name__} is no part of a dictionary; read it first"
    raise SerializationError(message)


def _read_str(value: object, _: object) -> str:
    if not isinstance(value, str):
        message = f"must be text, no {type(value).__name__}"
        raise TypeError(message)
    return value


def _read_int(value: object, _: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = f"must be a whole number, no {type(value).__name__}: {value!r}"
    raise TypeError(message)


def _read_datetime(value: object, _: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _read_body(value: Any, _: object) -> Any:
    """Return what a body may be; whether it is one, the operation checks."""
    if isinstance(value, Mapping) and value.keys() == {"base64"}:
        return b64decode(value["base64"], validate=True)
    return value


def _read_bytes(value: object, _: object) -> bytes:
    body: object = _read_body(value, None)
    if isinstance(body, str):
        return body.encode()
    if not isinstance(body, (bytes, bytearray, memoryview)):
        message = f'must be text, bytes or {{"base64": …}}, no {type(body).__name__}'
        raise TypeError(message)
    return bytes(body)


def _read_metadata(facts: object, _: object) -> Metadata:
    """Return metadata with request id and status; attempts were only counted."""
    if not isinstance(facts, Mapping):
        message = f"must be a mapping, no {type(facts).__name__}"
        raise TypeError(message)
    metadata = Metadata()
    if facts.get("request_id") is not None:
        metadata[REQUEST_ID] = facts["request_id"]
    if facts.get("http_status") is not None:
        metadata[HTTP_STATUS] = facts["http_status"]
    return metadata


_READERS: Final[Mapping[Any, Callable[[Any, Any], object]]] = {
    str: _read_str,
    int: _read_int,
    bytes: _read_bytes,
    datetime: _read_datetime,
    BodyLike: _read_body,
    BodyLike | None: _read_body,
    Metadata: _read_metadata,
}

"""Encoding of Python values as JSON.

orjson is used if it is installed. The encoded values are the same without it: what
orjson does not encode, or encodes as ``null`` although it is not None, is encoded by
the standard library.
"""

from __future__ import annotations

import json
import math
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from sagemaker_rt.errors import SerializationError

__all__ = ["array_as_list", "encode_json", "encode_json_by", "find_library"]

_MAX_DEPTH: Final = 500  # of a value in which a problem is searched
_MAX_KEY: Final = 40  # characters of a key in an error
_KEYS: Final = (str, int, float, bool, type(None))


def encode_json(value: object, name: str) -> bytes:
    """Return *value* as compact JSON in UTF-8.

    Beside the types of the `json` module, these are encoded: arrays and scalars of
    NumPy and similar libraries, as lists and numbers; members of enumerations, as their
    values; UUIDs, as strings.

    Args:
        name: The name of the value in errors.

    Raises:
        SerializationError: JSON cannot hold the value. The error has the ``path`` of
            the first item that is invalid, such as NaN, bytes or a set.
    """
    try:
        return encode_json_by(_installed_library(), value, name)
    finally:
        del value


def encode_json_by(library: Any, value: object, name: str) -> bytes:
    """Encode *value* as `encode_json`, by the module ``orjson``; None for no module."""
    try:
        return _encoded(value, library)
    except (TypeError, ValueError, RecursionError):
        path, problem = _find_problem(value, name)
    # Raised here: the frames of an encoder hold parts of the value, and a traceback may
    # show local variables.
    del value
    error = SerializationError(f"{path} {problem}")
    error.path = path
    raise error


def find_library(module: str) -> Any:
    """Return a module; None if it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        return None


def array_as_list(value: object) -> Any:
    """Return an array or a scalar as a list or a number; None if it is neither.

    Arrays of NumPy, PyTorch and similar libraries are recognized by their attributes.
    """
    to_list = getattr(value, "tolist", None)
    return to_list() if callable(to_list) and hasattr(value, "dtype") else None


@cache
def _installed_library() -> Any:
    return find_library("orjson")


def _encoded(value: object, library: Any) -> bytes:
    if library is not None:
        options = library.OPT_PASSTHROUGH_DATACLASS | library.OPT_PASSTHROUGH_DATETIME
        try:
            encoded: bytes = library.dumps(value, _converted, options)
        except TypeError:  # integers of more than 64 bits, keys that are not strings, …
            pass
        else:
            if b"null" not in encoded:  # orjson encodes NaN as null
                return encoded
    return _standard_encoder().encode(value).encode()


@cache
def _standard_encoder() -> json.JSONEncoder:
    return json.JSONEncoder(
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
        default=_converted,
    )


def _converted(value: object) -> Any:
    """Return a value of the types of JSON for *value*.

    Raises:
        TypeError: There is none.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    converted = array_as_list(value)
    # numbers of NumPy without an equivalent in Python are converted to themselves
    if converted is None or type(converted) is type(value):
        message = f"{type(value).__name__} is not a type of JSON"
        raise TypeError(message)
    return converted


def _find_problem(value: object, name: str) -> tuple[str, str]:
    """Return the path of the first item that JSON cannot hold, and why."""
    pending: list[tuple[str, object, int]] = [(name, value, 0)]
    while pending:
        path, item, depth = pending.pop()
        if depth > _MAX_DEPTH:
            return name, "is nested too deeply, or contains itself"
        if isinstance(item, dict):
            problem = _problem_of_keys(item)
            inner = [(_place_of_key(path, k), v, depth + 1) for k, v in item.items()]
        elif isinstance(item, (list, tuple)):
            problem = None
            inner = [(f"{path}[{i}]", v, depth + 1) for i, v in enumerate(item)]
        else:
            problem = _problem_of_scalar(item)
            inner = [] if problem is not None else _inside(path, item, depth)
        if problem is not None:
            return path, problem
        pending += reversed(inner)
    return name, "cannot be encoded as JSON"


def _place_of_key(path: str, key: object) -> str:
    """Return the path of the item under *key*; a long key is shortened."""
    text = repr(key)
    return f"{path}[{text if len(text) <= _MAX_KEY else text[:_MAX_KEY] + '…'}]"


def _inside(path: str, item: object, depth: int) -> list[tuple[str, object, int]]:
    """Return what *item* is converted to, if it is not of a type of JSON."""
    if isinstance(item, _KEYS):
        return []
    return [(path, _converted(item), depth + 1)]


def _problem_of_keys(item: dict[Any, Any]) -> str | None:
    for key in item:
        if not isinstance(key, _KEYS):
            return f"has a key of type {type(key).__name__}; keys must be strings"
        problem = _problem_of_scalar(key)
        if problem is not None:
            return f"has a key that {problem}"
    return None


def _problem_of_scalar(item: object) -> str | None:
    """Return why JSON cannot hold *item*, which is not a dictionary or a list."""
    if isinstance(item, float):
        return None if math.isfinite(item) else f"is {item}, which JSON cannot hold"
    try:
        if isinstance(item, str):
            item.encode()
        elif isinstance(item, int):
            int.__repr__(item)
        elif item is not None:
            _converted(item)
    except UnicodeEncodeError as error:
        return f"has a lone surrogate at {error.start}; it is not valid text"
    except ValueError:
        return "has too many digits"
    except TypeError:
        allowed = "dict, list, str, int, float, bool and None"
        return f"is of type {type(item).__name__}; JSON can hold {allowed}"
    return None

"""Parsing of a JSON document, by orjson where it is installed.

The results and the errors do not depend on orjson: a document that it rejects, or would
parse differently, is parsed by the standard library. Only the limit of nesting is that
of the parser: about a thousand arrays or objects.

Python's extensions are accepted, since containers write them: ``NaN``, ``Infinity``,
``-Infinity`` and escaped lone surrogates. Integers have any size. Of equal names in an
object, the last one counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeAlias

from sagemaker_rt.errors import InvalidJSONError
from sagemaker_rt.sansio.text_decoding import decode_text

__all__ = ["FastLoads", "fast_loads_of", "invalid_json", "parse_json", "parse_json_by"]

FastLoads: TypeAlias = Callable[[bytes | str], Any]
"""Parses a JSON document; raises ValueError for what it does not accept."""

# orjson returns integers of more than 64 bits as floats. They have 19 digits or more,
# after a character that is not part of a number.
_DIGITS: Final = b"0123456789"
_CHARACTERS: Final = bytes(
    0x30 if byte in _DIGITS else 0x2E if byte in b".eE+" else 0x20
    for byte in range(256)
)
_BIG_INTEGER: Final = b" " + b"0" * 19


def parse_json(data: bytes | str) -> Any:
    """Parse one JSON document, of which bytes are UTF-8.

    Raises:
        InvalidJSONError: It is not JSON, or nested more deeply than can be parsed.
        InvalidTextError: The bytes are not UTF-8.
    """
    return parse_json_by(_installed_loads(), data)


def parse_json_by(fast_loads: FastLoads | None, data: bytes | str) -> Any:
    """Parse *data* as `parse_json`, by *fast_loads* if that gives the same result."""
    if fast_loads is not None and not _has_big_integer(data):
        try:
            return fast_loads(data)
        except ValueError:
            pass  # either the document is invalid, or it has an extension
    text = data if isinstance(data, str) else decode_text(data)
    try:
        return json.loads(text)
    except ValueError as error:
        raise invalid_json(text, str(error)) from error
    except RecursionError as error:
        raise invalid_json(text, "it is nested too deeply") from error


def fast_loads_of(module: str) -> FastLoads | None:
    """Return the function ``loads`` of a module; None if it is not installed."""
    try:
        loads: FastLoads = import_module(module).loads
    except ImportError:
        return None
    return loads


def invalid_json(value: str, reason: str) -> InvalidJSONError:
    """Return the error of *value*, of which the error has the start."""
    start = value[:200]
    error = InvalidJSONError(f"{start!r} is not JSON: {reason}")
    error.value = start
    return error


@cache
def _installed_loads() -> FastLoads | None:
    return fast_loads_of("orjson")


def _has_big_integer(data: bytes | str) -> bool:
    """Whether *data* may have an integer of more than 64 bits."""
    if isinstance(data, str):
        data = data.encode(errors="surrogatepass")
    # a scan of translated bytes takes a tenth of the time of a regular expression
    start = data[:1]
    return (
        start.isdigit() or start == b"-" or _BIG_INTEGER in data.translate(_CHARACTERS)
    )

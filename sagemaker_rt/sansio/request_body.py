"""Conversion of a ``body`` argument to the body of a request."""

from __future__ import annotations

from inspect import iscoroutinefunction

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Body, FileBody

__all__ = ["to_body"]


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

"""Conversion of a ``body`` argument to the body of a request."""

from __future__ import annotations

import re
from inspect import iscoroutinefunction
from typing import Final

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Body, FileBody

__all__ = ["body_size", "buffer_of", "to_body"]

# Formats of the struct module, as PEP 3118 extends them: Python objects, pointers and
# functions. Names of fields are between colons. Zf, Zd and Zg are complex numbers.
_ADDRESSES: Final = r"[OPz&X]|Z(?![fdg])"
_FIELD_NAMES: Final = r":[^:]*:"


def to_body(value: object) -> Body:
    """Return *value* as the body of a request.

    A buffer is copied once, because a caller may change it between two attempts. Plain
    ``bytes`` are not copied. A file is not read here.

    Raises:
        SerializationError: *value* is not text, a seekable binary file, or an object
            with a C-contiguous buffer.
    """
    content = _content_of(value)
    return content.tobytes() if isinstance(content, memoryview) else content


def body_size(value: object) -> int:
    """Return the size in bytes of the body for *value*; it does not copy a buffer.

    Raises:
        SerializationError: As `to_body`.
    """
    content = _content_of(value)
    return content.nbytes if isinstance(content, memoryview) else len(content)


def _content_of(value: object) -> Body | memoryview:
    if value is None:
        return b""
    if isinstance(value, str):
        return _encoded(value)
    if isinstance(value, FileBody) or type(value) is bytes:
        return value
    # An mmap has a buffer too; it is sent as a file, from its current position.
    if (file := _file_of(value)) is not None:
        return file
    if (view := buffer_of(value)) is not None:
        return view
    right = "it must be bytes-like, str or a seekable binary file"
    if isinstance(value, (dict, list, tuple)):
        right = "pass it as json=…, in place of body"
    message = f"body is of type {type(value).__name__}; {right}"
    raise SerializationError(message)


def buffer_of(value: object) -> memoryview | None:
    """Return a view of the buffer of *value*, or None if *value* has no buffer.

    A ``memoryview`` may have gaps. Any other object must be C-contiguous, because the
    order of its bytes is ambiguous otherwise, as in a transposed array.

    Raises:
        SerializationError: The buffer is not C-contiguous, holds addresses instead of
            values (a NumPy array of objects), or cannot be exported.
    """
    try:
        view = memoryview(value)  # type: ignore[arg-type] # a TypeError is expected
    except TypeError:
        return None
    except (BufferError, ValueError) as error:
        message = f"body, of type {type(value).__name__}, has no usable buffer: {error}"
        raise SerializationError(message) from error
    if not (view.c_contiguous or isinstance(value, memoryview)):
        message = (
            f"body, of type {type(value).__name__}, is not C-contiguous; "
            "pass a contiguous copy"
        )
        raise SerializationError(message)
    if re.search(_ADDRESSES, re.sub(_FIELD_NAMES, "", view.format)):
        message = (
            f"body, of type {type(value).__name__}, has objects or pointers "
            f"(format {view.format!r}); pass an array of values"
        )
        raise SerializationError(message)
    return view


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        message = f"body has a lone surrogate at {error.start}; it is not valid UTF-8"
        raise SerializationError(message) from error


def _file_of(value: object) -> FileBody | None:
    """Return *value* as a body if it is a binary file, else None."""
    try:
        if _reads_bytes(getattr(value, "read", None)):
            return FileBody(value)  # type: ignore[arg-type] # the try checks it
    except (OSError, AttributeError, TypeError, ValueError) as error:
        message = (
            f"body {value!r} is a file that cannot be read and sought, "
            f"which retries require: {error}"
        )
        raise SerializationError(message) from error
    return None


def _reads_bytes(read: object) -> bool:
    """Return whether *read* is the method of a binary, synchronous file."""
    if not callable(read) or iscoroutinefunction(read):
        return False
    return isinstance(read(0), bytes)

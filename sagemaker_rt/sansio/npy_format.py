"""The header of NumPy's file format NPY, read without NumPy."""

from __future__ import annotations

import ast
from typing import Any, Final, NamedTuple

from sagemaker_rt.errors import OutputDecodingError

__all__ = ["NPYHeader", "parse_npy_header"]

_MAGIC: Final = b"\x93NUMPY"
# the major version → bytes of the length field, encoding of the header
_VERSIONS: Final = {1: (2, "latin-1"), 2: (4, "latin-1"), 3: (4, "utf-8")}
_MAX_HEADER: Final = 10_000  # bytes, as in numpy.lib.format: parsing takes memory
_KEYS: Final = {"descr", "fortran_order", "shape"}


class NPYHeader(NamedTuple):
    """What precedes the items of an array."""

    descr: Any
    """The description of the dtype, for ``numpy.lib.format.descr_to_dtype``."""
    is_fortran_order: bool
    """Whether the first index changes fastest."""
    shape: tuple[int, ...]
    """The dimensions."""
    offset: int
    """The position of the first item, in bytes."""


def parse_npy_header(data: bytes) -> NPYHeader:
    """Return the header at the start of *data*.

    Raises:
        OutputDecodingError: *data* is not an array in this format.
    """
    if not data.startswith(_MAGIC):
        message = f"the body does not start like an .npy file: {data[:6]!r}"
        raise OutputDecodingError(message)
    version = data[6] if len(data) > len(_MAGIC) else None
    if version not in _VERSIONS:
        message = f"version {version} of the .npy format is unknown"
        raise OutputDecodingError(message)
    size, encoding = _VERSIONS[version]
    start = len(_MAGIC) + 2 + size
    end = start + int.from_bytes(data[start - size : start], "little")
    if len(data) < max(start, end) or end - start > _MAX_HEADER:
        message = f"the header of the .npy file is truncated or over {_MAX_HEADER} B"
        raise OutputDecodingError(message)
    try:
        header = ast.literal_eval(data[start:end].decode(encoding).strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        message = "the header of the .npy file is not a dictionary"
        raise OutputDecodingError(message) from error
    return _checked(header, end)


def _checked(header: Any, offset: int) -> NPYHeader:
    is_valid = (
        isinstance(header, dict)
        and header.keys() == _KEYS
        and isinstance(header["descr"], (str, list, tuple))
        and isinstance(header["fortran_order"], bool)
        and isinstance(header["shape"], tuple)
        and all(type(size) is int and size >= 0 for size in header["shape"])
    )
    if not is_valid:
        message = "the header of the .npy file has other members than the format"
        raise OutputDecodingError(message)
    return NPYHeader(header["descr"], header["fortran_order"], header["shape"], offset)

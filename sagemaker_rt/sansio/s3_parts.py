"""The parts of an object that is stored in several requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["UploadPart", "upload_parts"]

_MAX_PARTS: Final = 10_000


class UploadPart(NamedTuple):
    """A part of an object."""

    number: int
    """From 1."""
    start: int
    size: int


def upload_parts(size: int, least: int) -> Iterator[UploadPart]:
    """Yield the parts of an object of *size* bytes; it must not be empty.

    All have the same size, except the last one. There are at most 10,000.

    Args:
        least: The size of a part, unless there would be more.
    """
    part_size = max(least, -(-size // _MAX_PARTS))
    for number, start in enumerate(range(0, size, part_size), 1):
        yield UploadPart(number, start, min(part_size, size - start))

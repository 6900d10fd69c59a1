"""What an earlier run of a batch job has finished, read from its files.

Each line of an output and of a file of failures says which input it is of. A line that
was only half written when the process died is at the end of its file; all others are
whole, because lines are appended by one write each.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sagemaker_rt.errors import OutputDecodingError
from sagemaker_rt.sansio.json_decoding import parse_json

__all__ = [
    "JOURNAL_ENTRY_SIZE",
    "FinishedInputs",
    "is_whole",
    "journal_entries",
    "journal_entry",
    "key_of_failure",
    "key_of_result",
]

_RESULT: Final = re.compile(rb'\{"line":([1-9][0-9]{0,9}),"(?:input|output)":.*\}')
_ENTRY: Final = struct.Struct(">QQ")
JOURNAL_ENTRY_SIZE: Final = _ENTRY.size
_FIRST_ERROR: Final = 400  # status of HTTP
_BITS: Final = 8


class FinishedInputs:
    """A set of the keys of inputs: a bit for each line, a set for IDs."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._ids: set[str] = set()
        self._count = 0

    def add(self, key: int | str) -> None:
        """Add a key; nothing happens if it is there already."""
        if key in self:
            return
        self._count += 1
        if isinstance(key, str):
            self._ids.add(key)
            return
        byte, bit = divmod(key, _BITS)
        if byte >= len(self._bits):
            self._bits.extend(bytes(max(byte + 1 - len(self._bits), len(self._bits))))
        self._bits[byte] |= 1 << bit

    def __contains__(self, key: object) -> bool:
        if isinstance(key, int):
            byte, bit = divmod(key, _BITS)
            return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)
        return key in self._ids

    def __len__(self) -> int:
        return self._count


def is_whole(line: bytes) -> bool:
    r"""Return whether the last line of a file, without its ``\n``, is complete."""
    try:
        return isinstance(parse_json(line), dict)
    except OutputDecodingError:
        return False


def key_of_result(line: bytes) -> tuple[int | str, bool] | None:
    """Return the key in a line of an output, and whether the line is a success.

    None means that the line is not one of a batch job.
    """
    if match := _RESULT.fullmatch(line):
        return int(match[1]), True
    found = _members(line)
    if found is None:
        return None
    if isinstance(found.get("custom_id"), str):
        return found["custom_id"], _is_success(found)
    if isinstance(found.get("id"), str) and "output" in found:
        return found["id"], True
    return None


def key_of_failure(line: bytes) -> int | str | None:
    """Return the key in a line of a file of failures; None if it is not one."""
    found = _members(line) or {}
    if "error" not in found:
        return None
    for name, kind in (("id", str), ("line", int)):
        if isinstance(key := found.get(name), kind):
            return key
    return None


def journal_entry(line: int, end: int) -> bytes:
    """Return the entry of a journal: the input, and where its result ends.

    It is written before the result. An output whose lines do not name their inputs
    needs a journal to be resumed.
    """
    return _ENTRY.pack(line, end)


def journal_entries(data: bytes, size: int) -> Iterator[tuple[int, int]]:
    """Yield the entries of results that an output of *size* bytes has completely."""
    whole = len(data) - len(data) % _ENTRY.size
    entries: Iterable[tuple[int, int]] = _ENTRY.iter_unpack(data[:whole])
    for line, end in entries:
        if end > size:
            return
        yield line, end


def _members(line: bytes) -> dict[str, Any] | None:
    try:
        found = parse_json(line)
    except OutputDecodingError:
        return None
    return found if isinstance(found, dict) else None


def _is_success(result: dict[str, Any]) -> bool:
    """Return whether a line of an OpenAI batch output has neither kind of error."""
    response = result.get("response")
    if result.get("error") is not None or not isinstance(response, dict):
        return False
    status = response.get("status_code")
    return isinstance(status, int) and status < _FIRST_ERROR

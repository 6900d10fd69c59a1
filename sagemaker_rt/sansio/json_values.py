"""Incremental decoding of JSON values that follow one another.

The values may be separated by newlines, spaces or commas, or by nothing. A value may
span several lines: this covers JSON Lines, pretty-printed and concatenated objects.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sagemaker_rt.errors import IncompleteOutputError, LineTooLongError
from sagemaker_rt.sansio.json_decoding import invalid_json, parse_json
from sagemaker_rt.sansio.text_decoding import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import MutableSequence

__all__ = ["JSONValueDecoder"]

_STRUCTURE: Final = re.compile(rb'["{}\[\]]')
_STRING: Final = re.compile(rb'"|\\.|\\|[\n\r]', re.DOTALL)
_SEPARATORS: Final = b" \t\r\n,\x1e"  # U+001E begins the values of RFC 7464
_SCALAR_END: Final = re.compile(rb'[ \t\r\n,\x1e\[\]{}"]')


class JSONValueDecoder:
    """Decodes JSON values from UTF-8, for any split of the input.

    With *flatten*, the items of an array at the top level are values of their own,
    which are decoded before the array is complete. Arrays in it are not flattened.
    """

    def __init__(
        self, *, flatten: bool = False, max_value_bytes: int = MAX_LINE_BYTES
    ) -> None:
        self._flatten = flatten
        self._max_value_bytes = max_value_bytes
        self._buffer = bytearray()
        self._scanned = 0  # bytes of the buffer that belong to an incomplete value
        self._depth = 0  # of objects and arrays around the scanned position
        self._in_string = False
        self._in_array = False  # which is flattened

    def feed(self, data: bytes, values: MutableSequence[Any]) -> None:
        """Append the values that *data* completes to *values*.

        Raises:
            InvalidJSONError: A value is not JSON. The values before it were appended.
            InvalidTextError: A value is not UTF-8.
            LineTooLongError: A value is longer than the limit.
        """
        self._buffer += data
        while self._buffer and self._take_value(values):
            pass
        self._require_size(len(self._buffer))

    def close(self, values: MutableSequence[Any]) -> None:
        """Append the last value, if it is a number or a literal.

        Raises:
            IncompleteOutputError: The input ended inside a value or an array.
            InvalidJSONError: The value is not JSON.
            InvalidTextError: The value is not UTF-8.
        """
        rest = bytes(self._buffer)
        is_incomplete = self._depth or self._in_string or self._in_array
        if is_incomplete:
            message = f"the output ended inside a JSON value: {_start_of(rest)!r}"
            raise IncompleteOutputError(message)
        if rest:
            self._buffer.clear()
            values.append(parse_json(rest))

    def _take_value(self, values: MutableSequence[Any]) -> bool:
        """Remove a value from the start of the buffer; False if it is incomplete."""
        if not self._scanned:
            self._skip_separators()
            if not self._buffer:
                return False
        end = self._find_end()
        if end is None:
            return False
        self._require_size(end)
        value = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._scanned = 0
        values.append(parse_json(value))
        return True

    def _require_size(self, size: int) -> None:
        if size > self._max_value_bytes:
            raise LineTooLongError.over(self._max_value_bytes)

    def _skip_separators(self) -> None:
        buffer = self._buffer
        while True:
            skipped = len(buffer) - len(buffer.lstrip(_SEPARATORS))
            del buffer[:skipped]
            border = b"]" if self._in_array else b"["
            if not (self._flatten and buffer.startswith(border)):
                return
            self._in_array = not self._in_array
            del buffer[:1]

    def _find_end(self) -> int | None:
        """Return the end of the value at the start of the buffer, or None."""
        buffer = self._buffer
        if not self._depth and not self._in_string and buffer[0] not in b'{["':
            return self._end_of_scalar()
        position = self._scanned
        while True:
            if self._in_string:
                position = self._skip_string(position)
                if self._in_string:
                    break
            else:
                found = _STRUCTURE.search(buffer, position)
                if found is None:
                    position = len(buffer)
                    break
                position = found.end()
                self._enter_or_leave(found[0])
            if not self._depth and not self._in_string:
                return position
        self._scanned = position
        return None

    def _enter_or_leave(self, token: bytes) -> None:
        if token == b'"':
            self._in_string = True
        else:
            self._depth += 1 if token in b"{[" else -1

    def _skip_string(self, position: int) -> int:
        """Return the position after the string, or that from which to continue."""
        for found in _STRING.finditer(self._buffer, position):
            token = found[0]
            if token == b'"':
                self._in_string = False
                return found.end()
            if token == b"\\":  # the last byte: the character after it is missing
                return found.start()
            if token in b"\n\r":
                self._require_size(found.start())  # as if it came byte by byte
                text = _start_of(bytes(self._buffer))
                raise invalid_json(text, "a string contains a line break")
        return len(self._buffer)

    def _end_of_scalar(self) -> int | None:
        """Return the end of a number or literal, which only the next byte shows."""
        found = _SCALAR_END.search(self._buffer, max(self._scanned, 1))
        if found is None:
            self._scanned = len(self._buffer)
            return None
        return found.start()


def _start_of(value: bytes) -> str:
    return value[:200].decode(errors="replace")

"""The lines of a file of inputs, and the records of a file of CSV.

Both splitters are fed with chunks of bytes, cut anywhere, and return complete lines
with their numbers, from 1. A line that is too long, or a quotation mark that is not
closed, is a problem of that line: the lines after it are returned as usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["CSVSplitter", "Line", "LineSplitter", "cell_count", "ends_in_quotes"]

_START: Final = 200  # bytes of a line that is too long which are kept
_OPEN_BYTES: Final = 1 << 20  # in which a quotation mark must be closed
_QUOTE: Final = b'"'
_BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line of a file, or a record of CSV that spans several lines."""

    number: int
    """The number of the line, from 1; that of its first line for a record."""
    content: bytes
    r"""The line without its ``\n`` or ``\r\n``."""
    size: int
    """The number of bytes in the file."""
    problem: str | None = None
    """Why it cannot be used; its content may be incomplete then."""

    @property
    def is_blank(self) -> bool:
        """Whether it has white space only."""
        return not self.content or self.content.isspace()


class LineSplitter:
    r"""Splits bytes into lines that end with ``\n`` or ``\r\n``; the last may not.

    Args:
        max_bytes: The longest line. Of a longer one, only the start is kept.
        before: The number of lines before the first one.
    """

    def __init__(self, max_bytes: int, *, before: int = 0) -> None:
        self._max_bytes = max_bytes
        self._pending: list[bytes] = []
        self._size = 0  # of the line that has begun
        self._number = before

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that end in *data*."""
        if b"\n" not in data:
            self._hold(data)
            return []
        first, *others = data.split(b"\n")
        rest = others.pop()
        self._hold(first)
        lines = [self._line(b"".join(self._pending), self._size)]
        lines += [self._line(content, len(content)) for content in others]
        self._pending, self._size = [], 0
        self._hold(rest)
        return lines

    def close(self) -> list[Line]:
        r"""Return the last line, if it does not end with ``\n``."""
        if not self._size:
            return []
        return [self._line(b"".join(self._pending), self._size, newline=0)]

    def _hold(self, data: bytes) -> None:
        if self._size <= self._max_bytes:
            self._pending.append(data)
        self._size += len(data)

    def _line(self, content: bytes, length: int, *, newline: int = 1) -> Line:
        self._number += 1
        size = length + newline
        if length > self._max_bytes:
            problem = f"the line has {length} bytes; at most {self._max_bytes} are read"
            start = content[: min(_START, self._max_bytes)]  # however it was fed
            return Line(self._number, start, size, problem)
        if self._number == 1:
            content = content.removeprefix(_BOM)
        return Line(self._number, content.removesuffix(b"\r"), size)


class CSVSplitter:
    """Splits bytes into records of CSV, with commas; quoted cells may have newlines.

    A quotation mark that is not closed within 1 MiB is a problem of its line alone.

    Args:
        max_bytes: The longest line.
        before: The number of lines before the first one.
    """

    def __init__(self, max_bytes: int, *, before: int = 0) -> None:
        self._lines = LineSplitter(max_bytes, before=before)
        self._open: list[Line] = []  # the lines of a record that has begun
        self._open_bytes = 0

    def feed(self, data: bytes) -> list[Line]:
        """Return the records that end in *data*."""
        return list(self._records(self._lines.feed(data)))

    def close(self) -> list[Line]:
        """Return the last records."""
        records = list(self._records(self._lines.close()))
        while self._open:
            records += self._give_up()
        return records

    def _records(self, lines: list[Line]) -> Iterator[Line]:
        for line in lines:
            has_quote = _QUOTE in line.content
            if not self._open and not has_quote:
                yield line
                continue
            self._open.append(line)
            self._open_bytes += line.size
            is_first = len(self._open) == 1
            is_open = ends_in_quotes(line.content, is_quoted=not is_first)
            if not is_open:
                yield self._joined()
            elif line.problem or self._open_bytes > _OPEN_BYTES:
                yield from self._give_up()

    def _joined(self) -> Line:
        lines, self._open, self._open_bytes = self._open, [], 0
        if len(lines) == 1:
            return lines[0]
        content = b"\n".join([line.content for line in lines])
        problem = next((line.problem for line in lines if line.problem), None)
        size = sum(line.size for line in lines)
        return Line(lines[0].number, content, size, problem)

    def _give_up(self) -> Iterator[Line]:
        """Return the first line as a problem, and split those after it again."""
        (first, *others), self._open, self._open_bytes = self._open, [], 0
        problem = first.problem or "a quotation mark is not closed"
        yield first._replace(problem=problem)
        yield from self._records(others)


def ends_in_quotes(line: bytes, *, is_quoted: bool) -> bool:
    """Return whether a cell in quotation marks continues after *line*.

    Args:
        is_quoted: Whether such a cell continues at the start of the line.
    """
    position = 0
    while True:
        if not is_quoted and line.startswith(_QUOTE, position):
            is_quoted, position = True, position + 1
        if is_quoted:
            position = _after_quote(line, position)
            if not position:
                return True
            is_quoted = False
        position = line.find(b",", position) + 1
        if not position:
            return False


def cell_count(record: bytes) -> int:
    """Return the number of cells of a record of CSV."""
    if _QUOTE not in record:
        return record.count(b",") + 1
    count, position = 1, 0
    while True:
        if record.startswith(_QUOTE, position):
            position = _after_quote(record, position + 1) or len(record)
        position = record.find(b",", position) + 1
        if not position:
            return count
        count += 1


def _after_quote(line: bytes, position: int) -> int:
    """Return the position after the closing quotation mark; 0 if there is none."""
    while found := line.find(_QUOTE, position) + 1:
        if not line.startswith(_QUOTE, found):
            return found
        position = found + 1  # two of them are one in the cell
    return 0

"""Server-sent events, decoded by the rules of the WHATWG HTML standard, section 9.2.

Two rules differ. An event that the end of the stream completes, without an empty line
after it, is delivered, because model containers leave out that line. And a stream that
has lines, but not one with a known field or a comment, is an error: it is of another
format, and by the standard it would look like a stream without events.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from sagemaker_rt.errors import LineTooLongError, UnknownFormatError
from sagemaker_rt.sansio.text_decoding import (
    MAX_LINE_BYTES,
    LineDecoder,
    TextErrors,
)

if TYPE_CHECKING:
    from collections.abc import MutableSequence

__all__ = ["ServerSentEvent", "ServerSentEventDecoder"]

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_FIELDS: Final = frozenset({"", "data", "event", "id", "retry"})
_MAX_SHOWN: Final = 100
_NEWLINE: Final = 0x0A
_CARRIAGE_RETURN: Final = 0x0D  # integers are found faster than bytes


class ServerSentEvent(NamedTuple):
    """One event of a stream of server-sent events."""

    event: str = "message"
    """The type of the event; ``message`` if the stream does not name one."""
    data: str = ""
    """The data. Several ``data`` lines are joined by a newline."""
    id: str = ""
    """The last event id of the stream, which may be that of an earlier event."""
    retry: int | None = None
    """The reconnection time in milliseconds, if it was sent since the event before."""


class ServerSentEventDecoder:
    """Decodes server-sent events from UTF-8, for any split of the input."""

    def __init__(
        self, errors: TextErrors = "strict", *, max_event_bytes: int = MAX_LINE_BYTES
    ) -> None:
        self._errors: TextErrors = errors
        self._max_event_bytes = max_event_bytes
        self._lines = LineDecoder(errors, max_line_bytes=max_event_bytes)
        self._start: bytes | None = b""  # of the stream; None after a possible mark
        self._is_between_events = True
        self._event = self._id = ""
        self._data: list[str] = []
        self._data_size = 0
        self._retry: int | None = None
        self._has_fields = False
        self._unknown_line: str | None = None  # the first one

    def feed(self, data: bytes, events: MutableSequence[ServerSentEvent]) -> None:
        """Append the events that *data* completes to *events*.

        Raises:
            InvalidTextError: A line is not UTF-8. The events before it were appended.
            LineTooLongError: The lines of an event are longer than the limit.
        """
        if self._start is not None:
            data = self._without_mark(data)
        if self._is_between_events:
            data = self._feed_short_events(data, events)
        self._feed_lines(data, events)

    def close(self, events: MutableSequence[ServerSentEvent]) -> None:
        """Append the event that the end of the stream completes.

        Raises:
            InvalidTextError: The last line is not UTF-8.
            UnknownFormatError: No line is one of server-sent events.
        """
        rest, self._start = self._start or b"", None
        self._feed_lines(rest, events)
        lines: list[str] = []
        self._lines.close(lines)
        for line in (*lines, ""):
            self._read_line(line, events)
        if self._unknown_line is not None and not self._has_fields:
            start = self._unknown_line[:_MAX_SHOWN]
            message = f"{start!r} does not begin a stream of server-sent events"
            raise UnknownFormatError(message)

    def _feed_short_events(
        self, data: bytes, events: MutableSequence[ServerSentEvent]
    ) -> bytes:
        """Append the first events if they are lines of data; return what follows.

        Nearly all containers send only these. All else is read line by line.
        """
        if data[:6] != b"data: " or _CARRIAGE_RETURN in data:
            return data
        begin, errors, id = 0, self._errors, self._id
        end = data.find(b"\n\n")
        while end >= 0:
            line = data[begin:end]
            is_short = end + 2 - begin <= self._max_event_bytes
            if line[:6] != b"data: " or _NEWLINE in line or not is_short:
                break
            try:
                text = line[6:].decode(errors=errors)
            except UnicodeDecodeError:
                break  # it is raised when the line is read
            event = ("message", text, id, self._retry)
            events.append(tuple.__new__(ServerSentEvent, event))  # in half the time
            self._retry = None
            begin = end + 2
            end = data.find(b"\n\n", begin)
        self._has_fields = self._has_fields or begin > 0
        return data[begin:]

    def _without_mark(self, data: bytes) -> bytes:
        data = (self._start or b"") + data
        if len(data) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(data):
            self._start = data
            return b""
        self._start = None
        return data.removeprefix(_BYTE_ORDER_MARK)

    def _feed_lines(
        self, data: bytes, events: MutableSequence[ServerSentEvent]
    ) -> None:
        if not data:
            return
        lines: deque[str] = deque()
        try:
            self._lines.feed(data, lines)
        finally:  # what came before an invalid line is valid
            for line in lines:
                self._read_line(line, events)
        self._is_between_events = False
        if lines and not lines[-1] and data.endswith(b"\n"):
            self._is_between_events = True

    def _read_line(self, line: str, events: MutableSequence[ServerSentEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        self._has_fields = self._has_fields or name in _FIELDS
        if name == "data":
            self._data_size += len(value) + 1
            if self._data_size > self._max_event_bytes:
                raise LineTooLongError.over(self._max_event_bytes)
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value[:18])  # more digits are longer than any connection
        elif name:
            self._read_unknown(line, events)

    def _dispatch(self, events: MutableSequence[ServerSentEvent]) -> None:
        if self._data:
            data = "\n".join(self._data)
            event = ServerSentEvent(
                self._event or "message", data, self._id, self._retry
            )
            self._retry = None
            self._data, self._data_size = [], 0
            events.append(event)
        self._event = ""

    def _read_unknown(
        self,
        line: str,
        events: MutableSequence[ServerSentEvent],  # noqa: ARG002 - of a subclass
    ) -> None:
        """Ignore a line whose field the standard does not have."""
        if self._unknown_line is None:
            self._unknown_line = line

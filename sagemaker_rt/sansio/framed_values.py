"""Decoding of the values in a model's streamed output, whose framing is recognized.

There are three framings: server-sent events, JSON values that follow one another, and
text. The content type decides, unless it is missing or one that containers set wrongly;
then the first character does.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    OutputDecodingError,
)
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.json_values import JSONValueDecoder
from sagemaker_rt.sansio.server_sent_events import (
    ServerSentEvent,
    ServerSentEventDecoder,
)
from sagemaker_rt.sansio.text_decoding import MAX_LINE_BYTES, TextDecoder

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableSequence

__all__ = ["FramedValue", "FramedValueDecoder", "Framing", "JSONDecoder"]

Framing: TypeAlias = Literal["events", "json", "text"]

_SPACE: Final = b" \t\r\n\x1e"  # U+001E begins the values of RFC 7464
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_FIELD: Final = re.compile(rb"(data|event|id|retry|error)?[:\r\n]")
_SCALAR: Final = re.compile(rb'"|-?[0-9]|null|true|false')
_WORDS: Final = (b"data:", b"event:", b"id:", b"retry:", b"error:")
_LITERALS: Final = (b"null", b"true", b"false", b"-0")
_LINES: Final = ("jsonl", "ndjson", "json-seq", "json-lines")
_MAX_SPACE: Final = 65_536  # bytes before the first character, which are kept


class FramedValue(NamedTuple):
    """A value of the output."""

    value: Any
    """A JSON value, or a piece of text in an output that is plain text."""
    event: str
    """The type of the server-sent event around the value; else ``message``."""


class FramedValueDecoder:
    """Decodes the values of an output, for any split of the input.

    A server-sent event whose data is ``[DONE]`` ends the values; the rest is ignored.

    Args:
        may_be_text: False takes the type ``text/plain`` for a wrong one; text is
            invalid JSON.
        has_error_text: True returns the data of an event ``error`` as a string if it is
            not JSON.
        flatten: Whether the items of an array at the top level are values.
    """

    def __init__(
        self,
        content_type: str | None = None,
        *,
        may_be_text: bool = True,
        has_error_text: bool = False,
        flatten: bool = True,
        max_value_bytes: int = MAX_LINE_BYTES,
    ) -> None:
        self._max_value_bytes = max_value_bytes
        self._start: bytes | None = b""  # of the output; None once framing is known
        self.is_json_type: Final = "json" in _media_type(content_type)
        """Whether the content type is JSON, in any form."""
        self.framing: Framing | None = _framing_of_type(content_type)
        """The framing; None until it is recognized."""
        self._may_be_text = may_be_text
        self._has_error_text = has_error_text
        if self.framing == "text" and not may_be_text:
            self.framing = None
        self.is_done = False
        """Whether ``[DONE]`` was received."""
        self._events = _ContainerEventDecoder(max_event_bytes=max_value_bytes)
        self._values = JSONValueDecoder(
            flatten=flatten, max_value_bytes=max_value_bytes
        )
        self._text = TextDecoder()

    def feed(self, data: bytes, values: MutableSequence[FramedValue]) -> None:
        """Append the values that *data* completes to *values*.

        Raises:
            InvalidJSONError: A value is not JSON. The values before it were appended.
            InvalidTextError: The data is not UTF-8.
            LineTooLongError: A value is longer than the limit.
        """
        if self._start is not None:
            data = self._start + data
            if _BYTE_ORDER_MARK.startswith(data):
                self._start = data
                return
            data = data.removeprefix(_BYTE_ORDER_MARK)
            if self.framing is None:
                self.framing = self._without_text(
                    _framing_of_start(data, is_json_type=self.is_json_type)
                )
            if self.framing is None:
                self._start = data
                return
            self._start = None
        self._feed(data, values, final=False)

    def close(self, values: MutableSequence[FramedValue]) -> None:
        """Append the values that the end of the output completes.

        Raises:
            IncompleteOutputError: The output ended inside a JSON value or an event.
            InvalidJSONError: The last value is not JSON.
            InvalidTextError: The output ended inside a character of a text.
        """
        data = (self._start or b"").removeprefix(_BYTE_ORDER_MARK)
        if self.framing is None and data.strip(_SPACE):
            is_json = self.is_json_type or not self._may_be_text
            self.framing = "json" if is_json else "text"
        self._feed(data, values, final=True)

    def _feed(
        self, data: bytes, values: MutableSequence[FramedValue], *, final: bool
    ) -> None:
        if self.is_done:
            return
        if self.framing == "events":
            self._feed_events(data, values)
            if final and not self.is_done:
                self._close_events(values)
        elif self.framing == "json":
            found: deque[Any] = deque()
            try:
                self._values.feed(data, found)
                if final:
                    self._values.close(found)
            finally:
                values.extend([FramedValue(value, "message") for value in found])
        elif self.framing == "text":
            texts: deque[str] = deque()
            try:
                self._text.feed(data, texts, final=final)
            finally:
                values.extend([FramedValue(text, "message") for text in texts])

    def _feed_events(self, data: bytes, values: MutableSequence[FramedValue]) -> None:
        events: deque[ServerSentEvent] = deque()
        try:
            self._events.feed(data, events)
        except OutputDecodingError:
            self._read_events(events, values)  # those before an invalid one are valid
            if not self.is_done:
                raise
        else:
            self._read_events(events, values)

    def _without_text(self, framing: Framing | None) -> Framing | None:
        return "json" if framing == "text" and not self._may_be_text else framing

    def _read_events(
        self, events: Iterable[ServerSentEvent], values: MutableSequence[FramedValue]
    ) -> None:
        for event in events:
            data = event.data.strip(" \t\r\n")
            if self.is_done or data == "[DONE]":
                self.is_done = True
                return
            if data:
                values.append(FramedValue(self._value_of(event, data), event.event))

    def _value_of(self, event: ServerSentEvent, data: str) -> Any:
        try:
            return parse_json(data)
        except InvalidJSONError:
            if self._has_error_text and event.event == "error":
                return data
            raise

    def _close_events(self, values: MutableSequence[FramedValue]) -> None:
        """Read the event that the end of the output completes.

        If it is not valid, the output was cut inside of it.
        """
        events: deque[ServerSentEvent] = deque()
        try:
            self._events.close(events)
            self._read_events(events, values)
        except (InvalidTextError, InvalidJSONError) as error:
            if not _is_cut(error):
                raise
            message = "the output ended inside an event"
            raise IncompleteOutputError(message) from error


class JSONDecoder:
    """Decodes the JSON values of an output, without what is around them."""

    def __init__(
        self, content_type: str | None = None, *, max_value_bytes: int = MAX_LINE_BYTES
    ) -> None:
        is_lines_type = any(name in (content_type or "").lower() for name in _LINES)
        self._values = FramedValueDecoder(
            content_type,
            may_be_text=False,
            flatten=not is_lines_type,  # else a line may be an array
            max_value_bytes=max_value_bytes,
        )

    def feed(self, data: bytes, values: MutableSequence[Any]) -> None:
        """Append the values that *data* completes, as `FramedValueDecoder.feed`."""
        found: list[FramedValue] = []
        try:
            self._values.feed(data, found)
        finally:  # the values before an invalid one are valid
            values.extend([value for value, _ in found])

    def close(self, values: MutableSequence[Any]) -> None:
        """Append the last values, as `FramedValueDecoder.close`."""
        found: list[FramedValue] = []
        try:
            self._values.close(found)
        finally:
            values.extend([value for value, _ in found])


class _ContainerEventDecoder(ServerSentEventDecoder):
    """Also reads what containers write outside of fields: errors.

    DJL Serving appends a JSON object to the events, which may span several lines;
    llama.cpp had a field ``error``.
    """

    def __init__(self, *, max_event_bytes: int) -> None:
        super().__init__(max_event_bytes=max_event_bytes)
        self._json = JSONValueDecoder(max_value_bytes=max_event_bytes)
        self._json_lines: list[str] = []  # of an incomplete value

    def close(self, events: MutableSequence[ServerSentEvent]) -> None:
        """Append the last event, which may be incomplete JSON."""
        super().close(events)
        if self._json_lines:
            events.append(ServerSentEvent(data="\n".join(self._json_lines)))

    def _read_unknown(
        self, line: str, events: MutableSequence[ServerSentEvent]
    ) -> None:
        if self._json_lines or line.startswith(("{", "[")):
            self._read_json(line, events)
        elif line.startswith("error:"):
            events.append(ServerSentEvent("error", line.removeprefix("error:")))

    def _read_json(self, line: str, events: MutableSequence[ServerSentEvent]) -> None:
        self._json_lines.append(line)
        values: list[Any] = []
        if line != "[DONE]":
            self._json.feed(f"{line}\n".encode(), values)
        if values or line == "[DONE]":
            events.append(ServerSentEvent(data="\n".join(self._json_lines)))
            self._json_lines = []


def _is_cut(error: OutputDecodingError) -> bool:
    """Return whether an invalid last event was cut, unless it has invalid bytes."""
    cause = error.__cause__
    if not isinstance(cause, UnicodeDecodeError):
        return True
    return cause.reason == "unexpected end of data"


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _framing_of_type(content_type: str | None) -> Framing | None:
    media_type = _media_type(content_type)
    if media_type == "text/event-stream":
        return "events"
    return "text" if media_type == "text/plain" else None


def _framing_of_start(data: bytes, *, is_json_type: bool) -> Framing | None:
    """Return the framing of an output that starts with *data*; None if it is open."""
    start = data.lstrip(_SPACE)
    if len(data) - len(start) > _MAX_SPACE:
        return "text"
    if start.startswith((b"{", b"[")):
        return "json"
    if _FIELD.match(start):
        return "events"
    if is_json_type and _SCALAR.match(start):
        return "json"
    words = _WORDS + _LITERALS if is_json_type else _WORDS
    if any(word.startswith(start) for word in words):  # also if it is empty
        return None
    return "text"

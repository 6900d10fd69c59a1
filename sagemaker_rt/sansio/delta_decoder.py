"""Decoding of text deltas from the output of a model, in any known format."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from typing import Any, Literal

from sagemaker_rt.errors import (
    ContainerStreamError,
    IncompleteOutputError,
    OutputDecodingError,
    UnknownFormatError,
)
from sagemaker_rt.sansio.delta_formats import DELTA_FORMATS
from sagemaker_rt.sansio.framed_values import FramedValue, FramedValueDecoder
from sagemaker_rt.sansio.stream_errors import find_error
from sagemaker_rt.sansio.text_decoding import MAX_LINE_BYTES
from sagemaker_rt.sansio.text_deltas import DeltaFormat, TextDelta, Usage

__all__ = ["DeltaDecoder"]


class DeltaDecoder:
    """Decodes text deltas, for any split of the input.

    The format is recognized from the first JSON object, unless *format* is given.
    """

    def __init__(
        self,
        content_type: str | None = None,
        *,
        format: type[DeltaFormat] | None = None,
        formats: Sequence[type[DeltaFormat]] = DELTA_FORMATS,
        max_value_bytes: int = MAX_LINE_BYTES,
    ) -> None:
        self._values = FramedValueDecoder(
            content_type,
            may_be_text=format is None,
            has_error_text=True,
            max_value_bytes=max_value_bytes,
        )
        self._formats = formats
        self._format = None if format is None else format()
        self._texts: list[str] = []
        self.ended: Literal["done", "open"] | None = None
        """``done`` if the output ended with the end mark of its format, ``open`` if the
        format has none; None before the end, and after an error."""
        self.usage: Usage | None = None
        """The numbers of tokens, as last reported."""

    def feed(self, data: bytes, deltas: MutableSequence[TextDelta]) -> None:
        """Append the deltas that *data* completes to *deltas*.

        Raises:
            OutputDecodingError: The output is invalid, or reports an error. The deltas
                before it were appended, and `text` of the error has their text.
        """
        self._feed(data, deltas, final=False)

    def close(self, deltas: MutableSequence[TextDelta]) -> None:
        """Append the deltas that the end of the output completes.

        Raises:
            OutputDecodingError: As `feed`.
            IncompleteOutputError: The end mark of the format is missing.
        """
        self._feed(b"", deltas, final=True)
        if not self._is_complete():
            message = "the output ended without the end mark of its format"
            raise self._with_text(IncompleteOutputError(message))
        has_mark = self._values.is_done or (
            self._format is not None and self._format.is_finished
        )
        self.ended = "done" if has_mark else "open"

    def _feed(
        self, data: bytes, deltas: MutableSequence[TextDelta], *, final: bool
    ) -> None:
        values: deque[FramedValue] = deque()
        try:
            try:
                if final:
                    self._values.close(values)
                else:
                    self._values.feed(data, values)
            finally:  # the values before an invalid one are valid
                self._read(values, deltas)
        except OutputDecodingError as error:
            raise self._with_text(error) from error.__cause__

    def _is_complete(self) -> bool:
        if self._values.is_done or self._values.framing == "text":
            return True
        if self._format is None:
            return self._values.framing is None and not self._values.is_json_type
        return self._format.is_finished or not self._format.has_end_mark

    def _read(
        self, values: Iterable[FramedValue], deltas: MutableSequence[TextDelta]
    ) -> None:
        for value, event in values:
            if self._values.framing == "text":
                self._append(TextDelta(value, raw=value), deltas)
            else:
                self._read_value(value, event, deltas)

    def _read_value(
        self, value: object, event: str, deltas: MutableSequence[TextDelta]
    ) -> None:
        if isinstance(value, list):
            for item in value:
                self._read_value(item, event, deltas)
            return
        error = find_error(value, event)
        # Numbers, literals and strings between the objects carry no text.
        if isinstance(value, Mapping):
            self._read_object(value, error, deltas)
        if error is not None:
            raise error

    def _read_object(
        self,
        value: Mapping[str, Any],
        error: ContainerStreamError | None,
        deltas: MutableSequence[TextDelta],
    ) -> None:
        if self._format is None and value.get("type") != "ping":  # of any format
            self._format = self._recognize(value, error)
        if self._format is None:
            return
        try:
            for delta in self._format.read(value):
                self._append(delta, deltas)
        except OutputDecodingError:
            raise
        except Exception as cause:
            raise _failure_of(self._format, cause) from cause

    def _recognize(
        self, value: Mapping[str, Any], error: ContainerStreamError | None
    ) -> DeltaFormat | None:
        for format in self._formats:
            try:
                if format.recognizes(value):
                    return format()
            except Exception as cause:
                raise _failure_of(format, cause) from cause
        if error is not None:
            return None
        names = ", ".join(format.name for format in self._formats)
        message = f"an object with the members {list(value)!r} has none of the formats "
        raise UnknownFormatError(message + names)

    def _append(self, delta: TextDelta, deltas: MutableSequence[TextDelta]) -> None:
        if delta.text and not delta.index:
            self._texts.append(delta.text)
        self.usage = delta.usage or self.usage
        if (
            delta.text
            or delta.finish_reason
            or delta.usage
            or delta.tool_calls
            or delta.reasoning
        ):
            deltas.append(delta)

    def _with_text(self, error: OutputDecodingError) -> OutputDecodingError:
        error.text = "".join(self._texts)
        return error


def _failure_of(format: object, cause: Exception) -> OutputDecodingError:
    """Return the error for the exception of a custom format."""
    return OutputDecodingError.from_component("delta format", format, cause)

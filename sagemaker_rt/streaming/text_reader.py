"""Text, lines, events, JSON values and text deltas of a stream of bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from inspect import isabstract
from typing import Any, TypeVar

from sagemaker_rt.errors import (
    ClientStateError,
    OutputDecodingError,
    ParamValidationError,
)
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.delta_formats import DELTA_FORMATS
from sagemaker_rt.sansio.framed_values import JSONDecoder
from sagemaker_rt.sansio.server_sent_events import (
    ServerSentEvent,
    ServerSentEventDecoder,
)
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.sansio.text_decoding import (
    MAX_LINE_BYTES,
    LineDecoder,
    TextDecoder,
    TextErrors,
    require_limit,
    require_mode,
)
from sagemaker_rt.sansio.text_deltas import DeltaFormat, ReportsUsage, Usage
from sagemaker_rt.streaming.decoded_stream import (
    DecodedStream,
    Decoder,
    DeltaStream,
    PartSource,
)

__all__ = ["TextReader", "register_delta_format"]

T = TypeVar("T")

_formats: dict[str, type[DeltaFormat]] = {one.name: one for one in DELTA_FORMATS}


def register_delta_format(format: type[DeltaFormat]) -> None:
    """Let `iter_deltas` recognize *format*, and find it by its name.

    A format with the name of another one replaces it.

    Raises:
        ParamValidationError: *format* is not a subclass of `DeltaFormat` with a name.
    """
    _formats[_require_format(format).name] = format


class TextReader(ABC):
    """Decodes a stream of bytes in several ways; use one of them for a stream.

    What is yielded does not depend on how the bytes are split into parts: a part may
    end inside a character, a line or a JSON value. Items before an error are yielded
    first. An error closes the stream, and has the facts of the call.

    An iterator holds what it has received and not yielded. So to continue after a
    ``break``, keep the iterator: until it has reached its end, reading the stream in
    another way is a `ClientStateError`.
    """

    error: Exception | None
    """The error that ended the stream and was raised to its reader; else None."""
    _usage_source: ReportsUsage | None = None
    _reading: tuple[DecodedStream[str], list[str]] | None = None  # by read_text
    _decoded_by: object = None  # the iterator that may hold items

    @abstractmethod
    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the bytes of the parts."""

    @property
    @abstractmethod
    def content_type(self) -> str | None:
        """MIME type of the concatenated parts."""

    @abstractmethod
    def _parts(self) -> PartSource:
        """Return the parts, to be decoded."""

    def _begin_decoding(self, iterator: object) -> None:
        if self._decoded_by is not iterator:
            self._require_undecoded()
            self._decoded_by = iterator

    def _require_undecoded(self) -> None:
        if self._decoded_by is not None and self.error is None:
            message = (
                "another iterator of the stream may hold items; keep it, and read it "
                "to its end"
            )
            raise ClientStateError(message)

    @property
    def usage(self) -> Usage | None:
        """The numbers of tokens that `iter_deltas` last read; None without any.

        A decoder of `iter_decoded` may report them in an attribute ``usage``.
        """
        source = self._usage_source
        return None if source is None else source.usage

    def iter_decoded(self, decoder: Decoder[T]) -> DecodedStream[T]:
        """Iterate over the items that *decoder* makes of the bytes.

        Args:
            decoder: An object with ``feed(data, items)`` and ``close(items)``, which
                append items to a list. They may raise an `OutputDecodingError`; another
                exception is wrapped in one.

        Raises:
            ParamValidationError: *decoder* lacks one of them.
        """
        for name in ("feed", "close"):
            if not callable(getattr(decoder, name, None)):
                problem = f"decoder {type(decoder).__name__} has no method {name}"
                raise ParamValidationError(problem, [problem])
        if isinstance(decoder, ReportsUsage):
            self._usage_source = decoder
        return DecodedStream(self._parts(), decoder)

    def iter_text(self, errors: TextErrors = "strict") -> DecodedStream[str]:
        """Iterate over the text, in pieces of whole characters.

        Args:
            errors: ``strict`` raises `InvalidTextError` for bytes that are not UTF-8;
                ``replace`` yields U+FFFD.
        """
        require_mode(errors)
        decoder = TextDecoder(errors)
        return DecodedStream(self._parts(), decoder, joins_parts=False)

    async def read_text(self, errors: TextErrors = "strict") -> str:
        """Return the text of the whole stream.

        If the call is cancelled, the next one continues, and returns the whole text.

        Raises:
            InvalidTextError: The bytes are not UTF-8; ``text`` is what came before.
        """
        if self._reading is None:  # else an earlier call was cancelled
            self._reading = self.iter_text(errors), []
        pieces, texts = self._reading
        try:
            async for text in pieces:
                texts.append(text)
        except OutputDecodingError as error:
            self._reading = None
            error.text = "".join(texts)
            raise
        self._reading = None
        return "".join(texts)

    def iter_lines(
        self, errors: TextErrors = "strict", *, max_line_bytes: int = MAX_LINE_BYTES
    ) -> DecodedStream[str]:
        r"""Iterate over the lines, without ``\n``, ``\r\n`` or ``\r``.

        No other character ends a line. A longer line is a `LineTooLongError`.
        """
        require_mode(errors)
        require_limit(max_line_bytes, "max_line_bytes")
        decoder = LineDecoder(errors, max_line_bytes=max_line_bytes)
        return DecodedStream(self._parts(), decoder)

    def iter_sse(
        self, errors: TextErrors = "strict", *, max_event_bytes: int = MAX_LINE_BYTES
    ) -> DecodedStream[ServerSentEvent]:
        """Iterate over server-sent events.

        An event without an empty line after it is yielded at the end of the stream.

        Iterating raises:
            UnknownFormatError: The stream ended, and no line is one of events.
            InvalidTextError, LineTooLongError: A line is invalid.
        """
        require_mode(errors)
        require_limit(max_event_bytes, "max_event_bytes")
        decoder = ServerSentEventDecoder(errors, max_event_bytes=max_event_bytes)
        return DecodedStream(self._parts(), decoder)

    def iter_json(self, *, max_value_bytes: int = MAX_LINE_BYTES) -> DecodedStream[Any]:
        """Iterate over JSON values: lines, concatenated values or event data.

        The items of an array at the top level are values of their own. Event data
        ``[DONE]`` ends the iteration.

        Iterating raises:
            InvalidJSONError: A value is not JSON.
            IncompleteOutputError: The stream ended inside a value.
        """
        require_limit(max_value_bytes, "max_value_bytes")
        decoder = JSONDecoder(self.content_type, max_value_bytes=max_value_bytes)
        return DecodedStream(self._parts(), decoder)

    def iter_deltas(
        self,
        format: str | type[DeltaFormat] | None = None,
        *,
        max_value_bytes: int = MAX_LINE_BYTES,
    ) -> DeltaStream:
        """Iterate over the text deltas of a language model.

        Formats of containers: ``openai`` (vLLM, SGLang, LMI and others), ``tgi`` (TGI
        and LMI), ``lmi-outputs``, ``lmi-3p``, ``triton``, ``sglang``, ``llama.cpp``,
        ``anthropic``, ``openai-responses``, and plain text.

        Args:
            format: A name, or a class; None recognizes the format from the content type
                and the first JSON object.

        Raises:
            ParamValidationError: The format is unknown, or the limit is invalid.

        Iterating raises:
            ContainerStreamError: The container reported an error.
            IncompleteOutputError: The stream ended without the end mark of its format.
            UnknownFormatError: The first object has none of the known formats.
            InvalidJSONError, InvalidTextError, LineTooLongError: A value is invalid.
        """
        require_limit(max_value_bytes, "max_value_bytes")
        decoder = DeltaDecoder(
            self.content_type,
            format=_format_of(format),
            formats=tuple(_formats.values()),
            max_value_bytes=max_value_bytes,
        )
        self._usage_source = decoder
        return DeltaStream(self._parts(), decoder)


def _format_of(format: str | type[DeltaFormat] | None) -> type[DeltaFormat] | None:
    if format is None:
        return None
    if not isinstance(format, str):
        return _require_format(format)
    if format not in _formats:
        known = ", ".join(_formats)
        hint = did_you_mean(format, _formats, otherwise=f"the formats are {known}")
        problem = f"unknown format {format!r}{hint}"
        raise ParamValidationError(problem, [problem])
    return _formats[format]


def _require_format(format: object) -> type[DeltaFormat]:
    if isinstance(format, type) and issubclass(format, DeltaFormat):
        if not isabstract(format) and isinstance(getattr(format, "name", None), str):
            return format
        problem = f"{format.__name__} must define name, recognizes and read"
    else:
        problem = f"a format is a name or a subclass of DeltaFormat, not {format!r}"
    raise ParamValidationError(problem, [problem])

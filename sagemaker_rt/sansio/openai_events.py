r"""Conversion of a container's streamed output into events for OpenAI's clients.

::

    {"choices": …}\n {"choices": …}\n      ─┐
    data:{"choices": …}\n\n data: …\n\n     ├─▶  data: {"choices":…}\n\n … data: [DONE]
    data: {"choices": …}\n\n {"error": …}  ─┘

These clients read server-sent events only. They take the end of the connection for the
end of the output, so ``[DONE]`` is written after complete chunks alone.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, MutableSequence
from typing import Any, Final

from sagemaker_rt.errors import (
    ContainerStreamError,
    IncompleteOutputError,
    OutputDecodingError,
    UnknownFormatError,
)
from sagemaker_rt.sansio.delta_formats import DELTA_FORMATS
from sagemaker_rt.sansio.framed_values import FramedValue, FramedValueDecoder
from sagemaker_rt.sansio.json_members import members, objects
from sagemaker_rt.sansio.openai_errors import openai_error
from sagemaker_rt.sansio.stream_errors import find_error
from sagemaker_rt.sansio.text_decoding import MAX_LINE_BYTES
from sagemaker_rt.sansio.text_deltas import DeltaFormat, Usage

__all__ = ["OpenAIEventEncoder", "encode_event"]

_DONE: Final = b"data: [DONE]\n\n"
_CHUNKS: Final = "openai"
_FORMATS: Final = [
    format for format in DELTA_FORMATS if format.name in {_CHUNKS, "openai-responses"}
]


def encode_event(value: Mapping[str, Any], event: str = "message") -> bytes:
    """Return a server-sent event with a JSON object as its data."""
    data = json.dumps(value, separators=(",", ":"))
    name = "" if event == "message" else f"event: {event}\n"
    return f"{name}data: {data}\n\n".encode()


class OpenAIEventEncoder:
    """Converts chunks of chat and text completions, and events of Responses.

    The input may be split anywhere. An error of the container is written in OpenAI's
    format and ends the output: what the container writes after it is ignored.

    Args:
        content_type: The MIME type of the output, which may be wrong.
    """

    def __init__(
        self, content_type: str | None = None, *, max_value_bytes: int = MAX_LINE_BYTES
    ) -> None:
        self._values = FramedValueDecoder(
            content_type,
            may_be_text=False,
            has_error_text=True,
            max_value_bytes=max_value_bytes,
        )
        self.usage: Usage | None = None
        """The numbers of tokens, as last reported; None if there were none."""
        self._format: DeltaFormat | None = None
        self._is_failed = False  # an error of the container was written

    def feed(self, data: bytes, events: MutableSequence[bytes]) -> None:
        """Append the events that *data* completes to *events*.

        Raises:
            OutputDecodingError: The output is invalid. The events before were appended.
            UnknownFormatError: The container does not write OpenAI's format.
        """
        self._feed(data, events, final=False)

    def close(self, events: MutableSequence[bytes]) -> None:
        """Append the events that the end of the output completes.

        Raises:
            OutputDecodingError: As `feed`.
            IncompleteOutputError: The end mark of the output is missing.
        """
        self._feed(b"", events, final=True)
        if self._is_failed:
            return
        has_ended = self._format is not None and self._format.is_finished
        if not has_ended and not self._values.is_done:
            message = "the output ended without a finish_reason, and without [DONE]"
            raise IncompleteOutputError(message)
        if self._format is None or self._format.name == _CHUNKS:
            events.append(_DONE)

    def _feed(
        self, data: bytes, events: MutableSequence[bytes], *, final: bool
    ) -> None:
        if self._is_failed:
            return
        values: deque[FramedValue] = deque()
        try:
            try:
                if final:
                    self._values.close(values)
                else:
                    self._values.feed(data, values)
            finally:  # the values before an invalid one are valid
                for value, event in values:
                    self._read(value, event, events)
        except OutputDecodingError:
            if not self._is_failed:
                raise

    def _read(self, value: object, event: str, events: MutableSequence[bytes]) -> None:
        if isinstance(value, list):
            for item in value:
                self._read(item, event, events)
        elif not self._is_failed:
            error = find_error(value, event)
            # numbers, literals and strings between the objects have no meaning
            if error is None and isinstance(value, Mapping):
                error = self._read_object(value, event, events)
            if error is not None:
                self._is_failed = True
                events.append(encode_event(_document_of(error)))

    def _read_object(
        self, value: Mapping[str, Any], event: str, events: MutableSequence[bytes]
    ) -> ContainerStreamError | None:
        """Append the event of an object, and return the error that it reports."""
        if value.get("type") == "ping":
            return None
        is_first = self._format is None
        self._format = self._format or _format_of(value)
        events.append(encode_event(_as_chunk(value, is_first=is_first), event))
        try:
            # the format also learns whether the output is finished
            for delta in self._format.read(value):
                self.usage = delta.usage or self.usage
        except ContainerStreamError as error:
            # clients know the event `response.failed`, and no chunk of that kind
            return error if self._format.name == _CHUNKS else None
        return None


def _format_of(value: Mapping[str, Any]) -> DeltaFormat:
    for format in _FORMATS:
        if format.recognizes(value):
            return format()
    message = (
        f"an object with the members {list(value)!r} is neither a chunk nor an event "
        "of OpenAI's API; does the container serve that?"
    )
    raise UnknownFormatError(message)


def _document_of(error: ContainerStreamError) -> dict[str, Any]:
    return openai_error(
        error.message or str(error), type=error.error_type, code=error.error_code
    )


def _as_chunk(value: Mapping[str, Any], *, is_first: bool) -> Mapping[str, Any]:
    """Return a whole answer as a chunk: not every container streams every answer.

    After other chunks, a whole answer repeats them.
    """
    if value.get("object") != "chat.completion":
        return value
    choices = [
        {"delta": _delta_of(choice) if is_first else {}, **_without_message(choice)}
        for choice in objects(value.get("choices"))
    ]
    return {**value, "object": "chat.completion.chunk", "choices": choices}


def _without_message(choice: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in choice.items() if name != "message"}


def _delta_of(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the message of a choice as a delta, in which tool calls are numbered."""
    message = members(choice.get("message"))
    calls = objects(message.get("tool_calls"))
    numbered = [{"index": index, **call} for index, call in enumerate(calls)]
    return {**message, "tool_calls": numbered} if numbered else message

"""Formats of typed events: the Messages of Anthropic and the Responses of OpenAI."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagemaker_rt.errors import ContainerStreamError
from sagemaker_rt.sansio.json_members import integer, members, objects, text, usage_of
from sagemaker_rt.sansio.text_deltas import (
    DeltaFormat,
    TextDelta,
    ToolCallDelta,
    Usage,
)

__all__ = ["EVENT_FORMATS"]

_MESSAGE_EVENTS: Final = frozenset(
    {
        "message",
        "message_start",
        "message_delta",
        "message_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "ping",
    }
)


class AnthropicFormat(DeltaFormat):
    """Events of Anthropic's Messages, and a whole message."""

    name = "anthropic"

    def __init__(self) -> None:
        super().__init__()
        self._usage = Usage()

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return value.get("type") in _MESSAGE_EVENTS

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        kind = value.get("type")
        index = integer(value.get("index")) or 0
        if kind == "content_block_start":
            yield self._block(members(value.get("content_block")), index, value)
        elif kind == "content_block_delta":
            yield self._block(members(value.get("delta")), index, value)
        elif kind == "message_stop":
            self.is_finished = True
        elif kind in {"message", "message_start", "message_delta"}:
            yield from self._message(value)

    def _message(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        message = members(value.get("message")) or value
        for index, block in enumerate(objects(message.get("content"))):
            yield self._block(block, index, value)
        reported = message.get("usage")
        names = ("input_tokens", "output_tokens")
        usage = usage_of(reported, *names, earlier=self._usage)
        self._usage = usage or self._usage
        change = members(value.get("delta")) or message
        stop_reason = text(change.get("stop_reason")) or None
        self.is_finished = self.is_finished or stop_reason is not None
        yield TextDelta("", 0, stop_reason, usage, raw=value)

    def _block(
        self, block: Mapping[str, Any], index: int, raw: Mapping[str, Any]
    ) -> TextDelta:
        calls: tuple[ToolCallDelta, ...] = ()
        kind = block.get("type")
        if kind == "tool_use":
            input = members(
                block.get("input")
            )  # empty at the start of a streamed block
            arguments = json.dumps(input, ensure_ascii=False) if input else ""
            call_id, name = text(block.get("id")), text(block.get("name"))
            calls = (ToolCallDelta(index, call_id or None, name or None, arguments),)
        elif kind == "input_json_delta":
            calls = (ToolCallDelta(index, arguments=text(block.get("partial_json"))),)
        reasoning = text(block.get("thinking"))
        return TextDelta(
            text(block.get("text")), tool_calls=calls, reasoning=reasoning, raw=raw
        )


class ResponsesFormat(DeltaFormat):
    """Events of OpenAI's Responses, and a whole response."""

    name = "openai-responses"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        is_event = text(value.get("type")).startswith("response.")
        return is_event or value.get("object") == "response"

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        kind = text(value.get("type"))
        new_text = text(value.get("delta"))
        index = integer(value.get("output_index")) or 0
        if kind == "response.output_text.delta":
            yield TextDelta(new_text, raw=value)
        elif kind.startswith("response.reasoning") and kind.endswith(".delta"):
            new_text = new_text or text(members(value.get("delta")).get("text"))
            yield TextDelta(reasoning=new_text, raw=value)
        elif kind == "response.function_call_arguments.delta":
            call = ToolCallDelta(index, arguments=new_text)
            yield TextDelta(tool_calls=(call,), raw=value)
        elif kind == "response.output_item.added":
            yield from self._item(members(value.get("item")), index, value)
        elif kind in _ENDS:
            yield from self._end(kind, members(value.get("response")), value)
        elif value.get("object") == "response":
            for position, item in enumerate(objects(value.get("output"))):
                yield from self._item(item, position, value)
            yield from self._end("", value, value)

    def _item(
        self, item: Mapping[str, Any], index: int, raw: Mapping[str, Any]
    ) -> Iterator[TextDelta]:
        kind = item.get("type")
        if kind == "function_call":
            call_id = text(item.get("call_id")) or text(item.get("id")) or None
            name = text(item.get("name")) or None
            call = ToolCallDelta(index, call_id, name, text(item.get("arguments")))
            yield TextDelta(tool_calls=(call,), raw=raw)
        elif kind == "message":  # without content at the start of a streamed one
            for part in objects(item.get("content")):
                yield TextDelta(text(part.get("text")), raw=raw)
        elif kind == "reasoning":
            for part in (*objects(item.get("summary")), *objects(item.get("content"))):
                yield TextDelta(reasoning=text(part.get("text")), raw=raw)

    def _end(
        self, kind: str, response: Mapping[str, Any], raw: Mapping[str, Any]
    ) -> Iterator[TextDelta]:
        self.is_finished = True
        status = text(response.get("status")) or kind.removeprefix("response.")
        usage = usage_of(response.get("usage"), "input_tokens", "output_tokens")
        yield TextDelta("", 0, status, usage, raw=raw)
        if status == "failed":
            error = members(response.get("error"))
            message, code = text(error.get("message")), text(error.get("code"))
            raise ContainerStreamError.reported(
                message or None, error_code=code or None, raw=raw
            )


_ENDS: Final = frozenset(
    {"response.completed", "response.incomplete", "response.failed"}
)
EVENT_FORMATS: Final[tuple[type[DeltaFormat], ...]] = (AnthropicFormat, ResponsesFormat)
"""The formats of this module."""

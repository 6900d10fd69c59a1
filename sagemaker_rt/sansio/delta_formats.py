"""The formats in which model containers stream text.

The shapes are those of Text Generation Inference, vLLM, SGLang, DJL Serving (LMI),
Triton Inference Server, llama.cpp, and the streaming APIs of OpenAI and Anthropic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from sagemaker_rt.errors import ContainerStreamError
from sagemaker_rt.sansio.event_formats import EVENT_FORMATS
from sagemaker_rt.sansio.json_members import (
    integer,
    members,
    objects,
    strings,
    text,
    usage_of,
)
from sagemaker_rt.sansio.text_deltas import (
    DeltaFormat,
    TextDelta,
    ToolCallDelta,
    Usage,
)

__all__ = ["DELTA_FORMATS", "find_error"]


class OpenAIFormat(DeltaFormat):
    """Chunks and whole answers of chat and of text completions."""

    name = "openai"

    def __init__(self) -> None:
        super().__init__()
        self._unfinished: set[int] = set()

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return isinstance(value.get("choices"), list)

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        usage = usage_of(value.get("usage"), "prompt_tokens", "completion_tokens")
        is_failed = False
        for choice in objects(value.get("choices")):
            delta = self._read_choice(choice, usage, value)
            is_failed = is_failed or delta.finish_reason == "error"
            yield delta
            usage = None  # is reported once
        if usage is not None:
            yield TextDelta(usage=usage, raw=value)
        if is_failed and "error" not in value:
            raise ContainerStreamError.reported(None, error_type="error", raw=value)

    def _read_choice(
        self, choice: Mapping[str, Any], usage: Usage | None, raw: Mapping[str, Any]
    ) -> TextDelta:
        index = integer(choice.get("index")) or 0
        message = members(choice.get("delta")) or members(choice.get("message"))
        finish_reason = text(choice.get("finish_reason")) or None
        if finish_reason is None:
            self._unfinished.add(index)
        else:
            self._unfinished.discard(index)
            self.is_finished = not self._unfinished
        return TextDelta(
            _content(message.get("content")) or text(choice.get("text")),
            index,
            finish_reason,
            usage,
            _tool_calls(message.get("tool_calls")),
            text(message.get("reasoning")) or text(message.get("reasoning_content")),
            raw,
        )


class TokenFormat(DeltaFormat):
    """Tokens of Text Generation Inference and of DJL Serving."""

    name = "tgi"

    def __init__(self) -> None:
        super().__init__()
        self._has_tokens = False

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "token" in value or "generated_text" in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        token = members(value.get("token"))
        details = members(value.get("details"))
        is_special = token.get("special") is True or token.get("special_token") is True
        new_text = "" if is_special else text(token.get("text"))
        self._has_tokens = self._has_tokens or bool(token)
        whole_text = value.get("generated_text")
        if isinstance(whole_text, str):
            self.is_finished = True
            if not self._has_tokens:  # else it repeats the tokens
                new_text = whole_text
        finish_reason = text(details.get("finish_reason")) or None
        usage = usage_of(details, "input_length", "generated_tokens")
        yield TextDelta(new_text, 0, finish_reason, usage, raw=value)
        message = text(token.get("error_msg"))
        if message or finish_reason == "error":
            kind = None if message else "error"
            raise ContainerStreamError.reported(
                message or None, error_type=kind, raw=value
            )


class StringsFormat(DeltaFormat):
    """Objects of which one member has a string, or one string for each prompt."""

    member: ClassVar[str]
    has_end_mark: ClassVar = False

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return cls.member in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        for index, new_text in enumerate(strings(value.get(self.member))):
            yield TextDelta(new_text, index, raw=value)


class OutputsFormat(StringsFormat):
    """Outputs of DJL Serving's dynamic batching."""

    name = "lmi-outputs"
    member = "outputs"


class GenerationFormat(DeltaFormat):
    """The ``3p`` output of DJL Serving: ``generation`` in a ``body``."""

    name = "lmi-3p"

    def __init__(self) -> None:
        super().__init__()
        self._usage = Usage()

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "generation" in members(value.get("body"))

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        body = members(value.get("body"))
        names = ("prompt_token_count", "generation_token_count")
        usage = usage_of(body, *names, earlier=self._usage)
        self._usage = usage or self._usage
        stop_reason = text(body.get("stop_reason")) or None
        self.is_finished = self.is_finished or stop_reason is not None
        yield TextDelta(text(body.get("generation")), 0, stop_reason, usage, raw=value)
        if stop_reason == "error" and "error" not in value:
            raise ContainerStreamError.reported(None, error_type="error", raw=value)


class TritonFormat(StringsFormat):
    """Outputs of Triton's ``generate_stream``."""

    name = "triton"
    member = "text_output"


class SGLangFormat(DeltaFormat):
    """SGLang's own events, in which each has the whole text so far."""

    name = "sglang"

    def __init__(self) -> None:
        super().__init__()
        self._texts: dict[int, str] = {}
        self._unfinished: set[int] = set()

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "meta_info" in value and "text" in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        index = integer(value.get("index")) or 0
        facts = members(value.get("meta_info"))
        whole_text = text(value.get("text"))
        # The server option --stream-output sends new text only.
        new_text = whole_text.removeprefix(self._texts.get(index, ""))
        self._texts[index] = whole_text
        reason = facts.get("finish_reason")
        finish_reason = text(members(reason).get("type")) or text(reason) or None
        if finish_reason is None:
            self._unfinished.add(index)
        else:
            self._unfinished.discard(index)
            self.is_finished = not self._unfinished
        usage = usage_of(facts, "prompt_tokens", "completion_tokens")
        yield TextDelta(new_text, index, finish_reason, usage, raw=value)


class LlamaFormat(DeltaFormat):
    """Events of llama.cpp's ``/completion``."""

    name = "llama.cpp"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return isinstance(value.get("content"), str) and "stop" in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        finish_reason = None
        if value.get("stop") is True:
            self.is_finished = True
            finish_reason = text(value.get("stop_type")) or _old_stop_type(value)
        usage = usage_of(value, "tokens_evaluated", "tokens_predicted")
        index = 0  # the member `index` numbers the prompts of a batch
        yield TextDelta(
            text(value.get("content")), index, finish_reason, usage, raw=value
        )


DELTA_FORMATS: Final[tuple[type[DeltaFormat], ...]] = (
    OpenAIFormat,
    TokenFormat,
    OutputsFormat,
    GenerationFormat,
    TritonFormat,
    SGLangFormat,
    LlamaFormat,
    *EVENT_FORMATS,
)
"""The formats, in the order in which they are tried."""


def find_error(value: Mapping[str, Any], event: str) -> ContainerStreamError | None:
    """Return the error that a JSON object reports, in any format."""
    error = value.get("error")
    if isinstance(error, str) and error:
        kind, code = value.get("error_type"), value.get("code")
        return ContainerStreamError.reported(
            error, error_type=text(kind) or None, error_code=_code(code), raw=value
        )
    if isinstance(error, Mapping):
        return _error_of(error, value)
    is_error = event == "error" or "error" in (value.get("object"), value.get("type"))
    is_java_error = isinstance(value.get("code"), int) and "message" in value
    return _error_of(value, value) if is_error or is_java_error else None


def _error_of(error: Mapping[str, Any], raw: Mapping[str, Any]) -> ContainerStreamError:
    codes = (error.get(name) for name in ("code", "http_status_code", "error_code"))
    kind = text(error.get("type"))
    return ContainerStreamError.reported(
        text(error.get("message")) or text(error.get("error_msg")) or None,
        error_type=kind if kind and kind != "error" else None,
        error_code=next((code for code in map(_code, codes) if code is not None), None),
        raw=raw,
    )


def _code(value: object) -> str | int | None:
    return value if isinstance(value, (str, int)) else None


def _content(content: object) -> str:
    """Return a content that is a string, or a list of parts of which some have text."""
    if isinstance(content, str):
        return content
    return "".join(text(part.get("text")) for part in objects(content))


def _tool_calls(value: object) -> tuple[ToolCallDelta, ...]:
    calls: list[ToolCallDelta] = []
    for position, call in enumerate(objects(value)):
        function = members(call.get("function"))
        index = integer(call.get("index"))
        calls.append(
            ToolCallDelta(
                position if index is None else index,
                text(call.get("id")) or None,
                text(function.get("name")) or None,
                text(function.get("arguments")),
            )
        )
    return tuple(calls)


def _old_stop_type(value: Mapping[str, Any]) -> str | None:
    names = {"stopped_eos": "eos", "stopped_limit": "limit", "stopped_word": "word"}
    return next((kind for name, kind in names.items() if value.get(name)), None)

"""The formats in which model containers stream text.

The shapes are those of Text Generation Inference, vLLM, SGLang, DJL Serving (LMI),
Triton Inference Server, llama.cpp, and the streaming APIs of OpenAI and Anthropic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from types import NoneType
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

__all__ = ["DELTA_FORMATS"]

_WHOLE_TEXTS: Final = ("generated_text", "generated_texts")
_SPECIAL: Final = ("special", "special_token")


class OpenAIFormat(DeltaFormat):
    """Chunks and whole answers of chat and of text completions."""

    name = "openai"

    def __init__(self) -> None:
        super().__init__()
        self._choices = _Choices()
        self._streamed: set[int] = set()  # the choices that had deltas

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return isinstance(value.get("choices", 0), (list, NoneType))

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
        message = members(choice.get("delta"))
        if message:
            self._streamed.add(index)
        elif index not in self._streamed:  # else it repeats the deltas
            message = members(choice.get("message"))
        finish_reason = text(choice.get("finish_reason")) or None
        self.is_finished = self._choices.are_finished_with(index, finish_reason)
        return TextDelta(
            _content(message.get("content")) or text(choice.get("text")),
            index,
            finish_reason,
            usage,
            _tool_calls(message),
            text(message.get("reasoning")) or text(message.get("reasoning_content")),
            raw,
        )


class TokenFormat(DeltaFormat):
    """Tokens of Text Generation Inference and of DJL Serving, and whole answers."""

    name = "tgi"

    def __init__(self) -> None:
        super().__init__()
        self._has_tokens = False
        self._answers = 0  # those that were received without tokens

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return any(name in value for name in ("token", *_WHOLE_TEXTS))

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        token = members(value.get("token"))
        details = members(value.get("details"))
        finish_reason = text(details.get("finish_reason")) or None
        usage = usage_of(details, "input_length", "generated_tokens")
        self._has_tokens = self._has_tokens or bool(token)
        whole_texts = [one for name in _WHOLE_TEXTS for one in strings(value.get(name))]
        self.is_finished = self.is_finished or bool(whole_texts)
        if self._has_tokens or not whole_texts:  # a whole text repeats the tokens
            is_special = any(token.get(name) is True for name in _SPECIAL)
            new_text = "" if is_special else text(token.get("text"))
            yield TextDelta(new_text, 0, finish_reason, usage, raw=value)
            whole_texts.clear()
        for whole_text in whole_texts:  # one for each prompt
            index, self._answers = self._answers, self._answers + 1
            yield TextDelta(whole_text, index, finish_reason, usage, raw=value)
        message = text(token.get("error_msg"))
        if message or finish_reason == "error":
            kind = None if message else "error"
            raise ContainerStreamError.reported(
                message or None, error_type=kind, raw=value
            )


class StringsFormat(DeltaFormat):
    """Objects of which one member has a string, or one string for each prompt."""

    member: ClassVar[str]
    has_end_mark = False

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return cls.member in value and not objects(value[cls.member])

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        for index, new_text in enumerate(strings(value.get(self.member))):
            yield TextDelta(new_text, index, raw=value)


class OutputsFormat(StringsFormat):
    """Outputs of DJL Serving's dynamic batching."""

    name = "lmi-outputs"
    member = "outputs"


class GenerationFormat(DeltaFormat):
    """The ``3p`` output of DJL Serving, and answers of JumpStart: ``generation``."""

    name = "lmi-3p"

    def __init__(self) -> None:
        super().__init__()
        self._usage = Usage()
        self._answers = 0

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "generation" in (members(value.get("body")) or value)

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        body = members(value.get("body")) or value
        names = ("prompt_token_count", "generation_token_count")
        usage = usage_of(body, *names, earlier=self._usage)
        self._usage = usage or self._usage
        stop_reason = text(body.get("stop_reason")) or None
        self.is_finished = self.is_finished or stop_reason is not None
        # an answer of JumpStart may have no stop reason
        self.has_end_mark = "body" in value or "stop_reason" in value
        new_text, index = text(body.get("generation")), 0
        if message := members(body.get("generation")):  # one for each prompt
            new_text = text(message.get("content"))
            index, self._answers = self._answers, self._answers + 1
        yield TextDelta(new_text, index, stop_reason, usage, raw=value)
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
        self._texts: dict[int, _WholeText] = {}
        self._choices = _Choices()

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "meta_info" in value and "text" in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        index = integer(value.get("index")) or 0
        facts = members(value.get("meta_info"))
        whole_text = self._texts.setdefault(index, _WholeText())
        new_text = whole_text.added_by(text(value.get("text")))
        reason = facts.get("finish_reason")
        finish_reason = text(members(reason).get("type")) or text(reason) or None
        self.is_finished = self._choices.are_finished_with(index, finish_reason)
        usage = usage_of(facts, "prompt_tokens", "completion_tokens")
        yield TextDelta(new_text, index, finish_reason, usage, raw=value)


class LlamaFormat(DeltaFormat):
    """Events of llama.cpp's ``/completion``."""

    name = "llama.cpp"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "stop" in value and isinstance(value.get("content", 0), (str, NoneType))

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


def _content(content: object) -> str:
    """Return a content that is a string, or a list of parts of which some have text."""
    if isinstance(content, str):
        return content
    return "".join(text(part.get("text")) for part in objects(content))


def _tool_calls(message: Mapping[str, Any]) -> tuple[ToolCallDelta, ...]:
    calls: list[ToolCallDelta] = []
    for position, call in enumerate(objects(message.get("tool_calls"))):
        index = integer(call.get("index"))
        function = members(call.get("function"))
        calls.append(
            ToolCallDelta(
                position if index is None else index,
                text(call.get("id")) or None,
                text(function.get("name")) or None,
                text(function.get("arguments")),
            )
        )
    if function := members(message.get("function_call")):  # the predecessor of tools
        name = text(function.get("name")) or None
        calls.append(ToolCallDelta(0, None, name, text(function.get("arguments"))))
    return tuple(calls)


class _Choices:
    """The choices of an answer, by index."""

    def __init__(self) -> None:
        self._started: set[int] = set()
        self._finished: set[int] = set()

    def are_finished_with(self, index: int, finish_reason: str | None) -> bool:
        """Add a delta of a choice; return whether all choices are finished."""
        self._started.add(index)
        if finish_reason is not None:
            self._finished.add(index)  # and stays so in later deltas
        return self._started == self._finished


def _old_stop_type(value: Mapping[str, Any]) -> str | None:
    names = {"stopped_eos": "eos", "stopped_limit": "limit", "stopped_word": "word"}
    return next((kind for name, kind in names.items() if value.get(name)), None)


class _WholeText:
    """The text of an answer, of which each event has the whole.

    With the server option ``--stream-output``, each has the new text only. The first
    text that does not begin with the one before it shows that.
    """

    def __init__(self) -> None:
        self._text = self._repeated = ""
        self._is_cumulative: bool | None = None

    def added_by(self, received: str) -> str:
        """Return what is new in *received*."""
        earlier, self._text = self._text, received
        if self._is_cumulative is None and earlier and received:
            if received == earlier:  # it is not known whether it repeats the text
                self._repeated += received
                return ""
            self._is_cumulative = received.startswith(earlier)
            if not self._is_cumulative:
                return self._repeated + received
        if self._is_cumulative is False:
            return received
        if received.startswith(earlier):
            return received[len(earlier) :]
        pairs = zip(earlier, received, strict=False)  # the end of it was changed
        return received[len([*takewhile(lambda pair: pair[0] == pair[1], pairs)]) :]

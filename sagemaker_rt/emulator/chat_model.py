"""A chat model in the format of OpenAI, as vLLM and DJL Serving have it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
)

__all__ = ["ChatFraming", "chat", "repeat"]

ChatFraming: TypeAlias = Literal["events", "json"]
"""``events`` is the framing of vLLM: server-sent events that end with ``[DONE]``.
``json`` is that of DJL Serving (LMI): one JSON object in each line, and no end mark."""

_WORD: Final = re.compile(r"\s*\S+")


def repeat(text: str) -> str:
    """Return the reply of `chat` to the message *text*."""
    return f"You said: {text}"


def chat(
    reply: Callable[[str], str] = repeat,
    *,
    pause: float = 0.0,
    framing: ChatFraming = "events",
) -> Model:
    """Return a chat model, which accepts and returns the JSON of OpenAI.

    With ``"stream": true`` in the request, the reply is streamed word by word. A word
    counts as a token, and ``max_tokens`` limits the reply.

    Args:
        reply: Returns the reply to the text of the last message.
        pause: Seconds before each chunk of a streamed reply.
        framing: How chunks of a streamed reply are separated.
    """

    async def model(request: InvocationRequest) -> ModelResponse:
        asked = _Request.parse(request.body)
        answer = _Answer(asked, reply(asked.text))
        if not asked.is_stream:
            return ModelResponse(
                json.dumps(answer.whole()).encode(), content_type="application/json"
            )
        if framing == "events":
            parts = _events(answer, pause)
            return ModelResponse(parts, content_type="text/event-stream")
        lines = _lines(answer, pause)
        return ModelResponse(lines, content_type="application/jsonlines")

    return model


@frozen(kw_only=True)
class _Request:
    """A chat request."""

    model: str
    text: str
    """The text of the last message."""
    prompt_tokens: int
    max_tokens: int | None
    is_stream: bool
    has_usage_chunk: bool

    @classmethod
    def parse(cls, body: bytes) -> _Request:
        """Return the request in *body*.

        Raises:
            ModelFailure: The body is not a chat request (status 400).
        """
        try:
            document = json.loads(body)
        except ValueError as error:
            message = f"the body is not JSON: {error}"
            raise _bad_request(message) from error
        messages = document.get("messages") if isinstance(document, dict) else None
        if not isinstance(messages, list) or not messages:
            message = "messages must be a list with at least one message"
            raise _bad_request(message)
        texts = [_text_of(message) for message in messages]
        limit = document.get("max_completion_tokens", document.get("max_tokens"))
        stream_options = document.get("stream_options")
        return cls(
            model=str(document.get("model") or "emulator"),
            text=texts[-1],
            prompt_tokens=sum(len(_WORD.findall(text)) for text in texts),
            max_tokens=limit if isinstance(limit, int) else None,
            is_stream=document.get("stream") is True,
            has_usage_chunk=isinstance(stream_options, dict)
            and stream_options.get("include_usage") is True,
        )


class _Answer:
    """The reply to *request*, as one document or in chunks."""

    def __init__(self, request: _Request, text: str) -> None:
        self._request = request
        words = _WORD.findall(text)
        self._words = words[: request.max_tokens]
        self._finish_reason = "stop" if self._words == words else "length"

    def whole(self) -> dict[str, Any]:
        """Return the document of a reply that is not streamed."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "".join(self._words)},
            "finish_reason": self._finish_reason,
        }
        return self._document("chat.completion", [choice], usage=self._usage)

    def chunks(self) -> Iterator[dict[str, Any]]:
        """Yield the chunks of a streamed reply."""
        yield self._chunk({"role": "assistant", "content": ""})
        for word in self._words:
            yield self._chunk({"content": word})
        yield self._chunk({}, finish_reason=self._finish_reason)
        if self._request.has_usage_chunk:
            yield self._document("chat.completion.chunk", [], usage=self._usage)

    @property
    def _usage(self) -> dict[str, int]:
        prompt, completion = self._request.prompt_tokens, len(self._words)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }

    def _chunk(
        self, delta: Mapping[str, str], finish_reason: str | None = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._document("chat.completion.chunk", [choice])

    def _document(
        self, kind: str, choices: list[dict[str, Any]], **members: object
    ) -> dict[str, Any]:
        return {
            "id": "chatcmpl-emulator",
            "object": kind,
            "created": 1_700_000_000,
            "model": self._request.model,
            "choices": choices,
            **members,
        }


async def _events(answer: _Answer, pause: float) -> AsyncGenerator[bytes]:
    for chunk in answer.chunks():
        await asyncio.sleep(pause)
        yield f"data: {json.dumps(chunk)}\n\n".encode()
    yield b"data: [DONE]\n\n"


async def _lines(answer: _Answer, pause: float) -> AsyncGenerator[bytes]:
    for chunk in answer.chunks():
        await asyncio.sleep(pause)
        yield f"{json.dumps(chunk)}\n".encode()
    yield b"\n"


def _text_of(message: object) -> str:
    """Return the text of a message, whose content is a string or a list of parts."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def _bad_request(message: str) -> ModelFailure:
    error = {"message": message, "type": "BadRequestError", "param": None, "code": 400}
    return ModelFailure(400, json.dumps({"error": error}))

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sagemaker_rt.emulator.chat_model import chat
from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
    call_model,
)

QUESTION = {"role": "user", "content": "Who is there?"}


async def ask(model: Model, document: object) -> ModelResponse:
    request = InvocationRequest(
        operation="InvokeEndpoint",
        endpoint_name="chat",
        body=json.dumps(document).encode(),
        production_variant="AllTraffic",
    )
    return await call_model(model, request)


async def reply_to(document: object) -> dict[str, Any]:
    response = await ask(chat(), document)
    whole: dict[str, Any] = json.loads(await response.whole())
    return whole


async def parts_of(response: ModelResponse) -> list[bytes]:
    return [part async for part in response.parts(1024)]


async def test_a_reply_is_one_document() -> None:
    response = await ask(chat(), {"model": "m", "messages": [QUESTION]})

    message = {"role": "assistant", "content": "You said: Who is there?"}
    assert "application/json" == response.content_type
    assert {
        "id": "chatcmpl-emulator",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
    } == json.loads(await response.whole())


async def test_a_streamed_reply_is_events_with_an_end_mark() -> None:
    model = chat(str.upper)

    response = await ask(model, {"messages": [QUESTION], "stream": True})
    parts = await parts_of(response)

    chunks = [json.loads(part.removeprefix(b"data: ")) for part in parts[:-1]]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert "text/event-stream" == response.content_type
    assert b"data: [DONE]\n\n" == parts[-1]
    assert [
        {"role": "assistant", "content": ""},
        {"content": "WHO"},
        {"content": " IS"},
        {"content": " THERE?"},
        {},
    ] == deltas
    assert "stop" == chunks[-1]["choices"][0]["finish_reason"]
    assert {"chat.completion.chunk"} == {chunk["object"] for chunk in chunks}


async def test_a_streamed_reply_may_be_json_lines_without_an_end_mark() -> None:
    model = chat(str.upper, framing="json")

    response = await ask(model, {"messages": [QUESTION], "stream": True})
    lines = b"".join(await parts_of(response)).split(b"\n")

    assert "application/jsonlines" == response.content_type
    assert [b"", b""] == lines[-2:]
    assert 5 == len([json.loads(line) for line in lines if line])


async def test_usage_is_a_chunk_without_choices_if_it_is_requested() -> None:
    document = {
        "messages": [QUESTION],
        "stream": True,
        "stream_options": {"include_usage": True},
    }

    parts = await parts_of(await ask(chat(), document))

    last = json.loads(parts[-2].removeprefix(b"data: "))
    assert [] == last["choices"]
    assert 8 == last["usage"]["total_tokens"]


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_the_number_of_words_can_be_limited(name: str) -> None:
    whole = await reply_to({"messages": [QUESTION], name: 2})

    choice = whole["choices"][0]
    assert "You said:" == choice["message"]["content"]
    assert "length" == choice["finish_reason"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], " ab"),
        ([{"type": "image_url"}, "x"], ""),
        (None, ""),
    ],
)
async def test_a_message_may_have_parts(content: object, text: str) -> None:
    whole = await reply_to({"messages": [{"role": "user", "content": content}]})

    assert f"You said:{text}" == whole["choices"][0]["message"]["content"]


@pytest.mark.parametrize("document", [[], {}, {"messages": []}, {"messages": "x"}])
async def test_a_request_without_messages_is_rejected(document: object) -> None:
    with pytest.raises(ModelFailure) as caught:
        await ask(chat(), document)

    error = json.loads(caught.value.message)["error"]
    assert 400 == caught.value.status
    assert ("BadRequestError", 400) == (error["type"], error["code"])


async def test_a_request_that_is_not_json_is_rejected() -> None:
    request = InvocationRequest(
        operation="InvokeEndpoint",
        endpoint_name="chat",
        body=b"{",
        production_variant="AllTraffic",
    )

    with pytest.raises(ModelFailure) as caught:
        await call_model(chat(), request)

    assert 400 == caught.value.status


async def test_chunks_may_be_slow() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()

    document = {"messages": [QUESTION], "stream": True}
    await parts_of(await ask(chat(pause=0.01), document))

    assert 0.05 <= loop.time() - start

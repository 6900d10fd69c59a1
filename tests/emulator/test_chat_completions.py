from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from sagemaker_rt.emulator.chat_completions import ChatCompletions
from sagemaker_rt.emulator.models import InvocationRequest, Model, ModelFailure, failing
from sagemaker_rt.emulator.responses import (
    Answer,
    RequestRejected,
    ResponseBroken,
    StreamedAnswer,
)
from tests.emulator.signed_requests import received
from tests.emulator.test_invocations import handler

CHAT = "/endpoints/m/openai/v1/chat/completions"
IN_COMPONENT = "/endpoints/m/inference-components/c/openai/v1/chat/completions"


async def answer(
    model: Model, path: str = CHAT, **headers: str
) -> Answer | StreamedAnswer:
    route = ChatCompletions(handler(m=model))
    request = received(
        path, b"{}", headers=headers, operation="ChatCompletions", endpoint_name="m"
    )
    return await route.answer(request)


async def parts_of(answered: Answer | StreamedAnswer) -> list[bytes]:
    assert isinstance(answered, StreamedAnswer)
    async with aclosing(answered.frames) as frames:
        return [part async for part in frames]


async def words(_: InvocationRequest) -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


async def nothing(_: InvocationRequest) -> AsyncIterator[bytes]:
    for part in list[bytes]():
        yield part


async def breaking(_: InvocationRequest) -> AsyncIterator[bytes]:
    yield b"one"
    raise ModelFailure(500, "out of memory")


async def test_a_whole_response_is_passed_on() -> None:
    seen: list[InvocationRequest] = []

    async def model(request: InvocationRequest) -> bytes:
        seen.append(request)
        return b"[]"

    answered = await answer(model, **{"content-type": "application/json"})

    assert isinstance(answered, Answer)
    assert (200, b"[]") == (answered.status, answered.body)
    assert "application/octet-stream" == answered.headers["Content-Type"]
    assert "application/json" == seen[0].content_type
    assert "ChatCompletions" == seen[0].operation


async def test_a_streamed_response_has_no_frames() -> None:
    assert [b"one", b"two"] == await parts_of(await answer(words))


async def test_a_streamed_response_may_be_empty() -> None:
    assert [] == await parts_of(await answer(nothing))


async def test_a_failure_before_the_first_part_is_an_error() -> None:
    with pytest.raises(RequestRejected) as caught:
        await answer(failing(503))

    assert "ModelError" == caught.value.answer.headers["x-amzn-errortype"]


async def test_a_failure_after_the_first_part_breaks_the_response() -> None:
    with pytest.raises(ResponseBroken):
        await parts_of(await answer(breaking))


async def test_the_component_in_the_path_is_selected() -> None:
    with pytest.raises(RequestRejected) as caught:
        await answer(words, IN_COMPONENT)

    assert b"Inference Component c not found." in caught.value.answer.body


async def test_the_header_of_the_component_is_rejected() -> None:
    with pytest.raises(RequestRejected) as caught:
        await answer(words, **{"x-amzn-sagemaker-inference-component": "c"})

    assert 400 == caught.value.answer.status

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.emulator.models import (
    BUILT_IN,
    InvocationRequest,
    Model,
    ModelAnswer,
    ModelFailure,
    ModelResponse,
    ask,
    echo,
    failing,
    json_model,
    slow,
    tokens,
)

WEIGHTS = "weights"


def request(body: bytes = b"", content_type: str | None = None) -> InvocationRequest:
    return InvocationRequest(
        operation="InvokeEndpoint",
        endpoint_name="m",
        body=body,
        content_type=content_type,
        production_variant="AllTraffic",
    )


def answering(answer: ModelAnswer) -> Model:
    async def model(_: InvocationRequest) -> ModelAnswer:
        return answer

    return model


async def in_parts(response: ModelResponse, size: int = 3) -> list[bytes]:
    return [part async for part in response.parts(size)]


class Letters:
    """An iterator that is no generator."""

    def __init__(self, letters: bytes) -> None:
        self._left = letters

    def __aiter__(self) -> Letters:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        letter, self._left = self._left[:1], self._left[1:]
        return letter


async def test_a_model_may_answer_with_bytes() -> None:
    response = await ask(answering(b"answer"), request())

    assert ModelResponse(b"answer") == response


async def test_a_model_may_answer_with_a_response() -> None:
    answer = ModelResponse(b"{}", content_type="application/json")

    assert answer is await ask(answering(answer), request())


async def test_a_model_may_yield_parts() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    response = await ask(model, request())

    assert [b"one", b"two"] == await in_parts(response)


async def test_a_model_may_return_any_iterator() -> None:
    response = await ask(answering(Letters(b"abc")), request())

    assert b"abc" == await response.whole()


async def test_a_whole_answer_is_cut_into_parts() -> None:
    assert [b"abc", b"def", b"g"] == await in_parts(ModelResponse(b"abcdefg"))


async def test_an_empty_answer_has_no_parts() -> None:
    assert [] == await in_parts(ModelResponse(b""))


async def test_a_generator_is_closed_when_its_parts_are_no_longer_wanted() -> None:
    closed = asyncio.Event()

    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        try:
            yield b"one"
            yield b"two"
        finally:
            closed.set()

    parts = (await ask(model, request())).parts(1)
    await anext(parts)

    await parts.aclose()

    assert closed.is_set()


async def test_whatever_a_model_raises_is_a_failure_of_its_own() -> None:
    async def model(_: InvocationRequest) -> bytes:
        raise LookupError(WEIGHTS)

    with pytest.raises(ModelFailure) as caught:
        await ask(model, request())

    assert 500 == caught.value.status
    assert f"LookupError: {WEIGHTS}" == caught.value.message
    assert isinstance(caught.value.__cause__, LookupError)


async def test_whatever_a_model_raises_between_parts_is_one_too() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError(WEIGHTS)

    response = await ask(model, request())

    with pytest.raises(ModelFailure, match=f"LookupError: {WEIGHTS}"):
        await response.whole()


async def test_a_failure_comes_through_as_it_is() -> None:
    with pytest.raises(ModelFailure) as caught:
        await ask(failing(418, "teapot"), request())

    assert 418 == caught.value.status
    assert caught.value.__cause__ is None


async def test_an_answer_of_another_type_is_a_failure() -> None:
    async def model(_: InvocationRequest) -> bytes:
        return "text"  # type: ignore[return-value] # what is being tested

    with pytest.raises(ModelFailure, match="not with str"):
        await ask(model, request())


async def test_cancelling_a_model_is_no_failure() -> None:
    asking = asyncio.create_task(ask(slow(3600), request()))
    await asyncio.sleep(0)

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


@pytest.mark.parametrize(("status", "kind"), [(499, "client"), (500, "server")])
def test_a_failure_is_told_as_the_service_tells_it(status: int, kind: str) -> None:
    failure = ModelFailure(status, "why")

    expected = f'Received {kind} error ({status}) from primary with message "why".'
    assert expected == failure.summary


async def test_echo_answers_with_body_type_and_attributes() -> None:
    response = await ask(echo, request(b"x", "text/plain"))

    assert ModelResponse(b"x", content_type="text/plain") == response


async def test_the_json_model_answers_with_what_it_read() -> None:
    response = await json_model(request(b'{"a": [1]}'))

    assert isinstance(response.body, bytes)
    assert {"received": {"a": [1]}} == json.loads(response.body)
    assert "application/json" == response.content_type


async def test_the_json_model_refuses_what_is_not_json() -> None:
    with pytest.raises(ModelFailure) as caught:
        await json_model(request(b"{"))

    assert 400 == caught.value.status


async def test_the_slow_model_echoes_after_its_delay() -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()

    response = await ask(slow(0.01), request(b"x"))

    assert b"x" == await response.whole()
    assert 0.01 <= loop.time() - begun


async def test_the_token_model_streams_word_by_word() -> None:
    response = await ask(tokens(), request(b" to be,\nor not"))

    assert [b" to ", b"be,\n", b"or ", b"not"] == await in_parts(response)


def test_the_built_in_endpoints_are_these() -> None:
    assert ["echo", "failing", "json", "slow", "tokens"] == sorted(BUILT_IN)

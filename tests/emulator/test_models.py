from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
    ModelResult,
    call_model,
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


def model_returning(answer: ModelResult) -> Model:
    async def model(_: InvocationRequest) -> ModelResult:
        return answer

    return model


async def in_parts(response: ModelResponse, size: int = 3) -> list[bytes]:
    return [part async for part in response.parts(size)]


class Letters:
    """An async iterator that is not a generator."""

    def __init__(self, letters: bytes) -> None:
        self._left = letters

    def __aiter__(self) -> Letters:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        letter, self._left = self._left[:1], self._left[1:]
        return letter


async def test_a_model_may_return_bytes() -> None:
    response = await call_model(model_returning(b"answer"), request())

    assert ModelResponse(b"answer") == response


async def test_a_model_may_return_a_response() -> None:
    answer = ModelResponse(b"{}", content_type="application/json")

    assert answer is await call_model(model_returning(answer), request())


async def test_a_model_may_yield_parts() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    response = await call_model(model, request())

    assert [b"one", b"two"] == await in_parts(response)


async def test_a_model_may_return_any_iterator() -> None:
    response = await call_model(model_returning(Letters(b"abc")), request())

    assert b"abc" == await response.whole()


async def test_bytes_are_divided_into_parts() -> None:
    assert [b"abc", b"def", b"g"] == await in_parts(ModelResponse(b"abcdefg"))


async def test_an_empty_body_has_no_parts() -> None:
    assert [] == await in_parts(ModelResponse(b""))


async def test_closing_the_parts_closes_the_generator() -> None:
    closed = asyncio.Event()

    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        try:
            yield b"one"
            yield b"two"
        finally:
            closed.set()

    parts = (await call_model(model, request())).parts(1)
    await anext(parts)

    await parts.aclose()

    assert closed.is_set()


async def test_an_exception_of_a_model_is_a_failure() -> None:
    async def model(_: InvocationRequest) -> bytes:
        raise LookupError(WEIGHTS)

    with pytest.raises(ModelFailure) as caught:
        await call_model(model, request())

    assert 500 == caught.value.status
    assert f"LookupError: {WEIGHTS}" == caught.value.message
    assert isinstance(caught.value.__cause__, LookupError)


async def test_an_exception_between_parts_is_a_failure() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError(WEIGHTS)

    response = await call_model(model, request())

    with pytest.raises(ModelFailure, match=f"LookupError: {WEIGHTS}"):
        await response.whole()


async def test_a_failure_is_not_converted() -> None:
    with pytest.raises(ModelFailure) as caught:
        await call_model(failing(418, "teapot"), request())

    assert 418 == caught.value.status
    assert caught.value.__cause__ is None


async def test_a_result_of_another_type_is_a_failure() -> None:
    async def model(_: InvocationRequest) -> bytes:
        return "text"  # type: ignore[return-value] # what is being tested

    with pytest.raises(ModelFailure, match="str"):
        await call_model(model, request())


async def test_cancelling_a_model_is_not_a_failure() -> None:
    calling = asyncio.create_task(call_model(slow(3600), request()))
    await asyncio.sleep(0)

    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling


@pytest.mark.parametrize(
    ("status", "kind"),
    [(0, "server"), (400, "client"), (499, "client"), (500, "server")],
)
def test_the_summary_of_a_failure_is_that_of_the_service(
    status: int, kind: str
) -> None:
    failure = ModelFailure(status, "why")

    expected = f'Received {kind} error ({status}) from primary with message "why".'
    assert expected == failure.summary


async def test_echo_returns_body_content_type_and_attributes() -> None:
    response = await call_model(echo, request(b"x", "text/plain"))

    assert ModelResponse(b"x", content_type="text/plain") == response


async def test_the_json_model_returns_the_document() -> None:
    response = await json_model(request(b'{"a": [1]}'))

    assert isinstance(response.body, bytes)
    assert {"received": {"a": [1]}} == json.loads(response.body)
    assert "application/json" == response.content_type


async def test_the_json_model_rejects_other_bodies() -> None:
    with pytest.raises(ModelFailure) as caught:
        await json_model(request(b"{"))

    assert 400 == caught.value.status


async def test_the_slow_model_responds_after_its_delay() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()

    response = await call_model(slow(0.01), request(b"x"))

    assert b"x" == await response.whole()
    assert 0.01 <= loop.time() - start


async def test_the_tokens_model_streams_word_by_word() -> None:
    response = await call_model(tokens(), request(b" to be,\nor not"))

    assert [b" to ", b"be,\n", b"or ", b"not"] == await in_parts(response)

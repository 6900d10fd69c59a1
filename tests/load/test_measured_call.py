from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import Client
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import (
    Emulator,
    InvocationRequest,
    ModelFailure,
    ModelResponse,
    service_unavailable,
)
from sagemaker_rt.load.measured_call import LoadInput, MeasuredCalls, TokenUnit
from sagemaker_rt.sansio.load_statistics import CallFacts
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)

Stream = InvokeEndpointWithResponseStreamInput


async def reasoning(request: InvocationRequest) -> ModelResponse:
    deltas = ['"reasoning_content": "a"', '"content": "b"', '"role": "x"']
    events = [f'data: {{"choices": [{{"delta": {{{one}}}}}]}}\n\n' for one in deltas]

    async def parts() -> AsyncIterator[bytes]:
        for event in (*events, "data: [DONE]\n\n"):
            yield event.encode()

    return ModelResponse(parts(), content_type="text/event-stream")


async def out_of_memory(request: InvocationRequest) -> ModelResponse:
    raise ModelFailure(500, 20 * "CUDA out of memory. Tried to allocate 2.00 GiB. ")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models: dict[str, Any] = {"reasoning": reasoning, "oom": out_of_memory}
    async with Emulator(models=models) as emulator:
        yield emulator


async def facts_of(
    emulator: Emulator, input: LoadInput, unit: TokenUnit = "tokens"
) -> CallFacts:
    time = asyncio.get_running_loop().time
    async with Client(environ=dict(environment(emulator))) as client:
        due = time() - 1
        facts = await MeasuredCalls(client, time, unit).call(input, due)
    assert due + 1 <= facts.started <= facts.ended <= time()
    assert due == facts.due
    return facts


async def test_a_whole_response_is_measured(emulator: Emulator) -> None:
    emulator.fail_next(service_unavailable())

    facts = await facts_of(
        emulator, InvokeEndpointInput(endpoint_name="echo", body=b"x")
    )

    assert (None, None, 0) == (facts.error, facts.first_token, facts.tokens)
    assert (1, 1) == (facts.response_bytes, facts.retries)


async def test_words_of_plain_text_are_counted_as_tokens(emulator: Emulator) -> None:
    input = Stream(endpoint_name="tokens", body=b"one two three")

    facts = await facts_of(emulator, input)

    assert (None, 3) == (facts.error, facts.tokens)
    assert facts.first_token is not None
    assert facts.last_token is not None
    assert facts.started <= facts.first_token <= facts.last_token <= facts.ended
    assert facts.response_bytes > len(b"one two three")


async def test_reported_tokens_are_preferred(emulator: Emulator) -> None:
    body = (
        b'{"messages": [{"role": "user", "content": "Hi"}], "stream": true,'
        b' "stream_options": {"include_usage": true}}'
    )

    facts = await facts_of(emulator, Stream(endpoint_name="chat", body=body))

    assert (None, 3) == (facts.error, facts.tokens)


async def test_reasoning_is_counted_and_empty_deltas_are_not(
    emulator: Emulator,
) -> None:
    facts = await facts_of(emulator, Stream(endpoint_name="reasoning", body=b""))

    assert (None, 2) == (facts.error, facts.tokens)


async def test_parts_are_counted_whatever_they_contain(emulator: Emulator) -> None:
    input = Stream(endpoint_name="reasoning", body=b"")

    facts = await facts_of(emulator, input, "parts")

    assert (None, 4) == (facts.error, facts.tokens)
    assert facts.first_token is not None


@pytest.mark.parametrize("unit", ["tokens", "parts"])
async def test_an_empty_stream_has_no_first_token(
    emulator: Emulator, unit: TokenUnit
) -> None:
    facts = await facts_of(emulator, Stream(endpoint_name="echo", body=b""), unit)

    assert (None, None, 0) == (facts.error, facts.first_token, facts.tokens)


async def test_errors_are_named_by_their_code_and_reason(emulator: Emulator) -> None:
    emulator.fail_next(service_unavailable(), service_unavailable())
    emulator.fail_next(service_unavailable())

    unavailable = await facts_of(
        emulator, InvokeEndpointInput(endpoint_name="echo", body=b"")
    )
    model = await facts_of(emulator, InvokeEndpointInput(endpoint_name="oom", body=b""))

    assert ("ServiceUnavailable", 2) == (unavailable.error, unavailable.retries)
    assert ("ModelError (out-of-memory)", 300) == (model.error, len(model.message))


async def test_an_error_that_is_not_of_this_library_is_counted_too(
    emulator: Emulator,
) -> None:
    async with Client(environ=dict(environment(emulator))) as client:
        broken: Any = client
        calls = MeasuredCalls(broken, asyncio.get_running_loop().time, "tokens")
        wrong: Any = object()

        facts = await calls.call(wrong, 0.0)

    assert (True, 0) == (facts.error is not None, facts.retries)

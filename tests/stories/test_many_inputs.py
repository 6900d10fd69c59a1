"""Batches of inputs, over sockets, against the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from sagemaker_rt import (
    CallProgress,
    Client,
    ConnectionLostError,
    ModelError,
    SageMakerRuntimeError,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from sagemaker_rt.emulator.faults import HANG_UP


class Model:
    """A model that counts its concurrent requests, and fails for some.

    Its first responses wait until there are *width* concurrent requests.
    """

    def __init__(self) -> None:
        self.now = self.most = self.ever = 0
        self.width = 1
        self._is_full = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.now += 1
        self.ever += 1
        self.most = max(self.most, self.now)
        try:
            if self.now == self.width:
                self._is_full.set()
            await self._is_full.wait()
            if request.body.startswith(b"hang"):
                await asyncio.get_running_loop().create_future()
            if request.body.startswith(b"fail"):
                raise ModelFailure(400, request.body.decode())
            return request.body.upper()
        finally:
            self.now -= 1


@pytest.fixture
async def model() -> Model:
    return Model()


@pytest.fixture
async def emulator(model: Model) -> AsyncIterator[Emulator]:
    async with Emulator(models={"m": model}) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
    ) as client:
        yield client


async def settled(model: Model) -> int:
    """Return the number of requests that the model handles, when it is stable."""
    for _ in range(200):
        if not model.now:
            break
        await asyncio.sleep(0.01)
    return model.now


async def test_a_thousand_inputs_have_a_thousand_results(
    client: Client, model: Model
) -> None:
    model.width = 32
    seen: list[CallProgress] = []
    inputs = [b"fail" if n % 10 == 0 else b"text %d" % n for n in range(1000)]

    results = [
        result
        async for result in client.invoke_many(
            inputs,
            endpoint_name="m",
            concurrency=32,
            on_error="collect",
            progress=seen.append,
        )
    ]

    assert [*range(1000)] == [result.index for result in results]
    assert all(
        isinstance(result.error, ModelError)
        if result.input == b"fail"
        else result.output.body == result.input.upper()
        for result in results
    )
    assert (1000, 32) == (model.ever, model.most)
    assert CallProgress(done=1000, failed=100, in_flight=0, total=1000) == seen[-1]


async def test_leaving_early_ends_the_requests_at_the_server(
    client: Client, model: Model
) -> None:
    def inputs() -> Iterator[bytes]:
        yield b"first"
        while True:
            yield b"hang"

    async with client.invoke_many(
        inputs(), endpoint_name="m", concurrency=8
    ) as results:
        async for result in results:
            assert b"FIRST" == result.output.body
            break

    assert 0 == await settled(model)
    assert b"X" == (await client.invoke_endpoint(endpoint_name="m", body=b"x")).body


async def test_a_lost_connection_fails_its_call_alone(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(HANG_UP)

    errors = [
        type(result.error)
        async for result in client.invoke_many(
            [b"a", b"b", b"c"], endpoint_name="m", concurrency=1, on_error="collect"
        )
    ]

    assert [ConnectionLostError, type(None), type(None)] == errors


async def test_the_first_error_ends_a_batch(client: Client, model: Model) -> None:
    inputs = [b"a", b"fail", *[b"b"] * 1000]
    outputs = list[bytes]()

    async def consume() -> None:
        async with client.invoke_many(
            inputs, endpoint_name="m", concurrency=2
        ) as results:
            async for result in results:
                outputs.append(result.output.body)

    with pytest.raises(ModelError) as raised:
        await consume()

    assert [b"A"] == outputs
    assert "raised by the call of input 1" == raised.value.__notes__[-1]
    assert model.ever < 10


async def test_a_client_that_is_closed_in_a_batch_fails_the_calls_left(
    client: Client,
) -> None:
    errors = list[Exception]()

    async with client.invoke_many(
        [b"a"] * 5, endpoint_name="m", concurrency=1, on_error="collect"
    ) as results:
        async for result in results:
            if result.error is None:
                await client.aclose()
            else:
                errors.append(result.error)

    assert errors
    assert all(isinstance(error, SageMakerRuntimeError) for error in errors)

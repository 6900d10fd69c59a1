"""A limit of concurrent calls that follows what an endpoint can serve, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import (
    Client,
    ConcurrencyLimit,
    ConcurrencyLimitError,
    ModelError,
    with_concurrency_limit,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, throttle
from tests.resilience.stacks import KEYS, caller


class Container:
    """A model that counts concurrent requests."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.may_answer = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.may_answer.wait()
            await asyncio.sleep(0.002)
        finally:
            self.running -= 1
        return request.body


@pytest.fixture
def container() -> Container:
    container = Container()
    container.may_answer.set()
    return container


@pytest.fixture
async def emulator(container: Container) -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS, models={"m": container}) as emulator:
        yield emulator


def limited(emulator: Emulator, limit: ConcurrencyLimit) -> Client:
    return caller(
        with_concurrency_limit(limit),
        endpoint_url=emulator.url,
        custom_backoff=lambda _, __: 0.0,
    )


async def call(client: Client) -> bytes:
    return (await client.invoke_endpoint(endpoint_name="m", body=b"x")).body


async def test_many_calls_run_within_the_limit(
    emulator: Emulator, container: Container
) -> None:
    async with limited(emulator, ConcurrencyLimit(initial=4, maximum=4)) as client:
        bodies = await asyncio.gather(*(call(client) for _ in range(200)))

    assert [b"x"] * 200 == bodies
    assert container.most <= 4


async def test_throttles_lower_the_limit(emulator: Emulator) -> None:
    limit = ConcurrencyLimit(initial=100)
    emulator.faults.add(throttle(), times=2)
    async with limited(emulator, limit) as client:
        assert b"x" == await call(client)

    ((_, load),) = limit.loads().items()
    assert load.limit < 100


async def test_what_does_not_fit_into_the_queue_is_refused(
    emulator: Emulator, container: Container
) -> None:
    container.may_answer.clear()
    limit = ConcurrencyLimit(initial=1, maximum=1, max_waiting=2)
    async with limited(emulator, limit) as client:
        calls = [asyncio.create_task(call(client)) for _ in range(10)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        container.may_answer.set()
        results = await asyncio.gather(*calls, return_exceptions=True)

    refused = [r for r in results if isinstance(r, ConcurrencyLimitError)]
    assert (7, 3) == (len(refused), results.count(b"x"))
    assert {0} == {error.attempts for error in refused}


async def test_cancelled_calls_leave_no_place_taken(
    emulator: Emulator, container: Container
) -> None:
    container.may_answer.clear()
    limit = ConcurrencyLimit(initial=3, maximum=3)
    async with limited(emulator, limit) as client:
        for _ in range(3):
            calls = [asyncio.create_task(call(client)) for _ in range(20)]
            await asyncio.sleep(0.02)
            for task in calls:
                task.cancel()
            await asyncio.wait(calls)
        container.may_answer.set()
        assert b"x" == await call(client)

    ((_, load),) = limit.loads().items()
    assert (0, 0) == (load.in_flight, load.waiting)


async def test_streams_keep_their_places(emulator: Emulator) -> None:
    limit = ConcurrencyLimit(initial=1, maximum=1, max_wait=0.05)
    async with limited(emulator, limit) as client:
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b"x"
        ) as stream:
            with pytest.raises(ConcurrencyLimitError):
                await call(client)
            assert "x" == str(await stream.read_text())
        assert b"x" == await call(client)


async def test_a_failed_call_frees_its_place(emulator: Emulator) -> None:
    limit = ConcurrencyLimit(initial=1, maximum=1)
    async with limited(emulator, limit) as client:
        for _ in range(3):
            with pytest.raises(ModelError):
                await client.invoke_endpoint(endpoint_name="failing", body=b"x")

    assert {0} == {load.in_flight for load in limit.loads().values()}

"""Calls with resilience middleware, cancelled at every suspension, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, TypeAlias

import pytest

from sagemaker_rt import (
    Budget,
    CircuitBreaker,
    Client,
    ConcurrencyLimit,
    Failover,
    FailoverTarget,
    Hedging,
    Option,
    ResponseCache,
    ShadowTraffic,
    with_budget,
    with_circuit_breaker,
    with_concurrency_limit,
    with_failover,
    with_hedging,
    with_response_cache,
    with_shadow_traffic,
)
from sagemaker_rt.emulator import Emulator, slow
from tests.resilience.stacks import KEYS, caller
from tests.stepping import LoopThread, Moment, Stepped

Make: TypeAlias = Callable[[Client], Coroutine[Any, Any, bytes]]

LIMIT: Final = ConcurrencyLimit()
CACHE: Final = ResponseCache(ttl=0)
HEDGING: Final = Hedging(delay=0, budget=1)
DEAD: Final = FailoverTarget(endpoint_url="http://127.0.0.1:9")
OPTIONS: Final[dict[str, Callable[[], Option]]] = {
    "breaker": lambda: with_circuit_breaker(CircuitBreaker()),
    "hedging": lambda: with_hedging(HEDGING),
    "failover": lambda: with_failover(Failover(DEAD, FailoverTarget())),
    "limit": lambda: with_concurrency_limit(LIMIT),
    "cache": lambda: with_response_cache(CACHE),
    "shadow": lambda: with_shadow_traffic(ShadowTraffic(endpoint_name="missing")),
    "budget": lambda: with_budget(Budget(seconds=60)),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with LoopThread() as thread:
        yield thread.enter(Emulator(credentials=KEYS, models={"m": slow(0.002)}))


async def call(client: Client) -> bytes:
    return (await client.invoke_endpoint(endpoint_name="m", body=b"x")).body


async def read(client: Client) -> bytes:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"x"
    ) as stream:
        return b"".join([part async for part in stream.iter_bytes()])


async def step(
    client: Client,
    made: Make,
    cancel_at: int,
    moment: Moment,
) -> bool:
    """Cancel a call at one suspension, and check what is left; return if it was."""
    steps: Stepped[bytes] = Stepped(made(client), cancel_at, moment)

    async def wait() -> None:
        await steps

    task = asyncio.create_task(wait())
    done, _ = await asyncio.wait([task], timeout=10)
    assert done
    assert task.cancelled() == steps.was_cancelled
    assert b"x" == await asyncio.wait_for(made(client), 30)
    return steps.was_cancelled


@pytest.mark.parametrize("made", [call, read])
@pytest.mark.parametrize("name", OPTIONS)
async def test_nothing_is_left_and_the_next_call_works(
    name: str, made: Make, emulator: Emulator
) -> None:
    async with caller(
        OPTIONS[name](), endpoint_url=emulator.url, retry_mode="off"
    ) as client:
        await call(client)
        for moment in (Moment.AT_ONCE, Moment.LATER, Moment.ARRIVED):
            number = 0
            while await step(client, made, number, moment):
                number += 1
                assert number < 50

    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert {(0, 0)} >= {
        (load.in_flight, load.waiting) for load in LIMIT.loads().values()
    }
    assert 0 == len(CACHE.flights)

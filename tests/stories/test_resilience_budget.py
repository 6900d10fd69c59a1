"""A budget of calls and seconds, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import (
    BUDGET,
    Budget,
    BudgetExceededError,
    Failover,
    FailoverTarget,
    Hedging,
    Option,
    with_budget,
    with_context_value,
    with_failover,
    with_hedging,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, echo, service_unavailable
from tests.resilience.stacks import KEYS, caller


async def hang(request: InvocationRequest) -> bytes:
    await asyncio.Event().wait()
    return b""


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS, models={"m": echo, "hang": hang}) as emulator:
        yield emulator


async def outcomes(emulator: Emulator, count: int, *opts: Option) -> list[str]:
    """Return the results of concurrent calls."""
    async with caller(
        *opts, endpoint_url=emulator.url, custom_backoff=lambda _, __: 0.0
    ) as client:
        results = await asyncio.gather(
            *(
                client.invoke_endpoint(endpoint_name="m", body=b"x")
                for _ in range(count)
            ),
            return_exceptions=True,
        )
    return [type(result).__name__ for result in results]


async def test_concurrent_calls_never_exceed_the_budget(emulator: Emulator) -> None:
    results = await outcomes(emulator, 50, with_budget(Budget(calls=20)))

    assert 20 == results.count("InvokeEndpointOutput")
    assert 30 == results.count("BudgetExceededError")
    assert 20 == len(emulator.requests)


async def test_retries_hedges_and_targets_are_no_further_calls(
    emulator: Emulator,
) -> None:
    emulator.faults.add(service_unavailable(), times=2)
    options = (
        with_hedging(Hedging(delay=0, budget=1)),
        with_failover(Failover(FailoverTarget(), FailoverTarget(endpoint_name="echo"))),
        with_budget(Budget(calls=1)),
    )

    assert ["InvokeEndpointOutput"] == await outcomes(emulator, 1, *options)
    assert len(emulator.requests) > 1


async def test_a_call_ends_when_the_seconds_end(emulator: Emulator) -> None:
    async with caller(
        with_budget(Budget(seconds=0.2)), endpoint_url=emulator.url
    ) as client:
        await client.invoke_endpoint(endpoint_name="m", body=b"x")
        with pytest.raises(BudgetExceededError) as during:
            await client.invoke_endpoint(endpoint_name="hang", body=b"x")
        with pytest.raises(BudgetExceededError) as after:
            await client.invoke_endpoint(endpoint_name="m", body=b"x")

    assert (True, False) == (
        during.value.may_have_executed,
        after.value.may_have_executed,
    )
    assert {"InvokeEndpoint"} == {during.value.operation, after.value.operation}


async def test_each_task_has_its_budget(emulator: Emulator) -> None:
    async with caller(with_budget(), endpoint_url=emulator.url) as client:

        async def work(calls: int) -> int:
            option = with_context_value(BUDGET, Budget(calls=calls))
            made = 0
            while True:
                try:
                    await client.invoke_endpoint(option, endpoint_name="m", body=b"")
                except BudgetExceededError:
                    return made
                made += 1

        assert [1, 2, 3] == await asyncio.gather(*map(work, (1, 2, 3)))

"""Resilience middleware and streams in both directions, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import (
    Budget,
    CircuitBreaker,
    Client,
    ConcurrencyLimit,
    ConcurrencyLimitError,
    Failover,
    FailoverTarget,
    Hedging,
    ResponseCache,
    ShadowTraffic,
    WeightedVariants,
    with_budget,
    with_circuit_breaker,
    with_concurrency_limit,
    with_failover,
    with_hedging,
    with_response_cache,
    with_shadow_traffic,
    with_weighted_variants,
)
from sagemaker_rt.emulator import Emulator


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "option",
    [
        with_budget(Budget(calls=5)),
        with_circuit_breaker(CircuitBreaker()),
        with_concurrency_limit(ConcurrencyLimit()),
        with_failover(Failover(FailoverTarget(), FailoverTarget(endpoint_name="b"))),
        with_hedging(Hedging(delay=1e-9, budget=1.0)),
        with_response_cache(ResponseCache()),
        with_shadow_traffic(ShadowTraffic(target_variant="B")),
        with_weighted_variants(WeightedVariants({"AllTraffic": 1})),
    ],
)
async def test_a_stream_works_with_each_of_them(client: Client, option: Any) -> None:
    for _ in range(3):
        async with client.invoke_endpoint_with_bidirectional_stream(
            option, endpoint_name="echo"
        ) as stream:
            await stream.initial_response()
            await stream.send_text("x")

            assert "x" == await anext(stream.messages())


async def test_a_stream_keeps_its_place_until_its_end(client: Client) -> None:
    limited = client.with_options(
        with_concurrency_limit(ConcurrencyLimit(initial=1, maximum=1, max_waiting=0))
    )

    async with limited.invoke_endpoint_with_bidirectional_stream(
        endpoint_name="echo"
    ) as stream:
        await stream.initial_response()
        with pytest.raises(ConcurrencyLimitError):
            await limited.invoke_endpoint(endpoint_name="echo", body=b"x")
    await limited.invoke_endpoint(endpoint_name="echo", body=b"x")

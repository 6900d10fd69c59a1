"""Programs with resilience middleware, which every type checker accepts."""

from __future__ import annotations

from typing import Literal, assert_type

from sagemaker_rt import (
    BUDGET,
    CACHE,
    FAILOVER_TARGET,
    HEDGED,
    STICKY_KEY,
    Budget,
    BudgetExceededError,
    CacheResult,
    CallRefusedError,
    CircuitBreaker,
    CircuitOpenError,
    CircuitPolicy,
    Client,
    ConcurrencyLimit,
    ConcurrencyLimitError,
    EnvironmentCredentials,
    Failover,
    FailoverTarget,
    Hedging,
    ResponseCache,
    ShadowResult,
    ShadowTraffic,
    WeightedVariants,
    with_api_options,
    with_budget,
    with_circuit_breaker,
    with_concurrency_limit,
    with_context_value,
    with_failover,
    with_hedging,
    with_response_cache,
    with_shadow_traffic,
    with_weighted_variants,
)


async def protect(client: Client) -> float | None:
    breaker = CircuitBreaker(failure_rate=0.3, open_seconds=1)
    protected = client.with_options(with_circuit_breaker(breaker))
    protected = client.with_options(with_api_options(breaker) | with_circuit_breaker())
    try:
        await protected.invoke_endpoint(endpoint_name="m", body=b"")
    except CircuitOpenError as error:
        return error.retry_after
    except CallRefusedError as error:
        assert_type(error.endpoint_name, str | None)
    for key, state in breaker.states().items():
        assert_type(key.host, str)
        assert_type(state, Literal["closed", "open", "half-open"])
    return None


async def hedge(client: Client) -> bool | None:
    option = with_hedging(Hedging(delay=0.2, budget=0.01)) | with_hedging()
    output = await client.invoke_endpoint(option, endpoint_name="m", body=b"")
    return output.metadata.get(HEDGED)


async def fail_over(client: Client) -> str | None:
    failover = Failover(
        FailoverTarget(),
        FailoverTarget(region="eu-west-1", credentials=EnvironmentCredentials({})),
        health=CircuitPolicy(min_failures=1),
    )
    output = await client.invoke_endpoint(
        with_failover(failover), endpoint_name="m", body=b""
    )
    for target, state in failover.states("m"):
        assert_type(target, FailoverTarget)
        assert_type(state, Literal["closed", "open", "half-open"])
    return output.metadata[FAILOVER_TARGET].region


async def limit_concurrency(client: Client) -> tuple[int, int]:
    limit = ConcurrencyLimit(initial=4, max_wait=None)
    option = with_concurrency_limit(limit) | with_concurrency_limit()
    try:
        await client.invoke_endpoint(option, endpoint_name="m", body=b"")
    except ConcurrencyLimitError as error:
        return error.limit, error.waiting
    (load,) = limit.loads().values()
    return load.limit, load.in_flight


async def cache_responses(client: Client) -> CacheResult | None:
    cache = ResponseCache(ttl=0, max_items=10)
    option = with_response_cache(cache) | with_response_cache()
    output = await client.invoke_endpoint(option, endpoint_name="m", body=b"")
    cache.clear()
    return output.metadata.get(CACHE)


def compare(result: ShadowResult) -> None:
    """Compare two responses."""
    assert_type(result.error, Exception | None)


async def divide(client: Client) -> None:
    shadow = ShadowTraffic(endpoint_name="new", share=0.1, on_result=compare)
    variants = WeightedVariants({"A": 9, "B": 1})
    option = with_shadow_traffic(shadow) | with_weighted_variants(variants)
    key = with_context_value(STICKY_KEY, "user-1")
    await client.invoke_endpoint(option, key, endpoint_name="m", body=b"")
    await shadow.aclose()


async def limit(client: Client) -> tuple[float, float]:
    budget = Budget(calls=3, seconds=1.5)
    option = with_budget(budget) | with_budget()
    try:
        of_task = with_context_value(BUDGET, Budget(seconds=1))
        await client.invoke_endpoint(option, of_task, endpoint_name="m", body=b"")
    except BudgetExceededError as error:
        assert_type(error.resource, Literal["calls", "seconds"])
    return budget.calls_left, budget.seconds_left

"""Copies of calls for a new endpoint, and calls divided between variants."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import (
    STICKY_KEY,
    Client,
    ModelError,
    ShadowResult,
    ShadowTraffic,
    WeightedVariants,
    with_context_value,
    with_shadow_traffic,
    with_weighted_variants,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, echo, failing
from tests.resilience.stacks import KEYS, caller


class Hanging:
    """A model that never answers."""

    def __init__(self) -> None:
        self.count = 0
        self.is_called = asyncio.Event()
        self.is_left = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.count += 1
        self.is_called.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_left.set()
        return b""


@pytest.fixture
def hanging() -> Hanging:
    return Hanging()


@pytest.fixture
async def emulator(hanging: Hanging) -> AsyncIterator[Emulator]:
    models: dict[str, Any] = {
        "m": echo,
        "new": echo,
        "broken": failing(503, "no"),
        "hanging": hanging,
    }
    async with Emulator(credentials=KEYS, models=models) as emulator:
        yield emulator


def shadowed(emulator: Emulator, shadow: ShadowTraffic) -> Client:
    return caller(with_shadow_traffic(shadow), endpoint_url=emulator.url)


async def call(client: Client, body: bytes = b"x") -> bytes:
    return (await client.invoke_endpoint(endpoint_name="m", body=body)).body


async def wait_for(shadow: ShadowTraffic) -> None:
    while shadow.tasks:
        await asyncio.wait(shadow.tasks)


async def test_responses_of_a_new_endpoint_are_compared(emulator: Emulator) -> None:
    results: list[ShadowResult] = []
    shadow = ShadowTraffic(endpoint_name="new", on_result=results.append)
    async with shadowed(emulator, shadow) as client:
        bodies = [await call(client, b"%d" % n) for n in range(5)]
        await wait_for(shadow)

    assert bodies == [result.shadow.body for result in results]
    assert bodies == [result.primary.body for result in results]


@pytest.mark.parametrize("name", ["broken", "missing", "../admin"])
async def test_a_shadow_that_fails_is_called_once_and_seen_by_no_caller(
    emulator: Emulator, name: str
) -> None:
    results: list[ShadowResult] = []
    shadow = ShadowTraffic(endpoint_name=name, on_result=results.append)
    async with shadowed(emulator, shadow) as client:
        for _ in range(20):
            assert b"x" == await call(client)
            await wait_for(shadow)

    assert 20 == len([result for result in results if result.error is not None])
    assert len(emulator.requests) <= 40


async def test_a_failing_shadow_takes_nothing_from_the_retry_quota(
    emulator: Emulator,
) -> None:
    shadow = ShadowTraffic(endpoint_name="broken")
    client = caller(
        with_shadow_traffic(shadow),
        endpoint_url=emulator.url,
        custom_backoff=lambda _, __: 0.0,
        retry_model_errors={503},
    )
    async with client:
        for _ in range(100):
            await call(client)
            await wait_for(shadow)
        copies = len(emulator.requests) - 100
        with pytest.raises(ModelError) as caught:
            await client.invoke_endpoint(endpoint_name="broken", body=b"x")

    assert (100, 3) == (copies, caught.value.attempts)


async def test_a_shadow_that_hangs_is_bounded_and_cancelled_at_close(
    emulator: Emulator, hanging: Hanging
) -> None:
    shadow = ShadowTraffic(endpoint_name="hanging", max_in_flight=3)
    async with shadowed(emulator, shadow) as client:
        bodies = [await call(client) for _ in range(10)]
        await hanging.is_called.wait()

    assert [b"x"] * 10 == bodies
    assert not shadow.tasks
    assert hanging.count <= 3
    await hanging.is_left.wait()


async def test_streams_are_copied_and_the_copy_is_read(emulator: Emulator) -> None:
    results: list[ShadowResult] = []
    shadow = ShadowTraffic(endpoint_name="new", on_result=results.append)
    async with shadowed(emulator, shadow) as client:
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b"hello"
        ) as stream:
            text = await stream.read_text()
        await wait_for(shadow)

    assert "hello" == str(text)
    assert len(b"hello") <= results[0].shadow.bytes_read


async def test_calls_are_divided_between_variants_by_user(emulator: Emulator) -> None:
    variants = WeightedVariants({"AllTraffic": 1})
    async with caller(
        with_weighted_variants(variants), endpoint_url=emulator.url
    ) as client:
        for user in ("ann", "bob"):
            output = await client.invoke_endpoint(
                with_context_value(STICKY_KEY, user), endpoint_name="m", body=b"x"
            )
            assert "AllTraffic" == output.invoked_production_variant

    sent = Counter(
        request.headers["x-amzn-sagemaker-target-variant"]
        for request in emulator.requests
    )
    assert {"AllTraffic": 2} == sent

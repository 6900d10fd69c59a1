"""Equal calls that are made once, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from sagemaker_rt import (
    CACHE,
    Client,
    Credentials,
    Failover,
    FailoverTarget,
    ResponseCache,
    ServiceError,
    Stack,
    with_api_options,
    with_failover,
    with_options,
    with_response_cache,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, service_unavailable
from tests.resilience.stacks import KEYS, caller


class Counter:
    """A model that answers with the number of its request, after it may."""

    def __init__(self) -> None:
        self.count = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_called = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.count += 1
        number = self.count
        self.is_called.set()
        await self.may_answer.wait()
        return b"%d" % number


@pytest.fixture
def model() -> Counter:
    return Counter()


@pytest.fixture
async def emulator(model: Counter) -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS, models={"m": model}) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with caller(
        with_response_cache(ResponseCache()),
        endpoint_url=emulator.url,
        retry_mode="off",
    ) as client:
        yield client


async def call(client: Client, *opts: Any, **members: Any) -> bytes:
    members = {"endpoint_name": "m", "body": b"x", **members}
    body: bytes = (await client.invoke_endpoint(*opts, **members)).body
    return body


async def test_a_thousand_equal_calls_are_one_request(
    client: Client, model: Counter, emulator: Emulator
) -> None:
    bodies = await asyncio.gather(*(call(client) for _ in range(1000)))

    assert {b"1"} == set(bodies)
    assert 1 == len(emulator.requests)
    assert b"1" == await call(client.with_options(read_timeout=5))


@pytest.mark.parametrize(
    "members",
    [
        {"body": b"y"},
        {"content_type": "text/csv"},
        {"accept": "text/csv"},
        {"custom_attributes": "tenant=b"},
        {"target_variant": "B"},
        {"inference_id": "i-1"},
        {"session_id": "NEW_SESSION"},
    ],
    ids=str,
)
async def test_calls_that_differ_are_made(
    client: Client, emulator: Emulator, members: dict[str, Any]
) -> None:
    await call(client)
    with suppress(ServiceError):  # the emulator has no such variant
        await call(client, **members)

    assert 2 == len(emulator.requests)


async def test_calls_with_other_keys_are_checked_by_the_service(
    client: Client,
) -> None:
    await call(client)
    stranger = with_options(credentials=Credentials("AKIDSTRANGER", "s"))

    with pytest.raises(ServiceError):
        await call(client, stranger)


async def test_errors_are_not_kept(client: Client, emulator: Emulator) -> None:
    await call(client, body=b"first")  # the next calls wait for no configuration
    emulator.faults.add(service_unavailable(), times=1)

    results = await asyncio.gather(
        *(call(client) for _ in range(10)), return_exceptions=True
    )

    assert ["ServiceUnavailable"] * 10 == [type(r).__name__ for r in results]
    assert {"InvokeEndpoint"} == {getattr(r, "operation", None) for r in results}
    assert b"2" == await call(client)


async def test_a_cancelled_caller_fails_no_other(
    client: Client, model: Counter, emulator: Emulator
) -> None:
    model.may_answer.clear()
    calls = [asyncio.create_task(call(client)) for _ in range(5)]
    await model.is_called.wait()
    for task in calls[:3]:
        task.cancel()
    await asyncio.wait(calls[:3])
    model.may_answer.set()

    assert [b"2", b"2"] == await asyncio.gather(*calls[3:])
    assert 2 == len(emulator.requests)


async def test_streams_and_queued_requests_are_always_made(
    client: Client, emulator: Emulator
) -> None:
    for _ in range(2):
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b"x"
        ) as stream:
            await stream.read_text()

    assert 2 == len(emulator.requests)


async def test_targets_of_a_failover_share_nothing(
    emulator: Emulator, client: Client
) -> None:
    async with Emulator(credentials=KEYS) as other:
        failover = Failover(
            FailoverTarget(),
            FailoverTarget(endpoint_name="echo", endpoint_url=other.url),
        )
        await call(client)
        option = with_failover(failover)
        emulator.faults.add(service_unavailable(), times=1)
        bodies = [await call(client, option, body=body) for body in (b"y", b"y", b"x")]

    assert [b"y", b"2", b"1"] == bodies


async def test_a_call_may_go_without_the_cache(client: Client) -> None:
    await call(client)

    def edit(stack: Stack) -> None:
        stack.build.remove("ResponseCache")

    output = await client.invoke_endpoint(
        with_api_options(edit), endpoint_name="m", body=b"x"
    )

    assert (b"2", None) == (output.body, output.metadata.get(CACHE))

"""Second requests for calls that are stuck, over sockets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from sagemaker_rt import (
    HEDGED,
    Client,
    Hedging,
    ModelError,
    ValidationError,
    with_hedging,
    with_options,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import KEYS, caller, events


class Replicas:
    """A model whose requests are answered, or stuck, as the test says."""

    def __init__(self) -> None:
        self.stuck: set[int] = set()
        """The numbers of the requests that are never answered."""
        self.failing: set[int] = set()
        self.count = 0
        self.left: list[int] = []
        """The requests whose connection the client closed."""
        self.is_left = asyncio.Event()
        self.are_two = asyncio.Event()
        """Whether two requests have arrived."""

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.count += 1
        if self.count == 2:
            self.are_two.set()
        number = self.count
        if number in self.failing:
            raise ModelFailure(503, "no capacity")
        if number in self.stuck:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.left.append(number)
                self.is_left.set()
                raise
        return b"%d" % number


@pytest.fixture
def replicas() -> Replicas:
    return Replicas()


@pytest.fixture
async def emulator(replicas: Replicas) -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS, models={"m": replicas}) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    hedging = Hedging(delay=0.02, budget=1)
    async with caller(with_hedging(hedging), endpoint_url=emulator.url) as client:
        yield client


async def call(client: Client, *opts: Any, **members: Any) -> Any:
    members = {"endpoint_name": "m", "body": b"x", **members}
    return await client.invoke_endpoint(*opts, **members)


async def test_a_stuck_request_is_overtaken_and_cancelled(
    client: Client, replicas: Replicas
) -> None:
    replicas.stuck = {1, 3}

    outputs = [await call(client) for _ in range(3)]

    assert [b"2", b"4", b"5"] == [output.body for output in outputs]
    assert [True, True, None] == [out.metadata.get(HEDGED) for out in outputs]
    assert {1} == {len(output.metadata.attempts) for output in outputs}
    await replicas.is_left.wait()
    assert 1 in replicas.left


async def test_no_task_is_left(client: Client, replicas: Replicas) -> None:
    replicas.stuck = {*range(1, 40, 2)}
    for _ in range(20):
        await call(client)

    names = {task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr] # coroutines
    assert not any("hedging" in name or "_start" in name for name in names)


async def test_streams_compete_until_the_headers(
    client: Client, replicas: Replicas
) -> None:
    replicas.stuck = {1}

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"x"
    ) as stream:
        text = await stream.read_text()

    assert "2" == str(text)
    assert stream.metadata[HEDGED]
    assert 2 == replicas.count


async def test_a_failing_request_is_replaced_by_the_second(
    client: Client, replicas: Replicas
) -> None:
    replicas.stuck = {1, 2}
    one_try = with_options(read_timeout=0.5, retry_mode="off")
    with suppress(Exception):
        await call(client, one_try)
    replicas.stuck = {3}

    output = await call(client, one_try)

    assert b"4" == output.body


async def test_sessions_files_targets_and_queued_requests_send_one_request(
    client: Client, replicas: Replicas, emulator: Emulator
) -> None:
    replicas.stuck = {1, 2, 3}
    patience = with_options(read_timeout=0.1, retry_mode="off")
    for opts, members in (
        ((), {"session_id": "NEW_SESSION"}),
        ((), {"body": io.BytesIO(b"x")}),
        ((with_options(response_target=io.BytesIO()),), {}),
    ):
        with pytest.raises(TimeoutError):
            await call(client, patience, *opts, **members)

    assert 3 == replicas.count


async def test_a_cancelled_call_leaves_nothing(
    client: Client, replicas: Replicas
) -> None:
    replicas.stuck = {1, 2}
    cancelled = asyncio.ensure_future(call(client))
    await replicas.are_two.wait()
    cancelled.cancel()

    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert 2 == replicas.count
    assert b"3" == (await call(client)).body


async def test_errors_are_those_of_the_first_request(
    client: Client, emulator: Emulator, replicas: Replicas
) -> None:
    replicas.failing = {1}

    with pytest.raises(ModelError) as caught:
        await call(client)
    with pytest.raises(ValidationError):
        await call(client, endpoint_name="missing")

    assert (503, 1) == (caught.value.original_status_code, caught.value.attempts)


async def test_the_budget_holds_over_many_calls(
    emulator: Emulator, replicas: Replicas
) -> None:
    replicas.stuck = {*range(1, 100_000, 5)}
    hedging = Hedging(delay=0.005, budget=0.05)
    patience = with_options(read_timeout=0.05, retry_mode="off")

    provider = RecordingMeterProvider()

    async with caller(
        with_hedging(hedging), endpoint_url=emulator.url, meter_provider=provider
    ) as client:
        await asyncio.gather(
            *(call(client, patience) for _ in range(100)), return_exceptions=True
        )

    # calls that are slow before others have begun find less of the budget
    assert 1 <= events(provider, "hedging").count("sent") <= 5
    assert replicas.count <= 105

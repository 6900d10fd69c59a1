from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch.calls import BatchCalls, InputNotCalled, InvalidInput
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import (
    Emulator,
    InvocationRequest,
    ModelFailure,
    ModelResponse,
    throttle,
)
from sagemaker_rt.errors import (
    ConnectError,
    CredentialsError,
    ModelError,
    ParamValidationError,
    ThrottlingException,
    ValidationError,
)
from sagemaker_rt.sansio.batch_records import BatchRecord
from tests.doubles import ManualClock

RECORD = BatchRecord(1, None, b"1", b"1", 1)


async def typed(request: InvocationRequest) -> ModelResponse:
    if request.body == b"bad":
        raise ModelFailure(400, "bad input")
    return ModelResponse(request.body, content_type=request.content_type)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(models={"m": typed}) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        max_attempts=1,
    ) as client:
        yield client


async def read_file(name: str) -> bytes:
    raise FileNotFoundError(name)


def calls_in(client: Client, job: BatchJob) -> BatchCalls:
    """Return the calls of a folder on this machine."""
    return BatchCalls(client, job, LocalCopies(job, None).read)


def calls_of(
    client: Client, clock: ManualClock | None = None, **options: Any
) -> BatchCalls:
    clock = clock or ManualClock(0.0)
    job = BatchJob(options.pop("endpoint", "m"), "in.jsonl", "out", **options)
    return BatchCalls(
        client, job, read_file, sleep=clock.sleep, clock=clock, chance=lambda: 1.0
    )


async def test_a_call_returns_the_response(client: Client) -> None:
    completion = await calls_of(client).call(RECORD)

    assert (b"1", "application/json", 200) == (
        completion.answer.body,
        completion.answer.content_type,
        completion.answer.status,
    )
    assert completion.answer.request_id


async def test_members_are_sent_with_each_call(client: Client) -> None:
    calls = calls_of(client, members={"content_type": "text/plain"})

    completion = await calls.call(RECORD)

    assert "text/plain" == completion.answer.content_type


def test_unknown_members_are_reported_at_once() -> None:
    with pytest.raises(ParamValidationError):
        calls_of(Client(), members={"colour": "red"})


async def test_an_invalid_input_is_not_sent(emulator: Emulator, client: Client) -> None:
    with pytest.raises(InvalidInput):
        await calls_of(client).call(RECORD._replace(problem="not JSON"))

    assert not emulator.requests


async def test_a_failure_of_the_model_is_raised(client: Client) -> None:
    calls = calls_of(client)

    with pytest.raises(ModelError):
        await calls.call(RECORD._replace(body=b"bad"))

    assert not calls.is_stopped


async def test_a_throttled_call_is_repeated_after_growing_delays(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(*[throttle() for _ in range(7)])
    clock = ManualClock(0.0)

    completion = await calls_of(client, clock).call(RECORD)

    assert b"1" == completion.answer.body
    assert [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0] == clock.sleeps


async def test_the_job_stops_if_no_call_succeeds_for_its_patience(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(*[throttle() for _ in range(9)])
    calls = calls_of(client, patience=10.0)

    with pytest.raises(InputNotCalled):
        await calls.call(RECORD)

    assert calls.is_stopped
    assert isinstance(calls.cause, ThrottlingException)


async def test_a_success_renews_the_patience(
    emulator: Emulator, client: Client
) -> None:
    calls = calls_of(client, patience=5.0)

    for _ in range(3):
        emulator.fail_next(*[throttle() for _ in range(3)])
        await calls.call(RECORD)

    assert not calls.is_stopped


async def test_a_lost_endpoint_stops_the_job(
    emulator: Emulator, client: Client
) -> None:
    calls = calls_of(client, patience=1.0)
    await emulator.aclose()

    with pytest.raises(InputNotCalled):
        await calls.call(RECORD)

    assert isinstance(calls.cause, ConnectError)


async def test_an_unknown_endpoint_stops_the_job_at_once(client: Client) -> None:
    clock = ManualClock(0.0)
    calls = calls_of(client, clock, endpoint="missing")

    with pytest.raises(InputNotCalled):
        await calls.call(RECORD)

    assert isinstance(calls.cause, ValidationError)
    assert [] == clock.sleeps


async def test_after_a_stop_nothing_is_sent(emulator: Emulator, client: Client) -> None:
    calls = calls_of(client)
    calls.stop()
    calls.stop(CredentialsError("later"))

    with pytest.raises(InputNotCalled):
        await calls.call(RECORD)

    assert calls.cause is None
    assert not emulator.requests


async def test_a_stop_ends_the_wait_of_a_call(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(throttle())
    waits = asyncio.Event()

    async def wait(seconds: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    job = BatchJob("m", "in.jsonl", "out")
    calls = BatchCalls(client, job, read_file, sleep=wait)
    task = asyncio.create_task(calls.call(RECORD))
    await waits.wait()
    calls.stop()

    with pytest.raises(InputNotCalled):
        await task


async def test_a_file_is_sent_with_the_type_of_its_name(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89")
    (tmp_path / "b").write_bytes(b"2")
    calls = calls_in(client, BatchJob("m", tmp_path, "out"))

    found = [
        (await calls.call(RECORD._replace(id=name))).answer for name in ("a.png", "b")
    ]

    assert [(b"\x89", "image/png"), (b"2", "application/octet-stream")] == [
        (answer.body, answer.content_type) for answer in found
    ]


async def test_a_type_of_the_job_is_that_of_all_files(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"1")
    members = {"content_type": "text/plain"}
    job = BatchJob("m", tmp_path, "out", members=members)

    completion = await calls_in(client, job).call(RECORD._replace(id="a.png"))

    assert "text/plain" == completion.answer.content_type


async def test_a_file_that_vanished_is_a_failure(
    client: Client, tmp_path: Path
) -> None:
    calls = calls_in(client, BatchJob("m", tmp_path, "out"))

    with pytest.raises(InvalidInput):
        await calls.call(RECORD._replace(id="missing"))


async def test_a_throttle_lowers_an_adaptive_limit(
    emulator: Emulator, client: Client
) -> None:
    calls = calls_of(client, concurrency="auto")
    assert 8 == calls.limit
    emulator.fail_next(throttle())

    await calls.call(RECORD)

    assert 5 == calls.limit


async def test_a_throttle_that_the_client_retried_lowers_an_adaptive_limit(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(throttle())
    calls = calls_of(client.with_options(max_attempts=2), concurrency="auto")

    await calls.call(RECORD)

    assert 5 == calls.limit
    assert 2 == len(emulator.requests)


async def test_calls_that_succeed_or_fail_by_their_input_raise_an_adaptive_limit(
    client: Client,
) -> None:
    calls = calls_of(client, concurrency="auto", max_concurrency=2)
    assert 2 == calls.limit

    with pytest.raises(ModelError):
        await calls.call(RECORD._replace(body=b"bad"))
    await calls.call(RECORD)

    assert 2 == calls.limit


async def test_a_call_that_waits_for_others_is_not_sent_after_a_stop(
    emulator: Emulator, client: Client
) -> None:
    calls = calls_of(client, concurrency="auto", max_concurrency=1)

    async def call() -> None:
        await calls.call(RECORD)
        calls.stop()

    results = await asyncio.gather(call(), call(), return_exceptions=True)

    assert [type(None), InputNotCalled] == [type(result) for result in results]
    assert 1 == len(emulator.requests)


async def test_the_latency_does_not_include_a_wait_for_other_calls(
    client: Client,
) -> None:
    clock = ManualClock(0.0)
    calls = calls_of(client, clock, concurrency="auto", max_concurrency=1)

    async def call() -> float:
        latency = (await calls.call(RECORD)).latency
        clock.advance(5)
        return latency

    assert [0.0, 0.0] == [*await asyncio.gather(call(), call())]

"""Many asynchronous inferences at a time, over sockets, and after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Literal

import pytest

from sagemaker_rt import AsyncInferenceError, AsyncJob, Client
from sagemaker_rt.emulator import (
    Emulator,
    InvocationRequest,
    ModelFailure,
    ModelResponse,
)
from sagemaker_rt.inference.job_poller import MAX_POLLS
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.transport.pools import pool_of

JOBS: Final = 200


async def halve(request: InvocationRequest) -> ModelResponse:
    """Return the half of an even number; odd ones fail."""
    number = int(request.body)
    if number % 2:
        raise ModelFailure(400, f"{number} is odd")
    return ModelResponse(str(number // 2).encode(), content_type="text/plain")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(models={"halve": halve}, max_running_jobs=50) as emulator:
        yield emulator


def client_of(
    emulator: Emulator, http_client: AiohttpClient | Literal["auto"] = "auto"
) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={"AWS_ENDPOINT_URL_S3": emulator.s3_url},
        http_client=http_client,
    )


async def outcome_of(job: AsyncJob) -> str:
    try:
        return (await job.result()).text
    except AsyncInferenceError as error:
        return f"failed: {error.inference_id}"


async def test_many_jobs_are_awaited_by_a_client_that_did_not_submit_them(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as before:
        jobs = await asyncio.gather(
            *(before.submit("halve", n, inference_id=str(n)) for n in range(JOBS))
        )
    stored = [job.to_json() for job in jobs]

    async with (
        AiohttpClient() as http_client,
        client_of(emulator, http_client) as after,
    ):
        waits = [
            asyncio.create_task(outcome_of(AsyncJob.from_json(after, text)))
            for text in stored
        ]
        most = 0
        while not all(task.done() for task in waits):
            most = max(most, pool_of(http_client).busy)
            await asyncio.sleep(0)
        outcomes = [task.result() for task in waits]

    expected = [str(n // 2) if n % 2 == 0 else f"failed: {n}" for n in range(JOBS)]
    assert expected == outcomes
    assert most <= MAX_POLLS


async def test_a_wait_goes_on_when_others_for_the_same_job_are_cancelled(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as client:
        job = await client.submit("halve", 4)
        waits = [asyncio.create_task(job.result()) for _ in range(JOBS)]
        await asyncio.sleep(0)
        for task in waits[1:]:
            task.cancel()
        ended = await asyncio.gather(*waits, return_exceptions=True)

        assert "2" == waits[0].result().text
        assert all(isinstance(error, asyncio.CancelledError) for error in ended[1:])

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count

from sagemaker_rt.emulator.async_jobs import AsyncJob, AsyncJobQueue
from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelResponse,
    echo,
    failing,
)
from sagemaker_rt.emulator.object_store import ObjectStore
from tests.doubles import ManualClock


def job_queue(clock: ManualClock, max_running: int = 4) -> AsyncJobQueue:
    ids = count(1)
    return AsyncJobQueue(
        objects=ObjectStore(clock),
        clock=clock,
        new_id=lambda: f"i{next(ids)}",
        output_path="s3://b/out",
        max_running=max_running,
    )


def job(  # noqa: PLR0913 - every field has a default
    model: Model = echo,
    *,
    input_location: str | None = None,
    extension: str | None = None,
    filename: str | None = None,
    inference_id: str | None = None,
    timeout: int = 60,
) -> AsyncJob:
    return AsyncJob(
        model=model,
        request=InvocationRequest(
            operation="InvokeEndpointAsync",
            endpoint_name="m",
            body=b"" if input_location else b"inline",
            inference_id=inference_id,
            production_variant="AllTraffic",
        ),
        input_location=input_location,
        extension=extension,
        filename=filename,
        ttl=60,
        timeout=timeout,
    )


async def test_the_output_is_stored_at_the_output_location() -> None:
    jobs = job_queue(ManualClock())

    queued = jobs.submit(job())
    await jobs.finish()

    assert "i1" == queued.inference_id
    assert "s3://b/out/i1.out" == queued.output_location
    assert b"inline" == jobs.objects["s3://b/out/i1.out"]


async def test_the_output_has_the_content_type_of_the_response() -> None:
    async def model(_: InvocationRequest) -> ModelResponse:
        return ModelResponse(b"{}", content_type="application/json")

    jobs = job_queue(ManualClock())

    queued = jobs.submit(job(model))
    await jobs.finish()

    stored = jobs.objects.find(queued.output_location)
    assert stored is not None
    assert "application/json" == stored.content_type


async def test_parts_are_joined() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    jobs = job_queue(ManualClock())

    queued = jobs.submit(job(model))
    await jobs.finish()

    assert b"one two" == jobs.objects[queued.output_location]


async def test_the_input_is_read_from_the_input_location() -> None:
    seen: list[InvocationRequest] = []

    async def model(request: InvocationRequest) -> bytes:
        seen.append(request)
        return b""

    jobs = job_queue(ManualClock())
    jobs.objects.put("s3://b/in", b"stored", content_type="text/csv")

    jobs.submit(job(model, input_location="s3://b/in"))
    await jobs.finish()

    assert [(b"stored", "text/csv")] == [(r.body, r.content_type) for r in seen]


async def test_a_missing_input_is_a_failure() -> None:
    jobs = job_queue(ManualClock())

    queued = jobs.submit(job(input_location="s3://b/in"))
    await jobs.finish()

    assert queued.output_location not in jobs.objects
    assert b"s3://b/in" in jobs.objects[queued.failure_location]


async def test_the_request_sets_the_path_and_name_of_the_output() -> None:
    jobs = job_queue(ManualClock())

    queued = jobs.submit(
        job(extension="team/a", filename="a.json", inference_id="mine")
    )
    await jobs.finish()

    assert "mine" == queued.inference_id
    assert "s3://b/out/team/a/a.json" == queued.output_location
    assert "s3://b/out/failures/team/a/a.json-error.out" == queued.failure_location


async def test_the_failure_of_a_model_is_stored() -> None:
    jobs = job_queue(ManualClock())

    queued = jobs.submit(job(failing(500, "why")))
    await jobs.finish()

    expected = b'Received server error (500) from primary with message "why".'
    assert expected == jobs.objects[queued.failure_location]
    assert queued.output_location not in jobs.objects


async def test_a_model_that_exceeds_its_timeout_fails() -> None:
    async def model(_: InvocationRequest) -> bytes:
        await asyncio.Event().wait()
        return b""

    jobs = job_queue(ManualClock())

    queued = jobs.submit(job(model, timeout=0))
    await jobs.finish()

    failure = jobs.objects[queued.failure_location]
    assert b"the model took more than 0 s" in failure


async def test_jobs_run_in_order_when_a_slot_is_free() -> None:
    order: list[bytes] = []
    running = 0
    most = 0

    async def model(request: InvocationRequest) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        order.append((request.inference_id or "").encode())
        running -= 1
        return b""

    jobs = job_queue(ManualClock(), max_running=2)

    for id in ("a", "b", "c", "d"):
        jobs.submit(job(model, inference_id=id))
    await jobs.finish()

    assert [b"a", b"b", b"c", b"d"] == order
    assert 2 == most


async def test_a_request_that_waits_too_long_expires() -> None:
    may_go = asyncio.Event()

    async def model(_: InvocationRequest) -> bytes:
        await may_go.wait()
        return b"done"

    clock = ManualClock()
    jobs = job_queue(clock, max_running=1)

    first = jobs.submit(job(model))
    second = jobs.submit(job(model))
    await asyncio.sleep(0)
    clock.advance(61)
    may_go.set()
    await jobs.finish()

    assert b"done" == jobs.objects[first.output_location]
    expected = b"the request expired after 60 s in the queue"
    assert expected in jobs.objects[second.failure_location]


async def test_closing_cancels_running_and_queued_jobs() -> None:
    cancelled: list[str | None] = []

    async def model(request: InvocationRequest) -> bytes:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(request.inference_id)
            raise
        return b""

    jobs = job_queue(ManualClock(), max_running=1)
    jobs.submit(job(model, inference_id="a"))
    jobs.submit(job(model, inference_id="b"))
    await asyncio.sleep(0)

    await jobs.aclose()

    assert ["a"] == cancelled
    assert 0 == len(jobs)
    assert 0 == len(jobs.objects)

"""Waits for the results of asynchronous inferences."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterable
from typing import Any, Final

import pytest
from attrs import evolve

from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    AsyncInferenceError,
    AsyncJobTimeoutError,
    ClientStateError,
    ConnectionLostError,
    ResponseTooLargeError,
    S3Error,
    TruncatedBodyError,
)
from sagemaker_rt.http import Request, Response
from sagemaker_rt.inference.job_poller import MAX_POLLS, JobPoller, poller_of
from sagemaker_rt.inference.s3_requests import S3Object
from sagemaker_rt.sansio.job_records import JobRecord
from tests.doubles import ManualClock, ScriptedHTTPClient, response
from tests.inference.s3_answers import failure, found, runtime_client, s3_client

START: Final = 1_700_000_000.0
RECORD: Final = JobRecord(
    endpoint_name="m",
    output_location="s3://bucket/out",
    failure_location="s3://bucket/failed",
    submitted_at=START,
    lifetime=1000,
    inference_id="i",
)
ALONE: Final = evolve(RECORD, failure_location=None)
MISSING: Final = failure(404, "NoSuchKey")
DENIED: Final = failure(403, "AccessDenied")


async def poller_with(
    http_client: Any, clock: ManualClock | None = None, **arguments: Any
) -> JobPoller:
    """Return a poller whose delays are not random, and pass at once."""
    clock = clock or ManualClock(START)
    return JobPoller(
        await s3_client(http_client, clock, max_attempts=1),
        clock=clock,
        time=clock,
        chance=lambda: 1.0,
        **{"max_bytes": 100, "sleep": clock.sleep, **arguments},
    )


async def content_of(stored: S3Object) -> bytes:
    return await stored.read(100)


def paths(requests: Iterable[Request]) -> list[str]:
    return [request.path for request in requests]


class SilentHTTPClient(ScriptedHTTPClient):
    """A client that never gets a response."""

    async def send(self, request: Request) -> Response:
        self.requests.append(request.copy())
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        return await answer


async def yield_to_others(_: float) -> None:
    """Let other tasks run, in place of a delay."""
    await asyncio.sleep(0)


class CountingHTTPClient:
    """A client of S3 that has each object from its third request on."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.in_flight = self.most_in_flight = 0

    async def send(self, request: Request) -> Response:
        self.in_flight += 1
        self.most_in_flight = max(self.in_flight, self.most_in_flight)
        try:
            await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        self.paths.append(request.path)
        is_there = self.paths.count(request.path) > 2
        return found(request.path.encode()) if is_there else failure(404, "NoSuchKey")

    async def aclose(self) -> None:
        pass


async def test_both_locations_are_polled_until_there_is_a_result() -> None:
    clock = ManualClock(START)
    http_client = ScriptedHTTPClient(*[MISSING] * 6, found(b"done"))
    poller = await poller_with(http_client, clock)

    result = await poller.wait(RECORD, None, content_of)

    assert b"done" == result
    assert [1.0, 1.5, 2.25, 3.375] == clock.sleeps
    assert ["/out", "/failed"] * 3 + ["/out"] == paths(http_client.requests)


async def test_without_a_failure_location_the_output_is_polled() -> None:
    http_client = ScriptedHTTPClient(MISSING, found())

    await (await poller_with(http_client)).wait(ALONE, None, content_of)

    assert ["/out", "/out"] == paths(http_client.requests)


async def test_an_older_job_is_polled_at_once() -> None:
    clock = ManualClock(START + 0.6)
    http_client = ScriptedHTTPClient(found(), found())
    poller = await poller_with(http_client, clock)

    await poller.wait(ALONE, None, content_of)
    await poller.wait(ALONE, None, content_of)

    assert [pytest.approx(0.4)] == clock.sleeps


async def test_a_failure_is_raised_with_its_content() -> None:
    http_client = ScriptedHTTPClient(MISSING, found(b"out of\nmemory", "text/plain"))

    with pytest.raises(AsyncInferenceError) as raised:
        await (await poller_with(http_client)).wait(RECORD, None, content_of)

    error = raised.value
    assert (b"out of\nmemory", "text/plain", "s3://bucket/failed", "i") == (
        error.body,
        error.content_type,
        error.location,
        error.inference_id,
    )
    assert str(error).endswith(r"out of\nmemory")
    assert 200 == error.metadata.http_status


@pytest.mark.parametrize(("size", "shown"), [(0, "no details"), (100, "x" * 100)])
async def test_the_text_of_a_failure_is_short(size: int, shown: str) -> None:
    http_client = ScriptedHTTPClient(MISSING, found(b"x" * size))

    with pytest.raises(AsyncInferenceError) as raised:
        await (await poller_with(http_client)).wait(RECORD, None, content_of)

    assert str(raised.value).endswith(f": {shown}")


async def test_no_timeout_is_one_poll() -> None:
    clock = ManualClock(START)
    http_client = ScriptedHTTPClient(MISSING, MISSING)

    with pytest.raises(AsyncJobTimeoutError) as raised:
        await (await poller_with(http_client, clock)).wait(RECORD, 0, content_of)

    assert [] == clock.sleeps
    assert ("s3://bucket/out", "s3://bucket/failed", ()) == (
        raised.value.output_location,
        raised.value.failure_location,
        raised.value.denied,
    )
    assert raised.value.__cause__ is None


async def test_a_job_whose_lifetime_is_over_is_polled_once() -> None:
    http_client = ScriptedHTTPClient(found())
    poller = await poller_with(http_client, ManualClock(START + 2000))

    assert b"content" == await poller.wait(ALONE, None, content_of)


async def test_the_default_timeout_is_the_lifetime_of_the_job() -> None:
    clock = ManualClock(START + 10)
    http_client = ScriptedHTTPClient(*[MISSING] * 200)
    poller = await poller_with(http_client, clock)

    with pytest.raises(AsyncJobTimeoutError):
        await poller.wait(ALONE, None, content_of)

    assert 999.9 <= clock.now - START <= 1000
    assert 15.0 == max(clock.sleeps)


async def test_polls_end_at_the_deadline() -> None:
    clock = ManualClock(START)
    http_client = ScriptedHTTPClient(*[MISSING] * 20)
    poller = await poller_with(http_client, clock)

    with pytest.raises(AsyncJobTimeoutError, match="after 5 s"):
        await poller.wait(ALONE, 5, content_of)

    assert [1.0, 1.5, 2.25, 0.125] == clock.sleeps[:4]
    assert 4.9 <= clock.now - START <= 5


async def test_denied_access_is_named_at_the_deadline() -> None:
    http_client = ScriptedHTTPClient(DENIED, DENIED, DENIED, MISSING)
    poller = await poller_with(http_client)

    with pytest.raises(AsyncJobTimeoutError) as first:
        await poller.wait(RECORD, 0, content_of)
    with pytest.raises(AsyncJobTimeoutError) as second:
        await poller.wait(RECORD, 0, content_of)

    assert ("s3://bucket/out", "s3://bucket/failed") == first.value.denied
    assert ("s3://bucket/out",) == second.value.denied
    assert "s3:GetObject" in str(first.value)
    assert "s3:ListBucket" in str(first.value)
    assert isinstance(first.value.__cause__, S3Error)


async def test_denied_access_is_logged_once_for_each_bucket(
    caplog: pytest.LogCaptureFixture,
) -> None:
    http_client = ScriptedHTTPClient(*[DENIED] * 4)
    poller = await poller_with(http_client)
    caplog.set_level("INFO")

    for record in (RECORD, RECORD):
        with pytest.raises(AsyncJobTimeoutError):
            await poller.wait(record, 0, content_of)

    (logged,) = caplog.messages
    assert "s3://bucket/out" in logged


async def test_access_that_is_granted_later_is_not_denied() -> None:
    http_client = ScriptedHTTPClient(DENIED, *[MISSING] * 20)

    with pytest.raises(AsyncJobTimeoutError) as raised:
        await (await poller_with(http_client)).wait(ALONE, 3, content_of)

    assert () == raised.value.denied


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "NoSuchBucket"),
        (403, "SignatureDoesNotMatch"),
        (403, "AllAccessDisabled"),
        (400, "InvalidRequest"),
    ],
)
async def test_an_error_that_does_not_pass_ends_the_wait(
    status: int, code: str
) -> None:
    http_client = ScriptedHTTPClient(failure(status, code))

    with pytest.raises(S3Error) as raised:
        await (await poller_with(http_client)).wait(RECORD, None, content_of)

    assert (code, "GetObject") == (raised.value.code, raised.value.operation)


async def test_a_passing_error_does_not_end_the_wait() -> None:
    lost = ConnectionLostError("lost")
    http_client = ScriptedHTTPClient(failure(503, "SlowDown"), lost, MISSING, found())

    result = await (await poller_with(http_client)).wait(ALONE, None, content_of)

    assert b"content" == result


async def test_the_last_passing_error_is_the_cause_of_a_timeout() -> None:
    http_client = ScriptedHTTPClient(failure(503, "SlowDown"))

    with pytest.raises(AsyncJobTimeoutError) as raised:
        await (await poller_with(http_client)).wait(RECORD, 0, content_of)

    assert isinstance(raised.value.__cause__, S3Error)
    assert "could not be received" in str(raised.value)  # there may be a result


async def test_a_result_that_is_cut_is_received_again() -> None:
    contents: list[bytes] = []

    async def receive(stored: S3Object) -> None:
        contents.append(await stored.read(100))
        if len(contents) == 1:
            message = "cut"
            raise TruncatedBodyError(message)

    http_client = ScriptedHTTPClient(found(), found())

    await (await poller_with(http_client)).wait(ALONE, None, receive)

    assert [b"content"] * 2 == contents


async def test_of_a_failure_over_the_limit_the_start_is_kept() -> None:
    """The job has failed, which a large description must not hide."""
    http_client = ScriptedHTTPClient(MISSING, found(b"too long"))
    poller = await poller_with(http_client, max_bytes=3)

    with pytest.raises(AsyncInferenceError) as raised:
        await poller.wait(RECORD, None, content_of)

    assert b"too" == raised.value.body
    assert "s3://bucket/failed" == raised.value.location


async def test_a_result_over_the_limit_has_the_facts_of_its_request() -> None:
    answer = response(200, {"x-amz-request-id": "r"}, b"too long")
    poller = await poller_with(ScriptedHTTPClient(answer))

    with pytest.raises(ResponseTooLargeError) as raised:
        await poller.wait(RECORD, None, lambda stored: stored.read(3))

    assert ("GetObject", "r", 200) == (
        raised.value.operation,
        raised.value.request_id,
        raised.value.http_status,
    )
    assert 1 == len(raised.value.metadata.attempts)


async def test_a_silent_server_does_not_delay_the_deadline() -> None:
    poller = await poller_with(SilentHTTPClient())

    with pytest.raises(AsyncJobTimeoutError, match="S3 did not respond"):
        await poller.wait(RECORD, 0.02, content_of)


async def test_another_timeout_propagates_unchanged() -> None:
    own = TimeoutError("of the caller")

    async def receive(_: S3Object) -> None:
        raise own

    poller = await poller_with(ScriptedHTTPClient(found()))

    with pytest.raises(TimeoutError) as raised:
        await poller.wait(ALONE, None, receive)

    assert own is raised.value


async def test_many_waiters_share_a_few_requests_and_none_starves() -> None:
    http_client = CountingHTTPClient()
    poller = await poller_with(http_client, max_polls=7, sleep=yield_to_others)
    records = [evolve(ALONE, output_location=f"s3://b/{n}") for n in range(500)]

    results = await asyncio.gather(
        *(poller.wait(record, None, content_of) for record in records)
    )

    assert [f"/b/{n}".encode() for n in range(500)] == results
    assert 7 == http_client.most_in_flight
    assert [f"/b/{n}" for n in range(500)] == http_client.paths[:500]


async def test_cancelling_a_waiter_does_not_disturb_the_others() -> None:
    http_client = CountingHTTPClient()
    poller = await poller_with(http_client, max_polls=2, sleep=yield_to_others)
    records = [evolve(ALONE, output_location=f"s3://b/{n}") for n in range(30)]
    tasks = [
        asyncio.create_task(poller.wait(record, None, content_of)) for record in records
    ]

    for number, task in enumerate(tasks[::2]):
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [f"/b/{n}".encode() for n in range(1, 30, 2)] == results[1::2]
    assert any(isinstance(result, asyncio.CancelledError) for result in results)
    assert 0 == http_client.in_flight
    assert 2 == http_client.most_in_flight


def client() -> Client:
    return runtime_client(ScriptedHTTPClient())


async def test_all_jobs_of_a_client_share_a_poller() -> None:
    caller = client()

    first, second = await asyncio.gather(poller_of(caller), poller_of(caller))

    assert first is second is await poller_of(caller)
    assert first is not await poller_of(caller.with_options(region="eu-west-2"))
    assert first.max_bytes == 32 << 20
    assert 32 == MAX_POLLS


def test_a_poller_belongs_to_an_event_loop() -> None:
    caller = client()

    first = asyncio.run(poller_of(caller))
    second = asyncio.run(poller_of(caller))

    assert first is not second


async def test_a_poller_does_not_keep_its_client() -> None:
    caller = client()
    await poller_of(caller)
    reference = weakref.ref(caller)

    del caller
    gc.collect()

    assert reference() is None


async def test_a_closed_client_has_no_poller() -> None:
    caller = client()
    await caller.aclose()

    with pytest.raises(ClientStateError):
        await poller_of(caller)

"""Asynchronous inferences against the emulator."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, echo, failing
from sagemaker_rt.emulator.s3 import s3_error
from sagemaker_rt.errors import (
    AsyncInferenceError,
    AsyncJobTimeoutError,
    ClientStateError,
    DeserializationError,
    ParamValidationError,
    ResponseTooLargeError,
    S3Error,
    SageMakerRuntimeError,
    SerializationError,
)
from sagemaker_rt.http import FileBody
from sagemaker_rt.inference.async_jobs import (
    MAX_INLINE_BYTES,
    AsyncJob,
    submit_input,
)
from sagemaker_rt.options import with_options
from sagemaker_rt.shapes import InvokeEndpointAsyncInput
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.doubles import ScriptedHTTPClient, response
from tests.inference.s3_answers import runtime_client
from tests.stepping import LoopThread, Moment, Stepped
from tests.transport.pools import pool_of

LARGE: Final = bytes(MAX_INLINE_BYTES + 1)


def client_of(emulator: Emulator, **fields: Any) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={"AWS_ENDPOINT_URL_S3": emulator.s3_url},
        **fields,
    )


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with client_of(emulator) as client:
        yield client


@pytest.mark.parametrize(
    ("value", "body", "content_type"),
    [
        (b"\x00", b"\x00", "application/octet-stream"),
        ("é", "é".encode(), "text/plain"),
        ({"a": ["é"]}, '{"a":["é"]}'.encode(), "application/json"),
        ([1, 2], b"[1,2]", "application/json"),
        (None, b"null", "application/json"),
        (bytearray(b"ab"), b"ab", "application/octet-stream"),
        (io.BytesIO(b"file"), b"file", None),
        (FileBody(io.BytesIO(b"file")), b"file", None),
        (
            bytes(MAX_INLINE_BYTES),
            bytes(MAX_INLINE_BYTES),
            "application/octet-stream",
        ),
    ],
    ids=[
        *("bytes", "text", "dict", "list", "none"),
        *("buffer", "file", "file body", "largest"),
    ],
)
async def test_a_small_input_is_sent_to_the_service(
    client: Client,
    emulator: Emulator,
    value: object,
    body: bytes,
    content_type: str | None,
) -> None:
    job = await client.submit("echo", value)
    await emulator.finish_jobs()
    result = await job.result(timeout=0)

    assert body == result.body
    assert (content_type or "application/octet-stream") == result.content_type
    sent = emulator.requests[0].headers
    assert content_type == sent.get("x-amzn-sagemaker-content-type")


async def test_all_members_are_sent(client: Client, emulator: Emulator) -> None:
    job = await client.submit(
        "echo",
        "x",
        with_options(user_agent_extra="of-this-call"),
        content_type="text/csv",
        accept="a/b",
        custom_attributes="c",
        inference_id="id-1",
        s3_output_path_extension="below",
        filename="f.txt",
        request_ttl_seconds=60,
        invocation_timeout_seconds=1,
    )

    sent = emulator.requests[0].headers
    prefix = "x-amzn-sagemaker-"
    assert {
        "content-type": "text/csv",
        "accept": "a/b",
        "custom-attributes": "c",
        "inference-id": "id-1",
        "s3outputpathextension": "below",
        "filename": "f.txt",
        "requestttlseconds": "60",
        "invocationtimeoutseconds": "1",
    } == {
        name.removeprefix(prefix): text
        for name, text in sent.items()
        if name.startswith(prefix)
    }
    assert sent["user-agent"].endswith("of-this-call")
    assert ("echo", "id-1", "s3://emulator/output/below/f.txt") == (
        job.endpoint_name,
        job.inference_id,
        job.output_location,
    )
    assert 121 == json.loads(job.to_json())["lifetime"]
    assert 1 == len(job.metadata.attempts)
    assert "<AsyncJob 'echo', s3://emulator/output/below/f.txt>" == repr(job)


async def test_a_codec_encodes_the_input(client: Client, emulator: Emulator) -> None:
    rows = await client.submit("echo", [[1, 2]], codec="csv")
    text = await client.submit("echo", "s3://b/k", codec="text", content_type="a/b")
    await emulator.finish_jobs()
    results = [await job.result(timeout=0) for job in (rows, text)]

    assert [b"1,2", b"s3://b/k"] == [result.body.strip() for result in results]
    assert ["text/csv", "a/b"] == [result.content_type for result in results]
    assert "text/csv" == emulator.requests[0].headers["x-amzn-sagemaker-accept"]
    assert "s3://b/k" == results[1].text


async def test_a_location_is_passed_on(client: Client, emulator: Emulator) -> None:
    emulator.objects["s3://bucket/in"] = b"stored"

    job = await client.submit("echo", "s3://bucket/in")
    await emulator.finish_jobs()

    assert b"stored" == (await job.result(timeout=0)).body


@pytest.mark.parametrize("prefix", ["s3://bucket/in", "s3://bucket/in/"])
@pytest.mark.parametrize("kind", [bytes, io.BytesIO])
async def test_a_large_input_is_stored_first(
    client: Client,
    emulator: Emulator,
    prefix: str,
    kind: Callable[[bytes], object],
) -> None:
    job = await client.submit("echo", kind(LARGE), upload_to=prefix, content_type="a/b")
    await emulator.finish_jobs()
    result = await job.result(timeout=0)

    (uploaded,) = [uri for uri in emulator.objects if uri.startswith("s3://bucket/in/")]
    stored = emulator.objects.find(uploaded)
    assert stored is not None
    assert (LARGE, "a/b") == (stored.body, stored.content_type)
    assert LARGE == result.body


async def test_the_name_of_an_uploaded_object_can_be_chosen(
    client: Client, emulator: Emulator
) -> None:
    params = InvokeEndpointAsyncInput(endpoint_name="echo", body=LARGE)

    await submit_input(client, params, upload_to="s3://bucket", new_id=lambda: "name")

    assert LARGE == emulator.objects["s3://bucket/name"]


@pytest.mark.parametrize(
    ("value", "upload_to", "kind"),
    [
        (LARGE, None, ParamValidationError),
        (io.BytesIO(LARGE), None, ParamValidationError),
        (b"x", "bucket", ParamValidationError),
        (b"x", 5, ParamValidationError),
        ("s3://bucket", None, ParamValidationError),
        ({"a": float("nan")}, None, SerializationError),
        (io.StringIO("text"), None, SerializationError),
        (object(), None, ParamValidationError),
    ],
)
async def test_an_invalid_input_is_refused_before_anything_is_sent(
    client: Client,
    emulator: Emulator,
    value: object,
    upload_to: str | None,
    kind: type[SageMakerRuntimeError],
) -> None:
    with pytest.raises(kind) as raised:
        await client.submit("echo", value, upload_to=upload_to)

    assert "InvokeEndpointAsync" == raised.value.operation
    assert [] == [*emulator.requests]


async def test_an_input_over_the_limit_of_the_service_is_refused(
    client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    with (tmp_path / "input").open("w+b") as file:
        file.truncate((1 << 30) + 1)

        with pytest.raises(ParamValidationError):
            await client.submit("echo", file, upload_to="s3://bucket/in")

    assert [] == [*emulator.requests]


async def test_both_a_body_and_a_location_are_refused(client: Client) -> None:
    params = InvokeEndpointAsyncInput(
        endpoint_name="echo", body=LARGE, input_location="s3://bucket/in"
    )

    with pytest.raises(ParamValidationError):
        await submit_input(client, params)


async def test_a_refused_upload_invokes_nothing(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(s3_error("AccessDenied", 403, "no"), operation="PutObject")

    with pytest.raises(S3Error) as raised:
        await client.submit("echo", LARGE, upload_to="s3://bucket/in")

    assert ("AccessDenied", "PutObject") == (raised.value.code, raised.value.operation)
    assert 1 == len(emulator.requests)


@pytest.mark.parametrize("location", [None, "nowhere", "s3://bucket"])
async def test_a_response_must_locate_the_result(location: str | None) -> None:
    headers = {"X-Amzn-SageMaker-OutputLocation": location} if location else {}
    answer = response(202, headers, b'{"InferenceId": "i"}')

    with pytest.raises(DeserializationError) as raised:
        await runtime_client(ScriptedHTTPClient(answer)).submit("m", b"x")

    assert raised.value.may_have_executed
    assert 202 == raised.value.metadata.http_status


async def test_a_failure_is_raised(client: Client, emulator: Emulator) -> None:
    emulator.deploy("broken", failing(status=507, message="Out of resources"))

    job = await client.submit("broken", b"x")
    await emulator.finish_jobs()
    with pytest.raises(AsyncInferenceError) as raised:
        await job.result(timeout=0)

    assert "Out of resources" in raised.value.text
    assert job.failure_location == raised.value.location
    assert job.inference_id == raised.value.inference_id


async def test_a_job_that_is_not_done_times_out_and_can_be_waited_for_again(
    client: Client, emulator: Emulator
) -> None:
    done = asyncio.Event()

    async def wait(request: Any) -> Any:
        await done.wait()
        return await echo(request)

    emulator.deploy("waiting", wait)
    job = await client.submit("waiting", b"x")

    with pytest.raises(AsyncJobTimeoutError):
        await job.result(timeout=0)
    done.set()
    await emulator.finish_jobs()

    assert b"x" == (await job.result(timeout=0)).body


async def test_a_job_survives_a_restart(emulator: Emulator) -> None:
    async with client_of(emulator) as before:
        text = (await before.submit("echo", b"x", inference_id="i")).to_json()
    await emulator.finish_jobs()

    async with client_of(emulator) as after:
        job = AsyncJob.from_json(after, text)

        assert text == job.to_json()
        assert b"x" == (await job.result(timeout=0)).body
        assert ("echo", "i") == (job.endpoint_name, job.inference_id)
        assert {} == job.metadata
    assert str(emulator.credentials.secret_access_key) not in text


async def test_the_time_of_the_submission_is_that_of_the_clock(
    emulator: Emulator,
) -> None:
    now = emulator.objects.put("s3://b/k", b"").modified_at
    async with client_of(emulator, clock=lambda: now) as client:
        job = await client.submit("echo", b"x")

    assert now == job.submitted_at


async def test_a_result_is_received_in_chunks(
    client: Client, emulator: Emulator
) -> None:
    job = await client.submit("echo", LARGE, upload_to="s3://b/in", content_type="a/b")
    await emulator.finish_jobs()

    async with job.open(timeout=0) as chunks:
        received = [chunk async for chunk in chunks]

    assert LARGE == b"".join(received)
    assert (len(LARGE), "a/b", job.output_location) == (
        chunks.size,
        chunks.content_type,
        chunks.location,
    )


async def test_leaving_the_block_early_closes_the_connection(
    emulator: Emulator,
) -> None:
    emulator.objects["s3://b/in"] = bytes(8 << 20)
    async with (
        AiohttpClient() as http_client,
        client_of(emulator, http_client=http_client) as client,
    ):
        job = await client.submit("echo", "s3://b/in")
        await emulator.finish_jobs()

        async with job.open(timeout=0) as chunks:
            await anext(chunks)
            assert 1 == pool_of(http_client).busy

        assert 0 == pool_of(http_client).busy
        with pytest.raises(ClientStateError):
            await anext(chunks)


async def test_a_result_over_the_limit_can_be_received_in_chunks(
    emulator: Emulator,
) -> None:
    async with client_of(emulator, max_response_bytes=1000) as client:
        job = await client.submit("echo", bytes(1001))
        await emulator.finish_jobs()

        with pytest.raises(ResponseTooLargeError):
            await job.result(timeout=0)
        async with job.open(timeout=0) as chunks:
            assert 1001 == sum([len(chunk) async for chunk in chunks])


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), "1", True])
async def test_an_invalid_timeout_is_refused(
    client: Client,
    timeout: Any,  # noqa: ASYNC109 - the argument of the call
) -> None:
    job = await client.submit("echo", b"x")

    with pytest.raises(ParamValidationError):
        await job.result(timeout=timeout)
    with pytest.raises(ParamValidationError):
        async with job.open(timeout=timeout):
            pass


async def test_a_closed_client_waits_for_nothing(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        job = await client.submit("echo", b"x")
        await job.result()

    with pytest.raises(ClientStateError):
        await job.result()


async def submitted(client: Client, emulator: Emulator) -> None:
    job = await client.submit("echo", LARGE, upload_to="s3://b/in")
    assert job.output_location.startswith("s3://emulator/")


async def received(client: Client, emulator: Emulator) -> None:
    job = job_in(client, emulator, bytes(100_000))
    assert bytes(100_000) == (await job.result()).body


async def failed(client: Client, emulator: Emulator) -> None:
    del emulator.objects["s3://b/out"]
    with pytest.raises(AsyncInferenceError):
        await job_in(client, emulator).result()


async def opened(client: Client, emulator: Emulator) -> None:
    job = job_in(client, emulator, bytes(1 << 20))
    async with job.open() as chunks:
        assert 1 << 20 == sum([len(chunk) async for chunk in chunks])


async def slept(client: Client, emulator: Emulator) -> None:
    with pytest.raises(AsyncJobTimeoutError):
        await job_in(client, emulator, at=2e9).result(timeout=0.1)


def job_in(
    client: Client, emulator: Emulator, body: bytes | None = None, *, at: float = 0
) -> AsyncJob:
    """Return a job of the epoch, whose first poll is due, with this result."""
    name = "out" if body is not None else "none"
    failure = None if at else "s3://b/failed"
    if body is not None:
        emulator.objects["s3://b/out"] = body
    document = {
        "version": 1,
        "endpoint_name": "m",
        "output_location": f"s3://b/{name}",
        "failure_location": failure,
        "submitted_at": at,
        "lifetime": 1e11,
    }
    return AsyncJob.from_json(client, json.dumps(document))


@pytest.mark.parametrize("moment", [Moment.AT_ONCE, Moment.ARRIVED, Moment.LATER])
@pytest.mark.parametrize("call", [submitted, received, failed, opened, slept])
def test_a_call_can_be_cancelled_at_each_suspension(
    call: Callable[[Client, Emulator], Awaitable[None]], moment: Moment
) -> None:
    async def cancel_at(number: int | None, emulator: Emulator) -> int:
        emulator.objects["s3://b/out"] = emulator.objects["s3://b/failed"] = b"x"
        async with AiohttpClient() as http_client:
            client = client_of(emulator, http_client=http_client)
            stepped = Stepped(started(client, emulator), number, moment)
            with contextlib.suppress(asyncio.CancelledError):
                await stepped
            emulator.objects["s3://b/out"] = b"x"
            await received(client, emulator)
            assert 0 == pool_of(http_client).busy
            assert [asyncio.current_task()] == [*asyncio.all_tasks()]
            return len(stepped.points)

    async def started(client: Client, emulator: Emulator) -> None:
        await call(client, emulator)

    with LoopThread() as thread:
        emulator = thread.enter(Emulator())
        suspensions = asyncio.run(cancel_at(None, emulator))
        for number in range(suspensions):
            asyncio.run(cancel_at(number, emulator))

    assert 3 <= suspensions

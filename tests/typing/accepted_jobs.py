"""Asynchronous inferences."""

from __future__ import annotations

from typing import assert_type

from sagemaker_rt import (
    AsyncInferenceError,
    AsyncJob,
    AsyncJobTimeoutError,
    AsyncResultChunks,
    Client,
    InvokeEndpointOutput,
    Options,
    S3Error,
    with_options,
)


async def submit(client: Client) -> AsyncJob:
    await client.submit("m", b"input")
    await client.submit("m", "s3://bucket/input", with_options(read_timeout=5))
    return await client.submit(
        "m",
        {"inputs": ["Hello"]},
        codec="json",
        upload_to="s3://bucket/inputs",
        content_type="application/json",
        accept="application/json",
        custom_attributes="a=b",
        inference_id="i",
        s3_output_path_extension="below",
        filename="f.out",
        request_ttl_seconds=60,
        invocation_timeout_seconds=60,
    )


async def wait(job: AsyncJob) -> None:
    result = await job.result(timeout=60)
    assert_type(result, InvokeEndpointOutput)
    assert_type(result.body, bytes)
    assert_type(result.text, str)
    assert_type(result.content_type, str | None)
    async with job.open() as chunks:
        assert_type(chunks, AsyncResultChunks)
        assert_type(chunks.size, int | None)
        async for chunk in chunks:
            assert_type(chunk, bytes)


def restart(client: Client, job: AsyncJob) -> AsyncJob:
    return AsyncJob.from_json(client, job.to_json())


async def options_in_force(client: Client) -> Options:
    return await client.resolved_options()


async def facts_of_failures(job: AsyncJob) -> tuple[str | None, ...]:
    try:
        await job.result()
    except AsyncInferenceError as error:
        return error.text, error.content_type, error.location, error.inference_id
    except AsyncJobTimeoutError as error:
        return error.output_location, error.failure_location, *error.denied
    except S3Error as error:
        return error.code, error.region, error.host_id
    return ()

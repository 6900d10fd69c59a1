"""Many calls: inputs, results and functions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, assert_type

from sagemaker_rt import (
    CallDefaults,
    CallInput,
    CallProgress,
    CallResult,
    Client,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    ManyCalls,
    OnError,
    call_many,
    with_options,
)


async def bodies() -> AsyncIterator[bytes]:
    """An async iterable of inputs."""
    yield b""


def show(progress: CallProgress) -> None:
    """A progress function."""
    assert_type(progress.done, int)
    assert_type(progress.failed, int)
    assert_type(progress.in_flight, int)
    assert_type(progress.total, int | None)


async def length(text: str) -> int:
    """An async function."""
    return len(text)


async def main(client: Client, mixed: list[CallInput], on_error: OnError) -> None:
    """Invoke models, and call a function."""
    calls = client.invoke_many(
        bodies(),
        with_options(read_timeout=5),
        endpoint_name="m",
        content_type="text/csv",
        concurrency=64,
        ordered=False,
        on_error="collect",
        progress=show,
    )
    assert_type(calls, ManyCalls[bytes, InvokeEndpointOutput])
    async with calls as results:
        async for result in results:
            assert_type(result, CallResult[bytes, InvokeEndpointOutput])
            assert_type(result.input, bytes)
            assert_type(result.output, InvokeEndpointOutput)
            assert_type(result.error, Exception | None)
    client.invoke_many(["text"], endpoint_name="m")
    client.invoke_many([{"body": b""}], endpoint_name="m")
    client.invoke_many([InvokeEndpointInput(endpoint_name="m", body=b"")])
    client.invoke_many(mixed, on_error=on_error)
    async with aclosing(call_many(length, ["a"])) as lengths:
        assert_type([result.output async for result in lengths], list[int])


def untyped(rows: list[dict[str, Any]], client: Client) -> None:
    """Mappings as they are read from JSON."""
    defaults: CallDefaults = {"endpoint_name": "m", "accept": "a/b"}
    client.invoke_many(rows, **defaults)

from __future__ import annotations

import asyncio
import gzip
import io
from typing import Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.http import Body, FileBody, Headers, Request
from sagemaker_rt.middleware.request_compression import RequestCompression
from sagemaker_rt.stack import BuildInput
from tests.doubles import Wire

MINIMUM: Final = 100
CONTEXT: Final = Context("InvokeEndpoint")


async def sent(body: Body, **headers: str) -> Request:
    """Return the request that is sent for *body*."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    wire = Wire[BuildInput]()
    request = Request(body=body, headers=Headers(named))

    await RequestCompression(MINIMUM)(CONTEXT, BuildInput(request), wire)

    return wire.inputs[0].request


@pytest.mark.parametrize(
    "size", [MINIMUM, MINIMUM + 1, 10_000, 262_143, 262_144, 1 << 20]
)
async def test_a_body_of_the_minimum_and_more_is_compressed(size: int) -> None:
    body = b"abcd" * (size // 4) + b"e" * (size % 4)

    request = await sent(body)

    assert isinstance(request.body, bytes)
    assert body == gzip.decompress(request.body)
    assert len(request.body) < size
    assert {"content-encoding": "gzip"} == request.headers


@pytest.mark.parametrize("size", [0, 1, MINIMUM - 1])
async def test_a_smaller_body_is_not_compressed(size: int) -> None:
    request = await sent(bytes(size))

    assert bytes(size) == request.body
    assert {} == request.headers


async def test_an_empty_body_is_never_compressed() -> None:
    request = Request()

    await RequestCompression(0)(CONTEXT, BuildInput(request), Wire[BuildInput]())

    assert b"" == request.body
    assert {} == request.headers


async def test_a_minimum_of_zero_compresses_one_byte() -> None:
    request = Request(body=b"x")

    await RequestCompression(0)(CONTEXT, BuildInput(request), Wire[BuildInput]())

    assert isinstance(request.body, bytes)
    assert b"x" == gzip.decompress(request.body)


async def test_a_file_is_not_compressed() -> None:
    body = FileBody(io.BytesIO(bytes(10_000)))

    request = await sent(body)

    assert body is request.body
    assert {} == request.headers


@pytest.mark.parametrize(
    ("before", "after"), [("custom", "custom, gzip"), ("", "gzip")]
)
async def test_gzip_is_appended_to_an_existing_encoding(
    before: str, after: str
) -> None:
    request = await sent(bytes(1000), content_encoding=before)

    assert {"content-encoding": after} == request.headers


@pytest.mark.parametrize("size", [1000, 1 << 20])
async def test_equal_bodies_are_sent_as_equal_bytes(size: int) -> None:
    first, second = await sent(bytes(size)), await sent(bytes(size))

    assert first.body == second.body
    assert isinstance(first.body, bytes)
    assert bytes(4) == first.body[4:8]  # RFC 1952, section 2.3: the time


async def test_compressing_a_large_body_does_not_block_the_event_loop() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await sent(bytes(4 << 20))
    counting.cancel()

    assert turns > 2


async def test_a_call_cancelled_while_compressing_is_not_sent() -> None:
    wire = Wire[BuildInput]()
    input = BuildInput(Request(body=bytes(4 << 20)))
    call = RequestCompression(MINIMUM)(CONTEXT, input, wire)

    task = asyncio.ensure_future(call)
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [] == wire.inputs

from __future__ import annotations

import asyncio
import io
import threading
from hashlib import sha256

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Body, FileBody, Request
from sagemaker_rt.middleware.compute_payload_hash import ComputePayloadHash
from sagemaker_rt.stack import BuildInput, Output
from tests.doubles import GatedFile, Wire

CONTEXT = Context("InvokeEndpoint")
THREAD_FROM = 256 * 1024


class Watched(io.BytesIO):
    """A file that records the threads that read it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.readers: set[int] = set()

    def read(self, size: int | None = -1) -> bytes:
        self.readers.add(threading.get_ident())
        return super().read(size)


async def hash_of(body: Body) -> str | None:
    wire = Wire[BuildInput]()

    output = await ComputePayloadHash()(CONTEXT, BuildInput(Request(body=body)), wire)

    assert output is wire.output
    assert wire.inputs[0].request.body is body
    return wire.inputs[0].request.payload_hash


@pytest.mark.parametrize(
    "size", [0, 1, THREAD_FROM - 1, THREAD_FROM, THREAD_FROM + 1, 1_000_000]
)
async def test_it_is_the_hash_of_the_body(size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]

    assert sha256(body).hexdigest() == await hash_of(body)


async def test_a_file_is_hashed_from_its_position() -> None:
    file = Watched(b"skipped;sent")
    file.seek(8)

    assert sha256(b"sent").hexdigest() == await hash_of(FileBody(file))


async def test_a_file_is_read_in_another_thread() -> None:
    file = Watched(b"abc")

    await hash_of(FileBody(file))

    assert threading.get_ident() not in file.readers
    assert 1 == len(file.readers)


async def test_a_small_body_is_hashed_without_a_thread() -> None:
    wire = Wire[BuildInput]()
    request = Request(body=b"abc")

    handled = ComputePayloadHash()(CONTEXT, BuildInput(request), wire)

    assert sha256(b"abc").hexdigest() == request.payload_hash
    assert asyncio.iscoroutine(handled)
    assert await handled is wire.output


async def test_a_large_body_does_not_block_the_event_loop() -> None:
    """The next middleware runs after the thread has finished."""
    wire = Wire[BuildInput]()
    request = Request(body=bytes(THREAD_FROM))

    handled = ComputePayloadHash()(CONTEXT, BuildInput(request), wire)

    assert (None, []) == (request.payload_hash, wire.inputs)
    assert isinstance(await handled, Output)
    assert sha256(bytes(THREAD_FROM)).hexdigest() == request.payload_hash


async def test_a_file_that_was_truncated_is_an_error() -> None:
    file = io.BytesIO(b"abc")
    body = FileBody(file)
    file.truncate(1)

    with pytest.raises(SerializationError) as caught:
        await hash_of(body)

    assert isinstance(caught.value.__cause__, OSError)


async def test_a_file_that_was_closed_is_an_error() -> None:
    file = io.BytesIO(b"abc")
    body = FileBody(file)
    file.close()

    with pytest.raises(SerializationError, match="I/O operation on closed file"):
        await hash_of(body)


async def test_a_cancelled_call_stops_reading_its_file() -> None:
    file = GatedFile(bytes(8 * THREAD_FROM))
    task = asyncio.create_task(hash_of(FileBody(file)))
    await asyncio.to_thread(file.is_blocked.wait, 5)

    task.cancel()
    asyncio.get_running_loop().call_later(0.02, file.may_continue.set)
    await asyncio.wait((task,))

    assert task.cancelled()
    assert not file.is_read
    assert 2 == file.reads

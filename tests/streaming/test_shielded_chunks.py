from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final

import pytest

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.streaming.shielded_chunks import ShieldedChunks


class Source:
    """A generator of chunks; None waits for `may_go_on`, and exceptions are raised."""

    def __init__(self, *chunks: bytes | Exception | None) -> None:
        self.chunks: Final = chunks
        self.may_go_on = asyncio.Event()
        self.is_closed = False

    async def generate(self) -> AsyncGenerator[bytes]:
        try:
            for chunk in self.chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                if chunk is None:
                    await self.may_go_on.wait()
                else:
                    yield chunk
        finally:
            self.is_closed = True


async def cancel_a_read(chunks: ShieldedChunks) -> None:
    reading = asyncio.ensure_future(anext(chunks))
    for _ in range(3):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait((reading,))
    assert reading.cancelled()


async def test_chunks_are_those_of_the_generator() -> None:
    chunks = ShieldedChunks(Source(b"a", b"b").generate())

    assert [b"a", b"b"] == [chunk async for chunk in chunks]
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


async def test_an_exception_is_that_of_the_generator() -> None:
    chunks = ShieldedChunks(Source(ZeroDivisionError()).generate())

    with pytest.raises(ZeroDivisionError):
        await anext(chunks)


async def test_a_cancellation_in_the_generator_is_not_a_clean_end() -> None:
    async def generate() -> AsyncGenerator[bytes]:
        yield b"a"
        raise asyncio.CancelledError

    chunks = ShieldedChunks(generate())

    assert b"a" == await anext(chunks)
    with pytest.raises(asyncio.CancelledError):
        await anext(chunks)
    with pytest.raises(ClientStateError):
        await anext(chunks)


async def test_a_cancelled_read_continues_with_the_next_one() -> None:
    source = Source(None, b"a", b"b")
    chunks = ShieldedChunks(source.generate())
    await cancel_a_read(chunks)
    await cancel_a_read(chunks)

    source.may_go_on.set()

    assert [b"a", b"b"] == [chunk async for chunk in chunks]


async def test_a_chunk_that_arrives_with_the_cancellation_is_kept() -> None:
    source = Source(None, b"a")
    chunks = ShieldedChunks(source.generate())
    reading = asyncio.ensure_future(anext(chunks))
    for _ in range(3):
        await asyncio.sleep(0)
    source.may_go_on.set()

    reading.cancel()
    await asyncio.wait((reading,))

    assert b"a" == await anext(chunks)


async def test_closing_ends_a_read() -> None:
    source = Source(None)
    chunks = ShieldedChunks(source.generate())
    reading = asyncio.ensure_future(anext(chunks))
    for _ in range(3):
        await asyncio.sleep(0)

    await chunks.aclose()

    assert source.is_closed
    for late in (reading, anext(chunks)):
        with pytest.raises(ClientStateError):
            await late


@pytest.mark.parametrize("reads", [0, 1])
async def test_closing_between_reads_closes_the_generator(reads: int) -> None:
    source = Source(b"a", b"b")
    chunks = ShieldedChunks(source.generate())
    for _ in range(reads):
        await anext(chunks)

    await chunks.aclose()

    assert source.is_closed == bool(reads)  # else it was never begun
    with pytest.raises(ClientStateError):
        await anext(chunks)


async def test_a_generator_may_close_its_own_chunks() -> None:
    async def generate() -> AsyncGenerator[bytes]:
        await chunks.aclose()
        yield b"a"

    chunks = ShieldedChunks(generate())

    with pytest.raises(ClientStateError):
        await anext(chunks)


async def test_dropped_chunks_leave_no_task() -> None:
    source = Source(None)
    before = asyncio.all_tasks()
    chunks = ShieldedChunks(source.generate())
    await cancel_a_read(chunks)

    del chunks
    gc.collect()
    for _ in range(3):
        await asyncio.sleep(0)

    assert source.is_closed
    assert before == asyncio.all_tasks()


async def test_an_exception_that_is_not_read_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = Source(None, ZeroDivisionError())
    chunks = ShieldedChunks(source.generate())
    await cancel_a_read(chunks)
    source.may_go_on.set()
    for _ in range(3):
        await asyncio.sleep(0)

    await chunks.aclose()
    del chunks
    gc.collect()

    assert not caplog.records


def test_chunks_may_be_dropped_after_their_loop() -> None:
    async def read() -> ShieldedChunks:
        chunks = ShieldedChunks(Source(None).generate())
        await cancel_a_read(chunks)
        return chunks

    chunks = asyncio.run(read())  # which cancels the task of the read

    del chunks
    gc.collect()


class Wrapped(AsyncIterator[bytes]):
    """An iterator whose reads await a generator."""

    def __init__(self, source: Source) -> None:
        self.generator = source.generate()

    async def __anext__(self) -> bytes:
        return await anext(self.generator)


async def test_an_iterator_made_of_a_generator_loses_nothing() -> None:
    source = Source(None, b"a", b"b")
    chunks = ShieldedChunks(Wrapped(source))
    await cancel_a_read(chunks)

    source.may_go_on.set()

    assert [b"a", b"b"] == [chunk async for chunk in chunks]
    await chunks.aclose()


@pytest.mark.parametrize("is_closed", [True, False])
def test_chunks_are_read_and_closed_in_their_own_loop(*, is_closed: bool) -> None:
    async def begin() -> ShieldedChunks:
        chunks = ShieldedChunks(Source(None).generate())
        await cancel_a_read(chunks)
        return chunks

    async def use(chunks: ShieldedChunks) -> None:
        async with asyncio.timeout(30):
            with pytest.raises(ClientStateError):
                await anext(chunks)
            await chunks.aclose()

    runner = asyncio.Runner()
    chunks = runner.run(begin())
    if is_closed:
        runner.close()
        # closing in order has cancelled the task, so that reading is an error of it
        with suppress(asyncio.CancelledError):
            asyncio.run(use(chunks))
    else:
        asyncio.run(use(chunks))
        runner.close()

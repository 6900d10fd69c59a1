from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ClientStateError,
    ResponseTooLargeError,
    ServiceUnavailable,
    TruncatedBodyError,
)
from sagemaker_rt.http import Headers, Request, Response, ResponseBody
from sagemaker_rt.interfaces import OnChunkReceived
from sagemaker_rt.middleware.report_progress import ReportProgress
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import BufferedBody, Wire

CONTEXT: Final = Context("InvokeEndpoint")
CHUNKS: Final = (b"one", b"two!", b"x")
WHOLE: Final = b"".join(CHUNKS)


class Body(BufferedBody):
    """A body that may break, or not be made by a generator."""

    def __init__(self, *chunks: bytes, error: Exception | None = None) -> None:
        super().__init__(*chunks)
        self.is_reader_done = False
        self._error = error

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in super().iter_chunks():
                yield chunk
            if self._error is not None:
                raise self._error
        finally:
            self.is_reader_done = True


class Plain(BufferedBody):
    """A body whose chunks do not come from a generator."""

    def iter_chunks(self) -> AsyncIterator[bytes]:
        return self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self.chunks:
            raise StopAsyncIteration
        chunk, *rest = self.chunks
        self.chunks = tuple(rest)
        return chunk


class Log:
    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[tuple[bytes, int, int | None]] = []
        self._error = error

    def __call__(self, chunk: bytes, received: int, total: int | None) -> None:
        self.calls.append((chunk, received, total))
        if self._error is not None:
            raise self._error


async def received(
    body: ResponseBody,
    function: OnChunkReceived | None,
    *,
    status: int = 200,
    length: str | None = None,
) -> ResponseBody:
    """Return the body that the middleware makes of *body*."""
    headers = Headers({} if length is None else {"content-length": length})
    wire = Wire[DeserializeInput](Output(response=Response(status, headers, body)))
    middleware = ReportProgress(None, function)

    output = await middleware(CONTEXT, DeserializeInput(Request()), wire)

    assert output.response is not None
    assert wire.inputs[0].request.on_chunk_sent is None
    return output.response.body


@pytest.mark.parametrize(
    ("length", "total"),
    [("8", 8), (None, None), ("", None), ("eight", None), ("-8", None)],
)
async def test_each_chunk_of_a_response_is_reported(
    length: str | None, total: int | None
) -> None:
    log, inner = Log(), Body(*CHUNKS)

    body = await received(inner, log, length=length)

    assert body.read_nowait() is None
    assert WHOLE == await body.read(8)
    assert [(b"one", 3, total), (b"two!", 7, total), (b"x", 8, total)] == log.calls
    assert inner.is_reader_done
    assert not inner.is_released


async def test_each_chunk_of_a_stream_is_reported_before_it_is_yielded() -> None:
    log, given = Log(), list[int]()

    body = await received(Plain(*CHUNKS), log)

    async for _ in body.iter_chunks():
        given.append(len(log.calls))
    assert [1, 2, 3] == given


async def test_the_next_chunk_is_read_after_the_function_has_returned() -> None:
    log = list[str]()

    class Slow(Body):
        async def iter_chunks(self) -> AsyncIterator[bytes]:
            async for chunk in super().iter_chunks():
                log.append(f"read {chunk!r}")
                yield chunk

    async def note(chunk: bytes, received: int, total: int | None) -> None:
        await asyncio.sleep(0)
        log.append(f"called {chunk!r}")

    await (await received(Slow(b"1", b"2"), note)).read(8)

    assert ["read b'1'", "called b'1'", "read b'2'", "called b'2'"] == log


@pytest.mark.parametrize("status", [199, 300, 400, 503])
async def test_the_body_of_an_error_is_not_reported(status: int) -> None:
    inner = Body(*CHUNKS)

    assert inner is await received(inner, Log(), status=status)


async def test_without_a_function_the_response_is_unchanged() -> None:
    inner = Body(*CHUNKS)

    assert inner is await received(inner, None)


async def test_an_output_without_a_response_is_passed_on() -> None:
    wire = Wire[DeserializeInput](Output(result="known"))

    output = await ReportProgress(None, Log())(
        CONTEXT, DeserializeInput(Request()), wire
    )

    assert ("known", None) == (output.result, output.response)


@pytest.mark.parametrize("length", [None, "8", "3"])
async def test_a_response_over_the_limit_is_an_error(length: str | None) -> None:
    inner = Body(*CHUNKS)
    body = await received(inner, Log(), length=length)

    with pytest.raises(ResponseTooLargeError, match="7"):
        await body.read(7)

    assert inner.is_released


async def test_a_body_with_a_too_large_content_length_is_not_read() -> None:
    log = Log()
    body = await received(Body(*CHUNKS), log, length="9")

    with pytest.raises(ResponseTooLargeError):
        await body.read(8)

    assert [] == log.calls


async def test_a_truncated_body_is_an_error() -> None:
    body = await received(Body(*CHUNKS, error=TruncatedBodyError("lost")), Log())

    with pytest.raises(TruncatedBodyError, match="lost"):
        await body.read(100)


async def test_an_exception_of_the_function_propagates() -> None:
    error, inner = KeyError("no"), Body(*CHUNKS)
    body = await received(inner, Log(error))

    with pytest.raises(KeyError) as caught:
        await body.read(100)

    assert error is caught.value
    assert inner.is_reader_done


async def test_an_error_of_another_call_does_not_cause_a_retry() -> None:
    body = await received(Body(*CHUNKS), Log(ServiceUnavailable("busy")))

    with pytest.raises(RuntimeError):
        await body.read(100)


async def test_a_body_released_by_the_function_is_not_read_further() -> None:
    inner, waiting = Body(*CHUNKS), asyncio.Event()

    async def wait(chunk: bytes, received: int, total: int | None) -> None:
        waiting.set()
        await asyncio.sleep(0)

    body = await received(inner, wait)
    reading = asyncio.create_task(body.read(100))
    await waiting.wait()
    body.release()

    with pytest.raises(ClientStateError, match="released"):
        await reading
    assert (True, True) == (inner.is_released, inner.is_reader_done)


async def test_a_cancelled_reader_closes_the_body() -> None:
    inner, waiting = Body(*CHUNKS), asyncio.Event()

    async def wait(chunk: bytes, received: int, total: int | None) -> None:
        waiting.set()
        await asyncio.Event().wait()

    reading = asyncio.create_task((await received(inner, wait)).read(100))
    await waiting.wait()
    reading.cancel()

    with suppress(asyncio.CancelledError):
        await reading
    assert (True, True) == (reading.cancelled(), inner.is_reader_done)


async def test_the_function_is_passed_to_the_http_client() -> None:
    log, wire = list[tuple[object, ...]](), Wire[DeserializeInput]()
    middleware = ReportProgress(lambda *args: log.append(args), None)

    await middleware(CONTEXT, DeserializeInput(Request()), wire)

    report = wire.inputs[0].request.on_chunk_sent
    assert report is not None
    await report(b"one", 3, 8)
    assert [(b"one", 3, 8)] == log
    assert report is wire.inputs[0].request.copy().on_chunk_sent

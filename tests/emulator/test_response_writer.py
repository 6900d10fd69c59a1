from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from aiohttp import web

from sagemaker_rt.emulator import (
    HANG_UP,
    RESET,
    Chunking,
    CutBody,
    CutStream,
    Emulator,
    Ending,
    InvocationRequest,
    SlowDrip,
)
from sagemaker_rt.emulator.event_stream import payload_part
from sagemaker_rt.emulator.response_writer import write_answer
from sagemaker_rt.emulator.responses import StreamedAnswer
from tests.emulator.signed_requests import STREAM, send, send_raw

CHUNKED_END = b"0\r\n\r\n"


def chunks_of(raw: bytes) -> list[bytes]:
    """Return the chunks of a chunked body, without its end."""
    _, _, rest = raw.partition(b"\r\n\r\n")
    chunks: list[bytes] = []
    while rest and rest != CHUNKED_END:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        chunks.append(rest[:length])
        rest = rest[length + 2 :]
    return chunks


async def test_a_complete_response_has_its_length() -> None:
    async with Emulator() as emulator:
        reply = await send(emulator, body=b"data")

    assert b"data" == reply.body
    assert "4" == reply.headers["content-length"]


async def test_a_stream_is_written_message_by_message() -> None:
    emulator = Emulator(chunking=Chunking(part_bytes=3))
    async with emulator:
        raw = await send_raw(emulator, STREAM, b"abcdef")

    assert [payload_part(b"abc"), payload_part(b"def")] == chunks_of(raw)
    assert raw.endswith(CHUNKED_END)


async def test_a_stream_is_written_in_pieces_of_a_size() -> None:
    emulator = Emulator(chunking=Chunking(part_bytes=3, write_bytes=50))
    async with emulator:
        raw = await send_raw(emulator, STREAM, b"abcdef")

    chunks = chunks_of(raw)
    assert payload_part(b"abc") + payload_part(b"def") == b"".join(chunks)
    assert {50} == {len(chunk) for chunk in chunks[:-1]}


@pytest.mark.parametrize("path", [STREAM, "/endpoints/echo/invocations"])
async def test_a_drip_is_written_in_single_bytes(path: str) -> None:
    emulator = Emulator(chunking=Chunking(write_bytes=50))
    async with emulator:
        emulator.fail_next(SlowDrip(size=1, pause=0))
        raw = await send_raw(emulator, path, b"abc")

    if path == STREAM:
        assert payload_part(b"abc") == b"".join(chunks_of(raw))
        assert {1} == {len(chunk) for chunk in chunks_of(raw)}
    else:
        assert raw.endswith(b"\r\n\r\nabc")


async def test_a_cut_stream_has_no_last_chunk() -> None:
    async with Emulator(chunking=Chunking(part_bytes=3)) as emulator:
        emulator.fail_next(CutStream(frames=1, extra=5))

        raw = await send_raw(emulator, STREAM, b"abcdef")

    assert [payload_part(b"abc"), payload_part(b"def")[:5]] == chunks_of(raw)
    assert not raw.endswith(CHUNKED_END)


async def test_a_cut_body_is_shorter_than_its_declared_length() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CutBody(after=3))

        raw = await send_raw(emulator, body=b"abcdef")

    assert b"Content-Length: 6\r\n" in raw
    assert raw.endswith(b"\r\n\r\nabc")


async def test_a_body_that_is_cut_at_its_start_has_headers() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CutBody(after=0))

        raw = await send_raw(emulator, body=b"abcdef")

    assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
    assert raw.endswith(b"\r\n\r\n")


async def test_a_stream_that_is_cut_at_its_start_has_headers() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CutStream(frames=0, extra=0))

        raw = await send_raw(emulator, STREAM, body=b"abcdef")

    assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
    assert [] == chunks_of(raw)


async def test_a_cut_may_reset_the_connection() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(CutBody(after=0, ending=Ending.RESET))

        with pytest.raises(ConnectionResetError):
            await send_raw(emulator, body=b"abcdef")


async def test_hanging_up_sends_no_response() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(HANG_UP)

        assert b"" == await send_raw(emulator)


async def test_a_reset_sends_no_response() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(RESET)

        with pytest.raises(ConnectionResetError):
            await send_raw(emulator)


async def test_a_client_that_disconnects_closes_the_stream() -> None:
    started, closed = asyncio.Event(), asyncio.Event()

    async def endless(_: InvocationRequest) -> AsyncIterator[bytes]:
        try:
            started.set()
            while True:
                yield b"x" * 1024
                await asyncio.sleep(0)
        finally:
            closed.set()

    path = "/endpoints/endless/invocations-response-stream"
    async with Emulator(models={"endless": endless}) as emulator:
        sending = asyncio.create_task(send(emulator, path))
        await started.wait()

        sending.cancel()

        async with asyncio.timeout(10):
            await closed.wait()


@pytest.mark.parametrize("rest", [[b"second"], []], ids=["in it", "at its end"])
async def test_a_connection_that_is_lost_in_a_response_is_not_logged(
    caplog: pytest.LogCaptureFixture, rest: list[bytes]
) -> None:
    caplog.set_level(logging.INFO)
    closed = asyncio.Event()

    async def frames(request: web.BaseRequest) -> AsyncGenerator[bytes]:
        try:
            yield b"first"
            assert request.transport is not None
            request.transport.abort()
            for frame in rest:
                yield frame
        finally:
            closed.set()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        answer = StreamedAnswer(headers={}, frames=frames(request))
        return await write_answer(request, answer, fault=None, write_bytes=None)

    web_server = web.Server(handle, access_log=None)
    server = await asyncio.get_running_loop().create_server(web_server, "127.0.0.1")
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    received = await reader.read()
    await closed.wait()
    writer.close()
    server.close()
    await web_server.shutdown()

    assert b"second" not in received
    assert [] == [record for record in caplog.records if record.name[:7] == "aiohttp"]

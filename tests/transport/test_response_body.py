from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable
from typing import Final

import pytest
import uvloop

from sagemaker_rt import errors
from sagemaker_rt.http import Request, Response, Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.native.client import NativeClient
from sagemaker_rt.transport.native.native_errors import NATIVE_ERRORS
from sagemaker_rt.transport.response_body import (
    BufferedBody,
    StreamedBody,
)
from sagemaker_rt.transport.time_limits import Watchdog
from tests.stepping import LoopThread
from tests.transport.pools import HTTPClients, time_limits_of
from tests.transport.servers import OK, Peer, Server, open_files, reply, serve

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LONGER = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
LOOPS: Final = [asyncio.new_event_loop, uvloop.new_event_loop]
LIMIT = 1 << 20
LARGE = bytes(range(256)) * 4096 * 3


async def read_all(response: Response, limit: int = LIMIT) -> bytes:
    body = response.body.read_nowait()
    return await response.body.read(limit) if body is None else body


async def test_a_body_received_with_the_headers_is_buffered(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        response = await client.send(server.request())

    assert isinstance(response.body, BufferedBody)
    assert b"hello" == response.body.read_nowait()
    assert b"hello" == await response.body.read(LIMIT)
    response.body.release()


async def test_a_buffered_body_can_be_read_as_chunks(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        response = await client.send(server.request())

    assert [b"hello"] == [chunk async for chunk in response.body.iter_chunks()]


async def test_a_body_that_arrives_later_is_awaited(client: HTTPClients) -> None:
    async def answer(peer: Peer) -> None:
        await peer.send(LONGER, b"01234", b"56789")

    async with serve(answer) as server:
        response = await client.send(server.request())
        early = response.body.read_nowait()

        body = await response.body.read(LIMIT)

        assert (None, b"0123456789") == (early, body)
        assert b"hello" != await read_all(await client.send(server.request()))
        assert 1 == server.connections


async def test_read_nowait_returns_a_body_that_arrived_since(
    client: HTTPClients,
) -> None:
    async def answer(peer: Peer) -> None:
        await peer.send(LONGER, b"0123456789")

    async with serve(answer) as server:
        response = await client.send(server.request())
        for _ in range(1000):
            body = response.body.read_nowait()
            if body is not None:
                break
            await asyncio.sleep(0.005)

    assert isinstance(response.body, StreamedBody)
    assert b"0123456789" == body


@pytest.mark.parametrize("size", [0, 1, 1 << 16, len(LARGE)])
async def test_a_body_of_any_size_is_complete(client: HTTPClients, size: int) -> None:
    async with serve(reply(LARGE[:size])) as server:
        bodies = [
            await read_all(await client.send(server.request()), len(LARGE))
            for _ in range(2)
        ]

        assert 1 == server.connections
    assert [LARGE[:size]] * 2 == bodies


async def test_a_large_body_is_in_memory_once() -> None:
    class Chunks:
        """The content of a body of 16 MiB."""

        size = 16 << 20
        is_held = is_complete = False
        error = None
        left = 256

        def take(self) -> bytes:
            self.left -= 1
            self.is_complete = self.left < 0
            return b"" if self.is_complete else bytes(1 << 16)

        async def receive(self) -> bytes:
            return self.take()

        def abort(self) -> None:
            pass

        abandon = abort

    watchdog = Watchdog(asyncio.get_running_loop())
    content = Chunks()
    body = StreamedBody(content, Request(), watchdog, host="h", errors=NATIVE_ERRORS)
    tracemalloc.start()

    read = await body.read(content.size)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert content.size == len(read)
    assert 1.2 > peak / content.size


async def test_chunks_are_yielded_as_they_arrive(client: HTTPClients) -> None:
    go_on = asyncio.Event()

    async def answer(peer: Peer) -> None:
        await peer.send(CHUNKED, b"5\r\nhello\r\n")
        await go_on.wait()
        await peer.send(b"6\r\n world\r\n", b"0\r\n\r\n")

    async with serve(answer) as server:
        response = await client.send(server.request())
        chunks = response.body.iter_chunks()
        first = await anext(chunks)
        go_on.set()

        rest = [chunk async for chunk in chunks]
        response.body.release()

        assert (b"hello", [b" world"]) == (first, rest)
        assert b"hello world" == await read_all(await client.send(server.request()))
        assert 1 == server.connections


async def test_headers_with_one_name_are_joined(client: HTTPClients) -> None:
    answer = reply(b"", "X-One: 1", "x-two: a", "X-Two: b", "X-TWO: c")

    async with serve(answer) as server:
        response = await client.send(server.request())

    assert {
        "content-length": "0",
        "x-one": "1",
        "x-two": "a, b, c",
    } == response.headers.lower


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"caf\xc3\xa9", "caf\xe9"), (b"caf\xe9", "caf\xe9"), (b"\xff\xfe", "\xff\xfe")],
)
async def test_headers_that_are_not_ascii_are_delivered(
    client: HTTPClients, raw: bytes, text: str
) -> None:
    answer = OK.replace(b"\r\n\r\n", b"\r\nX-Plain: p\r\nX-Odd: " + raw + b"\r\n\r\n")

    async with serve(answer) as server:
        response = await client.send(server.request())

    assert text == response.headers["x-odd"]
    assert "p" == response.headers["x-plain"]


async def test_a_compressed_body_is_not_decompressed(client: HTTPClients) -> None:
    packed = gzip.compress(b"hello")

    async with serve(reply(packed, "Content-Encoding: gzip")) as server:
        response = await client.send(server.request())

    assert packed == await read_all(response)


@pytest.mark.parametrize(
    "answer",
    [
        LONGER + b"0123",
        CHUNKED + b"5\r\nhel",
        CHUNKED + b"5\r\nhello\r\n",
        CHUNKED,
    ],
    ids=["length", "inside a chunk", "between chunks", "before the first chunk"],
)
@pytest.mark.parametrize("way", ["end", "reset"])
@pytest.mark.parametrize("is_split", [False, True])
async def test_a_truncated_body_is_an_error(
    client: HTTPClients, answer: bytes, way: str, *, is_split: bool
) -> None:
    async def cut(peer: Peer) -> None:
        head, _, body = answer.partition(b"\r\n\r\n")
        parts = [head + b"\r\n\r\n", body] if is_split else [answer]
        await (peer.end(*parts) if way == "end" else peer.reset(*parts))

    async with serve(cut) as server:
        response = await client.send(server.request())

        with pytest.raises(errors.TruncatedBodyError) as raised:
            await read_all(response)

        with pytest.raises(errors.TruncatedBodyError):
            await read_all(await client.send(server.request()))
        assert 2 == server.connections
    error = raised.value
    assert (True, True, False) == (
        error.request_sent,
        error.may_have_executed,
        error.is_retryable,
    )
    assert f"127.0.0.1:{server.port}" in str(error)


@pytest.mark.parametrize("way", ["hang", "end"])
async def test_malformed_chunks_are_an_error_at_once(
    client: HTTPClients, way: str
) -> None:
    async def send_malformed(peer: Peer) -> None:
        await peer.send(CHUNKED + b"5\r\nhello\r\n", b"ZZ\r\nwhat\r\n")
        await (peer.hang() if way == "hang" else peer.end())

    async with serve(send_malformed) as server:
        response = await client.send(server.request())

        with pytest.raises(errors.TruncatedBodyError):
            await response.body.read(LIMIT)


async def test_data_received_before_the_connection_was_lost_can_be_read(
    client: HTTPClients,
) -> None:
    """Both arrived while the reader did something else."""

    async def cut(peer: Peer) -> None:
        await peer.end(CHUNKED, b"5\r\nhello\r\n", b"5\r\nagain\r\n")

    async with serve(cut) as server:
        response = await client.send(server.request())
        async with asyncio.timeout(30):
            await server.is_idle.wait()
            await asyncio.sleep(0.05)

        chunks = response.body.iter_chunks()
        first = await anext(chunks)

        with pytest.raises(errors.TruncatedBodyError):
            await anext(chunks)
    assert b"helloagain" == first


@pytest.mark.parametrize("answer", [b"", CHUNKED + b"5\r\nhello\r\n"])
async def test_a_silent_body_ends_at_read_timeout(
    client: HTTPClients, answer: bytes
) -> None:
    async def stall(peer: Peer) -> None:
        await peer.send(answer or LONGER + b"01")
        await peer.hang()

    async with serve(stall) as server:
        response = await client.send(server.request(timeouts=Timeouts(read=0.1)))

        with pytest.raises(errors.RequestTimeoutError, match=r"0\.1 s") as raised:
            await response.body.read(LIMIT)

        async with asyncio.timeout(30):
            await server.is_idle.wait()
    assert raised.value.may_have_executed


async def test_a_body_ends_by_the_deadline_of_its_call(client: HTTPClients) -> None:
    async def drip(peer: Peer) -> None:
        await peer.send(CHUNKED)
        while True:
            await peer.send(b"1\r\nx\r\n")

    async with serve(drip) as server:
        deadline = asyncio.get_running_loop().time() + 0.2
        response = await client.send(server.request(deadline=deadline))

        with pytest.raises(errors.RequestTimeoutError, match="total_timeout"):
            await response.body.read(LIMIT)


@pytest.mark.parametrize("answer", [reply(LARGE), CHUNKED + b"300000\r\n" + LARGE])
async def test_a_body_that_is_too_large_is_not_read_to_its_end(
    client: HTTPClients, answer: bytes
) -> None:
    async with serve(answer) as server:
        response = await client.send(server.request())

        with pytest.raises(errors.ResponseTooLargeError, match="1048576 bytes"):
            await response.body.read(LIMIT)

        async with asyncio.timeout(30):
            await server.is_idle.wait()


async def test_a_buffered_body_that_is_too_large_is_refused(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        response = await client.send(server.request())

        with pytest.raises(errors.ResponseTooLargeError):
            await response.body.read(4)

    assert b"hello" == await response.body.read(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        b"HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n",
    ],
)
async def test_a_success_without_length_is_an_error(
    client: HTTPClients, answer: bytes
) -> None:
    async def end(peer: Peer) -> None:
        await peer.end(answer)

    answer = answer.replace(b"\r\n", b"\r\nx-amzn-RequestId: r-1\r\n", 1)
    async with serve(end) as server:
        with pytest.raises(errors.DeserializationError) as caught:
            await client.send(server.request())

        async with asyncio.timeout(30):
            await server.is_idle.wait()
    assert caught.value.request_id == "r-1"


async def test_an_error_response_without_length_is_read_to_its_end(
    client: HTTPClients,
) -> None:
    async def end(peer: Peer) -> None:
        await peer.end(b"HTTP/1.0 502 Bad Gateway\r\n\r\n", b"oops")

    async with serve(end) as server:
        response = await client.send(server.request())

        assert (502, b"oops") == (response.status, await read_all(response))


async def test_a_success_without_a_body_is_complete(client: HTTPClients) -> None:
    async with serve(b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        response = await client.send(server.request())

    assert (204, b"") == (response.status, await read_all(response))


async def test_releasing_a_body_early_closes_its_connection(
    client: HTTPClients,
) -> None:
    async def stream(peer: Peer) -> None:
        await peer.send(CHUNKED, b"5\r\nhello\r\n")
        await peer.hang()

    async with serve(stream) as server:
        response = await client.send(server.request())
        assert b"hello" == await anext(response.body.iter_chunks())

        response.body.release()
        response.body.release()

        async with asyncio.timeout(30):
            await server.is_idle.wait()
        with pytest.raises(errors.ClientStateError):
            await anext(response.body.iter_chunks())


async def test_closing_a_body_while_it_is_read_is_not_an_error_of_the_server(
    client: HTTPClients,
) -> None:
    async def answer(peer: Peer) -> None:
        await peer.send(LONGER, b"01234")
        await peer.hang()

    async with serve(answer) as server:
        response = await client.send(server.request())
        chunks = response.body.iter_chunks()
        received = await anext(chunks)
        reading = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)

        response.body.release()

        with pytest.raises(errors.ClientStateError):
            await reading
    assert b"01234" == received


async def test_cancelling_the_reader_closes_the_connection(
    client: HTTPClients,
) -> None:
    async def stream(peer: Peer) -> None:
        await peer.send(CHUNKED)
        await peer.hang()

    async with serve(stream) as server:
        response = await client.send(server.request())
        reading = asyncio.create_task(response.body.read(LIMIT))
        await asyncio.sleep(0.01)

        reading.cancel()

        with pytest.raises(asyncio.CancelledError):
            await reading
        async with asyncio.timeout(30):
            await server.is_idle.wait()
        assert {} == time_limits_of(client)


async def test_a_cancelled_read_of_a_chunk_loses_nothing(
    client: HTTPClients,
) -> None:
    go_on = asyncio.Event()

    async def answer(peer: Peer) -> None:
        await peer.send(CHUNKED)
        await go_on.wait()
        await peer.send(b"5\r\nhello\r\n0\r\n\r\n")

    async with serve(answer) as server:
        response = await client.send(server.request())
        chunks = response.body.iter_chunks()
        for _ in range(2):
            reading = asyncio.ensure_future(anext(chunks))
            await asyncio.sleep(0.01)
            reading.cancel()
            await asyncio.wait((reading,))
        go_on.set()

        assert [b"hello"] == [chunk async for chunk in chunks]
        response.body.release()
        assert {} == time_limits_of(client)
        assert b"hello" == await read_all(await client.send(server.request()))
        assert 1 == server.connections


@pytest.mark.parametrize("new_loop", LOOPS)
@pytest.mark.parametrize("is_closed", [True, False])
def test_a_body_is_read_in_its_own_event_loop(
    client_class: type[HTTPClients],
    new_loop: Callable[[], asyncio.AbstractEventLoop],
    *,
    is_closed: bool,
) -> None:
    async def begin(http_client: HTTPClients, server: Server) -> StreamedBody:
        response = await http_client.send(server.request())
        assert isinstance(response.body, StreamedBody)
        return response.body

    async def stream(peer: Peer) -> None:
        await peer.send(CHUNKED)
        await peer.hang()

    async def read(body: StreamedBody) -> None:
        for _ in range(2):
            with pytest.raises((errors.ClientStateError, errors.ConnectionLostError)):
                await anext(body)
        body.release()

    http_client = client_class()
    with LoopThread() as thread, asyncio.Runner(loop_factory=new_loop) as runner:
        server = thread.enter(serve(stream))
        body = runner.run(begin(http_client, server))
        if is_closed:
            runner.close()

        asyncio.run(read(body))

        if not is_closed:
            runner.run(http_client.aclose())


async def test_dropping_a_body_warns_and_closes_its_connection(
    client: HTTPClients,
) -> None:
    async def stream(peer: Peer) -> None:
        await peer.send(CHUNKED, b"5\r\nhello\r\n")
        await peer.hang()

    async def leave(server: Server) -> None:
        response = await client.send(server.request())
        await anext(response.body.iter_chunks())

    async with serve(stream) as server:
        with pytest.warns(ResourceWarning, match="was dropped"):
            await leave(server)

        async with asyncio.timeout(30):
            await server.is_idle.wait()


def test_a_body_that_outlives_its_event_loop_warns_once() -> None:
    async def stream(peer: Peer) -> None:
        await peer.send(CHUNKED)
        await peer.hang()

    async def begin() -> None:
        async with serve(stream) as server:
            responses.append(await AiohttpClient().send(server.request()))

    responses: list[Response] = []
    asyncio.run(begin(), debug=True)

    with pytest.warns(ResourceWarning) as warned:
        responses.clear()

    assert ["was dropped before its end"] == [
        str(warning.message)[-26:] for warning in warned
    ]


def test_the_end_of_its_event_loop_closes_a_body_of_the_native_client() -> None:
    """So nothing is left to warn of."""

    async def stream(peer: Peer) -> None:
        await peer.send(CHUNKED)
        await peer.hang()

    async def begin() -> Response:
        async with serve(stream) as server:
            return await NativeClient().send(server.request())

    files = open_files()
    response = asyncio.run(begin(), debug=True)

    assert files == open_files()
    del response

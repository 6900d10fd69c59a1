"""Progress callbacks of request bodies: `sagemaker_rt.transport.request_body`."""

from __future__ import annotations

import asyncio
import io
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
import uvloop

from sagemaker_rt.errors import RequestTimeoutError
from sagemaker_rt.http import ChunkSent, FileBody, Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.transport.certificates import self_signed
from tests.transport.pools import HTTPClients, pool_of
from tests.transport.servers import Peer, Server, reply, serve

CHUNK = 1 << 16
LARGE = bytes(range(256)) * 4096 * 3  # 3 MiB: more than sockets hold
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7, len(LARGE)]


class Recorder:
    """A callback that records its arguments, and raises *error* at call number *at*."""

    def __init__(self, at: int = 0, error: BaseException | None = None) -> None:
        self.chunks: list[bytes] = []
        self.counts: list[tuple[int, int]] = []
        self._at = at
        self._error = error

    async def __call__(self, chunk: bytes, sent: int, total: int) -> None:
        await asyncio.sleep(0)
        self.chunks.append(chunk)
        self.counts.append((sent, total))
        if self._error is not None and len(self.counts) == self._at:
            raise self._error


async def send(
    client: HTTPClients, server: Server, function: ChunkSent, body: bytes | FileBody
) -> bytes:
    request = server.request(body)
    request.on_chunk_sent = function
    response = await client.send(request)
    return await response.body.read(1000)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [bytes, lambda body: FileBody(io.BytesIO(body))])
async def test_each_chunk_of_64_kib_is_reported_once_in_order(
    client: HTTPClients, size: int, kind: type
) -> None:
    recorder, body = Recorder(), LARGE[:size]

    async with serve() as server:
        assert b"hello" == await send(client, server, recorder, kind(body))

    ends = [*range(CHUNK, size, CHUNK), size] if size else []
    assert body == server.body == b"".join(recorder.chunks)
    assert [(end, size) for end in ends] == recorder.counts
    assert [] == [c for c in recorder.chunks if type(c) is not bytes or len(c) > CHUNK]


async def test_the_connection_is_reused(client: HTTPClients) -> None:
    async with serve() as server:
        for size in SIZES:
            await send(client, server, Recorder(), LARGE[:size])

    assert 1 == server.connections


@pytest.mark.parametrize(
    "error", [ValueError("enough"), OSError("disk"), TimeoutError()]
)
@pytest.mark.parametrize(("size", "at"), [(1, 1), (3 * CHUNK, 2), (3 * CHUNK, 3)])
async def test_an_exception_of_the_callback_ends_the_request(
    client: HTTPClients, error: Exception, size: int, at: int
) -> None:
    async with serve() as server:
        with pytest.raises(type(error)) as caught:
            await send(client, server, Recorder(at, error), LARGE[:size])

        assert error is caught.value
        assert 0 == pool_of(client).busy
        assert b"hello" == await send(client, server, Recorder(), b"x")
    assert 2 == server.connections


async def test_a_cancelled_future_in_the_callback_propagates(
    client: HTTPClients,
) -> None:
    met = asyncio.get_running_loop().create_future()
    met.cancel()

    async def wait(chunk: bytes, sent: int, total: int) -> None:
        await met

    async with serve() as server:
        with pytest.raises(asyncio.CancelledError):
            await send(client, server, wait, b"x")

        assert 0 == pool_of(client).busy


async def test_an_exception_of_the_callback_does_not_show_the_body(
    client: HTTPClients,
) -> None:
    error, body = ValueError("enough"), b"a-secret" * 10

    async def fail(chunk: bytes, sent: int, total: int) -> None:
        del chunk
        raise error

    async with serve() as server:
        request = server.request(body)
        request.on_chunk_sent = fail
        with pytest.raises(ValueError, match="enough"):
            await client.send(request)

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [f for f in frames if "/tests/" not in f.f_code.co_filename]
    assert [] == [f for f in ours if "a-secret" in repr(f.f_locals)]
    assert "fail" == frames[-1].f_code.co_name


async def test_the_response_waits_for_the_last_report(client: HTTPClients) -> None:
    answered, reported = asyncio.Event(), list[int]()

    async def answer(peer: Peer) -> None:
        await peer.send(reply())
        answered.set()

    async def report(chunk: bytes, sent: int, total: int) -> None:
        if sent == total:
            await answered.wait()
            await asyncio.sleep(0.01)  # the response has arrived by now
        reported.append(sent)

    async with serve(answer) as server:
        assert b"hello" == await send(client, server, report, LARGE[: 2 * CHUNK])

    assert [CHUNK, 2 * CHUNK] == reported


async def test_an_exception_in_the_last_report_ends_the_request(
    client: HTTPClients,
) -> None:
    answered = asyncio.Event()

    async def answer(peer: Peer) -> None:
        await peer.send(reply())
        answered.set()

    async def report(chunk: bytes, sent: int, total: int) -> None:
        await answered.wait()
        await asyncio.sleep(0.01)
        raise KeyError

    async with serve(answer) as server:
        with pytest.raises(KeyError):
            await send(client, server, report, b"{}")

        assert 0 == pool_of(client).busy


async def test_the_callback_does_not_count_towards_read_timeout(
    client: HTTPClients,
) -> None:
    async def report(chunk: bytes, sent: int, total: int) -> None:
        await asyncio.sleep(0.3)

    async with serve() as server:
        request = server.request(bytes(10), timeouts=Timeouts(write=0.2, read=0.2))
        request.on_chunk_sent = report

        response = await client.send(request)

        assert b"hello" == await response.body.read(1000)


async def test_the_callback_counts_towards_the_deadline(
    client: HTTPClients,
) -> None:
    ended = asyncio.Event()

    async def report(chunk: bytes, sent: int, total: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with serve() as server:
        deadline = asyncio.get_running_loop().time() + 0.1
        request = server.request(bytes(10), deadline=deadline)
        request.on_chunk_sent = report

        with pytest.raises(RequestTimeoutError):
            await client.send(request)

        async with asyncio.timeout(30):
            await ended.wait()


@pytest.mark.parametrize("at", [1, 2, 3])
async def test_cancelling_the_call_cancels_the_callback(
    client: HTTPClients, at: int
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def report(chunk: bytes, sent: int, total: int) -> None:
        if sent < at * CHUNK:
            return
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with serve() as server:
        request = server.request(LARGE[: 3 * CHUNK])
        request.on_chunk_sent = report
        task = asyncio.create_task(client.send(request))
        await begun.wait()

        task.cancel()

        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
        async with asyncio.timeout(30):
            await ended.wait()
        assert 0 == pool_of(client).busy
        assert b"hello" == await send(client, server, Recorder(), b"x")


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "over TLS"])
@pytest.mark.parametrize("has_session", [False, True], ids=["own pool", "session"])
def test_progress_is_reported_on_every_loop_and_connection(
    loop: Callable[[], asyncio.AbstractEventLoop],
    is_secure: bool,
    has_session: bool,
    tmp_path: Path,
) -> None:
    server_context, client_context = (
        self_signed(tmp_path) if is_secure else (None, None)
    )

    async def check(client: HTTPClients, server: Server) -> None:
        recorder = Recorder()
        assert b"hello" == await send(client, server, recorder, LARGE)
        assert LARGE == server.body == b"".join(recorder.chunks)
        for error in (KeyError("enough"), OSError("disk")):
            with pytest.raises(type(error)):
                await send(client, server, Recorder(2, error), LARGE[: 2 * CHUNK])
        assert b"hello" == await send(client, server, Recorder(), b"x")

    async def main() -> None:
        async with serve(context=server_context) as server:
            if has_session:
                connector = aiohttp.TCPConnector(ssl=client_context or True)
                async with aiohttp.ClientSession(connector=connector) as session:
                    await check(AiohttpClient(session), server)
            else:
                async with AiohttpClient(ssl_context=client_context) as client:
                    await check(client, server)

    with asyncio.Runner(debug=True, loop_factory=loop) as runner:
        runner.run(main())

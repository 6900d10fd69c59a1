from __future__ import annotations

import asyncio
import io

import pytest
from aiohttp.http import StreamWriter

from sagemaker_rt.errors import (
    ConnectionLostError,
    RequestTimeoutError,
    SerializationError,
)
from sagemaker_rt.http import FileBody, Timeouts
from sagemaker_rt.transport.body_chunks import CHUNK_BYTES
from sagemaker_rt.transport.request_body import RequestBody
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.time_limits import Watchdog
from tests.doubles import GatedFile
from tests.transport.pools import HTTPClients, time_limits_of
from tests.transport.servers import Peer, facts, reply, serve

LARGE = bytes(range(256)) * 4096 * 3  # 3 MiB: more than socket buffers hold
SIZES = [0, 1, 100, 1 << 16, (1 << 16) + 1, 1 << 18, (1 << 18) + 1, len(LARGE)]


class Unused(StreamWriter):
    """A writer that is not used."""

    def __init__(self) -> None:
        pass


class Shrinking(io.BytesIO):
    """A file that is truncated after its length was read."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size)[:3] if self.tell() == 0 else b""


async def test_only_the_given_headers_are_sent(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        request = server.request(
            b"[1]", content_type="application/json", x_amz_date="20251022T123456Z"
        )

        await client.send(request)

    assert [
        b"POST /endpoints/m/invocations HTTP/1.1",
        b"host: 127.0.0.1:%d" % server.port,
        b"accept-encoding: identity",
        b"content-type: application/json",
        b"x-amz-date: 20251022T123456Z",
        b"content-length: 3",
    ] == server.head.split(b"\r\n")
    assert b"[1]" == server.body


@pytest.mark.parametrize("size", SIZES)
async def test_a_large_request_has_the_same_headers_as_a_small_one(
    client: HTTPClients, size: int
) -> None:
    async with serve() as server:
        request = server.request(LARGE[:size], accept="*/*", user_agent="u")

        await client.send(request)

    assert [
        b"POST /endpoints/m/invocations HTTP/1.1",
        b"host: 127.0.0.1:%d" % server.port,
        b"accept-encoding: identity",
        b"accept: */*",
        b"user-agent: u",
        b"content-length: %d" % size,
    ] == server.head.split(b"\r\n")
    assert LARGE[:size] == server.body


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_is_sent_from_its_position_at_each_attempt(
    client: HTTPClients, size: int
) -> None:
    file = io.BytesIO(b"skipped" + LARGE[:size])
    file.seek(7)

    async with serve() as server:
        request = server.request(FileBody(file))
        await client.send(request)
        await client.send(request)

    bodies = [request.partition(b"\r\n\r\n")[2] for request in server.requests]
    assert [LARGE[:size]] * 2 == bodies
    assert 1 == server.connections
    assert b"content-length: %d" % size in server.head
    assert b"chunked" not in server.head
    assert not file.closed


async def test_a_wrong_content_length_is_corrected(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        await client.send(server.request(b"[1]", content_length="99"))

    assert [b"content-length: 3"] == server.head.split(b"\r\n")[3:]


async def test_a_file_that_ends_early_does_not_invoke_the_model(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        request = server.request(FileBody(Shrinking(b"0123456789")))

        with pytest.raises(SerializationError, match="7 bytes") as raised:
            await client.send(request)

    assert raised.value.request_sent
    assert not raised.value.may_have_executed
    assert isinstance(raised.value.__cause__, OSError)


async def test_a_stalled_upload_ends_at_write_timeout(
    client: HTTPClients,
) -> None:
    released = asyncio.Event()

    async def stop_reading(peer: Peer) -> None:
        await released.wait()

    async with serve(stop_reading, raw=True) as server:
        request = server.request(LARGE * 4, timeouts=Timeouts(write=0.1))

        with pytest.raises(RequestTimeoutError, match=r"0\.1 s") as raised:
            await client.send(request)

        released.set()
    assert raised.value.may_have_executed


async def test_write_timeout_starts_anew_with_each_chunk(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        await client.send(server.request())
        time_limits = time_limits_of(client)
        sending = asyncio.create_task(client.send(server.request(LARGE * 4)))

        ends = set()
        while not sending.done():
            ends |= set(time_limits.values())
            await asyncio.sleep(0)

        assert 200 == (await sending).status
    assert len(ends) > 2


async def test_a_response_received_during_the_upload_is_returned(
    client: HTTPClients,
) -> None:
    """As from a proxy that rejects a large body by its headers."""
    released = asyncio.Event()

    async def refuse(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(reply(b"too large", status="413 Content Too Large"))
        await released.wait()
        peer.writer.transport.abort()

    async with serve(refuse, raw=True) as server:
        response = await client.send(server.request(LARGE * 4))
        body = await response.body.read(1000)
        response.body.release()
        released.set()

    assert (413, b"too large") == (response.status, body)


@pytest.mark.parametrize("size", [1, len(LARGE)])
async def test_a_connection_lost_after_sending_is_ambiguous(
    client: HTTPClients, size: int
) -> None:
    async def lose(peer: Peer) -> None:
        await peer.reset()

    async with serve(lose) as server:
        with pytest.raises(ConnectionLostError) as raised:
            await client.send(server.request(LARGE[:size]))

    error = raised.value
    assert (True, True, False) == (
        error.request_sent,
        error.may_have_executed,
        error.is_retryable,
    )


@pytest.mark.parametrize("size", [1, len(LARGE)])
async def test_nothing_is_written_without_a_connection(size: int) -> None:
    async with serve() as server:
        watchdog = Watchdog(asyncio.get_running_loop())
        request = server.request(LARGE[:size])
        body = RequestBody(request, watchdog, host="h", has_own_pool=True)

        with pytest.raises(ConnectionResetError) as raised:
            await body.write(Unused())
        body._attempt.stage = Stage.READY
        failed = await body.fail(raised.value, is_session_closed=False)

        watchdog.close()
    assert isinstance(failed, ConnectionLostError)
    assert (False, False, True) == facts(failed)


async def test_the_end_of_a_connection_is_reported_before_the_next_write() -> None:
    order: list[str] = []

    class Failing(asyncio.Transport):
        """A transport of uvloop: it is closing after a write has failed."""

        def is_closing(self) -> bool:
            return bool(order)

    class Writing(Unused):
        async def write(self, *_: object, **__: object) -> None:
            if not order:
                asyncio.get_running_loop().call_soon(order.append, "connection_lost")
            order.append("write")

    async with serve() as server:
        watchdog = Watchdog(asyncio.get_running_loop())
        body = RequestBody(
            server.request(LARGE[: 2 * CHUNK_BYTES]),
            watchdog,
            host="h",
            has_own_pool=True,
        )
        body._transport = Failing()

        await body.write(Writing())

        body.finish(200)
        watchdog.close()
    assert ["write", "connection_lost", "write"] == order


async def test_a_body_cannot_be_decoded() -> None:
    async with serve() as server:
        watchdog = Watchdog(asyncio.get_running_loop())
        body = RequestBody(server.request(), watchdog, host="h", has_own_pool=True)

        with pytest.raises(TypeError):
            body.decode()

        body.finish(200)
        watchdog.close()


async def test_a_cancelled_call_waits_for_the_thread_that_reads_its_file(
    client: HTTPClients,
) -> None:
    """The caller may use the file in another call at once."""
    file = GatedFile(LARGE)
    async with serve(reply()) as server:
        task = asyncio.create_task(client.send(server.request(FileBody(file))))
        await asyncio.to_thread(file.is_blocked.wait, 5)

        task.cancel()
        asyncio.get_running_loop().call_later(0.02, file.may_continue.set)
        await asyncio.wait((task,))

    assert task.cancelled()
    assert not file.is_read
    assert 2 == file.reads

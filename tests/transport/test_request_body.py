from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.errors import (
    ConnectionLostError,
    RequestTimeoutError,
    SerializationError,
)
from sagemaker_rt.http import FileBody, Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.aiohttp_request import _WRITTEN
from sagemaker_rt.transport.error_mapping import Stage
from sagemaker_rt.transport.request_body import Upload
from sagemaker_rt.transport.time_limits import Watchdog
from tests.doubles import GatedFile
from tests.transport.servers import Peer, facts, reply, serve

LARGE = bytes(range(256)) * 4096 * 3  # 3 MiB: more than sockets hold, in many pieces
SIZES = [0, 1, 100, 1 << 16, (1 << 16) + 1, 1 << 18, (1 << 18) + 1, len(LARGE)]


@pytest.fixture
async def client() -> AsyncIterator[AiohttpClient]:
    async with AiohttpClient() as client:
        yield client


class Shrinking(io.BytesIO):
    """A file that somebody shortens after its length was taken."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size)[:3] if self.tell() == 0 else b""


async def test_the_head_on_the_wire_is_what_was_asked_for(
    client: AiohttpClient,
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
async def test_a_large_request_has_the_same_head_as_a_small_one(
    client: AiohttpClient, size: int
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
async def test_a_file_is_sent_from_where_it_stood_and_again_at_each_send(
    client: AiohttpClient, size: int
) -> None:
    file = io.BytesIO(b"skipped" + LARGE[:size])
    file.seek(7)

    async with serve() as server:
        request = server.request(FileBody(file))
        await client.send(request)
        await client.send(request)

    bodies = [asked.partition(b"\r\n\r\n")[2] for asked in server.requests]
    assert [LARGE[:size]] * 2 == bodies
    assert 1 == server.connections
    assert b"content-length: %d" % size in server.head
    assert b"chunked" not in server.head
    assert not file.closed


async def test_a_length_that_somebody_wrote_is_corrected(
    client: AiohttpClient,
) -> None:
    async with serve() as server:
        await client.send(server.request(b"[1]", content_length="99"))

    assert [b"content-length: 3"] == server.head.split(b"\r\n")[3:]


async def test_a_request_that_asks_for_leave_first_is_sent(
    client: AiohttpClient,
) -> None:
    """It needs a writer that waits, although it is small."""

    async def permit(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await peer.end(reply(await peer.reader.readexactly(3)))

    async with serve(permit, raw=True) as server:
        response = await client.send(server.request(b"[1]", expect="100-continue"))
        body = await response.body.read(1000)

    assert b"[1]" == body


TWO_MIB = 2 << 20


async def leave_with(*answers: bytes, given: float | None = None) -> bool:
    """Tell whether a body is sent that waits for leave, and the server says that."""
    sent: list[bytes] = []

    async def consider(peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        assert b"expect: 100-continue" in head.lower()
        for answer in answers:
            if answer.startswith(b"HTTP/1.1 100"):
                assert not peer.reader._buffer  # type: ignore[attr-defined] # of no stub
            await peer.send(answer)
        if given is None:
            sent.append(await peer.reader.read())
            return
        sent.append(await peer.reader.readexactly(TWO_MIB))
        await peer.end(reply())

    client = AiohttpClient(expect_continue=True, continue_timeout=given or 60.0)
    async with serve(consider, raw=True) as server, client:
        response = await client.send(server.request(bytes(TWO_MIB)))
        await response.body.read(1000)
        if given is None:
            assert response.status in {413, 417}
            async with asyncio.timeout(5):
                await server.is_idle.wait()
        assert 1 == server.connections
    return any(sent)


async def test_a_large_body_is_sent_once_the_server_gives_leave() -> None:
    assert await leave_with(b"HTTP/1.1 100 Continue\r\n\r\n", given=60.0)


async def test_a_large_body_is_sent_without_leave_after_a_time() -> None:
    assert await leave_with(given=0.05)


@pytest.mark.parametrize(
    "answer",
    [
        reply(status="417 Expectation Failed"),
        reply(status="413 Content Too Large"),
    ],
)
async def test_a_body_that_is_refused_is_not_sent(answer: bytes) -> None:
    assert not await leave_with(answer)


async def test_a_refusal_is_read_to_its_end_although_no_body_went_out() -> None:
    assert not await leave_with(
        b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nhe", b"llo"
    )


async def test_leave_that_is_not_given_in_time_is_not_taken_after_a_refusal() -> None:
    async def refuse(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\n")
        await asyncio.sleep(0.1)
        rest.append(bytes(peer.reader._buffer))  # type: ignore[attr-defined] # of no stub
        await peer.end(b"hello")

    rest: list[bytes] = []
    client = AiohttpClient(expect_continue=True, continue_timeout=0.05)
    async with serve(refuse, raw=True) as server, client:
        response = await client.send(server.request(bytes(TWO_MIB)))

        assert (413, b"hello") == (response.status, await response.body.read(1000))
    assert [b""] == rest


async def test_who_waits_for_leave_and_loses_the_connection_is_in_doubt() -> None:
    async def leave(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.end()

    client = AiohttpClient(expect_continue=True, continue_timeout=60.0)
    async with serve(leave, raw=True) as server, client:
        with pytest.raises(ConnectionLostError) as raised:
            await client.send(server.request(bytes(TWO_MIB)))

    assert (True, True, False) == facts(raised.value)


async def test_a_smaller_body_asks_for_nothing() -> None:
    async with serve() as server, AiohttpClient(expect_continue=True) as client:
        await client.send(server.request(bytes(TWO_MIB - 1)))

    assert b"expect" not in server.head.lower()


async def test_a_file_that_ends_early_is_the_callers_and_no_model_ran(
    client: AiohttpClient,
) -> None:
    async with serve() as server:
        request = server.request(FileBody(Shrinking(b"0123456789")))

        with pytest.raises(SerializationError, match="ended 7 bytes") as raised:
            await client.send(request)

    assert raised.value.request_sent
    assert not raised.value.may_have_executed
    assert isinstance(raised.value.__cause__, OSError)


async def test_an_upload_that_does_not_go_on_is_given_up(
    client: AiohttpClient,
) -> None:
    released = asyncio.Event()

    async def listen_no_more(peer: Peer) -> None:
        await released.wait()

    async with serve(listen_no_more, raw=True) as server:
        request = server.request(LARGE * 4, timeouts=Timeouts(write=0.1))

        with pytest.raises(RequestTimeoutError, match=r"0\.1 s.*being sent") as raised:
            await client.send(request)

        released.set()
    assert raised.value.may_have_executed


async def test_an_upload_has_its_time_anew_with_each_piece(
    client: AiohttpClient,
) -> None:
    async with serve() as server:
        await client.send(server.request())
        assert client._home is not None
        waits = client._home.watchdog.waits
        sending = asyncio.create_task(client.send(server.request(LARGE * 4)))

        ends = set()
        while not sending.done():
            ends |= set(waits.values())
            await asyncio.sleep(0)

        assert 200 == (await sending).status
    assert len(ends) > 2


async def test_a_response_that_comes_before_the_upload_ends_is_returned(
    client: AiohttpClient,
) -> None:
    """As a proxy does that finds the body too large."""
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
async def test_a_connection_lost_after_sending_may_have_executed(
    client: AiohttpClient, size: int
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
async def test_nothing_is_written_where_there_is_no_connection(size: int) -> None:
    async with serve() as server:
        watchdog = Watchdog(asyncio.get_running_loop())
        request = server.request(LARGE[:size])
        upload = Upload(request, watchdog, host="h", is_observed=True)

        with pytest.raises(ConnectionResetError) as raised:
            await upload.write(_WRITTEN)
        upload.stage = Stage.READY
        failed = await upload.failed(raised.value, is_closed=False)

        watchdog.close()
    assert isinstance(failed, ConnectionLostError)
    assert (False, False, True) == facts(failed)


async def test_a_body_is_no_text() -> None:
    async with serve() as server:
        watchdog = Watchdog(asyncio.get_running_loop())
        upload = Upload(server.request(), watchdog, host="h", is_observed=True)

        with pytest.raises(TypeError):
            upload.decode()

        upload.done()
        watchdog.close()


async def test_a_file_is_let_go_before_a_cancelled_call_ends(
    client: AiohttpClient,
) -> None:
    """The caller may give it to the next call at once, from its start."""
    file = GatedFile(LARGE)
    async with serve(reply()) as server:
        task = asyncio.create_task(client.send(server.request(FileBody(file))))
        await asyncio.to_thread(file.begun.wait, 5)

        task.cancel()
        asyncio.get_running_loop().call_later(0.02, file.goes_on.set)
        await asyncio.wait((task,))

    assert task.cancelled()
    assert not file.is_read
    assert 2 == file.reads

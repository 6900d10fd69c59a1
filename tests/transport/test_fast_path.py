from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from sagemaker_rt.transport import fast_path
from sagemaker_rt.transport.aiohttp_request import ExactRequest
from sagemaker_rt.transport.request_body import RequestBody
from sagemaker_rt.transport.time_limits import Watchdog
from tests.transport.servers import Peer, Server, hang, reply, serve


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(request_class=ExactRequest) as session:
        yield session


def request(session: aiohttp.ClientSession, server: Server) -> ExactRequest:
    """Return a request of *session* to *server*."""
    source = server.request()
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(loop)
    return ExactRequest(
        source.method,
        URL(source.url, encoded=True),
        headers={"host": f"127.0.0.1:{server.port}", "content-length": "0"},
        data=RequestBody(source, watchdog, host="", has_own_pool=False),
        loop=loop,
        session=session,
        timer=fast_path.NO_TIMER,
    )


async def test_the_connection_is_reused_after_a_response(
    session: aiohttp.ClientSession,
) -> None:
    async with serve(reply(b"whole")) as server:
        first = await fast_path.send_request(session, request(session, server))
        first_body = await first.read()
        second = await fast_path.send_request(session, request(session, server))
        second_body = await second.read()

        assert [b"whole", b"whole"] == [first_body, second_body]
        assert 1 == server.connections


async def test_a_body_is_not_decompressed(session: aiohttp.ClientSession) -> None:
    async with serve(reply(b"packed", "Content-Encoding: gzip")) as server:
        response = await fast_path.send_request(session, request(session, server))

        assert b"packed" == await response.read()


async def test_a_failed_connection_is_not_kept(
    session: aiohttp.ClientSession,
) -> None:
    async with serve(Peer.end) as server:
        with pytest.raises(aiohttp.ClientError):
            await fast_path.send_request(session, request(session, server))

        assert session.connector is not None
        assert not session.connector._acquired


async def test_a_closed_session_is_refused(session: aiohttp.ClientSession) -> None:
    async with serve(hang) as server:
        unsent = request(session, server)
        await session.close()

        with pytest.raises(RuntimeError, match="closed"):
            await fast_path.send_request(session, unsent)

from __future__ import annotations

import asyncio
import ssl

import aiohttp
import pytest

from sagemaker_rt import errors
from sagemaker_rt.http import Endpoint, Request, Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.transport.servers import (
    Peer,
    ask,
    ask_once,
    facts,
    full_backlog,
    hang,
    reply,
    serve,
    to_port,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_settings_of_the_session_do_not_affect_requests() -> None:
    async with (
        serve(reply(b"", "Set-Cookie: c=d")) as server,
        aiohttp.ClientSession(
            headers={"X-Default": "1", "Accept": "text/html"},
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            raise_for_status=True,
            timeout=aiohttp.ClientTimeout(total=0.000_001),
        ) as session,
    ):
        session.cookie_jar.update_cookies({"a": "b"})
        client = AiohttpClient(session)

        for _ in range(2):
            await client.send(server.request())

        await client.aclose()
        assert 1 == server.connections
        assert not session.closed
        assert ["a"] == [cookie.key for cookie in session.cookie_jar]
    assert [
        b"host: 127.0.0.1:%d" % server.port,
        b"accept-encoding: identity",
        b"content-length: 2",
    ] == server.head.split(b"\r\n")[1:]


async def test_trace_configs_of_the_session_are_used() -> None:
    seen: list[str] = []
    trace = aiohttp.TraceConfig()

    async def note(
        session: object, ctx: object, params: aiohttp.TraceRequestEndParams
    ) -> None:
        seen.append(f"{params.method} {params.response.status}")

    trace.on_request_end.append(note)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        client = AiohttpClient(session)
        await ask_once(client)
        await client.aclose()

    assert ["POST 200"] == seen


async def test_a_closed_session_is_an_error() -> None:
    async with aiohttp.ClientSession() as session:
        early, late = AiohttpClient(session), AiohttpClient(session)
        await ask_once(early)

    for client in (early, late):
        with pytest.raises(errors.ClientStateError, match="closed"):
            await ask_once(client)
        await client.aclose()


async def test_closing_the_session_ends_the_calls_in_progress() -> None:
    connector = aiohttp.TCPConnector(limit=1)
    session = aiohttp.ClientSession(connector=connector)
    client = AiohttpClient(session)
    async with serve(hang) as server:
        sent = asyncio.create_task(client.send(server.request()))
        await server.received.acquire()
        waiting = asyncio.create_task(client.send(server.request()))
        await asyncio.sleep(0.01)

        await session.close()

        with pytest.raises(errors.ClientStateError) as unsent:
            await waiting
        with pytest.raises(errors.ConnectionLostError) as lost:
            await sent
    assert (False, False, False) == facts(unsent.value)
    assert (True, True, False) == facts(lost.value)
    await client.aclose()


async def test_closing_the_session_ends_a_stream() -> None:
    async def stall(peer: Peer) -> None:
        await peer.send(CHUNKED, b"5\r\nhello\r\n")
        await peer.hang()

    session = aiohttp.ClientSession()
    client = AiohttpClient(session)
    async with serve(stall) as server:
        response = await client.send(server.request())
        assert b"hello" == await anext(response.body.iter_chunks())
        reading = asyncio.ensure_future(response.body.read(1000))
        await asyncio.sleep(0.01)

        await session.close()

        with pytest.raises(errors.TruncatedBodyError):
            await reading
    await client.aclose()


def test_a_session_of_another_event_loop_is_refused() -> None:
    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    with asyncio.Runner() as own, asyncio.Runner() as other:
        session = own.run(make())

        with pytest.raises(errors.ClientStateError, match="event loop"):
            other.run(ask_once(AiohttpClient(session)))

        own.run(session.close())


async def test_the_time_limits_of_the_request_apply() -> None:
    async with aiohttp.ClientSession() as session:
        client = AiohttpClient(session)
        with full_backlog() as port:
            with pytest.raises(errors.ConnectTimeoutError) as by_connect:
                await client.send(to_port(port, connect=0.1, pool=60))
            with pytest.raises(errors.ConnectTimeoutError) as by_deadline:
                await client.send(
                    Request(
                        endpoint=Endpoint(f"http://127.0.0.1:{port}"),
                        deadline=asyncio.get_running_loop().time() + 0.1,
                        timeouts=Timeouts(connect=None),
                    )
                )
        async with serve(hang) as server:
            with pytest.raises(errors.RequestTimeoutError):
                await client.send(server.request(timeouts=Timeouts(read=0.1)))
        await client.aclose()

    assert "connect_timeout" in str(by_connect.value)
    assert "total_timeout" in str(by_deadline.value)


async def test_an_unsolicited_response_is_not_used() -> None:
    sent = asyncio.Event()

    async def answer_twice(peer: Peer) -> None:
        await peer.send(reply(b"%d" % peer.number), reply(b"unsolicited"))
        sent.set()

    async with aiohttp.ClientSession() as session, serve(answer_twice) as server:
        client = AiohttpClient(session)
        await ask(client, server)
        await sent.wait()
        await asyncio.sleep(0.05)

        assert b"2" == await ask(client, server)
        await client.aclose()


async def test_ssl_context_cannot_be_combined_with_session() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(errors.OptionsError, match="ssl_context"):
            AiohttpClient(session, ssl_context=ssl.create_default_context())

"""A connection of the HTTP/2 server, as clients of other libraries use it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived
from hyperframe.frame import GoAwayFrame

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.emulator.http2_listener import Http2Listener
from sagemaker_rt.emulator.http2_stream import Http2Stream
from sagemaker_rt.sansio.bidirectional_events import encode_event
from tests.emulator.stream_clients import talk
from tests.transport.certificates import self_signed

PATH = "/endpoints/echo/invocations-bidirectional-stream"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


async def test_it_goes_on_after_the_goaway_of_a_client(emulator: Emulator) -> None:
    async with talk(emulator) as stream:
        await stream.response()
        transport = stream.connection._transport
        assert transport is not None
        transport.write(GoAwayFrame(last_stream_id=0).serialize())
        stream.send(encode_event(b"after"))
        stream.send(b"")
        (event,) = await stream.rest()

    assert b"after" == event.payload


async def test_several_streams_share_a_connection(emulator: Emulator) -> None:
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    for stream_id in (1, 3):
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", "a"),
            (":path", PATH),
        ]
        client.send_headers(stream_id, headers, end_stream=True)
    host, _, port = emulator.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(client.data_to_send())
    answered: set[int] = set()
    bodies = b""
    while answered != {1, 3} or bodies.count(b"}") < 2:
        for event in client.receive_data(await reader.read(65_536)):
            if isinstance(event, ResponseReceived):
                answered.add(event.stream_id)
            elif isinstance(event, DataReceived):
                bodies += event.data
    writer.close()

    assert 2 == bodies.count(b"Missing Authentication Token")


async def test_invalid_frames_close_the_connection(emulator: Emulator) -> None:
    host, _, port = emulator.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100)

    await asyncio.wait_for(reader.read(), 30)
    writer.close()


async def test_curl_gets_a_response(emulator: Emulator) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    arguments = ["-s", "-o", "-", "-w", "%{http_version} %{http_code}", "-X", "POST"]
    process = await asyncio.create_subprocess_exec(
        curl,
        "--http2-prior-knowledge",
        *arguments,
        emulator.url + PATH,
        stdout=subprocess.PIPE,
    )
    out, _ = await process.communicate()

    assert out.endswith(b"2 403")


async def test_nothing_is_written_to_a_lost_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost = asyncio.Event()

    async def respond(stream: Http2Stream) -> None:
        stream.respond([(":status", "200")])
        stream.connection.disconnect(abort=True)
        stream.connection.write_goaway(stream.id, 0)
        try:
            for _ in range(10):
                stream.connection.return_credit(stream.id, 1)
                await stream.send(b"x")
        finally:
            lost.set()

    listener = Http2Listener(respond)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(listener.protocol, "127.0.0.1")
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    head = {":method": "GET", ":scheme": "http", ":path": "/", ":authority": "a"}
    client.send_headers(1, list(head.items()))
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(client.data_to_send())
    await asyncio.wait_for(lost.wait(), 10)
    writer.close()
    server.close()
    await listener.aclose()

    assert "socket.send() raised exception" not in caplog.text


async def test_a_reset_that_tls_has_not_reported_causes_no_warnings(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lost = asyncio.Event()
    clients: list[asyncio.StreamWriter] = []

    async def respond(stream: Http2Stream) -> None:
        clients[0].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        try:
            for _ in range(20):
                await stream.send(b"x")
            await stream.receive()
        finally:
            lost.set()

    listener = Http2Listener(respond)
    loop = asyncio.get_running_loop()
    served, trusted = self_signed(tmp_path)
    server = await loop.create_server(listener.protocol, "127.0.0.1", ssl=served)
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    head = {":method": "GET", ":scheme": "https", ":path": "/", ":authority": "a"}
    client.send_headers(1, list(head.items()))
    address = server.sockets[0].getsockname()
    _, writer = await asyncio.open_connection(*address, ssl=trusted)
    clients.append(writer)
    writer.write(client.data_to_send())
    await asyncio.wait_for(lost.wait(), 10)
    writer.transport.abort()
    server.close()
    await listener.aclose()

    assert "socket.send() raised exception" not in caplog.text

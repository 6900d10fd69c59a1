from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from hashlib import sha256

import aiohttp
import pytest

from sagemaker_rt.emulator import Emulator, InvocationRequest
from sagemaker_rt.emulator.server import MAX_BODY
from sagemaker_rt.errors import OptionsError
from tests.doubles import ManualClock
from tests.emulator.signed_requests import INVOCATIONS, STREAM, send

OBJECT = "/s3/bucket/folder/key"


def sha_of(body: bytes) -> dict[str, str]:
    return {"x-amz-content-sha256": sha256(body).hexdigest()}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/endpoints/echo"),
        ("GET", INVOCATIONS),
        ("DELETE", OBJECT),
        ("PUT", "/s3/bucket"),
    ],
)
async def test_a_request_without_operation_is_unknown(method: str, path: str) -> None:
    async with Emulator() as emulator:
        reply = await send(emulator, path, method=method)

    assert reply.status in {404, 405}
    assert "UnknownOperationException" == reply.headers["x-amzn-errortype"]
    assert 0 == len(emulator.requests)


@pytest.mark.parametrize("path", [INVOCATIONS, STREAM, "/nowhere"])
async def test_each_response_has_a_request_id_and_a_date(path: str) -> None:
    clock = ManualClock(1_700_000_000)
    async with Emulator(clock=clock) as emulator:
        replies = [await send(emulator, path, b"x") for _ in range(2)]

    dates = {reply.headers["date"] for reply in replies}
    assert {"Tue, 14 Nov 2023 22:13:20 GMT"} == dates
    assert 2 == len({reply.headers["x-amzn-requestid"] for reply in replies})


async def test_a_compressed_body_is_not_decompressed() -> None:
    body = gzip.compress(b"x" * 1000)
    async with Emulator() as emulator:
        reply = await send(
            emulator, INVOCATIONS, body, headers={"content-encoding": "gzip"}
        )

    assert (200, body) == (reply.status, reply.body)


async def test_responses_of_s3_have_the_request_id_header_of_s3() -> None:
    async with Emulator() as emulator:
        reply = await send(emulator, OBJECT, method="GET", headers=sha_of(b""))

    assert "x-amz-request-id" in reply.headers


async def test_an_object_can_be_stored_and_read() -> None:
    async with Emulator() as emulator:
        put = await send(
            emulator,
            OBJECT,
            b"content",
            method="PUT",
            headers={**sha_of(b"content"), "content-type": "text/plain"},
        )
        head = await send(emulator, OBJECT, method="HEAD", headers=sha_of(b""))
        got = await send(emulator, OBJECT, method="GET", headers=sha_of(b""))

    assert [200, 200, 200] == [put.status, head.status, got.status]
    assert (b"", "7") == (head.body, head.headers["content-length"])
    assert (b"content", "text/plain") == (got.body, got.headers["content-type"])
    assert put.headers["etag"] == head.headers["etag"] == got.headers["etag"]


async def test_the_path_may_be_percent_encoded() -> None:
    async with Emulator() as emulator:
        emulator.objects["s3://bucket/a b/ü"] = b"content"

        reply = await send(
            emulator,
            "/s3/bucket/a%20b/%C3%BC",
            method="GET",
            headers=sha_of(b""),
        )

    assert b"content" == reply.body


async def test_a_body_of_the_maximum_size_is_accepted() -> None:
    body = bytes(MAX_BODY)

    async with Emulator() as emulator:
        reply = await send(emulator, body=body)

    assert 200 == reply.status
    assert len(body) == len(reply.body)


async def test_a_larger_body_is_rejected() -> None:
    body = bytes(MAX_BODY + 1)

    async with Emulator() as emulator:
        reply = await send(emulator, body=body)

    assert 413 == reply.status
    assert "RequestEntityTooLargeException" == reply.headers["x-amzn-errortype"]
    assert "message" in json.loads(reply.body)


async def test_repeated_headers_are_joined() -> None:
    async with Emulator() as emulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator._port)
        writer.write(
            b"POST /endpoints/echo/invocations HTTP/1.1\r\nHost: x\r\n"
            b"Content-Length: 0\r\nX-A: 1\r\nX-A: 2\r\nConnection: close\r\n\r\n"
        )
        await reader.read()
        writer.close()

    assert "1,2" == emulator.requests[0].headers["x-a"]


@pytest.mark.parametrize("path", [INVOCATIONS, STREAM])
async def test_closing_cancels_requests_in_flight(path: str) -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def stuck(_: InvocationRequest) -> AsyncIterator[bytes]:
        try:
            yield b"first"
            started.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    emulator = Emulator(models={"echo": stuck})
    await emulator.start()
    sending = asyncio.create_task(send(emulator, path))
    await started.wait()

    await emulator.aclose()

    assert ended.is_set()
    with pytest.raises(aiohttp.ClientError):
        await sending
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_closing_closes_idle_connections() -> None:
    async with Emulator() as emulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator._port)

    rest = await reader.read()
    writer.close()

    assert b"" == rest
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_a_connection_is_reused() -> None:
    async with Emulator() as emulator, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.post(emulator.url + INVOCATIONS) as response:
                await response.read()

        assert 1 == len(emulator._server._connections)


async def test_a_port_in_use_is_named() -> None:
    async with Emulator() as emulator:
        other = Emulator(port=emulator._port)

        with pytest.raises(OptionsError, match=str(emulator._port)):
            await other.start()

    await other.aclose()


async def test_closing_before_the_start_does_nothing() -> None:
    await Emulator().aclose()


async def test_the_port_is_closed_afterwards() -> None:
    async with Emulator() as emulator:
        port = emulator._port

    with pytest.raises(OSError):  # noqa: PT011 - of any kind
        await asyncio.open_connection("127.0.0.1", port)

from __future__ import annotations

import pytest

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Endpoint, Timeouts
from tests.transport.pools import HTTPClients
from tests.transport.servers import serve

LARGE = bytes(range(256)) * 4096 * 3


@pytest.mark.parametrize(
    "path", ["/a%2Fb/c%20d", "/a/../b", "/%7Ea//b", "/a;b=c,d:e@f"]
)
async def test_a_path_is_sent_unchanged(client: HTTPClients, path: str) -> None:
    async with serve() as server:
        request = server.request()
        request.path, request.query = path, "q=a%2Bb&r=%20"

        await client.send(request)

    first = server.head.split(b"\r\n")[0].decode()
    assert f"POST {path}?q=a%2Bb&r=%20 HTTP/1.1" == first


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_host_header_is_the_signed_one(
    client: HTTPClients, host: str
) -> None:
    async with serve(host=host) as server:
        request = server.request()

        await client.send(request)

    assert request.endpoint is not None
    assert f"host: {request.endpoint.host}".encode() in server.head.split(b"\r\n")
    assert f"{server.host}:{server.port}" == request.endpoint.host


async def test_the_host_header_has_the_case_that_is_signed(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        request = server.request()
        request.endpoint = Endpoint(f"http://LocalHost:{server.port}")

        await client.send(request)

    assert f"localhost:{server.port}" == request.endpoint.host
    assert b"host: localhost:%d" % server.port in server.head.split(b"\r\n")


@pytest.mark.parametrize("size", [1, len(LARGE)])
@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b"])
async def test_a_header_with_a_line_break_is_refused(
    client: HTTPClients, value: str, size: int
) -> None:
    async with serve() as server:
        request = server.request(LARGE[:size], x_amz_meta=value)

        with pytest.raises(SerializationError) as raised:
            await client.send(request)

        await client.send(server.request())
    assert 1 == len(server.requests)
    assert not raised.value.request_sent
    assert not raised.value.may_have_executed


async def test_a_method_with_a_line_break_is_refused(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        request = server.request()
        request.method = "POST /x HTTP/1.1\r\nX:"

        with pytest.raises(SerializationError):
            await client.send(request)

    assert [] == server.requests


async def test_no_body_is_read_after_a_head_request(client: HTTPClients) -> None:
    async with serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") as server:
        for _ in range(2):  # the connection is used again, or closed
            request = server.request(b"", timeouts=Timeouts(read=5.0))
            request.method = "HEAD"

            response = await client.send(request)

            assert b"" == (response.body.read_nowait() or await response.body.read(8))

from __future__ import annotations

import pytest

from sagemaker_rt.http import Request
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.transport.servers import Server, reply, serve

REFUSED = reply(b"no").replace(b"200 OK", b"413 Too Large")


def request(server: Server, size: int) -> Request:
    made = server.request()
    made.body = bytes(size)
    return made


@pytest.mark.parametrize(
    ("answer", "size", "connections"),
    [
        (REFUSED, 65_536, 1),
        (REFUSED, 65_537, 2),
        (reply(b"yes"), 65_537, 1),
    ],
)
async def test_a_connection_is_not_reused_after_a_large_request_was_refused(
    answer: bytes, size: int, connections: int
) -> None:
    async with serve(answer) as server, AiohttpClient() as client:
        for _ in range(2):
            response = await client.send(request(server, size))
            await response.body.read(99)
            response.body.release()

        assert server.connections == connections

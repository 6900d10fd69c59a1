from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.transport.connection_closing import abort_connection

MORE_THAN_BUFFERS_HOLD = bytes(8 << 20)


@pytest.fixture
async def ends() -> AsyncIterator[tuple[asyncio.Transport, socket.socket]]:
    """Give a transport with a full write buffer, and the socket that does not read."""
    one, other = socket.socketpair()
    other.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=one)
    transport.write(MORE_THAN_BUFFERS_HOLD)
    assert 0 < transport.get_write_buffer_size()
    yield transport, other
    other.close()
    await asyncio.sleep(0)


async def test_aborting_drops_the_write_buffer(
    ends: tuple[asyncio.Transport, socket.socket],
) -> None:
    transport, _ = ends

    abort_connection(transport)
    abort_connection(transport)

    assert 0 == transport.get_write_buffer_size()
    assert transport.is_closing()


async def test_a_connection_that_closed_itself_is_not_aborted(
    ends: tuple[asyncio.Transport, socket.socket],
) -> None:
    """asyncio's transport has dropped its event loop by then."""
    transport, other = ends
    loop = asyncio.get_running_loop()
    transport.close()
    while await loop.sock_recv(other, 1 << 20):
        pass

    abort_connection(transport)

    assert -1 == transport.get_extra_info("socket").fileno()

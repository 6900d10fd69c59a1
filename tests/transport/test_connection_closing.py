from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.transport.connection_closing import abort

MUCH = bytes(8 << 20)


@pytest.fixture
async def ends() -> AsyncIterator[tuple[asyncio.Transport, socket.socket]]:
    """Give a connection that has much to send, and the socket that does not read it."""
    one, other = socket.socketpair()
    other.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=one)
    transport.write(MUCH)
    assert 0 < transport.get_write_buffer_size()
    yield transport, other
    other.close()
    await asyncio.sleep(0)


async def test_what_waits_to_be_sent_is_dropped(
    ends: tuple[asyncio.Transport, socket.socket],
) -> None:
    transport, _ = ends

    abort(transport)
    abort(transport)

    assert 0 == transport.get_write_buffer_size()
    assert transport.is_closing()


async def test_a_connection_that_closed_after_its_last_byte_is_left_alone(
    ends: tuple[asyncio.Transport, socket.socket],
) -> None:
    """asyncio's transport has forgotten its event loop by then."""
    transport, other = ends
    loop = asyncio.get_running_loop()
    transport.close()
    while await loop.sock_recv(other, 1 << 20):
        pass

    abort(transport)

    assert -1 == transport.get_extra_info("socket").fileno()

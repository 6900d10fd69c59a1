from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.transport.pooled_client import PooledClient


class Pool:
    """A pool without connections."""

    is_closed = False

    async def close(self) -> None:
        self.is_closed = True


class PoolClient(PooledClient[Pool]):
    """A client that makes a pool, and sends nothing."""

    def __init__(self) -> None:
        super().__init__(lambda: self.process)
        self.process = 1
        self.pools: list[Pool] = []

    def _new_pool(self, loop: asyncio.AbstractEventLoop) -> Pool:
        self.pools.append(Pool())
        return self.pools[-1]

    async def bind(self) -> Pool:
        return (await self._bind_pool()).pool


async def test_closing_closes_the_pool() -> None:
    async with PoolClient() as client:
        pool = await client.bind()

    assert pool.is_closed
    with pytest.raises(ClientStateError, match="closed"):
        await client.bind()


def test_the_end_of_the_event_loop_closes_the_pool() -> None:
    client = PoolClient()
    first = asyncio.run(client.bind())
    second = asyncio.run(client.bind())

    assert first.is_closed
    assert second.is_closed
    assert [first, second] == client.pools


async def test_a_forked_process_cannot_use_the_pool() -> None:
    client = PoolClient()
    pool = await client.bind()
    client.process = 2

    with pytest.raises(ClientStateError, match="forked"):
        await client.bind()
    await client.aclose()

    assert not pool.is_closed


def test_another_event_loop_cannot_use_the_pool() -> None:
    client = PoolClient()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(client.bind())

    with pytest.raises(ClientStateError, match="another event loop"):
        asyncio.run(client.bind())
    with pytest.raises(ClientStateError, match="another event loop"):
        asyncio.run(client.aclose())

    loop.run_until_complete(client.aclose())
    loop.close()


def test_a_pool_of_a_closed_event_loop_is_replaced() -> None:
    client = PoolClient()
    loop = asyncio.new_event_loop()
    first = loop.run_until_complete(client.bind())
    loop.close()

    second = asyncio.run(client.bind())

    assert first.is_closed
    assert second is not first
    assert gc.collect() >= 0
    assert weakref.ref(client)() is client

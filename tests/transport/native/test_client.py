"""What only the native client does; the rest is tested in the folder above."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref
from collections.abc import Callable

import pytest
import uvloop

from sagemaker_rt.transport.native.client import NativeClient
from tests.transport.pools import PoolCounts, pool_of
from tests.transport.servers import Peer, Server, ask, open_files, reply, serve

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def test_no_more_connections_are_open_than_allowed() -> None:
    """Idle connections to other servers are closed."""
    async with (
        serve() as first,
        serve() as second,
        serve() as third,
        NativeClient(max_connections=2) as client,
    ):
        for server in (first, second, third, first):
            assert b"hello" == await ask(client, server)
            counts = pool_of(client)
            assert counts.busy + counts.idle <= 2


@pytest.mark.parametrize(("given", "count"), [(0, 20), (5, 5)])
async def test_zero_connections_mean_no_limit(given: int, count: int) -> None:
    async with serve() as server, NativeClient(max_connections=given) as client:
        await asyncio.gather(*[ask(client, server) for _ in range(20)])

        assert count == server.connections


async def test_a_client_is_no_reference_cycle() -> None:
    gc.collect()
    gc.disable()
    async with serve() as server:
        client = NativeClient()
        await ask(client, server)
        await client.aclose()
        reference = weakref.ref(client)
        del client
    gc.enable()

    assert reference() is None


@pytest.mark.parametrize("loop", LOOPS)
def test_calls_that_are_cancelled_at_random_leave_nothing(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret

    async def answer(peer: Peer) -> None:
        await asyncio.sleep(chance.random() / 100)
        peer.writer.write(reply(bytes(chance.randrange(200_000))))

    async def call(client: NativeClient, server: Server, body: bytes) -> None:
        async with asyncio.timeout(chance.random() / 50):
            response = await client.send(server.request(body))
            await response.body.read(1 << 20)

    async def main() -> None:
        async with serve(answer) as server:
            files = open_files()
            async with NativeClient(max_connections=7) as client:
                for _ in range(20):
                    bodies = [bytes(chance.choice([2, 300_000])) for _ in range(20)]
                    await asyncio.gather(
                        *[call(client, server, body) for body in bodies],
                        return_exceptions=True,
                    )
                    counts = pool_of(client)
                    assert (0, 0) == (counts.busy, counts.waiting)
                response = await client.send(server.request())
                await response.body.read(1 << 20)
            assert PoolCounts() == pool_of(client)
            async with asyncio.timeout(30):
                while open_files() > files:  # noqa: ASYNC110 - there is no event
                    await asyncio.sleep(0.01)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())

"""Thousands of concurrent calls share a hundred connections."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import pytest

from sagemaker_rt import Client, Credentials
from tests.stories.http_clients import CHOSEN, each_http_client
from tests.transport.pools import pool_of, time_limits_of, transport_of
from tests.transport.servers import OK, Peer

__all__ = ["each_http_client"]  # a fixture

MOST_CALLS: Final = 10_000
CALLS: Final = 2000
CONNECTIONS: Final = 100
ONE_IN: Final = 20
SEED: Final = 20_26


class Counter:
    """A server that counts its concurrent connections.

    It sends the first response when it has the maximum number.
    """

    def __init__(self, *, closes_every: int = 0) -> None:
        self.now = self.most = self.ever = 0
        self.answered = 0
        self.is_full = asyncio.Event()
        self._closes_every = closes_every

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.now += 1
        self.ever += 1
        self.most = max(self.most, self.now)
        if self.now == CONNECTIONS:
            self.is_full.set()
        peer = Peer(reader, writer, self.ever)
        try:
            while await peer.receive():
                await self.is_full.wait()
                self.answered += 1
                writer.write(OK)
                if self._closes_every and not self.answered % self._closes_every:
                    break
        finally:
            self.now -= 1
            writer.close()


def sockets_at(port: int) -> list[str]:
    """Return the sockets of this process with *port* at either end."""
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - each is only a number
        with contextlib.suppress(OSError):  # not a socket, or closed since
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as one:
                    ends = one.getsockname(), one.getpeername()
                    is_inet = one.family == socket.AF_INET
                if is_inet and port in {ends[0][1], ends[1][1]}:
                    found.append(f"{name}: {ends}")
    return found


@asynccontextmanager
async def checked_client(counter: Counter) -> AsyncIterator[Client]:
    """Give a client, and check afterwards that nothing is left open."""
    listening = await asyncio.start_server(counter.talk, "127.0.0.1", 0, backlog=256)
    port = listening.sockets[0].getsockname()[1]
    async with Client(
        region="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        credentials=Credentials("AKIDEXAMPLE", "a-secret"),
        environ={},
        max_connections=CONNECTIONS,
        **CHOSEN,
    ) as client:
        yield client

        assert CONNECTIONS == counter.most
        assert 0 == pool_of(transport_of(client)).busy
        assert {} == time_limits_of(transport_of(client))
    listening.close()
    for _ in range(500):
        if not counter.now and not sockets_at(port):
            break
        await asyncio.sleep(0.01)
    assert (0, []) == (counter.now, sockets_at(port))
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def hello(client: Client) -> None:
    output = await client.invoke_endpoint(endpoint_name="m", body=b"{}")

    assert b"hello" == output.body


async def all_succeed() -> None:
    counter = Counter()
    async with checked_client(counter) as client:
        await asyncio.gather(*[hello(client) for _ in range(MOST_CALLS)])

    assert MOST_CALLS == counter.answered
    assert CONNECTIONS == counter.ever


async def some_are_cancelled() -> None:
    """The other calls are not affected."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    loop = asyncio.get_running_loop()
    counter = Counter()
    async with checked_client(counter) as client:
        tasks = [asyncio.create_task(hello(client)) for _ in range(CALLS)]
        # the server counts a closed connection until it has read its end, which it
        # does only when it is full
        await counter.is_full.wait()
        to_cancel = chance.sample(tasks, CALLS // ONE_IN)
        for task in to_cancel:
            loop.call_later(chance.uniform(0, 0.3), task.cancel)
        await asyncio.wait(tasks)

        cancelled = [task for task in tasks if task.cancelled()]
        failed = [t for t in tasks if not t.cancelled() and t.exception() is not None]
        assert [] == failed
        assert set(cancelled) <= set(to_cancel)
        assert cancelled


async def some_connections_are_closed() -> None:
    """The server closes connections after responses."""
    counter = Counter(closes_every=10)
    async with checked_client(counter) as client:
        await asyncio.gather(*[hello(client) for _ in range(CALLS)])

    assert CALLS == counter.answered
    assert CONNECTIONS < counter.ever


@pytest.mark.parametrize(
    "scenario", [all_succeed, some_are_cancelled, some_connections_are_closed]
)
def test_thousands_of_calls_share_a_hundred_connections(
    scenario: Callable[[], Awaitable[None]],
) -> None:
    async def main() -> None:
        await scenario()

    # asyncio's debug mode would take minutes
    with asyncio.Runner(debug=False) as runner:
        runner.run(main())

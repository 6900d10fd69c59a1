from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvloop

from sagemaker_rt.transport.lost_connection import LostConnection
from tests.faults import faulty_certificates
from tests.transport.servers import open_files

Function = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def connect_and_run(function: Function, certificates: Path | None = None) -> None:
    """Run *function* with a client to which a server sends 2 MB."""
    context, trusted = None, None
    if certificates is not None:
        context, trust = faulty_certificates.make("good", certificates)
        trusted = ssl.create_default_context(cafile=trust)
    ended = asyncio.Event()

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 2_000_000)
        await ended.wait()
        writer.close()

    async with await asyncio.start_server(send, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusted, limit=1000
        )
        await function(writer)
        ended.set()
        writer.transport.abort()


@pytest.mark.parametrize("is_secure", [False, True])
def test_on_uvloop_a_second_descriptor_keeps_what_was_received(
    tmp_path: Path, *, is_secure: bool
) -> None:
    async def lose(writer: asyncio.StreamWriter) -> None:
        lost = LostConnection(writer.transport)
        connected = writer.get_extra_info("socket").fileno()
        await asyncio.to_thread(select.select, [connected], [], [], 5)
        writer.transport.abort()
        await asyncio.sleep(0)

        received = lost.read()

        assert {*b"x"} == {*received}
        assert b"" == lost.read()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(connect_and_run(lose, tmp_path if is_secure else None))


def test_closing_closes_the_second_descriptor() -> None:
    async def close(writer: asyncio.StreamWriter) -> None:
        before = open_files()
        lost = LostConnection(writer.transport)
        assert before + 1 == open_files()

        lost.close()
        lost.close()

        assert before == open_files()
        assert b"" == lost.read()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(connect_and_run(close))


async def test_on_asyncio_there_is_no_second_descriptor() -> None:
    async def close(writer: asyncio.StreamWriter) -> None:
        before = open_files()
        lost = LostConnection(writer.transport)

        assert before == open_files()
        assert b"" == lost.read()

    await connect_and_run(close)

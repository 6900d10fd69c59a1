"""Clients and streams that are dropped, or used in other loops and processes."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
import uvloop

from sagemaker_rt import (
    Client,
    ClientStateError,
    Credentials,
    PayloadPart,
    ResponseStream,
)
from sagemaker_rt.emulator.event_stream import payload_part
from sagemaker_rt.interfaces import HTTPClientName
from sagemaker_rt.options.fields import OptionFields
from tests.stepping import LoopThread
from tests.stories.http_clients import CHOSEN, each_http_client
from tests.transport.pools import pool_of, transport_of
from tests.transport.servers import OK, Peer, Server, open_files, serve

__all__ = ["each_http_client"]  # a fixture

LOOPS: Final = [asyncio.new_event_loop, uvloop.new_event_loop]
PART: Final = payload_part(b"a part")
HEAD: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK: Final = b"%x\r\n" % len(PART) + PART + b"\r\n"


def options(port: int, *, max_connections: int = 256) -> OptionFields:
    return {
        "max_connections": max_connections,
        "region": "us-east-1",
        "endpoint_url": f"http://127.0.0.1:{port}",
        "credentials": Credentials("AKIDEXAMPLE", "a-secret"),
        "environ": {},
        "http_client": CHOSEN["http_client"],
    }


@asynccontextmanager
async def stream_server() -> AsyncIterator[Server]:
    """Answer stream operations with one part and no end, and others completely."""

    async def answer(peer: Peer) -> None:
        if b"response-stream" not in server.head:
            peer.writer.write(OK)
            return
        await peer.send(HEAD + CHUNK)
        await peer.hang()

    async with serve(answer) as server:
        yield server


async def hello(client: Client) -> bytes:
    output = await client.invoke_endpoint(endpoint_name="m", body=b"{}")
    return output.body


async def stream_of(client: Client) -> ResponseStream:
    return await client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"{}"
    )


def in_use(client: Client) -> int:
    return pool_of(transport_of(client)).busy


async def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* is true, for 5 seconds at most."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)


async def test_dropped_streams_release_their_connections() -> None:
    """Each shows a warning. A pool of four connections works after a hundred."""
    async with stream_server() as server:
        files = open_files()
        async with Client(**options(server.port, max_connections=4)) as client:
            for _ in range(100):
                async with asyncio.timeout(30):
                    stream = await stream_of(client)
                with pytest.warns(ResourceWarning, match="was dropped"):
                    del stream  # there are no reference cycles, so this is enough

            async with asyncio.timeout(30):
                assert b"hello" == await hello(client)
            assert 0 == in_use(client)
        await wait_until(lambda: open_files() <= files)
        assert files >= open_files()


async def test_a_stream_dropped_after_a_part_shows_a_warning() -> None:
    async def first_of(client: Client) -> object:
        async for part in await stream_of(client):
            return part
        return None

    async with (
        stream_server() as server,
        Client(**options(server.port, max_connections=1)) as client,
    ):
        with pytest.warns(ResourceWarning, match="was dropped"):
            first = await first_of(client)

        assert PayloadPart(b"a part") == first
        assert b"hello" == await hello(client)


async def test_a_dropped_generator_closes_its_stream() -> None:
    async def parts(client: Client) -> AsyncIterator[object]:
        async with await stream_of(client) as stream:
            async for part in stream:
                yield part

    async with (
        stream_server() as server,
        Client(**options(server.port, max_connections=1)) as client,
    ):
        generator = parts(client)
        first = await anext(generator)
        del generator  # the event loop closes it

        assert PayloadPart(b"a part") == first
        async with asyncio.timeout(30):
            assert b"hello" == await hello(client)
        assert 0 == in_use(client)


async def test_a_second_reader_is_refused() -> None:
    continue_event = asyncio.Event()

    async def answer(peer: Peer) -> None:
        await peer.send(HEAD + CHUNK)
        await continue_event.wait()
        await peer.send(CHUNK + b"0\r\n\r\n")

    async with (
        serve(answer) as server,
        Client(**options(server.port)) as client,
        await stream_of(client) as stream,
    ):
        await anext(stream)
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)

        with pytest.raises(ClientStateError, match="another task"):
            await anext(stream)

        continue_event.set()
        assert PayloadPart(b"a part") == await first


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_a_client_that_is_never_closed_ends_with_its_loop(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """There is no warning: the loop closes the connections of the client."""

    async def main() -> None:
        async with stream_server() as server:
            client = Client(**options(server.port))
            assert b"hello" == await hello(client)

    counts: list[int] = []
    for _ in range(3):
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(main())
        gc.collect()
        counts.append(open_files())

    assert [counts[0]] * 3 == counts  # uvloop keeps one open


async def test_a_dropped_client_leaves_no_descriptor(
    each_http_client: HTTPClientName,
) -> None:
    """aiohttp warns about its session."""
    async with stream_server() as server:
        files = open_files()
        client = Client(**options(server.port))
        await hello(client)

        del client
        if each_http_client == "native":
            gc.collect()
        else:
            with pytest.warns(ResourceWarning, match="Unclosed"):
                gc.collect()

        await wait_until(lambda: open_files() <= files)
        assert files >= open_files()


def test_a_client_can_be_used_in_one_loop_after_another() -> None:
    with LoopThread() as thread:
        server = thread.enter(stream_server())
        files = open_files()
        client = Client(**options(server.port))

        answers = [asyncio.run(hello(client)) for _ in range(3)]

        assert [b"hello"] * 3 == answers
        assert _returns_to(files)


def test_a_second_loop_is_refused_while_the_first_is_open() -> None:
    refused: list[BaseException] = []

    def use(client: Client) -> None:
        try:
            asyncio.run(hello(client))
        except ClientStateError as error:
            refused.append(error)

    with LoopThread() as thread, asyncio.Runner() as runner:
        server = thread.enter(stream_server())
        client = Client(**options(server.port))
        runner.run(hello(client))
        sent = len(server.requests)

        other = Thread(target=use, args=[client])
        other.start()
        other.join(10)

        assert ["event loop" in str(error) for error in refused] == [True]
        assert sent == len(server.requests)
        assert b"hello" == runner.run(hello(client))
        runner.run(client.aclose())


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_a_stream_cannot_be_read_in_the_next_loop(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def read_on(stream: ResponseStream) -> None:
        for _ in range(2):
            with pytest.raises((ClientStateError, ConnectionError)):
                await anext(stream)
        await stream.aclose()

    async def begin(client: Client) -> ResponseStream:
        stream = await stream_of(client)
        assert PayloadPart(b"a part") == await anext(stream)
        return stream

    async def close(stream: ResponseStream) -> None:
        await stream.aclose()

    async def warm_up(client: Client) -> None:
        async with client:
            await hello(client)

    with LoopThread() as thread:
        server = thread.enter(stream_server())
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(warm_up(Client(**options(server.port))))
        files = open_files()  # with those that uvloop keeps open
        for use in (read_on, close):
            client = Client(**options(server.port))
            with asyncio.Runner(loop_factory=loop) as runner:
                stream = runner.run(begin(client))

            asyncio.run(use(stream))
        assert _returns_to(files)


async def test_a_web_framework_cannot_read_a_closed_stream() -> None:
    """A route returns the parts of a stream that its ``async with`` has closed."""

    async def route(client: Client) -> AsyncIterator[bytes]:
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b"{}"
        ) as stream:
            return stream.iter_bytes()

    async with stream_server() as server, Client(**options(server.port)) as client:
        parts = await route(client)

        with pytest.raises(ClientStateError, match="closed before its end") as caught:
            _ = [part async for part in parts]

    assert caught.value.operation == "InvokeEndpointWithResponseStream"
    assert caught.value.may_have_executed


def test_a_loop_closed_during_a_call_leaves_the_client_usable() -> None:
    with LoopThread() as thread:
        server = thread.enter(stream_server())
        files = open_files()
        client = Client(**options(server.port))

        async def read_on() -> None:
            async with await stream_of(client) as stream:
                async for _ in stream:
                    pass

        async def leave() -> None:
            reading = asyncio.create_task(read_on())
            await asyncio.wait([reading], timeout=0.1)

        asyncio.run(leave())

        assert b"hello" == asyncio.run(hello(client))
        assert _returns_to(files)


def _returns_to(files: int) -> bool:
    """Return whether the number of open files returns to *files* within 5 seconds.

    It may become lower: the server may not have closed its end of an earlier connection
    when *files* was counted.
    """
    for _ in range(500):
        if open_files() <= files:
            return True
        time.sleep(0.01)
    return False


FORKING: Final = """
import asyncio, os, sys
sys.path.insert(0, os.getcwd())
from sagemaker_rt import Client, ClientStateError, Credentials

async def call():
    return (await client.invoke_endpoint(endpoint_name="m", body=b"{}")).body

client = Client(
    region="us-east-1",
    endpoint_url=f"http://127.0.0.1:{sys.argv[1]}",
    credentials=Credentials("AKIDEXAMPLE", "a-secret"),
    environ={},
)
with asyncio.Runner() as runner:
    print(runner.run(call()), flush=True)
    child = os.fork()
    if not child:
        try:
            asyncio.run(call())
        except ClientStateError as error:
            print(type(error).__name__, "forked" in str(error), flush=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    print(runner.run(call()), flush=True)
    runner.run(client.aclose())
"""


def test_a_forked_process_is_refused_and_its_parent_continues() -> None:
    with LoopThread() as thread:
        server = thread.enter(stream_server())

        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", FORKING, str(server.port)],
            capture_output=True,
            check=False,
            cwd=Path(__file__).parents[2],
            text=True,
            timeout=30,
        )

        assert ["b'hello'", "ClientStateError True", "b'hello'"] == (
            done.stdout.splitlines()
        ), done.stderr
        assert (2, 1) == (len(server.requests), server.connections)
        assert "" == done.stderr


async def test_closing_the_client_of_a_stream_does_not_cancel_its_reader() -> None:
    """The reader gets an error, and what it awaits afterwards is not disturbed."""

    async def read_after_close() -> str:
        async with Client(**options(server.port)) as client:
            stream = await stream_of(client)
            parts = stream.iter_bytes()
            assert b"a part" == await anext(parts)
        with pytest.raises(ClientStateError, match="closed"):
            await anext(parts)
        await stream.aclose()
        await asyncio.sleep(0)
        return "went on"

    async with stream_server() as server:
        assert "went on" == await asyncio.create_task(read_after_close())

"""Cancels calls at each suspension, and checks that nothing is left open."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import os
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final, TypeAlias

import pytest
import uvloop
from attrs import evolve, frozen

from sagemaker_rt import (
    Client,
    ClientStateError,
    Credentials,
    Endpoint,
    PayloadPart,
    Request,
    ResponseStreamHandler,
    UnknownServiceError,
    with_options,
)
from sagemaker_rt.emulator import Emulator, slow, tokens
from sagemaker_rt.emulator.event_stream import payload_part
from sagemaker_rt.interfaces import HTTPClientName
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.sansio.retry import RetryQuota, StandardRetryer
from tests.stepping import LoopThread, Moment, Stepped
from tests.stories.http_clients import NAMES
from tests.transport.certificates import self_signed
from tests.transport.pools import pool_of, time_limits_of, transport_of
from tests.transport.servers import OK, Peer, Server, open_files, reply, serve

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")
LARGE: Final = bytes(2 << 20)
LOOPS: Final = [asyncio.new_event_loop, uvloop.new_event_loop]
PARTS: Final = [b"one ", b"two ", b"three"]
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def send_slowly(peer: Peer, *pieces: bytes) -> None:
    """Send the pieces, each after a pause."""
    for piece in pieces:
        await asyncio.sleep(0.005)
        peer.writer.write(piece)


async def answer_by_name(peer: Peer, server: Server) -> None:
    """Send the response that the endpoint name selects."""
    match = re.search(r"/endpoints/(\w+)/", server.head.decode())
    name = match[1] if match else ""
    if name == "busy" and b"attempt=1" in server.head:
        peer.writer.write(reply(b"{}", status="503 Service Unavailable"))
    elif name == "silent":
        await peer.hang()
    elif name == "pause":
        await send_slowly(peer, OK)
    elif name == "drip":
        await send_slowly(peer, CHUNKED, b"5\r\nhel", b"lo\r\n", b"0\r\n\r\n")
    elif name == "broken":
        head, middle, end = OK.replace(b"200 OK", b"500 Oh").partition(b"\r\n\r\nhe")
        await send_slowly(peer, head, middle, end)
    elif name == "stream":
        await send_slowly(peer, CHUNKED)
        for part in map(payload_part, PARTS):
            await send_slowly(
                peer, b"%x\r\n" % len(part) + part[:20], part[20:] + b"\r\n"
            )
        await send_slowly(peer, b"0\r\n\r\n")
    else:
        peer.writer.write(OK)


async def read_slowly(peer: Peer) -> None:
    """Read each request slowly, and answer it."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        while head := await peer.reader.readuntil(b"\r\n\r\n"):
            match = re.search(rb"content-length: (\d+)", head)
            left = int(match[1]) if match else 0
            while left:
                portion = await peer.reader.readexactly(min(left, 1 << 17))
                left -= len(portion)
                await asyncio.sleep(0.001)
            peer.writer.write(OK)


@frozen
class Servers:
    """The servers of the cases."""

    emulator: Emulator
    plain: Server
    secure: Server
    slow: Server
    trust: SSLContext
    http_client: HTTPClientName = "auto"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    servers: dict[str, Server] = {}

    async def by_name(peer: Peer) -> None:
        await answer_by_name(peer, servers["plain"])

    models = {"tokens": tokens(0.005), "slow": slow(0.005)}
    with LoopThread() as thread, tempfile.TemporaryDirectory() as folder:
        mine, theirs = self_signed(Path(folder))
        servers["plain"] = thread.enter(serve(by_name))
        yield Servers(
            thread.enter(Emulator(models=models, credentials=KEYS)),
            servers["plain"],
            thread.enter(serve(context=mine)),
            thread.enter(serve(read_slowly, raw=True)),
            theirs,
        )


Call: TypeAlias = Coroutine[Any, Any, object]
Scenario: TypeAlias = Callable[[Client, Servers], AbstractAsyncContextManager[Call]]


@frozen
class Case:
    """A call, and its environment."""

    scenario: Scenario
    """Yields the call; the code after that checks other calls."""
    min_suspensions: int
    """The least number of suspensions of the call."""
    at: str
    is_warm: bool
    options: Callable[[Servers], OptionFields]

    def client(self, servers: Servers) -> Client:
        server = getattr(servers, self.at)
        url = (
            server.url if isinstance(server, Emulator) else f"http://{_address(server)}"
        )
        if self.at == "secure":
            url = url.replace("http", "https")
        options = OptionFields(region="us-east-1", endpoint_url=url, environ={})
        options["ssl_context"] = servers.trust
        options["credentials"] = KEYS
        options["http_client"] = servers.http_client
        return Client(**options | self.options(servers))


CASES: Final[dict[str, Case]] = {}


def case(
    min_suspensions: int,
    *,
    at: str = "plain",
    cold: bool = False,
    options: Callable[[Servers], OptionFields] = lambda _: {},
) -> Callable[[Scenario], None]:
    """Register a scenario as a case, with its name."""

    def register(scenario: Scenario) -> None:
        name = getattr(scenario, "__name__", "")
        CASES[name] = Case(scenario, min_suspensions, at, not cold, options)

    return register


def _address(server: Server) -> str:
    return f"127.0.0.1:{server.port}"


async def hello(client: Client, name: str = "echo") -> None:
    output = await client.invoke_endpoint(endpoint_name=name, body=b"hello")

    assert b"hello" == output.body


def single_call(call: Callable[[Client], Call]) -> Scenario:
    """Return the scenario of *call* without other calls."""

    @asynccontextmanager
    async def scenario(client: Client, _: Servers) -> AsyncIterator[Call]:
        yield call(client)

    scenario.__name__ = call.__name__
    return scenario


@case(3, at="emulator", cold=True)
@single_call
async def the_first_call(client: Client) -> None:
    await hello(client)


@case(1, at="emulator")
@single_call
async def a_further_call(client: Client) -> None:
    await hello(client)


@case(3, at="secure", cold=True)
@single_call
async def the_first_call_over_tls(client: Client) -> None:
    await hello(client)


@case(1, at="secure")
@single_call
async def a_further_call_over_tls(client: Client) -> None:
    await hello(client)


@case(2, at="slow")
@single_call
async def a_large_body(client: Client) -> None:
    await client.invoke_endpoint(endpoint_name="m", body=LARGE)


@case(2, at="slow")
@single_call
async def a_body_in_a_file(client: Client) -> None:
    await client.invoke_endpoint(endpoint_name="m", body=io.BytesIO(LARGE))


@case(1, at="emulator")
@single_call
async def an_asynchronous_invocation(client: Client) -> None:
    await client.invoke_endpoint_async(endpoint_name="echo", body=b"hello")


@case(3)
@single_call
async def a_response_in_pieces(client: Client) -> None:
    await hello(client, "drip")


@case(2, options=lambda _: {"max_attempts": 1})
@single_call
async def an_error_in_pieces(client: Client) -> None:
    with pytest.raises(UnknownServiceError):
        await client.invoke_endpoint(endpoint_name="broken", body=b"")


@case(7)
@single_call
async def a_stream_to_its_end(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    ) as stream:
        parts = [part.bytes async for part in stream if isinstance(part, PayloadPart)]

    assert PARTS == parts


@case(2)
@single_call
async def a_stream_left_early(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    ) as stream:
        async for part in stream:
            assert PayloadPart(PARTS[0]) == part
            break


@case(2)
@single_call
async def a_stream_closed_early(client: Client) -> None:
    stream = await client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    )
    try:
        await anext(stream)
    finally:
        await stream.aclose()


@case(4, at="emulator")
@single_call
async def a_stream_of_tokens(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"one two three"
    ) as stream:
        async for _ in stream:
            await asyncio.sleep(0)


async def pause(*_: object) -> None:
    """Wait for a moment."""
    await asyncio.sleep(0)
    await asyncio.sleep(0.001)


@case(2, at="slow")
@single_call
async def an_upload_with_progress(client: Client) -> None:
    option = with_options(on_chunk_sent=pause)
    await client.invoke_endpoint(option, endpoint_name="m", body=LARGE[: 1 << 18])


@case(4)
@single_call
async def a_response_with_progress(client: Client) -> None:
    output = await client.invoke_endpoint(
        with_options(on_chunk_received=pause), endpoint_name="drip", body=b""
    )

    assert b"hello" == output.body


@case(6)
@asynccontextmanager
async def a_response_to_a_file(client: Client, _: Servers) -> AsyncIterator[Call]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "response"
        option = with_options(response_target=path)

        yield client.invoke_endpoint(option, endpoint_name="drip", body=b"")

        # a call that is cancelled again and again does not wait for its thread
        for _attempt in range(200):
            left = await asyncio.to_thread(os.listdir, folder)
            if left in ([], ["response"]):
                break
            await asyncio.sleep(0.002)
        assert left in ([], ["response"])
        assert not left or b"hello" == path.read_bytes()


@case(2)
@single_call
async def a_response_to_a_function(client: Client) -> None:
    option = with_options(response_target=pause)
    await client.invoke_endpoint(option, endpoint_name="drip", body=b"")


@case(2, at="emulator")
@single_call
async def a_compressed_body(client: Client) -> None:
    option = with_options(request_compression="gzip")
    await client.invoke_endpoint(option, endpoint_name="echo", body=LARGE)


@case(7)
@single_call
async def a_stream_with_a_handler(client: Client) -> None:
    handler = ResponseStreamHandler()
    handler.on_payload_part(pause)

    await client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    ).handle(handler)


class SlowProvider:
    """Retrieves credentials after a pause, and counts the calls."""

    def __init__(self) -> None:
        self.count = 0
        self.is_called = asyncio.Event()

    async def retrieve(self) -> Credentials:
        self.count += 1
        self.is_called.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        return KEYS


async def after(event: asyncio.Event, call: Call) -> None:
    await event.wait()
    await call


@case(4, cold=True, options=lambda _: {"credentials": SlowProvider()})
@asynccontextmanager
async def a_credentials_refresh_with_waiters(
    client: Client, _: Servers
) -> AsyncIterator[Call]:
    provider = client.options.credentials
    assert isinstance(provider, SlowProvider)
    others = [
        asyncio.create_task(after(provider.is_called, hello(client))) for _ in range(3)
    ]

    yield hello(client)

    provider.is_called.set()
    await asyncio.gather(*others)
    assert provider.count in {1, 2}


@case(3, cold=True, options=lambda _: {"credentials": SlowProvider()})
@asynccontextmanager
async def a_credentials_refresh_by_another_call(
    client: Client, _: Servers
) -> AsyncIterator[Call]:
    provider = client.options.credentials
    assert isinstance(provider, SlowProvider)
    others = [asyncio.create_task(hello(client)) for _ in range(2)]
    await provider.is_called.wait()
    last = asyncio.create_task(after(provider.is_called, hello(client)))

    yield hello(client)

    await asyncio.gather(*others, last)
    assert 1 == provider.count


class SlowSigner:
    """Signs after a pause."""

    async def sign(self, request: Request, credentials: Credentials, **_: Any) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        request.headers["authorization"] = f"signed by {credentials.access_key_id}"


@case(3, options=lambda _: {"signer": SlowSigner()})
@single_call
async def an_async_signer(client: Client) -> None:
    await hello(client)


@frozen
class SlowResolver:
    """Resolves one endpoint, after a pause."""

    url: str

    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        return Endpoint(self.url)


def _resolver(servers: Servers) -> OptionFields:
    return {"endpoint_resolver_v2": SlowResolver(f"http://{_address(servers.plain)}")}


@case(3, options=_resolver)
@single_call
async def an_async_resolver(client: Client) -> None:
    await hello(client)


def _patient(_: Servers) -> OptionFields:
    return {"retryer": StandardRetryer(RetryQuota(), lambda: 0.2)}


@case(3, options=_patient)
@single_call
async def a_retry_delay(client: Client) -> None:
    await hello(client, "busy")


@case(2, options=lambda _: {"max_connections": 1})
@asynccontextmanager
async def a_wait_for_a_connection(client: Client, _: Servers) -> AsyncIterator[Call]:
    holder = asyncio.create_task(hello(client, "pause"))
    await asyncio.sleep(0)
    next_but_one = asyncio.Event()
    last = asyncio.create_task(after(next_but_one, hello(client)))

    async def call() -> None:
        asyncio.get_running_loop().call_soon(next_but_one.set)
        await hello(client)

    yield call()

    next_but_one.set()
    async with asyncio.timeout(30):
        await asyncio.gather(holder, last)


@asynccontextmanager
async def while_calls_run(client: Client) -> AsyncIterator[None]:
    """Run calls that end when *client* is closed."""
    running = [asyncio.create_task(hello(client, "silent")) for _ in range(3)]
    await asyncio.sleep(0.001)

    yield

    await client.aclose()
    async with asyncio.timeout(30):
        ends = await asyncio.gather(*running, return_exceptions=True)
    assert [ClientStateError] * 3 == [type(end) for end in ends]


@case(0)  # the native client closes all at once
@asynccontextmanager
async def closing_the_client(client: Client, _: Servers) -> AsyncIterator[Call]:
    async with while_calls_run(client):
        yield client.aclose()


@case(0, at="secure")
@asynccontextmanager
async def closing_the_client_over_tls(
    client: Client, _: Servers
) -> AsyncIterator[Call]:
    yield client.aclose()
    await client.aclose()


@case(1)
@asynccontextmanager
async def leaving_the_block(client: Client, _: Servers) -> AsyncIterator[Call]:
    async def call() -> None:
        async with client:
            await asyncio.sleep(0.001)

    async with while_calls_run(client):
        yield call()


async def open_files_after_waiting(expected: int) -> int:
    """Return the number of open files, at most *expected* or after a while."""
    async with asyncio.timeout(30):
        for _ in range(200):
            if open_files() <= expected:
                break
            await asyncio.sleep(0.002)
    return open_files()


def idle(client: Client) -> int:
    """Return the number of idle connections of *client*."""
    return pool_of(transport_of(client)).idle


async def check_client(client: Client, files: int) -> None:
    """Check that *client* works, and that no call is left in it."""
    async with asyncio.timeout(30):
        await hello(client)
    assert {} == time_limits_of(transport_of(client))
    assert 0 == pool_of(transport_of(client)).busy
    assert {asyncio.current_task()} == asyncio.all_tasks()
    # both ends of each connection are in this process
    assert files + 2 * idle(client) >= await open_files_after_waiting(
        files + 2 * idle(client)
    )


async def run_cancelled(
    case: Case, servers: Servers, cancel_at: int | None, moment: Moment
) -> Stepped[object]:
    """Run *case* once, with a cancellation, and check that nothing is left open."""
    files = open_files()
    client = case.client(servers)
    if case.is_warm:
        await hello(client)
    async with case.scenario(client, servers) as call:
        steps = Stepped(call, cancel_at, moment)
        task = asyncio.ensure_future(_wait_for(steps))
        done, _ = await asyncio.wait([task], timeout=10)
    assert done
    if steps.was_cancelled:
        assert task.cancelled()
        with pytest.raises(asyncio.CancelledError) as raised:
            task.result()
        assert asyncio.CancelledError is raised.type
        assert moment is Moment.INSISTENT or 1 == task.cancelling()
    else:
        task.result()
    if not client._state._is_closed:
        await check_client(client, files)
        retryer = client.options.retry.retryer
        in_backoff = steps.was_cancelled and "Retry._wait" in steps.points[-1]
        if in_backoff and isinstance(retryer, StandardRetryer):
            assert retryer.quota.capacity == retryer.quota.available
        await client.aclose()
    assert files >= await open_files_after_waiting(files)
    assert {asyncio.current_task()} == asyncio.all_tasks()
    return steps


async def _prime() -> None:
    """Let uvloop open the files that it keeps open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        _, writer = await asyncio.open_connection(*listening.getsockname())
        writer.close()
        await writer.wait_closed()


async def _wait_for(steps: Stepped[object]) -> None:
    await steps


async def cancel_everywhere(case: Case, servers: Servers) -> dict[Moment, int]:
    """Cancel at every suspension; return their number for each moment."""
    await _prime()
    await run_cancelled(case, servers, None, Moment.AT_ONCE)
    counts: dict[Moment, int] = {}
    for moment in Moment:
        number, has_more = 0, True
        while has_more:
            steps = await run_cancelled(case, servers, number, moment)
            number, has_more = number + 1, number < len(steps.points)
            gc.collect()
        counts[moment] = number - 1
    return counts


@pytest.fixture
def _frozen_objects() -> None:
    """Let the garbage collector ignore all existing objects, to save minutes.

    They stay frozen, because ``gc.unfreeze`` would also return what collection froze.
    """
    gc.collect()
    gc.freeze()


def _is_ours(failure: dict[str, Any]) -> bool:
    """Return False for a known report of uvloop about an aborted TLS connection.

    uvloop reads on, and then cannot answer, because the transport is closed.
    """
    is_known = failure["message"] == "Fatal error on SSL protocol"
    return not (is_known and type(failure["protocol"]).__module__ == "uvloop.loop")


@pytest.mark.usefixtures("_frozen_objects")
@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("http_client", NAMES)
def test_a_call_can_be_cancelled_at_each_suspension(
    name: str,
    loop: Callable[[], asyncio.AbstractEventLoop],
    servers: Servers,
    http_client: HTTPClientName,
) -> None:
    servers = evolve(servers, http_client=http_client)
    failures: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.get_loop().set_exception_handler(lambda _, it: failures.append(it))
        counts = runner.run(cancel_everywhere(CASES[name], servers))
    gc.collect()

    print(name, [*counts.values()])  # noqa: T201 - shown by pytest after a failure
    assert [] == [failure for failure in failures if _is_ours(failure)]
    # a busy machine may merge what the server sends, so one of the moments is enough
    assert CASES[name].min_suspensions <= max(counts.values())


async def _in_timeout(call: Call) -> object:
    async with asyncio.timeout(0.05):
        return await call


def _in_wait_for(call: Call) -> Call:
    return asyncio.wait_for(call, 0.05)


async def _in_failing_group(call: Call) -> None:
    async def fail() -> None:
        await asyncio.sleep(0.05)
        raise TimeoutError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(call)
            group.create_task(fail())
    except ExceptionGroup as failures:
        (failure,) = failures.exceptions
        raise failure from None


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("limited", [_in_timeout, _in_wait_for, _in_failing_group])
@pytest.mark.parametrize("http_client", NAMES)
def test_a_timeout_of_the_caller_is_a_plain_timeout_error(
    limited: Callable[[Call], Call],
    loop: Callable[[], asyncio.AbstractEventLoop],
    servers: Servers,
    http_client: HTTPClientName,
) -> None:
    servers = evolve(servers, http_client=http_client)

    async def main() -> None:
        await _prime()
        files = open_files()
        async with CASES["a_response_in_pieces"].client(servers) as client:
            with pytest.raises(TimeoutError) as raised:
                await limited(hello(client, "silent"))

            assert TimeoutError is raised.type
            assert files >= await open_files_after_waiting(files)
            await check_client(client, files)
        assert files >= await open_files_after_waiting(files)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())

"""Whatever a call waits for, it can be cancelled there, and leaves nothing behind."""

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
from attrs import frozen

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
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.sansio.endpoints import EndpointParameters
from sagemaker_rt.sansio.retry import RetryQuota, StandardRetryer
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.stepping import LoopThread, Moment, Stepped
from tests.transport.certificates import self_signed
from tests.transport.servers import OK, Peer, Server, acquired, open_files, reply, serve

KEYS: Final = Credentials("AKIDEXAMPLE", "a-secret", "a-token")
LARGE: Final = bytes(2 << 20)
LOOPS: Final = [asyncio.new_event_loop, uvloop.new_event_loop]
PARTS: Final = [b"one ", b"two ", b"three"]
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def give(peer: Peer, *pieces: bytes) -> None:
    """Send the pieces, each after a while of its own."""
    for piece in pieces:
        await asyncio.sleep(0.005)
        peer.writer.write(piece)


async def answer_by_name(peer: Peer, server: Server) -> None:
    """Answer as the name of the endpoint says."""
    match = re.search(r"/endpoints/(\w+)/", server.head.decode())
    name = match[1] if match else ""
    if name == "busy" and b"attempt=1" in server.head:
        peer.writer.write(reply(b"{}", status="503 Service Unavailable"))
    elif name == "silent":
        await peer.hang()
    elif name == "pause":
        await give(peer, OK)
    elif name == "drip":
        await give(peer, CHUNKED, b"5\r\nhel", b"lo\r\n", b"0\r\n\r\n")
    elif name == "broken":
        head, middle, end = OK.replace(b"200 OK", b"500 Oh").partition(b"\r\n\r\nhe")
        await give(peer, head, middle, end)
    elif name == "stream":
        await give(peer, CHUNKED)
        for part in map(payload_part, PARTS):
            await give(peer, b"%x\r\n" % len(part) + part[:20], part[20:] + b"\r\n")
        await give(peer, b"0\r\n\r\n")
    else:
        peer.writer.write(OK)


async def read_slowly(peer: Peer) -> None:
    """Answer each request of a connection, after reading it in small portions."""
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
class Places:
    """What there is to call."""

    emulator: Emulator
    plain: Server
    secure: Server
    slow: Server
    trust: SSLContext


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    servers: dict[str, Server] = {}

    async def by_name(peer: Peer) -> None:
        await answer_by_name(peer, servers["plain"])

    models = {"tokens": tokens(0.005), "slow": slow(0.005)}
    with LoopThread() as thread, tempfile.TemporaryDirectory() as folder:
        mine, theirs = self_signed(Path(folder))
        servers["plain"] = thread.enter(serve(by_name))
        yield Places(
            thread.enter(Emulator(models=models, credentials=KEYS)),
            servers["plain"],
            thread.enter(serve(context=mine)),
            thread.enter(serve(read_slowly, raw=True)),
            theirs,
        )


Call: TypeAlias = Coroutine[Any, Any, object]
Scene: TypeAlias = Callable[[Client, Places], AbstractAsyncContextManager[Call]]


@frozen
class Story:
    """A call, and what stands around it."""

    scene: Scene
    """Gives the call; what comes after that looks at what has become of others."""
    least: int
    """At how many suspensions the call must have been met, at the least."""
    at: str
    is_warm: bool
    options: Callable[[Places], OptionFields]

    def client(self, places: Places) -> Client:
        place = getattr(places, self.at)
        url = place.url if isinstance(place, Emulator) else f"http://{_address(place)}"
        if self.at == "secure":
            url = url.replace("http", "https")
        known = OptionFields(region="us-east-1", endpoint_url=url, environ={})
        known["ssl_context"] = places.trust
        known["credentials"] = KEYS
        return Client(**known | self.options(places))


STORIES: Final[dict[str, Story]] = {}


def story(
    least: int,
    *,
    at: str = "plain",
    cold: bool = False,
    options: Callable[[Places], OptionFields] = lambda _: {},
) -> Callable[[Scene], None]:
    """Take a scene for a story, by its name."""

    def take(scene: Scene) -> None:
        name = getattr(scene, "__name__", "")
        STORIES[name] = Story(scene, least, at, not cold, options)

    return take


def _address(server: Server) -> str:
    return f"127.0.0.1:{server.port}"


async def hello(client: Client, name: str = "echo") -> None:
    output = await client.invoke_endpoint(endpoint_name=name, body=b"hello")

    assert b"hello" == output.body


def alone(call: Callable[[Client], Call]) -> Scene:
    """Return the scene of *call*, around which nothing else goes on."""

    @asynccontextmanager
    async def scene(client: Client, _: Places) -> AsyncIterator[Call]:
        yield call(client)

    scene.__name__ = call.__name__
    return scene


@story(3, at="emulator", cold=True)
@alone
async def the_first_call(client: Client) -> None:
    await hello(client)


@story(1, at="emulator")
@alone
async def a_further_call(client: Client) -> None:
    await hello(client)


@story(3, at="secure", cold=True)
@alone
async def the_first_call_over_tls(client: Client) -> None:
    await hello(client)


@story(1, at="secure")
@alone
async def a_further_call_over_tls(client: Client) -> None:
    await hello(client)


@story(2, at="slow")
@alone
async def a_large_body(client: Client) -> None:
    await client.invoke_endpoint(endpoint_name="m", body=LARGE)


@story(2, at="slow")
@alone
async def a_body_in_a_file(client: Client) -> None:
    await client.invoke_endpoint(endpoint_name="m", body=io.BytesIO(LARGE))


@story(1, at="emulator")
@alone
async def an_asynchronous_invocation(client: Client) -> None:
    await client.invoke_endpoint_async(endpoint_name="echo", body=b"hello")


@story(3)
@alone
async def an_answer_that_drips(client: Client) -> None:
    await hello(client, "drip")


@story(2, options=lambda _: {"max_attempts": 1})
@alone
async def an_error_that_drips(client: Client) -> None:
    with pytest.raises(UnknownServiceError):
        await client.invoke_endpoint(endpoint_name="broken", body=b"")


@story(7)
@alone
async def a_stream_to_its_end(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    ) as stream:
        parts = [part.bytes async for part in stream if isinstance(part, PayloadPart)]

    assert PARTS == parts


@story(2)
@alone
async def a_stream_that_is_left_early(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    ) as stream:
        async for part in stream:
            assert PayloadPart(PARTS[0]) == part
            break


@story(2)
@alone
async def a_stream_that_is_closed(client: Client) -> None:
    stream = await client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    )
    try:
        await anext(stream)
    finally:
        await stream.aclose()


@story(4, at="emulator")
@alone
async def a_stream_of_tokens(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"one two three"
    ) as stream:
        async for _ in stream:
            await asyncio.sleep(0)


async def later(*_: object) -> None:
    """Let a while pass."""
    await asyncio.sleep(0)
    await asyncio.sleep(0.001)


@story(2, at="slow")
@alone
async def an_upload_that_is_told_of(client: Client) -> None:
    option = with_options(on_chunk_sent=later)
    await client.invoke_endpoint(option, endpoint_name="m", body=LARGE[: 1 << 18])


@story(4)
@alone
async def an_answer_that_is_told_of(client: Client) -> None:
    output = await client.invoke_endpoint(
        with_options(on_chunk_received=later), endpoint_name="drip", body=b""
    )

    assert b"hello" == output.body


@story(6)
@asynccontextmanager
async def an_answer_into_a_file(client: Client, _: Places) -> AsyncIterator[Call]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer"
        option = with_options(response_target=path)

        yield client.invoke_endpoint(option, endpoint_name="drip", body=b"")

        # who is cancelled without end does not wait for the last thread
        for _attempt in range(200):
            left = await asyncio.to_thread(os.listdir, folder)
            if left in ([], ["answer"]):
                break
            await asyncio.sleep(0.002)
        assert left in ([], ["answer"])
        assert not left or b"hello" == path.read_bytes()


@story(2)
@alone
async def an_answer_into_a_function(client: Client) -> None:
    option = with_options(response_target=later)
    await client.invoke_endpoint(option, endpoint_name="drip", body=b"")


@story(2, at="emulator")
@alone
async def a_large_body_made_smaller(client: Client) -> None:
    option = with_options(request_compression="gzip")
    await client.invoke_endpoint(option, endpoint_name="echo", body=LARGE)


@story(7)
@alone
async def a_stream_that_is_handled(client: Client) -> None:
    handler = ResponseStreamHandler()
    handler.on_payload_part(later)

    await client.invoke_endpoint_with_response_stream(
        endpoint_name="stream", body=b""
    ).handle(handler)


class SlowProvider:
    """Finds credentials after a while, and notes how often it was asked."""

    def __init__(self) -> None:
        self.count = 0
        self.asked = asyncio.Event()

    async def retrieve(self) -> Credentials:
        self.count += 1
        self.asked.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        return KEYS


async def after(event: asyncio.Event, call: Call) -> None:
    await event.wait()
    await call


@story(4, cold=True, options=lambda _: {"credentials": SlowProvider()})
@asynccontextmanager
async def a_refresh_that_others_wait_for(
    client: Client, _: Places
) -> AsyncIterator[Call]:
    provider = client.options.credentials
    assert isinstance(provider, SlowProvider)
    others = [
        asyncio.create_task(after(provider.asked, hello(client))) for _ in range(3)
    ]

    yield hello(client)

    provider.asked.set()
    await asyncio.gather(*others)
    assert provider.count in {1, 2}


@story(3, cold=True, options=lambda _: {"credentials": SlowProvider()})
@asynccontextmanager
async def a_refresh_that_another_makes(
    client: Client, _: Places
) -> AsyncIterator[Call]:
    provider = client.options.credentials
    assert isinstance(provider, SlowProvider)
    others = [asyncio.create_task(hello(client)) for _ in range(2)]
    await provider.asked.wait()
    last = asyncio.create_task(after(provider.asked, hello(client)))

    yield hello(client)

    await asyncio.gather(*others, last)
    assert 1 == provider.count


class SlowSigner:
    """Signs after a while."""

    async def sign(self, request: Request, credentials: Credentials, **_: Any) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        request.headers["authorization"] = f"of {credentials.access_key_id}"


@story(3, options=lambda _: {"signer": SlowSigner()})
@alone
async def a_signer_that_waits(client: Client) -> None:
    await hello(client)


@frozen
class SlowResolver:
    """Knows one endpoint, after a while."""

    url: str

    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        return Endpoint(self.url)


def _resolver(places: Places) -> OptionFields:
    return {"endpoint_resolver_v2": SlowResolver(f"http://{_address(places.plain)}")}


@story(3, options=_resolver)
@alone
async def a_resolver_that_waits(client: Client) -> None:
    await hello(client)


def _patient(_: Places) -> OptionFields:
    return {"retryer": StandardRetryer(RetryQuota(), lambda: 0.2)}


@story(3, options=_patient)
@alone
async def a_wait_for_the_next_attempt(client: Client) -> None:
    await hello(client, "busy")


@story(2, options=lambda _: {"max_connections": 1})
@asynccontextmanager
async def a_wait_for_a_connection(client: Client, _: Places) -> AsyncIterator[Call]:
    holder = asyncio.create_task(hello(client, "pause"))
    await asyncio.sleep(0)
    next_but_one = asyncio.Event()
    last = asyncio.create_task(after(next_but_one, hello(client)))

    async def call() -> None:
        asyncio.get_running_loop().call_soon(next_but_one.set)
        await hello(client)

    yield call()

    next_but_one.set()
    async with asyncio.timeout(5):
        await asyncio.gather(holder, last)


@asynccontextmanager
async def while_calls_run(client: Client) -> AsyncIterator[None]:
    """Have calls that are ended when *client* is closed."""
    running = [asyncio.create_task(hello(client, "silent")) for _ in range(3)]
    await asyncio.sleep(0.001)

    yield

    await client.aclose()
    async with asyncio.timeout(5):
        ends = await asyncio.gather(*running, return_exceptions=True)
    assert [ClientStateError] * 3 == [type(end) for end in ends]


@story(1)
@asynccontextmanager
async def closing_the_client(client: Client, _: Places) -> AsyncIterator[Call]:
    async with while_calls_run(client):
        yield client.aclose()


@story(1, at="secure")
@asynccontextmanager
async def closing_the_client_over_tls(client: Client, _: Places) -> AsyncIterator[Call]:
    yield client.aclose()
    await client.aclose()


@story(1)
@asynccontextmanager
async def leaving_the_block(client: Client, _: Places) -> AsyncIterator[Call]:
    async def call() -> None:
        async with client:
            await asyncio.sleep(0.001)

    async with while_calls_run(client):
        yield call()


async def settled(expected: int) -> int:
    """Return the descriptors, once they are as many as *expected*, or after a while."""
    async with asyncio.timeout(5):
        for _ in range(200):
            if open_files() == expected:
                break
            await asyncio.sleep(0.002)
    return open_files()


def http_client(client: Client) -> AiohttpClient:
    made = client._state.components.default_http_client
    assert isinstance(made, AiohttpClient)
    return made


def idle(client: Client) -> int:
    """Return how many connections *client* keeps for further calls."""
    home = http_client(client)._bound
    assert home is not None
    assert home.session.connector is not None
    return sum(map(len, home.session.connector._conns.values()))


async def works(client: Client, files: int) -> None:
    """Hold that *client* works, and that no call is left in it."""
    async with asyncio.timeout(5):
        await hello(client)
    home = http_client(client)._bound
    assert home is not None
    assert {} == home.watchdog.time_limits
    assert 0 == acquired(http_client(client))
    assert {asyncio.current_task()} == asyncio.all_tasks()
    # this process has both ends of each connection
    assert files + 2 * idle(client) == await settled(files + 2 * idle(client))


async def cancelled(
    story: Story, places: Places, cancel_at: int | None, moment: Moment
) -> Stepped[object]:
    """Tell the story once, with a cancellation, and hold that nothing is left."""
    files = open_files()
    client = story.client(places)
    if story.is_warm:
        await hello(client)
    async with story.scene(client, places) as call:
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
        await works(client, files)
        retryer = client.options.retry.retryer
        in_backoff = steps.was_cancelled and "Retry._wait" in steps.points[-1]
        if in_backoff and isinstance(retryer, StandardRetryer):
            assert retryer.quota.capacity == retryer.quota.available
        await client.aclose()
    assert files == await settled(files)
    assert {asyncio.current_task()} == asyncio.all_tasks()
    return steps


async def _prime() -> None:
    """Have uvloop open what it opens once."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        _, writer = await asyncio.open_connection(*listening.getsockname())
        writer.close()
        await writer.wait_closed()


async def _wait_for(steps: Stepped[object]) -> None:
    await steps


async def everywhere(story: Story, places: Places) -> dict[Moment, int]:
    """Cancel at every suspension there is; return how many there were."""
    await _prime()
    await cancelled(story, places, None, Moment.AT_ONCE)
    counts: dict[Moment, int] = {}
    for moment in Moment:
        number, is_there = 0, True
        while is_there:
            steps = await cancelled(story, places, number, moment)
            number, is_there = number + 1, number < len(steps.points)
            gc.collect()
        counts[moment] = number - 1
    return counts


@pytest.fixture
def _few_to_collect() -> Iterator[None]:
    """Let the garbage collector look at nothing but what a test makes."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _is_ours(failure: dict[str, Any]) -> bool:
    """Tell it from what uvloop says of TLS that is aborted while there is news.

    It goes on reading, and finds the transport closed that it wants to answer on.
    """
    is_known = failure["message"] == "Fatal error on SSL protocol"
    return not (is_known and type(failure["protocol"]).__module__ == "uvloop.loop")


@pytest.mark.usefixtures("_few_to_collect")
@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("name", STORIES)
def test_a_call_can_be_cancelled_wherever_it_waits(
    name: str,
    loop: Callable[[], asyncio.AbstractEventLoop],
    places: Places,
) -> None:
    failures: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.get_loop().set_exception_handler(lambda _, it: failures.append(it))
        counts = runner.run(everywhere(STORIES[name], places))
    gc.collect()

    print(name, [*counts.values()])  # noqa: T201 - shown with a failure, or by -rP
    assert [] == [failure for failure in failures if _is_ours(failure)]
    # a busy machine may merge what the server sends, so one of the moments is enough
    assert STORIES[name].least <= max(counts.values())


async def _soon(call: Call) -> object:
    async with asyncio.timeout(0.05):
        return await call


def _within(call: Call) -> Call:
    return asyncio.wait_for(call, 0.05)


async def _beside_a_failure(call: Call) -> None:
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
@pytest.mark.parametrize("limited", [_soon, _within, _beside_a_failure])
def test_a_limit_of_the_callers_is_the_callers_own(
    limited: Callable[[Call], Call],
    loop: Callable[[], asyncio.AbstractEventLoop],
    places: Places,
) -> None:
    async def main() -> None:
        await _prime()
        files = open_files()
        async with STORIES["an_answer_that_drips"].client(places) as client:
            with pytest.raises(TimeoutError) as raised:
                await limited(hello(client, "silent"))

            assert TimeoutError is raised.type
            assert files == await settled(files)
            await works(client, files)
        assert files == await settled(files)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())

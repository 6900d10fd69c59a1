"""OpenAI's client against an endpoint: by bearer tokens, and by signed requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionUserMessageParam

from sagemaker_rt import (
    Client,
    ClientStateError,
    IncompleteOutputError,
    ModelError,
    ModelNotReadyException,
    RequestTimeoutError,
    TruncatedBodyError,
)
from sagemaker_rt.emulator import (
    HANG_UP,
    CutStream,
    Emulator,
    FailStream,
    InvocationRequest,
    Model,
    ModelFailure,
    SlowDrip,
    chat,
    failing,
    service_unavailable,
)
from sagemaker_rt.inference.openai_transport import (
    InvocationFailedError,
    InvocationTimeoutError,
    OpenAITransport,
)
from tests.doubles import ManualClock
from tests.stepping import LoopThread, Moment, Stepped
from tests.transport.pools import PoolCounts, pool_of, transport_of

HELLO: Final[list[ChatCompletionUserMessageParam]] = [
    {"role": "user", "content": "hello"}
]
WORDS: Final = ["You", " said:", " hello"]
CHUNK: Final = (
    b'{"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]}\n'
)
Connect: TypeAlias = Callable[[Client, str], Any]


async def by_token(client: Client, endpoint_name: str) -> AsyncOpenAI:
    return AsyncOpenAI(**await client.openai(endpoint_name))


async def by_signature(client: Client, endpoint_name: str) -> AsyncOpenAI:
    return AsyncOpenAI(**OpenAITransport(client, endpoint_name).arguments())


EACH_WAY: Final = pytest.mark.parametrize("connect", [by_token, by_signature])


def client_of(emulator: Emulator, **options: Any) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
        **options,
    )


@asynccontextmanager
async def signed_chat(
    model: Model | None = None, **options: Any
) -> AsyncIterator[tuple[AsyncOpenAI, Emulator, Client]]:
    """Yield OpenAI's client, whose requests to *model* are signed."""
    async with (
        Emulator(models={"m": model or chat()}) as emulator,
        client_of(emulator, **options) as client,
        await by_signature(client, "m") as ai,
    ):
        yield ai, emulator, client


async def words_of(ai: AsyncOpenAI, **options: Any) -> list[str]:
    """Return the words of a streamed reply."""
    stream = await ai.chat.completions.create(
        model="", messages=HELLO, stream=True, **options
    )
    deltas = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices]
    return [delta for delta in deltas if delta]


async def reply_of(ai: AsyncOpenAI) -> str | None:
    """Return a reply that is not streamed."""
    reply = await ai.chat.completions.create(model="", messages=HELLO)
    return reply.choices[0].message.content


@asynccontextmanager
async def connected(
    emulator: Emulator, connect: Connect, endpoint_name: str
) -> AsyncIterator[AsyncOpenAI]:
    """Yield OpenAI's client, which *connect* returns."""
    async with (
        client_of(emulator) as client,
        await connect(client, endpoint_name) as ai,
    ):
        yield ai


def connections(client: Client) -> int:
    """Return how many connections of *client* are in use."""
    return pool_of(transport_of(client)).busy


@EACH_WAY
async def test_a_chat_is_answered_whole_and_streamed(connect: Connect) -> None:
    async with Emulator() as emulator, connected(emulator, connect, "chat") as ai:
        assert "You said: hello" == await reply_of(ai)
        assert WORDS == await words_of(ai)

    authorizations = {
        request.headers["authorization"].partition(" ")[0]
        for request in emulator.requests
    }
    assert authorizations == {
        "Bearer" if connect is by_token else "AWS4-HMAC-SHA256",
    }


@EACH_WAY
async def test_usage_is_reported_in_the_last_chunk(connect: Connect) -> None:
    async with Emulator() as emulator, connected(emulator, connect, "chat") as ai:
        stream = await ai.chat.completions.create(
            model="",
            messages=HELLO,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]

    usage = chunks[-1].usage
    assert usage is not None
    assert 4 == usage.total_tokens


@EACH_WAY
async def test_an_unknown_endpoint_is_a_bad_request(connect: Connect) -> None:
    async with Emulator() as emulator, connected(emulator, connect, "unknown") as ai:
        with pytest.raises(openai.BadRequestError) as caught:
            await reply_of(ai)

    assert "validation_error" == caught.value.code


@EACH_WAY
async def test_an_inference_component_is_selected(connect: Connect) -> None:
    async with Emulator() as emulator, client_of(emulator) as client:
        emulator.deploy("m", inference_components={"c": chat(str.upper)})
        if connect is by_token:
            ai = AsyncOpenAI(**await client.openai("m", "c"))
        else:
            ai = AsyncOpenAI(**OpenAITransport(client, "m", "c").arguments())
        async with ai:
            assert "HELLO" == await reply_of(ai)
            assert ["HELLO"] == await words_of(ai)


async def test_a_token_is_renewed_before_it_expires() -> None:
    clock = ManualClock()
    async with (
        Emulator(clock=clock) as emulator,
        client_of(emulator, clock=clock) as client,
        await by_token(client, "chat") as ai,
    ):
        for _ in range(3):
            assert "You said: hello" == await reply_of(ai)
            clock.advance(3600)

    tokens = {request.headers["authorization"] for request in emulator.requests}
    assert 3 == len(tokens)


async def test_a_token_is_rejected_when_it_has_expired() -> None:
    clock = ManualClock()
    async with (
        Emulator(clock=clock) as emulator,
        client_of(emulator, clock=clock) as client,
    ):
        arguments = await client.openai("chat")
        key = await arguments["api_key"]()
        clock.advance(3601)

        async with AsyncOpenAI(base_url=arguments["base_url"], api_key=key) as ai:
            with pytest.raises(openai.PermissionDeniedError) as caught:
                await reply_of(ai)

    assert "invalid_signature_exception" == caught.value.code


async def test_a_token_is_not_renewed_by_a_closed_client() -> None:
    clock = ManualClock()
    async with Emulator(clock=clock) as emulator:
        async with client_of(emulator, clock=clock) as client:
            ai = await by_token(client, "chat")
        clock.advance(3600)

        async with ai:
            with pytest.raises(ClientStateError):
                await reply_of(ai)


async def test_json_lines_become_a_stream() -> None:
    async with signed_chat(chat(framing="json")) as (ai, _, client):
        assert WORDS == await words_of(ai)
        assert 0 == connections(client)


async def test_a_model_error_has_the_status_and_the_body_of_the_container() -> None:
    body = '{"error": {"message": "too long", "code": "context_length_exceeded"}}'
    async with signed_chat(failing(400, body)) as (ai, _, _):
        for call in (reply_of, words_of):
            with pytest.raises(openai.BadRequestError) as caught:
                await call(ai)

            error = caught.value.response.extensions["sagemaker_rt.error"]
            assert "context_length_exceeded" == caught.value.code
            assert body == caught.value.response.text
            assert isinstance(error, ModelError)


async def test_a_cut_connection_is_not_a_success() -> None:
    async with signed_chat() as (ai, emulator, client):
        emulator.fail_next(CutStream(frames=3))

        with pytest.raises(openai.APIConnectionError) as caught:
            await words_of(ai)

        cause = caught.value.__cause__
        assert isinstance(cause, InvocationFailedError)
        assert isinstance(cause.error, TruncatedBodyError)
        assert cause.error.may_have_executed
        assert cause.error.request_id
        assert 0 == connections(client)


@pytest.mark.parametrize("part", [CHUNK, b"data: " + CHUNK + b"\n"])
async def test_an_output_that_ends_too_early_is_not_a_success(part: bytes) -> None:
    async def stopping(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield part

    async with signed_chat(stopping) as (ai, _, client):
        with pytest.raises(openai.APIConnectionError) as caught:
            await words_of(ai)

        cause = caught.value.__cause__
        assert isinstance(cause, InvocationFailedError)
        assert isinstance(cause.error, IncompleteOutputError)
        assert cause.error.request_id
        assert 0 == connections(client)


async def test_an_error_of_the_container_in_a_stream_is_raised() -> None:
    async def breaking(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield CHUNK
        yield b'{"code": 424, "error": "out of memory"}'

    async with signed_chat(breaking) as (ai, _, client):
        with pytest.raises(openai.APIError) as caught:
            await words_of(ai)

        assert ("out of memory", "424") == (caught.value.message, caught.value.code)
        assert 0 == connections(client)


async def test_a_model_that_fails_in_a_stream_is_an_error() -> None:
    async def breaking(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield CHUNK
        raise ModelFailure(500, "out of memory", error_code="StreamBroken")

    async with signed_chat(breaking) as (ai, emulator, client):
        with pytest.raises(openai.APIError, match="out of memory") as caught:
            await words_of(ai)
        emulator.fail_next(FailStream(after=2))
        with pytest.raises(openai.APIError) as failed:
            await words_of(ai)

        assert "stream_broken" == caught.value.code
        assert "out of memory" == caught.value.message
        assert failed.value.code in {"internal_stream_failure", "stream_broken"}
        assert 0 == connections(client)


async def test_the_client_retries_and_openai_does_not() -> None:
    async with signed_chat(custom_backoff=lambda *_: 0.0) as (ai, emulator, _):
        emulator.fail_next(service_unavailable())
        assert "You said: hello" == await reply_of(ai)

        emulator.fail_next(HANG_UP)
        with pytest.raises(openai.APIConnectionError) as caught:
            await reply_of(ai)

    cause = caught.value.__cause__
    assert isinstance(cause, InvocationFailedError)
    assert cause.error.may_have_executed
    assert 3 == len(emulator.requests)


async def test_a_cold_model_is_a_rate_limit() -> None:
    async with signed_chat(model_not_ready_timeout=0) as (ai, emulator, _):
        emulator.deploy("m", chat(), cold_start=10)

        with pytest.raises(openai.RateLimitError) as caught:
            await reply_of(ai)

    error = caught.value.response.extensions["sagemaker_rt.error"]
    assert isinstance(error, ModelNotReadyException)


async def test_a_timeout_of_one_request_applies() -> None:
    async with signed_chat() as (ai, emulator, client):
        emulator.fail_next(SlowDrip(pause=30))

        with pytest.raises(openai.APITimeoutError) as caught:
            await words_of(ai, timeout=0.01)

        cause = caught.value.__cause__
        assert isinstance(cause, InvocationTimeoutError)
        assert isinstance(cause.error, RequestTimeoutError)
        assert 0 == connections(client)


class Endless:
    """A model that streams until it is stopped."""

    def __init__(self, line: bytes = CHUNK) -> None:
        self.line = line
        self.stopped = asyncio.Event()

    async def __call__(self, _: InvocationRequest) -> AsyncIterator[bytes]:
        try:
            while True:
                yield self.line
                await asyncio.sleep(0.001)
        finally:
            self.stopped.set()


async def read_one_and_close(ai: AsyncOpenAI) -> None:
    stream = await ai.chat.completions.create(model="", messages=HELLO, stream=True)
    await anext(stream)
    await stream.close()


async def read_one_in_a_block(ai: AsyncOpenAI) -> None:
    async with await ai.chat.completions.create(
        model="", messages=HELLO, stream=True
    ) as stream:
        async for _ in stream:
            break


async def read_nothing(ai: AsyncOpenAI) -> None:
    stream = await ai.chat.completions.create(model="", messages=HELLO, stream=True)
    await stream.close()


async def read_lines_of_the_raw_response(ai: AsyncOpenAI) -> None:
    async with ai.chat.completions.with_streaming_response.create(
        model="", messages=HELLO, stream=True
    ) as response:
        async for line in response.iter_lines():
            assert line.startswith("data: {")
            break


async def stop_reading(ai: AsyncOpenAI) -> None:
    stream = await ai.chat.completions.create(model="", messages=HELLO, stream=True)
    async with asyncio.timeout(0.05):
        async for _ in stream:
            pass


@pytest.mark.parametrize(
    "read",
    [
        read_one_and_close,
        read_one_in_a_block,
        read_nothing,
        read_lines_of_the_raw_response,
        stop_reading,
    ],
)
async def test_a_stream_that_is_closed_early_stops_the_model(
    read: Callable[[AsyncOpenAI], Any],
) -> None:
    model = Endless()
    async with signed_chat(model) as (ai, _, client):
        if read is stop_reading:
            with pytest.raises(TimeoutError):
                await read(ai)
        else:
            await read(ai)

        async with asyncio.timeout(30):
            await model.stopped.wait()
        assert 0 == connections(client)
        ours = {task for task in asyncio.all_tasks() if "httpx" in repr(task)}
        assert set() == ours


async def test_the_connection_of_a_complete_stream_is_used_again() -> None:
    async with signed_chat() as (ai, emulator, client):
        for _ in range(3):
            assert WORDS == await words_of(ai)
            assert PoolCounts(idle=1) == pool_of(transport_of(client))

    assert 3 == len(emulator.requests)


async def test_closing_openai_leaves_the_client_open() -> None:
    async with signed_chat() as (ai, _, client):
        await ai.close()

        output = await client.invoke_endpoint(endpoint_name="echo", body=b"hello")
        assert b"hello" == output.body


async def test_a_closed_client_is_an_error_of_ours() -> None:
    async with signed_chat() as (ai, _, client):
        await client.aclose()

        with pytest.raises(ClientStateError):
            await reply_of(ai)


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("call", [reply_of, words_of])
async def test_a_chat_can_be_cancelled_at_every_suspension(
    call: Callable[[AsyncOpenAI], Any], moment: Moment
) -> None:
    with LoopThread() as thread:
        emulator = thread.enter(Emulator(models={"m": chat(framing="json")}))
        number, has_more = 0, True
        while has_more:
            async with client_of(emulator) as client:
                async with await by_signature(client, "m") as ai:
                    assert "You said: hello" == await reply_of(ai)
                    steps = Stepped(call(ai), number, moment)
                    task = asyncio.ensure_future(_wait_for(steps))
                    await asyncio.wait([task], timeout=10)

                    assert steps.was_cancelled == task.cancelled()
                    assert 0 == connections(client)
                    assert "You said: hello" == await reply_of(ai)
                await no_other_task()
            number, has_more = number + 1, number < len(steps.points)

    assert 2 <= number


async def no_other_task() -> None:
    """Wait until no other task is left.

    OpenAI's client leaves generators behind, which the event loop closes in tasks when
    they are collected as garbage.
    """
    async with asyncio.timeout(30):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


async def _wait_for(steps: Stepped[object]) -> None:
    await steps

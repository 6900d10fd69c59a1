"""Streams in both directions, as users write them, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import ssl
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import (
    AnonymousCredentials,
    BidirectionalStream,
    CertificateError,
    Client,
    ClientStateError,
    ConnectError,
    Credentials,
    CredentialsError,
    HTTP2NotSupportedError,
    InputValidationError,
    ModelError,
    ModelStreamError,
    OptionsError,
    ParamValidationError,
    RequestPayloadPart,
    ResponsePayloadPart,
    SerializationError,
    ServiceUnavailable,
    UnmodeledEventError,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import (
    CloseWebSocket,
    Emulator,
    Incoming,
    Partial,
    service_unavailable,
)
from sagemaker_rt.emulator.responses import error_answer
from tests.transport.certificates import self_signed
from tests.transport.servers import Peer, serve

ECHO: Final[dict[str, Any]] = {"endpoint_name": "echo"}
BIDIRECTIONAL: Final = "InvokeEndpointWithBidirectionalStream"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with client_of(emulator) as client:
        yield client


def client_of(emulator: Emulator, **options: Any) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
        custom_backoff=lambda _, __: 0.0,
        **options,
    )


def opened(client: Client, *opts: Any, **members: Any) -> Any:
    return client.invoke_endpoint_with_bidirectional_stream(*opts, **ECHO | members)


async def test_a_conversation_goes_both_ways_on_one_url(client: Client) -> None:
    async with opened(client) as stream:
        answers = stream.messages()
        for text in ("one", "two"):
            await stream.send_text(text)

            assert text == await anext(answers)
        await stream.send_bytes(bytearray(b"\0\xff"))
        await stream.send_text("th", is_partial=True)
        await stream.send_text("ree")
        await stream.close_input()

        assert [b"\0\xff", "three"] == [message async for message in answers]
        assert (5, 4) == (stream.events_sent, stream.events_read)
    output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")
    assert b"x" == output.body


async def test_the_members_reach_the_container(
    emulator: Emulator, client: Client
) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield f"{incoming.path}?{incoming.query} by {incoming.variant}"
        await anext(incoming, None)

    emulator.deploy_websocket("echo", model)

    async with opened(
        client,
        target_variant="Blue",
        model_invocation_path="v1/listen",
        model_query_string="a=b",
    ) as stream:
        response = await stream.initial_response()

        assert "v1/listen?a=b by Blue" == await anext(stream.messages())
        assert "Blue" == response.invoked_production_variant
        assert 200 == response.http_status
        assert response.request_id
    sent = emulator.requests[-1]
    assert BIDIRECTIONAL == sent.operation
    assert "application/vnd.amazon.eventstream" == sent.headers["content-type"]


async def test_events_have_their_facts(client: Client) -> None:
    part = RequestPayloadPart(
        b"x", data_type="UTF8", completion_state="PARTIAL", p="padding"
    )
    async with opened(client) as stream:
        await stream.send(part)
        await stream.send_bytes(b"y")
        event = await anext(stream)

        assert ResponsePayloadPart(b"xy", data_type="UTF8") == event


async def test_a_model_may_speak_first(emulator: Emulator, client: Client) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str | Partial]:
        yield Partial("hel")
        yield "lo"
        async for _ in incoming:
            pass

    emulator.deploy_websocket("echo", model)

    async with opened(client) as stream:
        assert "hello" == await anext(stream.messages())


async def test_a_cancelled_read_loses_nothing(
    emulator: Emulator, client: Client
) -> None:
    async with opened(client) as stream:
        answers = stream.messages()
        for number in range(20):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(answers), 0.001)
            await stream.send_text(str(number))

            assert str(number) == await anext(answers)


async def test_a_cancelled_send_does_not_break_the_signatures(
    emulator: Emulator, client: Client
) -> None:
    go = asyncio.Event()

    async def model(incoming: Incoming) -> AsyncIterator[str]:
        await go.wait()
        count = 0
        async for message in incoming:
            if message == b"end":
                break
            count += 1
        yield str(count)
        await anext(incoming, None)

    emulator.deploy_websocket("echo", model)
    async with opened(client) as stream:
        cancelled = 0
        for _ in range(40):
            sending = asyncio.create_task(stream.send_bytes(bytes(50_000)))
            await asyncio.wait([sending], timeout=0.002)
            sending.cancel()
            await asyncio.wait([sending])
            cancelled += sending.cancelled()
        go.set()
        await stream.send_bytes(b"end")

        assert str(40 - cancelled) == await anext(stream.messages())
        assert cancelled


async def test_one_megabyte_goes_through_both_windows(client: Client) -> None:
    data = bytes(1 << 20)

    async with opened(client) as stream:
        for _ in range(3):
            await stream.send_bytes(data)
            message = await anext(stream.messages())

            assert data == message


async def test_many_streams_run_at_once(client: Client) -> None:
    async def talk(number: int) -> bool:
        async with opened(client) as stream:
            await stream.send_text(str(number))
            message: object = await anext(stream.messages())
            return message == str(number)

    assert all(await asyncio.gather(*map(talk, range(50))))


async def test_a_close_of_the_container_is_an_error(
    emulator: Emulator, client: Client
) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield "bye"

    emulator.deploy_websocket("echo", model)

    async with opened(client) as stream:
        assert "bye" == await anext(stream.messages())
        with pytest.raises(ModelStreamError) as caught:
            await anext(stream)

        assert caught.value is stream.close_error
        assert 1000 == stream.close_code
        assert BIDIRECTIONAL == caught.value.operation
        assert caught.value.request_id
        with pytest.raises(ModelStreamError):
            await anext(stream)


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_normal_close_is_an_end_by_option(
    code: int, emulator: Emulator, client: Client
) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield "bye"
        raise CloseWebSocket(code)

    emulator.deploy_websocket("echo", model)

    async with opened(client, with_options(normal_close_ends_stream=True)) as stream:
        assert ["bye"] == [message async for message in stream.messages()]
        assert code == stream.close_code
        assert isinstance(stream.close_error, ModelStreamError)


async def test_another_close_is_an_error_also_with_the_option(
    emulator: Emulator, client: Client
) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield "bye"
        raise ValueError

    emulator.deploy_websocket("echo", model)

    async with opened(client, with_options(normal_close_ends_stream=True)) as stream:
        with pytest.raises(ModelStreamError):
            [event async for event in stream]
        assert 1011 == stream.close_code


async def test_invalid_input_is_refused_before_io(
    emulator: Emulator, client: Client
) -> None:
    with pytest.raises(ParamValidationError):
        await opened(client, endpoint_name="a/b")
    with pytest.raises(ParamValidationError, match="read_timeout"):
        await opened(client, read_timeout=3)
    with pytest.raises(ParamValidationError, match="body"):
        await opened(client, body=b"x")

    assert not emulator.requests


async def test_an_invalid_event_is_refused_and_the_stream_goes_on(
    client: Client,
) -> None:
    async with opened(client) as stream:
        with pytest.raises(ParamValidationError):
            await stream.send(RequestPayloadPart(b"", data_type="TEXT"))
        with pytest.raises(SerializationError):
            await stream.send_text("\ud800")
        await stream.send_text("ok")

        assert "ok" == await anext(stream.messages())


async def test_an_error_before_the_stream_is_raised_by_what_comes_next(
    emulator: Emulator, client: Client
) -> None:
    refused = error_answer("ModelError", 424, "Failed to establish WebSocket")
    emulator.fail_next(refused)

    async with opened(client) as stream:
        with pytest.raises(ModelError):
            await stream.initial_response()
        with pytest.raises(ModelError):
            await stream.send_text("x")
        with pytest.raises(ModelError):
            await anext(stream)


async def test_the_errors_of_the_model_have_their_types(client: Client) -> None:
    async with opened(client, endpoint_name="missing") as stream:
        with pytest.raises(InputValidationError) as caught:
            await anext(stream)

    assert (400, 1) == (caught.value.http_status, caught.value.attempts)


async def test_an_attempt_is_repeated_while_no_event_was_sent(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(service_unavailable(), service_unavailable())

    async with opened(client) as stream:
        response = await stream.initial_response()
        await stream.send_text("x")

        assert "x" == await anext(stream.messages())
        assert 3 == len(response.metadata.attempts)


async def test_an_attempt_is_not_repeated_after_an_event(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(service_unavailable())

    async with opened(client) as stream:
        await stream.send_text("x")
        with pytest.raises(ServiceUnavailable) as caught:
            await anext(stream)

    assert 1 == caught.value.attempts
    assert 1 == len(emulator.requests)


async def test_no_connection_is_an_error_of_entering(emulator: Emulator) -> None:
    url = emulator.url
    await emulator.aclose()

    async with Client(
        region="us-east-1", endpoint_url=url, credentials=emulator.credentials
    ) as client:
        with pytest.raises(ConnectError):
            await opened(client, with_options(max_attempts=1))


async def test_a_server_of_http_1_is_found_out() -> None:
    async def answer(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.hang()

    async with (
        serve(answer, raw=True) as server,
        Emulator() as emulator,
        client_of(emulator) as client,
    ):
        there = client.with_options(endpoint_url=f"http://127.0.0.1:{server.port}")
        async with opened(there) as stream:
            with pytest.raises(HTTP2NotSupportedError):
                await anext(stream)


async def test_it_needs_sigv4_credentials(emulator: Emulator, client: Client) -> None:
    with pytest.raises(OptionsError, match="SigV4"):
        await opened(client, with_options(credentials=AnonymousCredentials()))
    assert not emulator.requests


async def test_missing_credentials_are_an_error_of_entering(client: Client) -> None:
    class Nobody:
        async def retrieve(self) -> Any:
            message = "none here"
            raise CredentialsError(message)

    with pytest.raises(CredentialsError):
        await opened(client, with_options(credentials=Nobody()))


class Expiring:
    """A provider of credentials that expire in ten minutes."""

    def __init__(self, keys: Credentials) -> None:
        self.count = 0
        self._keys = keys

    async def retrieve(self) -> Credentials:
        self.count += 1
        expires_at = datetime.now(UTC) + timedelta(minutes=10)
        return Credentials(
            self._keys.access_key_id,
            self._keys.secret_access_key,
            expires_at=expires_at,
        )


async def test_credentials_that_expire_during_the_stream_are_renewed_before(
    emulator: Emulator,
) -> None:
    provider = Expiring(emulator.credentials)
    async with client_of(emulator) as first:
        client = first.with_options(credentials=provider)
        await client.invoke_endpoint(endpoint_name="echo", body=b"x")
        before = provider.count
        async with opened(client) as stream:
            await stream.send_text("x")

            assert (1, 2) == (before, provider.count)
            assert "x" == await anext(stream.messages())


async def test_use_after_the_end_is_an_error(client: Client) -> None:
    async with opened(client) as stream:
        await stream.send_text("x")
        await stream.close_input()
        await stream.close_input()
        with pytest.raises(ClientStateError):
            await stream.send_text("y")
        assert "x" == await anext(stream.messages())
    with pytest.raises(ClientStateError):
        await anext(stream)
    with pytest.raises(ClientStateError):
        await stream.send_text("z")
    await stream.aclose()


async def test_one_task_reads_at_a_time(client: Client) -> None:
    async with opened(client) as stream:
        reading = asyncio.create_task(anext(stream))
        await stream.initial_response()
        with pytest.raises(ClientStateError):
            await anext(stream)
        await stream.send_text("x")

        assert b"x" == (await reading).bytes


async def test_an_abort_ends_what_waits(client: Client) -> None:
    async with opened(client) as stream:
        reading = asyncio.create_task(anext(stream))
        await stream.initial_response()
        stream.abort()
        with pytest.raises(ClientStateError):
            await reading


async def test_an_error_in_the_block_is_raised_unchanged(client: Client) -> None:
    async def fail() -> None:
        async with opened(client) as stream:
            await stream.send_text("x")
            raise KeyError

    with pytest.raises(KeyError):
        await fail()


async def test_cancelling_the_task_of_a_stream_leaves_nothing(client: Client) -> None:
    async def talk(started: asyncio.Event) -> None:
        async with opened(client) as stream:
            started.set()
            async for _ in stream:
                pass

    for _ in range(5):
        started = asyncio.Event()
        task = asyncio.create_task(talk(started))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert BIDIRECTIONAL not in {task.get_name() for task in asyncio.all_tasks()}


@pytest.mark.parametrize("steps", range(12))
async def test_opening_can_be_cancelled_at_each_step(
    steps: int, client: Client
) -> None:
    opening = asyncio.ensure_future(_open(client))
    for _ in range(steps):
        await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])
    if not opening.cancelled():
        await opening.result().aclose()

    async with opened(client) as stream:
        await stream.send_text("x")
        assert "x" == await anext(stream.messages())


async def _open(client: Client) -> BidirectionalStream:
    stream: BidirectionalStream = await opened(client)
    return stream


async def test_a_stream_that_is_dropped_warns_and_closes(client: Client) -> None:
    stream: Any = await opened(client)
    await stream.initial_response()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del stream
        gc.collect()

    assert [ResourceWarning] == [warning.category for warning in caught]
    await asyncio.sleep(0.01)


async def test_closing_the_client_ends_its_streams(emulator: Emulator) -> None:
    client = client_of(emulator)
    async with opened(client) as stream:
        await stream.initial_response()
        await client.aclose()
        with pytest.raises(ClientStateError):
            await anext(stream)


async def test_total_timeout_limits_the_whole_stream(client: Client) -> None:
    async with opened(client, with_options(total_timeout=0.5)) as stream:
        await stream.initial_response()
        with pytest.raises(TimeoutError, match="total_timeout"):
            await anext(stream)


async def test_pings_keep_an_idle_stream_open(client: Client) -> None:
    options = with_options(ping_interval=0.02, ping_timeout=5)

    async with opened(client, options) as stream:
        await asyncio.sleep(0.2)  # ten PINGs
        await stream.send_text("x")

        assert "x" == await anext(stream.messages())


async def test_events_are_padded_by_option(client: Client) -> None:
    async with opened(client, with_options(pad_events=True)) as stream:
        for number in range(10):
            await stream.send_text(str(number))

            assert str(number) == await anext(stream.messages())


async def test_text_that_is_not_utf_8_is_an_error(
    emulator: Emulator, client: Client
) -> None:
    async with opened(client) as stream:
        event = RequestPayloadPart(b"\xff", data_type="UTF8")
        await stream.send(event)
        with pytest.raises(UnmodeledEventError):  # the service refuses it
            await anext(stream)


async def test_middleware_runs_once_for_a_stream(client: Client) -> None:
    seen: list[str] = []

    def add(stack: Any) -> None:
        for name in ("initialize", "serialize", "build", "finalize", "deserialize"):

            async def note(ctx: Any, input: Any, next: Any, name: str = name) -> Any:
                seen.append(name)
                return await next(ctx, input)

            getattr(stack, name).add(note, id=f"Note{name}")

    async with opened(client, with_api_options(add)) as stream:
        await stream.initial_response()

    assert ["initialize", "serialize", "build", "finalize", "deserialize"] == seen


async def test_the_stack_of_the_operation_is_shown(client: Client) -> None:
    stack = client.stack("invoke_endpoint_with_bidirectional_stream")

    assert "ComputePayloadHash" in stack.build
    assert "events" in client.explain(BIDIRECTIONAL)
    assert client.explain(BIDIRECTIONAL).endswith("sent by Http2Client")


def encrypted(folder: Path, *protocols: str) -> tuple[Emulator, dict[str, Any]]:
    """Return an emulator with TLS, and the options of its client."""
    context, _ = self_signed(folder, address="127.0.0.1")
    context.set_alpn_protocols(list(protocols))
    return Emulator(ssl_context=context), {"ca_bundle": str(folder / "127.0.0.1.pem")}


async def test_tls_negotiates_http_2(tmp_path: Path) -> None:
    server, options = encrypted(tmp_path, "h2", "http/1.1")
    async with server as emulator, client_of(emulator, **options) as client:
        async with opened(client) as stream:
            await stream.send_text("x")
            assert "x" == await anext(stream.messages())
            await stream.close_input()
            with pytest.raises(StopAsyncIteration):
                await anext(stream)
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")
        assert b"x" == output.body


async def test_without_http_2_in_tls_nothing_is_sent(tmp_path: Path) -> None:
    server, options = encrypted(tmp_path, "http/1.1")
    async with server as emulator, client_of(emulator, **options) as client:
        with pytest.raises(HTTP2NotSupportedError):
            await opened(client)
        assert not emulator.requests


async def test_an_untrusted_certificate_is_refused(tmp_path: Path) -> None:
    server, _ = encrypted(tmp_path, "h2")
    async with server as emulator, client_of(emulator) as client:
        with pytest.raises(CertificateError):
            await opened(client)
        assert not emulator.requests


async def test_a_context_of_http_1_is_not_changed(emulator: Emulator) -> None:
    context = ssl.create_default_context()
    options: dict[str, Any] = {"endpoint_url": "https://127.0.0.1:1"}
    async with client_of(emulator, ssl_context=context) as client:
        with pytest.raises(OptionsError, match="http2_ssl_context"):
            await opened(client.with_options(**options))

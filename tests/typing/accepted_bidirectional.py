"""Programs with streams in both directions, which every type checker accepts."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import assert_type

from sagemaker_rt import (
    BidirectionalEvent,
    BidirectionalStream,
    Client,
    DuplexClient,
    DuplexConnection,
    HTTP2NotSupportedError,
    InputValidationError,
    InternalServerError,
    InvokeEndpointWithBidirectionalStreamInput,
    InvokeEndpointWithBidirectionalStreamOutput,
    Opening,
    Reconnected,
    ReconnectingStream,
    ReplayBufferFullError,
    Request,
    RequestPayloadPart,
    ResponsePayloadPart,
    ServiceUnavailableError,
    StreamLimits,
    StreamRefusedError,
    with_options,
)
from sagemaker_rt.emulator import (
    CloseWebSocket,
    Emulator,
    Incoming,
    Partial,
    StreamFault,
    StreamFaultKind,
    WebSocketModel,
)


async def talk(client: Client) -> str | None:
    params = InvokeEndpointWithBidirectionalStreamInput(endpoint_name="m")
    call = client.invoke_endpoint_with_bidirectional_stream(params)
    assert_type(call, Opening[BidirectionalStream])
    async with call as stream:
        assert_type(stream, BidirectionalStream)
        await stream.send(RequestPayloadPart(b"x", data_type="UTF8", p="pad"))
        await stream.send_text("x", is_partial=True)
        await stream.send_bytes(b"x")
        async for event in stream:
            assert_type(event, BidirectionalEvent)
            if isinstance(event, ResponsePayloadPart):
                assert_type(event.bytes, bytes)
        async for message in stream.messages():
            assert_type(message, str | bytes)
        await stream.close_input()
        output = await stream.initial_response()
        assert_type(output, InvokeEndpointWithBidirectionalStreamOutput)
        stream.abort()
        return output.invoked_production_variant


async def talk_by_keywords(client: Client) -> int | None:
    stream = await client.invoke_endpoint_with_bidirectional_stream(
        with_options(silence_timeout=5, ping_interval=None, ping_timeout=10),
        endpoint_name="m",
        target_variant="v",
        model_invocation_path="v1/listen",
        model_query_string="a=b",
    )
    try:
        await anext(stream)
    except (StreamRefusedError, HTTP2NotSupportedError, InternalServerError):
        return stream.close_code
    except (InputValidationError, ServiceUnavailableError) as error:
        return error.http_status
    finally:
        await stream.aclose()
    return None


async def talk_long(client: Client) -> int:
    async def configure(stream: BidirectionalStream) -> None:
        await stream.send_text("{}")

    async with ReconnectingStream(
        lambda: client.invoke_endpoint_with_bidirectional_stream(endpoint_name="m"),
        reconnect_after=600,
        max_attempts=3,
        replay_bytes=1 << 20,
        setup=configure,
        should_reconnect=lambda error: error.is_retryable,
    ) as stream:
        assert_type(stream, ReconnectingStream)
        try:
            await stream.send_bytes(b"x")
        except ReplayBufferFullError:
            stream.acknowledge(stream.events_sent)
        async for event in stream:
            assert_type(event, BidirectionalEvent | Reconnected)
        async for message in stream.messages():
            if isinstance(message, Reconnected):
                assert_type(message.error, Exception | None)
        assert_type(stream.connection, BidirectionalStream)
        await stream.close_input()
        return stream.reconnects


class OwnClient:
    """An HTTP/2 client of the caller."""

    async def open(self, request: Request, limits: StreamLimits) -> DuplexConnection:
        raise ConnectionError(limits.response, request.path)

    async def aclose(self) -> None:
        """Close nothing."""


def clients() -> tuple[Client, Client]:
    own: DuplexClient = OwnClient()
    return (
        Client(duplex_client=own, pad_events=True),
        Client(
            http2_ssl_context=ssl.create_default_context(),
            normal_close_ends_stream=True,
        ),
    )


async def shout(incoming: Incoming) -> AsyncIterator[str | bytes | Partial]:
    """Yield messages in capitals."""
    async for message in incoming:
        yield Partial("")
        yield message.upper()
    raise CloseWebSocket(1000, "done")


def emulate() -> Emulator:
    model: WebSocketModel = shout
    emulator = Emulator(websocket_models={"m": model})
    emulator.deploy_websocket("n", shout)
    emulator.fail_next(StreamFault(StreamFaultKind.RESET, 1))
    return emulator

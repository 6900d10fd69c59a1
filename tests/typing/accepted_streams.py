"""Response streams, event handlers, and progress callbacks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, assert_type

from sagemaker_rt import (
    STREAM_TIMING,
    Client,
    InternalStreamFailure,
    InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput,
    Metadata,
    ModelStreamError,
    PayloadPart,
    ResponseStream,
    ResponseStreamHandler,
    SageMakerRuntimeError,
    StreamTiming,
    UnknownEvent,
    UnmodeledEventError,
    Usage,
    with_options,
)

HANDLER = ResponseStreamHandler()
SEEN: list[object] = []


@HANDLER.on_payload_part
async def show(part: PayloadPart) -> int:
    """An async handler of payload parts."""
    return len(part.bytes)


@HANDLER.on_payload_part
def count(part: PayloadPart) -> int:
    """A plain handler of payload parts."""
    return len(part.bytes)


@HANDLER.on_unknown_event
def log_unknown(event: UnknownEvent) -> None:
    """A handler of unknown events."""
    SEEN.append((event.tag, event.headers.get(":event-type"), event.raw))


@HANDLER.on_model_stream_error
def log_failure(error: ModelStreamError) -> None:
    """A handler of model errors."""
    SEEN.append((error.error_code, error.message))


@HANDLER.on_internal_stream_failure
async def log_outage(error: InternalStreamFailure) -> None:
    """A handler of service failures."""
    SEEN.append(error.request_id)


@HANDLER.on_event
def log_event(
    event: PayloadPart
    | UnknownEvent
    | ModelStreamError
    | InternalStreamFailure
    | UnmodeledEventError,
) -> None:
    """A handler of all events."""
    SEEN.append(event.bytes if isinstance(event, PayloadPart) else event)


@HANDLER.on_error
def log_end(error: SageMakerRuntimeError) -> None:
    """A handler of all errors."""
    SEEN.append(error.may_have_executed)


HANDLER.on_event(SEEN.append)
HANDLER.on_payload_part(lambda part: SEEN.append(part.bytes))


async def handle_streams(client: Client, stream: ResponseStream) -> None:
    """Handle the events of a call, and of a stream."""
    call = client.invoke_endpoint_with_response_stream(endpoint_name="m", body=b"")
    assert_type(await call.handle(HANDLER), InvokeEndpointWithResponseStreamOutput)
    assert_type(await stream.handle(HANDLER), InvokeEndpointWithResponseStreamOutput)
    assert_type(await show(PayloadPart(b"")), int)
    assert_type(count(PayloadPart(b"")), int)
    await HANDLER.dispatch(UnknownEvent("New", {}, b""))


async def iterate(client: Client) -> bytes:
    """Enter the call, and iterate over the events."""
    params = InvokeEndpointWithResponseStreamInput(endpoint_name="m", body=b"")
    parts: list[bytes] = []
    async with client.invoke_endpoint_with_response_stream(params) as stream:
        async for event in stream:
            match event:
                case PayloadPart(part):
                    parts.append(part)
                case UnknownEvent(tag=tag):
                    parts.append(tag.encode())
    return b"".join(parts)


async def await_stream(client: Client) -> list[bytes]:
    """Await the call, and close the stream."""
    stream = await client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body="text", session_id="s", prefix_aware_id="p"
    )
    assert_type(stream, ResponseStream)
    try:
        first = await anext(stream)
        assert_type(first, PayloadPart | UnknownEvent)
        return [part async for part in stream.iter_bytes()]
    finally:
        await stream.aclose()


def read_stream(stream: ResponseStream) -> None:
    """Read the attributes of a stream."""
    assert_type(stream.content_type, str | None)
    assert_type(stream.invoked_production_variant, str | None)
    assert_type(stream.custom_attributes, str | None)
    assert_type(stream.http_status, int | None)
    assert_type(stream.request_id, str | None)
    assert_type(stream.timing, StreamTiming)
    assert_type(stream.metadata[STREAM_TIMING].gap_mean, float | None)
    assert_type(stream.usage, Usage | None)
    assert_type(stream.metadata, Metadata)
    assert_type(stream.output, InvokeEndpointWithResponseStreamOutput)
    assert_type(stream.error, Exception | None)
    assert_type(stream.bytes_read + stream.events_read, int)


def report_sent(chunk: bytes, sent: int, total: int) -> None:
    """A plain callback for sent chunks."""
    SEEN.append((len(chunk), sent / total))


async def report_received(chunk: bytes, received: int, total: int | None) -> None:
    """An async callback for received chunks."""
    SEEN.append((len(chunk), received / total if total else None))


async def keep(chunk: bytes) -> None:
    """An async response target."""
    SEEN.append(chunk)


class AsyncWriter:
    """A response target with an async write."""

    async def write(self, data: bytes, /) -> None:
        """Take *data*."""
        SEEN.append(data)


async def use_callbacks(client: Client, file: BinaryIO) -> None:
    """Report progress, and write the response to a target."""
    await client.invoke_endpoint(
        with_options(on_chunk_sent=report_sent, on_chunk_received=report_received),
        with_options(response_target=file),
        endpoint_name="m",
        body=file,
    )
    for option in (
        with_options(response_target="answer"),
        with_options(response_target=Path("answer")),
        with_options(response_target=SEEN.append),
        with_options(response_target=keep),
        with_options(response_target=io.BytesIO()),
        with_options(response_target=AsyncWriter()),
    ):
        await client.invoke_endpoint(option, endpoint_name="m", body=b"")
    Client(on_chunk_sent=report_sent, on_chunk_received=report_received)
    Client(response_target=file)

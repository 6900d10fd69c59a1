"""Handlers and callbacks that checkers reject."""

from __future__ import annotations

import io

from sagemaker_rt import (
    Client,
    InternalStreamFailure,
    ModelStreamError,
    PayloadPart,
    ResponseStream,
    ResponseStreamHandler,
    UnknownEvent,
    with_options,
)

HANDLER = ResponseStreamHandler()


def on_part(part: PayloadPart) -> None:
    """A handler of payload parts."""


def on_unknown_event(event: UnknownEvent) -> None:
    """A handler of unknown events."""


async def on_model_error(error: ModelStreamError) -> None:
    """A handler of model errors."""


def on_service_failure(error: InternalStreamFailure) -> None:
    """A handler of service failures."""


def on_two(part: PayloadPart, number: int) -> None:
    """A handler with two parameters."""


def on_too_few(chunk: bytes, sent: int) -> None:
    """A callback with too few parameters."""


def on_text(chunk: str) -> None:
    """A callback with a parameter of the wrong type."""


def wrong_event(handler: ResponseStreamHandler) -> None:
    """Register handlers of other events."""
    handler.on_payload_part(on_unknown_event)  # error
    handler.on_payload_part(on_two)  # error
    handler.on_payload_part(len)  # error
    handler.on_payload_part("print")  # error
    handler.on_payload_part(lambda part: part.text)  # error
    handler.on_unknown_event(on_part)  # error
    handler.on_model_stream_error(on_service_failure)  # error
    handler.on_model_stream_error(wrong_event)  # error
    handler.on_internal_stream_failure(on_model_error)  # error
    handler.on_event(on_part)  # error
    handler.on_error(on_model_error)  # error
    handler.on_payload_prat(on_part)  # error
    handler.on_payload_part(on_part)


async def wrong_handler(client: Client, stream: ResponseStream) -> bytes:
    """Pass wrong handlers, and misuse the results."""
    await stream.handle(on_part)  # error
    await stream.handle(ResponseStreamHandler)  # error
    call = client.invoke_endpoint_with_response_stream(endpoint_name="m", body=b"")
    call.handle(HANDLER).content_type  # error
    stream.iter_bytes().close()  # error
    for event in stream:  # error
        on_part(event)
    async for event in stream:
        on_part(event)  # error
    async for part in stream.iter_bytes():
        on_part(part)  # error
    return await stream.handle(HANDLER)  # error


def wrong_callbacks() -> None:
    """Set wrong callbacks as options."""
    with_options(on_chunk_sent=len)  # error
    with_options(on_chunk_sent=on_too_few)  # error
    with_options(on_chunk_received=on_too_few)  # error
    with_options(
        on_chunk_received=lambda chunk, received, total: received / total  # error
    )
    with_options(response_target=42)  # error
    with_options(response_target=on_text)  # error
    with_options(response_target=io.StringIO())  # error
    Client(on_chunk_sent=on_too_few)  # error
    Client(response_target=on_text)  # error

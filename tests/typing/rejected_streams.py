"""Functions of events and bodies that are refused."""

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


def of_a_part(part: PayloadPart) -> None:
    """Take a part."""


def of_an_unknown_event(event: UnknownEvent) -> None:
    """Take what is unknown."""


async def of_the_models_failure(error: ModelStreamError) -> None:
    """Take the model's failure."""


def of_the_services_failure(error: InternalStreamFailure) -> None:
    """Take the service's failure."""


def of_two(part: PayloadPart, number: int) -> None:
    """Take too much."""


def of_two_totals(chunk: bytes, sent: int) -> None:
    """Take too little."""


def of_text(chunk: str) -> None:
    """Take text."""


def the_wrong_event(handler: ResponseStreamHandler) -> None:
    """Give functions of another event."""
    handler.on_payload_part(of_an_unknown_event)  # error
    handler.on_payload_part(of_two)  # error
    handler.on_payload_part(len)  # error
    handler.on_payload_part("print")  # error
    handler.on_payload_part(lambda part: part.text)  # error
    handler.on_unknown_event(of_a_part)  # error
    handler.on_model_stream_error(of_the_services_failure)  # error
    handler.on_model_stream_error(the_wrong_event)  # error
    handler.on_internal_stream_failure(of_the_models_failure)  # error
    handler.on_event(of_a_part)  # error
    handler.on_error(of_the_models_failure)  # error
    handler.on_payload_prat(of_a_part)  # error
    handler.on_payload_part(of_a_part)


async def the_wrong_handler(client: Client, stream: ResponseStream) -> bytes:
    """Give what is no handler, and expect another answer."""
    await stream.handle(of_a_part)  # error
    await stream.handle(ResponseStreamHandler)  # error
    call = client.invoke_endpoint_with_response_stream(endpoint_name="m", body=b"")
    call.handle(HANDLER).content_type  # error
    stream.parts().close()  # error
    for event in stream:  # error
        of_a_part(event)
    async for event in stream:
        of_a_part(event)  # error
    async for part in stream.parts():
        of_a_part(part)  # error
    return await stream.handle(HANDLER)  # error


def the_wrong_functions_of_bodies() -> None:
    """Give functions of something else."""
    with_options(on_chunk_sent=len)  # error
    with_options(on_chunk_sent=of_two_totals)  # error
    with_options(on_chunk_received=of_two_totals)  # error
    with_options(
        on_chunk_received=lambda chunk, received, total: received / total  # error
    )
    with_options(response_target=42)  # error
    with_options(response_target=of_text)  # error
    with_options(response_target=io.StringIO())  # error
    Client(on_chunk_sent=of_two_totals)  # error
    Client(response_target=of_text)  # error

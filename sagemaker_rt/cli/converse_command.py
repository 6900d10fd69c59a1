"""The command ``sagemaker-rt converse``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.cli.arguments import Connection
from sagemaker_rt.cli.stream_capture import EventClock, StreamCapture
from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    ModelStreamError,
    ParamValidationError,
    SageMakerRuntimeError,
)
from sagemaker_rt.options import Option, with_options
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream

__all__ = ["converse"]

_OPTIONS: Final = with_options(normal_close_ends_stream=True)


async def converse(  # noqa: PLR0913 - they are command-line arguments
    endpoint_name: str,
    /,
    *,
    target_variant: str | None = None,
    model_invocation_path: str | None = None,
    model_query_string: str | None = None,
    linger: float = 1.0,
    capture: Path | None = None,
    event_date_offset: float = 0.0,
    connection: Connection | None = None,
) -> None:
    """Send lines of standard input to a model, and print its messages as they come.

    Each line is a text event. After the last one, the input is closed when the model
    has been silent for a while, and the command ends when the model has ended.

    Args:
        endpoint_name: Name of the SageMaker endpoint.
        target_variant: Production variant to invoke.
        model_invocation_path: Path of the container's WebSocket, without a slash at
            its start.
        model_query_string: Query of the container's WebSocket, percent-encoded.
        linger: Seconds of silence of the model, after the last line, before the input
            is closed.
        capture: File that gets what the service did, as lines of JSON without bodies
            and secrets.
        event_date_offset: Seconds to add to the date of each event, for a capture of
            what the service says to it; it can be negative.
    """
    if event_date_offset and capture is None:
        problem = "--event-date-offset needs --capture"
        raise ParamValidationError(problem, [problem])
    async with (
        (connection or Connection()).client() as client,
        _captured(client, capture, event_date_offset) as (options, add_close),
        client.invoke_endpoint_with_bidirectional_stream(
            _OPTIONS,
            *options,
            endpoint_name=endpoint_name,
            target_variant=target_variant,
            model_invocation_path=model_invocation_path,
            model_query_string=model_query_string,
        ) as stream,
    ):
        heard = asyncio.Event()
        speaking = asyncio.create_task(_speak(stream, heard, linger))
        try:
            async for message in stream.messages():
                _write(message)
                heard.set()
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            add_close(stream.close_error)


@asynccontextmanager
async def _captured(
    client: Client, file: Path | None, offset: float
) -> AsyncGenerator[tuple[list[Option], Callable[[ModelStreamError | None], None]]]:
    """Write what happens in a stream to *file*, if there is one.

    Yields options of the call, and a function for the close of the container.
    """
    if file is None:
        yield [], lambda _: None
        return
    from sagemaker_rt.cli.captured_connection import capturing_client  # noqa: PLC0415 - imports h2

    capture = StreamCapture()
    options = await client.resolved_options()
    clock = EventClock(options.clock, offset)
    if offset:
        capture.add("dates of events", offset=offset)
    duplex = capturing_client(options, capture, clock)
    try:
        yield (
            [with_options(duplex_client=duplex, clock=clock)],
            lambda error: None if error is None else capture.error(error),
        )
    except SageMakerRuntimeError as error:
        capture.error(error)
        raise
    finally:
        await duplex.aclose()
        await in_thread(partial(file.write_text, capture.as_json(), encoding="utf-8"))


async def _speak(
    stream: BidirectionalStream, heard: asyncio.Event, linger: float
) -> None:
    """Send the lines of standard input, and close the input of the stream."""
    while line := await in_thread(sys.stdin.readline):
        await stream.send_text(line.rstrip("\r\n"))
    with suppress(TimeoutError):
        while True:
            heard.clear()
            await asyncio.wait_for(heard.wait(), linger)
    await stream.close_input()


def _write(message: str | bytes) -> None:
    """Write a text message as a line, and a binary one as it is."""
    if isinstance(message, str):
        print(message, flush=True)
    else:
        sys.stdout.buffer.write(message)
        sys.stdout.buffer.flush()

"""InvokeEndpointWithBidirectionalStream: from a received stream to its events.

Signed events become frames of the model's WebSocket, and its frames become events. A
close of the WebSocket becomes a ModelStreamError, as the service reports it, unless the
client has ended its events before.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from email.utils import formatdate
from typing import Final, TypeAlias
from uuid import uuid4

from attrs import frozen

from sagemaker_rt.emulator.event_stream import exception_frame
from sagemaker_rt.emulator.faults import Disconnect, Ending
from sagemaker_rt.emulator.http2_stream import Http2Stream, StreamLost
from sagemaker_rt.emulator.incoming_events import EventsRefused, IncomingEvents
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import Answer, error_answer
from sagemaker_rt.emulator.stream_faults import (
    StreamFault,
    StreamFaultKind,
    StreamInterrupted,
    interrupt,
    refuse_events,
)
from sagemaker_rt.emulator.websocket_models import (
    CloseWebSocket,
    Incoming,
    Partial,
    WebSocketModel,
)
from sagemaker_rt.operations import INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM
from sagemaker_rt.sansio.bidirectional_events import (
    BINARY,
    COMPLETE,
    PARTIAL,
    UTF8,
    encode_event,
)
from sagemaker_rt.sansio.event_signing import EventVerifier

__all__ = ["Accepted", "Admission", "BidirectionalHandler"]

_PATH: Final = re.compile(r"/endpoints/([^/]+)/invocations-bidirectional-stream")
_DEFAULT_PATH: Final = "invocations-bidirectional-stream"
_HEADER: Final = "x-amzn-sagemaker-model-"
_CLOSED_NORMALLY: Final = 1000
_CLOSED_BY_ERROR: Final = 1011


@frozen(kw_only=True)
class Accepted:
    """A request that a model serves."""

    model: WebSocketModel
    variant: str
    """The production variant that runs the model."""
    verifier: EventVerifier
    """Verifies the signatures of the events."""
    fault: StreamFault | None = None


Admission: TypeAlias = Accepted | Answer | Disconnect
"""What happens to a request."""


@frozen
class BidirectionalHandler:
    """Serves streams; *admit* decides what happens to a request."""

    admit: Callable[[ReceivedRequest], Admission]
    clock: Callable[[], float]
    """Returns seconds since the epoch, for the ``Date`` header."""

    async def respond(self, stream: Http2Stream) -> None:
        """Serve *stream* to its end."""
        received = _received(stream)
        outcome: Admission
        if received is None:
            code = "UnknownOperationException"
            outcome = error_answer(code, 404, "Not Found")
        else:
            outcome = self.admit(received)
        try:
            if isinstance(outcome, Answer):
                await self._answer(stream, outcome)
            elif isinstance(outcome, Disconnect):
                stream.connection.disconnect(abort=outcome.ending is Ending.RESET)
            elif received is not None:
                await self._serve(stream, received, outcome)
        except (StreamLost, StreamInterrupted):
            pass

    async def _answer(self, stream: Http2Stream, answer: Answer) -> None:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        headers["content-length"] = str(len(answer.body))
        stream.respond(self._head(answer.status, headers))
        await stream.send(answer.body)
        stream.end()

    def _head(self, status: int, headers: dict[str, str]) -> list[tuple[str, str]]:
        return [
            (":status", str(status)),
            ("x-amzn-requestid", str(uuid4())),
            ("date", formatdate(self.clock(), usegmt=True)),
            *headers.items(),
        ]

    async def _serve(
        self, stream: Http2Stream, received: ReceivedRequest, accepted: Accepted
    ) -> None:
        fault = accepted.fault
        if fault is not None and fault.is_before_headers:
            await interrupt(stream, fault, b"")
        headers = {
            "content-type": "application/vnd.amazon.eventstream",
            "x-amzn-invoked-production-variant": accepted.variant,
        }
        stream.respond(self._head(200, headers))
        incoming = Incoming(
            path=received.headers.get(f"{_HEADER}invocation-path", _DEFAULT_PATH),
            query=received.headers.get(f"{_HEADER}query-string", ""),
            variant=accepted.variant,
        )
        events = IncomingEvents(stream, accepted.verifier)
        reading = asyncio.create_task(events.pass_to(incoming))
        frames = _frames(accepted.model(incoming), events)
        is_timed = fault is not None and fault.seconds is not None
        writing = asyncio.create_task(
            _write(stream, frames, None if is_timed else fault)
        )
        joining = asyncio.create_task(_join(stream, reading, writing))
        tasks = (joining, reading, writing)
        try:
            if fault is not None and fault.seconds is not None:
                await asyncio.wait({joining}, timeout=fault.seconds)
                await _interrupt_now(stream, fault, tasks)
            await joining
        finally:
            await _cancel(tasks)


async def _interrupt_now(
    stream: Http2Stream, fault: StreamFault, tasks: Sequence[asyncio.Task[None]]
) -> None:
    """Inject *fault*, unless *tasks* have ended."""
    if tasks[0].done():
        return
    if not fault.is_continued:
        await _cancel(tasks)
    await interrupt(stream, fault, _event("an event that is cut"))


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _join(
    stream: Http2Stream, reading: asyncio.Task[None], writing: asyncio.Task[None]
) -> None:
    """Wait until all events are written; refuse those of the client if necessary."""
    await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
    if reading.done() and not writing.done():
        try:
            await reading
        except EventsRefused as refused:
            await refuse_events(stream, str(refused))
            return
    await writing


async def _write(
    stream: Http2Stream, frames: AsyncGenerator[bytes], fault: StreamFault | None
) -> None:
    """Send *frames* and the end of the stream, unless *fault* prevents it."""
    count = 0
    cuts = fault is not None and fault.kind is StreamFaultKind.CUT_EVENT
    if fault is not None and not fault.after and not cuts:
        await interrupt(stream, fault, b"")
    async with aclosing(frames):
        async for frame in frames:
            if fault is not None and cuts and count == fault.after:
                await interrupt(stream, fault, frame)
            await stream.send(frame)
            count += 1
            if fault is not None and not cuts and count == fault.after:
                await interrupt(stream, fault, b"")
    stream.end()


async def _frames(
    messages: AsyncIterator[str | bytes | Partial], events: IncomingEvents
) -> AsyncGenerator[bytes]:
    """Yield the events of a model, and the error that its close becomes."""
    try:
        async with AsyncExitStack() as stack:
            if isinstance(messages, AsyncGenerator):
                await stack.enter_async_context(aclosing(messages))
            async for message in messages:
                yield _event(message)
        close = CloseWebSocket(_CLOSED_NORMALLY)
    except CloseWebSocket as error:
        close = error
    # like a container, which closes its WebSocket after an uncaught exception
    except Exception as error:  # noqa: BLE001 - of the model
        close = CloseWebSocket(_CLOSED_BY_ERROR, f"{type(error).__name__}: {error}")
    if close.code != _CLOSED_NORMALLY or not events.is_ended:
        text = f"WebSocket was closed by the model with code {close.code}"
        members = {
            "Message": f"{text}: {close.reason}" if close.reason else text,
            "ErrorCode": "WebSocketClosed",
        }
        yield exception_frame("ModelStreamError", members)


def _event(message: str | bytes | Partial) -> bytes:
    state = PARTIAL if isinstance(message, Partial) else COMPLETE
    data = message.data if isinstance(message, Partial) else message
    is_text = isinstance(data, str)
    return encode_event(
        data.encode() if isinstance(data, str) else data,
        data_type=UTF8 if is_text else BINARY,
        completion_state=state,
    )


def _received(stream: Http2Stream) -> ReceivedRequest | None:
    """Return the request of *stream*; None for an unknown operation."""
    path, _, query = stream.headers.get(":path", "").partition("?")
    found = _PATH.fullmatch(path)
    if found is None or stream.headers.get(":method") != "POST":
        return None
    host = stream.headers.get(":authority", "")
    return ReceivedRequest(
        operation=INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM.name,
        endpoint_name=found[1],
        path=path,
        query=query,
        headers={"host": host, **stream.headers},
        body=b"",
        body_length=0,
    )

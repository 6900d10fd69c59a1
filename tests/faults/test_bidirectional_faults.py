"""The faults of streams in both directions: each is a typed error, in time.

``sagemaker_rt/streaming/README.md`` compares them with AWS's client for Python.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import uvloop
from attrs import field, frozen

from sagemaker_rt import (
    Client,
    ConnectionLostError,
    ModelError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceUnavailable,
    StreamRefusedError,
    ThrottlingException,
    TruncatedBodyError,
    TruncatedStreamError,
    UnmodeledEventError,
    ValidationError,
)
from sagemaker_rt.emulator import (
    HANG_UP,
    RESET,
    Emulator,
    Fault,
    StreamFault,
    StreamFaultKind,
    service_unavailable,
    throttle,
)
from sagemaker_rt.emulator.responses import error_answer

LONGEST: Final = 10.0
BIDIRECTIONAL: Final = "InvokeEndpointWithBidirectionalStream"
KIND: Final = StreamFaultKind


@frozen(kw_only=True)
class Row:
    """A fault, and what the caller gets."""

    fault: Fault | None
    raised: type[SageMakerRuntimeError] | None
    """None if the stream ends without an error."""
    events: int = 0
    """Events of the model that are delivered before."""
    may_have_executed: bool = True
    options: dict[str, Any] = field(factory=dict)


def after(kind: StreamFaultKind, events: int = 0) -> StreamFault:
    return StreamFault(kind, events)


ROWS: Final[dict[str, Row]] = {
    "no fault": Row(fault=None, raised=None, events=3),
    "424": Row(
        fault=error_answer("ModelError", 424, "Failed to establish WebSocket"),
        raised=ModelError,
        may_have_executed=False,
    ),
    "400": Row(
        fault=error_answer("InputValidationError", 400, "no"),
        raised=ValidationError,
        may_have_executed=False,
    ),
    "503": Row(
        fault=service_unavailable(),
        raised=ServiceUnavailable,
        may_have_executed=False,
    ),
    "429": Row(fault=throttle(), raised=ThrottlingException, may_have_executed=False),
    "REFUSED_STREAM": Row(
        fault=after(KIND.REFUSE), raised=StreamRefusedError, may_have_executed=False
    ),
    "GOAWAY below the stream": Row(
        fault=after(KIND.GOAWAY_UNPROCESSED),
        raised=StreamRefusedError,
        may_have_executed=False,
    ),
    "end of file before the headers": Row(fault=HANG_UP, raised=ConnectionLostError),
    "reset before the headers": Row(fault=RESET, raised=ConnectionLostError),
    "no answer": Row(
        fault=after(KIND.NO_RESPONSE),
        raised=RequestTimeoutError,
        options={"read_timeout": 0.2},
    ),
    "RST_STREAM": Row(fault=after(KIND.RESET, 1), raised=TruncatedBodyError, events=1),
    "GOAWAY, then close": Row(
        fault=after(KIND.GOAWAY_THEN_CLOSE, 1), raised=TruncatedBodyError, events=1
    ),
    "end of file": Row(
        fault=after(KIND.END_OF_FILE, 1), raised=TruncatedBodyError, events=1
    ),
    "graceful GOAWAY": Row(fault=after(KIND.GRACEFUL_GOAWAY, 1), raised=None, events=3),
    "END_STREAM inside an event": Row(
        fault=after(KIND.CUT_EVENT, 1), raised=TruncatedStreamError, events=1
    ),
    "wrong signature": Row(
        fault=after(KIND.REFUSE_EVENTS, 1), raised=UnmodeledEventError, events=1
    ),
    "silence": Row(
        fault=after(KIND.SILENCE, 1),
        raised=RequestTimeoutError,
        events=1,
        options={"silence_timeout": 0.2},
    ),
}


async def outcome(row: Row) -> tuple[SageMakerRuntimeError | None, int]:
    """Return what a caller gets who sends three events, and reads the echoes."""
    read = 0
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
            **row.options,
        ) as client,
    ):
        if row.fault is not None:
            emulator.fail_next(row.fault)
        try:
            async with client.invoke_endpoint_with_bidirectional_stream(
                endpoint_name="echo"
            ) as stream:
                for number in range(3):
                    await stream.send_text(str(number))
                async for _ in stream:
                    read += 1
                    if read == 3:
                        await stream.close_input()
        except SageMakerRuntimeError as error:
            return error, read
    return None, read


@pytest.mark.parametrize(
    "new_loop",
    [asyncio.new_event_loop, uvloop.new_event_loop],
    ids=["asyncio", "uvloop"],
)
@pytest.mark.parametrize("name", ROWS)
def test_a_fault_is_a_typed_error_in_time(
    name: str, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    row = ROWS[name]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        error, read = runner.run(asyncio.wait_for(outcome(row), timeout=LONGEST))

    assert row.events == read
    if row.raised is None:
        assert error is None
    else:
        assert isinstance(error, row.raised)
        assert (BIDIRECTIONAL, 1) == (error.operation, error.attempts)
        assert row.may_have_executed == error.may_have_executed
        assert not error.is_retryable


TIMED: Final[dict[StreamFaultKind, type[SageMakerRuntimeError] | None]] = {
    KIND.RESET: TruncatedBodyError,
    KIND.GOAWAY_THEN_CLOSE: TruncatedBodyError,
    KIND.END_OF_FILE: TruncatedBodyError,
    KIND.CUT_EVENT: TruncatedStreamError,
    KIND.REFUSE_EVENTS: UnmodeledEventError,
    KIND.SILENCE: RequestTimeoutError,
    KIND.GRACEFUL_GOAWAY: None,
}


@asynccontextmanager
async def failing(fault: StreamFault, **options: Any) -> AsyncIterator[Client]:
    """Yield a client of an emulator whose next stream has *fault*."""
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
            **options,
        ) as client,
    ):
        emulator.fail_next(fault)
        yield client


@pytest.mark.parametrize("kind", TIMED, ids=lambda kind: kind.name)
async def test_a_conversation_is_cut_after_a_time(kind: StreamFaultKind) -> None:
    """The client sends until the stream ends; the number of events is not known."""
    async with failing(StreamFault(kind, seconds=0.1), silence_timeout=0.3) as client:
        error = await asyncio.wait_for(end_of_conversation(client), timeout=LONGEST)

    raised = TIMED[kind]
    assert (error is None) if raised is None else isinstance(error, raised)
    assert error is None or error.may_have_executed


@pytest.mark.parametrize("seconds", [None, 0.0])
async def test_silence_after_the_end_of_the_input_is_a_timeout(
    seconds: float | None,
) -> None:
    fault = StreamFault(KIND.SILENCE, seconds=seconds)
    async with (
        failing(fault, silence_timeout=0.2) as client,
        client.invoke_endpoint_with_bidirectional_stream(
            endpoint_name="echo"
        ) as stream,
    ):
        await stream.initial_response()
        await stream.send_bytes(bytes(100_000))
        await stream.close_input()
        with pytest.raises(RequestTimeoutError):
            await asyncio.wait_for(anext(stream), timeout=LONGEST)


async def end_of_conversation(client: Client) -> SageMakerRuntimeError | None:
    """Return why a conversation of at most half a second ended."""
    loop = asyncio.get_running_loop()
    end = loop.time() + 0.5
    try:
        async with client.invoke_endpoint_with_bidirectional_stream(
            endpoint_name="echo"
        ) as stream:
            while loop.time() < end:
                await stream.send_bytes(b"x")
                await anext(stream)
            await stream.close_input()
            assert [] == [event async for event in stream]
    except SageMakerRuntimeError as error:
        return error
    return None


@pytest.mark.parametrize(
    "new_loop",
    [asyncio.new_event_loop, uvloop.new_event_loop],
    ids=["asyncio", "uvloop"],
)
def test_a_window_that_stays_closed_is_a_timeout(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def stall() -> None:
        async with (
            failing(StreamFault(KIND.STALL), write_timeout=0.2) as client,
            client.invoke_endpoint_with_bidirectional_stream(
                endpoint_name="echo"
            ) as stream,
        ):
            for _ in range(1000):
                await stream.send_bytes(bytes(20_000))

    with (
        asyncio.Runner(loop_factory=new_loop) as runner,
        pytest.raises(RequestTimeoutError, match="write_timeout"),
    ):
        runner.run(asyncio.wait_for(stall(), timeout=LONGEST))


async def test_a_wrong_signature_in_the_middle_is_an_error() -> None:
    async with (
        Emulator(clock=lambda: 1_700_000_000.0) as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
            clock=lambda: 1_700_000_000.0,
        ) as client,
        client.invoke_endpoint_with_bidirectional_stream(
            endpoint_name="echo"
        ) as stream,
    ):
        await stream.send_text("x")
        await anext(stream)
        signer = stream._call.link.signer
        assert signer is not None
        signer.sign(b"an event that is never sent", at=1)
        await stream.send_text("y")
        with pytest.raises(UnmodeledEventError) as caught:
            await anext(stream)

    assert "InvalidSignatureException" == caught.value.code

"""The call that opens a stream."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from sagemaker_rt.errors import ClientStateError, ModelError, StackError
from sagemaker_rt.step_inputs import Output
from sagemaker_rt.streaming.opening_call import OpeningCall
from sagemaker_rt.streaming.stream_link import StreamLink
from tests.streaming.duplex_doubles import Connection, output, signer


def opening(result: Any, gate: asyncio.Event | None = None) -> OpeningCall:
    async def run() -> Output:
        if gate is not None:
            await gate.wait()
        if isinstance(result, BaseException):
            raise result
        found: Output = result
        return found

    return OpeningCall(run(), StreamLink(), operation="Talk")


async def test_it_has_started_when_an_attempt_has_a_connection() -> None:
    gate = asyncio.Event()
    call = opening(output(Connection()), gate)
    starting = asyncio.create_task(call.started())
    await asyncio.sleep(0)
    call.link.attach(Connection(), signer())
    await starting

    assert not call.has_response
    gate.set()
    assert 200 == (await call.response()).status
    assert call.has_response


async def test_an_error_is_raised_by_everything_that_waits() -> None:
    call = opening(ModelError("no"))

    for waiting in (call.started, call.response, call.output):
        with pytest.raises(ModelError):
            await waiting()
    with pytest.raises(ModelError):
        call.raise_failure()
    assert not call.has_response


async def test_an_error_that_nobody_waits_for_is_not_reported() -> None:
    opening(ModelError("no"))
    await asyncio.sleep(0.01)
    gc.collect()  # a warning would fail this test


async def test_closing_cancels_the_call_and_closes_the_connection() -> None:
    call, connection = opening(output(None), asyncio.Event()), Connection()
    call.link.attach(connection, signer())
    waiting = asyncio.create_task(call.response())
    await asyncio.sleep(0)
    call.close()
    call.close()
    await call.ended()

    assert connection.is_closed
    with pytest.raises(ClientStateError):
        await waiting
    with pytest.raises(ClientStateError):
        call.raise_failure()


async def test_a_cancelled_wait_does_not_cancel_the_call() -> None:
    gate = asyncio.Event()
    call = opening(output(Connection()), gate)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call.output(), 0.001)
    gate.set()

    assert (await call.output()).http_status is None


async def test_middleware_must_return_a_response_and_the_output() -> None:
    with pytest.raises(StackError):
        await opening(output(None)).response()
    with pytest.raises(StackError):
        await opening(Output("text")).output()


async def test_an_error_gets_the_facts_of_the_call_once() -> None:
    call = opening(output(Connection()))
    early, error = ClientStateError("early"), ClientStateError("late")
    call.describe(early)
    await call.output()
    call.describe(error)
    call.describe(error)

    assert [None, "Talk"] == [early.operation, error.operation]
    assert error.may_have_executed


async def test_a_stream_can_be_closed_by_the_garbage_collector() -> None:
    call, connection = opening(output(None), asyncio.Event()), Connection()
    call.link.attach(connection, signer())
    await asyncio.to_thread(call.close_from_any_thread)
    await call.ended()

    assert connection.is_closed

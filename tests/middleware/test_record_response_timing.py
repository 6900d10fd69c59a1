from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ComponentError, ConnectError
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.record_response_timing import RecordResponseTiming
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import ManualClock, Scripted, response

CONTEXT = Context("InvokeEndpoint")


async def test_the_times_of_request_and_response_are_recorded() -> None:
    clock, answer = ManualClock(1_000.0), Output(response=response())

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        clock.advance(2.5)
        return answer

    output = await RecordResponseTiming(clock)(
        CONTEXT, DeserializeInput(Request()), send
    )

    assert output is answer
    assert 1_000.0 == output.metadata.sent_at
    assert 1_002.5 == output.metadata.response_at


async def test_a_failed_request_has_no_times() -> None:
    wire = Scripted[DeserializeInput](ConnectError())

    with pytest.raises(ConnectError) as caught:
        await RecordResponseTiming(ManualClock())(
            CONTEXT, DeserializeInput(Request()), wire
        )

    assert {} == caught.value.metadata


async def test_a_clock_that_fails_after_the_exchange_says_that_it_was_sent() -> None:
    times = iter([1.0])

    with pytest.raises(ComponentError) as caught:
        await RecordResponseTiming(lambda: next(times))(
            CONTEXT,
            DeserializeInput(Request()),
            Scripted[DeserializeInput](Output(response=response())),
        )

    error = caught.value
    assert ("clock", True, True) == (
        error.component,
        error.request_sent,
        error.may_have_executed,
    )

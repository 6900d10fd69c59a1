from __future__ import annotations

import asyncio
from typing import Final

import pytest

from sagemaker_rt.context import RESPONSE_AT, SENT_AT, Context, Metadata
from sagemaker_rt.errors import ConnectError, ModelError, PoolTimeoutError
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.attempt_metrics import AttemptMetrics
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import ManualClock
from tests.recording import RecordingMeterProvider

CONTEXT: Final = Context("InvokeEndpoint")
OF_CALL: Final = {"rpc.service": "SageMaker Runtime", "rpc.method": "InvokeEndpoint"}
ATTEMPT: Final = [
    ("client.call.attempts", 1, OF_CALL),
    ("client.call.attempt_duration", 1.5, OF_CALL),
]


async def measured(answer: Output | BaseException) -> RecordingMeterProvider:
    """Return the metrics of an attempt that takes a second and a half."""
    provider, time = RecordingMeterProvider(), ManualClock()

    async def answered(ctx: Context, input: FinalizeInput) -> Output:
        time.advance(1.5)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    metrics = AttemptMetrics(provider.get_meter("x"), "InvokeEndpoint", time=time)
    attempt = asyncio.ensure_future(
        metrics(CONTEXT, FinalizeInput(Request()), answered)
    )
    await asyncio.wait([attempt])
    assert answer is (attempt.result() if isinstance(answer, Output) else answer)
    return provider


async def test_metrics_of_an_attempt_are_recorded() -> None:
    provider = await measured(Output())

    assert ATTEMPT == provider.points
    assert {
        "client.call.attempts": "{attempt}",
        "client.call.attempt_duration": "s",
        "client.http.time_to_first_byte": "s",
    } == provider.units


@pytest.mark.parametrize(("response_at", "taken"), [(10.25, 0.25), (9.0, 0.0)])
async def test_the_time_to_first_byte_is_recorded(
    response_at: float, taken: float
) -> None:
    metadata = Metadata({SENT_AT: 10.0, RESPONSE_AT: response_at})
    error = ModelError("no")
    error.metadata = metadata

    for answer in (Output(metadata=metadata), error):
        provider = await measured(answer)

        first_byte = ("client.http.time_to_first_byte", taken, OF_CALL)
        assert [*ATTEMPT, first_byte] == provider.points


@pytest.mark.parametrize("error", [ConnectError("no"), asyncio.CancelledError()])
async def test_metrics_of_a_failed_attempt_are_recorded(error: BaseException) -> None:
    assert ATTEMPT == (await measured(error)).points


async def test_an_attempt_that_never_started_is_not_recorded() -> None:
    assert [] == (await measured(PoolTimeoutError("busy"))).points

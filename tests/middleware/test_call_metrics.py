from __future__ import annotations

import asyncio
from typing import Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ModelError, TruncatedStreamError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.middleware.call_metrics import CallMetrics
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.stack import InitializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream
from tests.doubles import BufferedBody, ManualClock
from tests.recording import RecordingMeterProvider

CONTEXT: Final = Context("InvokeEndpoint")
OF_CALL: Final = {"rpc.service": "SageMaker Runtime", "rpc.method": "InvokeEndpoint"}


def stream_of(*chunks: bytes) -> ResponseStream:
    return ResponseStream(
        InvokeEndpointWithResponseStreamOutput(),
        Response(200, Headers(), BufferedBody(*chunks)),
        operation="InvokeEndpointWithResponseStream",
        known_errors=MODELLED_ERRORS,
    )


async def measured(
    answer: Output | BaseException, time: ManualClock
) -> RecordingMeterProvider:
    """Return the metrics of a call that takes a second and a half."""
    provider = RecordingMeterProvider()

    async def answered(ctx: Context, input: InitializeInput) -> Output:
        time.advance(1.5)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    metrics = CallMetrics(provider.get_meter("x"), "InvokeEndpoint", time=time)
    call = asyncio.ensure_future(metrics(CONTEXT, InitializeInput(object()), answered))
    await asyncio.wait([call])
    assert answer is (call.result() if isinstance(answer, Output) else answer)
    return provider


async def test_metrics_of_a_call_are_recorded() -> None:
    provider = await measured(Output(), ManualClock())

    assert [("client.call.duration", 1.5, OF_CALL)] == provider.points
    assert {
        "client.call.duration": "s",
        "client.call.stream_duration": "s",
        "client.call.errors": "{error}",
    } == provider.units


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ModelError("no"), "ModelError"),
        (asyncio.CancelledError(), "CancelledError"),
        (KeyError("x"), "KeyError"),
    ],
)
async def test_a_failed_call_is_counted(error: BaseException, name: str) -> None:
    provider = await measured(error, ManualClock())

    assert [
        ("client.call.errors", 1, {**OF_CALL, "error.type": name}),
        ("client.call.duration", 1.5, OF_CALL),
    ] == provider.points


async def test_the_duration_of_a_stream_is_recorded() -> None:
    time, stream = ManualClock(), stream_of()

    provider = await measured(Output(stream), time)
    time.advance(0.25)
    await stream.aclose()

    assert [
        ("client.call.duration", 1.5, OF_CALL),
        ("client.call.stream_duration", 0.25, OF_CALL),
    ] == provider.points


STREAM: Final = "InvokeEndpointWithResponseStream"


async def test_a_stream_has_the_metrics_of_generative_ai() -> None:
    provider, time, stream = RecordingMeterProvider(), ManualClock(), stream_of()

    async def answered(ctx: Context, input: InitializeInput) -> Output:
        time.advance(1.5)
        return Output(stream)

    metrics = CallMetrics(provider.get_meter("x"), STREAM, time=time)
    await metrics(Context(STREAM), InitializeInput(object()), answered)
    time.advance(0.25)
    await stream.aclose()

    assert [1.75] == provider.amounts("gen_ai.client.operation.duration")


async def test_a_stream_that_fails_early_has_the_metrics_of_generative_ai() -> None:
    provider, time = RecordingMeterProvider(), ManualClock()

    async def failed(ctx: Context, input: InitializeInput) -> Output:
        time.advance(1.5)
        raise ModelError

    metrics = CallMetrics(provider.get_meter("x"), STREAM, time=time)
    with pytest.raises(ModelError):
        await metrics(Context(STREAM), InitializeInput(object()), failed)

    assert [1.5] == provider.amounts("gen_ai.client.operation.duration")


async def test_a_failed_stream_is_counted() -> None:
    stream = stream_of(b"half")

    provider = await measured(Output(stream), ManualClock())
    with pytest.raises(TruncatedStreamError):
        await anext(stream)

    assert (
        "client.call.errors",
        1,
        {**OF_CALL, "error.type": "TruncatedStreamError"},
    ) == provider.points[-1]

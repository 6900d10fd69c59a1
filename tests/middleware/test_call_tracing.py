from __future__ import annotations

import asyncio
import gc
from typing import Final

import pytest
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Context
from sagemaker_rt.errors import ModelError, ParamValidationError, TruncatedStreamError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.middleware.call_tracing import CallTracing
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.stack import InitializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream
from tests.doubles import BufferedBody, Scripted
from tests.recording import RecordedSpan, RecordingTracerProvider

CONTEXT: Final = Context("InvokeEndpoint")
PART: Final = encode_message(
    {":message-type": "event", ":event-type": "PayloadPart"}, b"the-part"
)


def tracing(provider: RecordingTracerProvider) -> CallTracing:
    return CallTracing(provider.get_tracer("x"), "InvokeEndpoint")


def stream_of(*chunks: bytes) -> ResponseStream:
    return ResponseStream(
        InvokeEndpointWithResponseStreamOutput(),
        Response(200, Headers(), BufferedBody(*chunks)),
        operation="InvokeEndpointWithResponseStream",
        known_errors=MODELLED_ERRORS,
    )


async def span_of(*answers: Output | BaseException) -> RecordedSpan:
    """Return the span of a call that is answered so, whatever it raises."""
    provider = RecordingTracerProvider()
    wire = Scripted[InitializeInput](*answers)
    await asyncio.wait(
        [
            asyncio.ensure_future(
                tracing(provider)(CONTEXT, InitializeInput(object()), wire)
            )
        ]
    )
    (span,) = provider.spans
    return span


async def test_a_call_has_a_span() -> None:
    output = Output()
    output.metadata[REQUEST_ID] = "r-1"
    output.metadata[HTTP_STATUS] = 200

    span = await span_of(output)

    assert ("SageMaker Runtime.InvokeEndpoint", SpanKind.CLIENT) == (
        span.name,
        span.kind,
    )
    assert {
        "rpc.system": "aws-api",
        "rpc.service": "SageMaker Runtime",
        "rpc.method": "InvokeEndpoint",
        "aws.request_id": "r-1",
        "http.response.status_code": 200,
    } == span.attributes
    assert (1, StatusCode.UNSET, []) == (
        span.ends,
        span.status.status_code,
        span.exceptions,
    )


async def test_the_span_is_current_only_during_the_call() -> None:
    provider, current = RecordingTracerProvider(), list[object]()

    async def look(ctx: Context, input: InitializeInput) -> Output:
        current.append(get_current_span())
        return Output()

    await tracing(provider)(CONTEXT, InitializeInput(object()), look)

    assert provider.spans == current
    assert not get_current_span().is_recording()


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ModelError("no"), "ModelError"),
        (ParamValidationError("no"), "ParamValidationError"),
        (asyncio.CancelledError(), "CancelledError"),
        (KeyError("x"), "KeyError"),
    ],
)
async def test_a_failed_call_ends_its_span(error: BaseException, name: str) -> None:
    span = await span_of(error)

    assert (1, StatusCode.ERROR, name) == (
        span.ends,
        span.status.status_code,
        span.attributes["error.type"],
    )


async def test_a_cancelled_call_ends_its_span() -> None:
    provider, begun = RecordingTracerProvider(), asyncio.Event()

    async def hang(ctx: Context, input: InitializeInput) -> Output:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    call = asyncio.ensure_future(
        tracing(provider)(CONTEXT, InitializeInput(object()), hang)
    )
    await begun.wait()

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    (span,) = provider.spans
    assert (1, "CancelledError") == (span.ends, span.attributes["error.type"])


async def test_the_span_of_a_stream_ends_with_the_stream() -> None:
    stream = stream_of(PART, PART)
    span = await span_of(Output(stream))
    before = span.ends

    async for _ in stream:
        pass

    assert (0, 1, 2, 2 * len(PART)) == (
        before,
        span.ends,
        span.attributes["sagemaker_rt.stream.events"],
        span.attributes["sagemaker_rt.stream.bytes"],
    )
    assert StatusCode.UNSET == span.status.status_code


async def test_the_span_of_a_stream_that_is_closed_early_ends_then() -> None:
    stream = stream_of(PART, PART)
    span = await span_of(Output(stream))

    async with stream:
        await anext(stream)

    assert (1, StatusCode.UNSET) == (span.ends, span.status.status_code)
    assert 1 == span.attributes["sagemaker_rt.stream.events"]


async def test_the_span_of_a_failed_stream_records_the_error() -> None:
    stream = stream_of(PART, PART[:-1])
    span = await span_of(Output(stream))

    with pytest.raises(TruncatedStreamError) as caught:
        async for _ in stream:
            pass

    assert (1, StatusCode.ERROR, "TruncatedStreamError") == (
        span.ends,
        span.status.status_code,
        span.attributes["error.type"],
    )
    assert [caught.value] == span.exceptions


async def test_the_span_of_a_dropped_stream_ends_when_it_is_collected() -> None:
    streams = [stream_of(PART, PART)]
    span = await span_of(Output(streams[0]))
    await anext(streams[0])
    before = span.ends

    streams.clear()
    gc.collect()

    assert (0, 1, True) == (
        before,
        span.ends,
        span.attributes["sagemaker_rt.stream.dropped"],
    )


async def test_a_stream_that_has_ended_is_not_recorded_as_dropped() -> None:
    streams = [stream_of(PART)]
    span = await span_of(Output(streams[0]))
    await streams[0].aclose()

    streams.clear()
    gc.collect()

    assert 1 == span.ends
    assert "sagemaker_rt.stream.dropped" not in span.attributes

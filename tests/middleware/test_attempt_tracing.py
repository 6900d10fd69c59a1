from __future__ import annotations

import asyncio
from typing import Final

import pytest
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, AttemptResult, Context
from sagemaker_rt.errors import ConnectError, UnknownServiceError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.middleware.attempt_tracing import AttemptTracing
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import Scripted
from tests.recording import RecordedSpan, RecordingTracerProvider

CONTEXT: Final = Context("InvokeEndpoint")


async def span_of(
    answer: Output | BaseException, ctx: Context = CONTEXT
) -> RecordedSpan:
    """Return the span of an attempt that is answered so, whatever it raises."""
    provider = RecordingTracerProvider()
    tracing = AttemptTracing(provider.get_tracer("x"))
    request = Request(endpoint=Endpoint("https://runtime.example:8443/prefix"))
    wire = Scripted[FinalizeInput](answer)
    await asyncio.wait(
        [asyncio.ensure_future(tracing(ctx, FinalizeInput(request), wire))]
    )
    (span,) = provider.spans
    return span


async def test_an_attempt_has_a_span() -> None:
    output = Output()
    output.metadata[REQUEST_ID] = "r-1"
    output.metadata[HTTP_STATUS] = 200

    span = await span_of(output)

    assert ("Attempt", SpanKind.INTERNAL, 1) == (span.name, span.kind, span.ends)
    assert {
        "operation.attempt": 1,
        "aws.request_id": "r-1",
        "http.response.status_code": 200,
        "server.address": "runtime.example:8443",
    } == span.attributes


@pytest.mark.parametrize(
    ("past", "attributes"),
    [
        (
            AttemptResult(1, UnknownServiceError("x", code="Throttling"), 0.25),
            {
                "operation.attempt": 2,
                "operation.attempt.delay": 0.25,
                "operation.attempt.reason": "Throttling",
            },
        ),
        (
            AttemptResult(1, None, None),
            {"operation.attempt": 2, "operation.attempt.delay": 0.0},
        ),
    ],
)
async def test_a_retry_records_its_reason(
    past: AttemptResult, attributes: dict[str, object]
) -> None:
    span = await span_of(Output(), CONTEXT.with_past((past,)))

    assert attributes.items() <= span.attributes.items()


async def test_the_span_is_current_only_during_the_attempt() -> None:
    provider, current = RecordingTracerProvider(), list[object]()

    async def look(ctx: Context, input: FinalizeInput) -> Output:
        current.append(get_current_span())
        return Output()

    tracing = AttemptTracing(provider.get_tracer("x"))
    await tracing(CONTEXT, FinalizeInput(Request()), look)

    assert provider.spans == current
    assert not get_current_span().is_recording()
    assert "server.address" not in provider.spans[0].attributes


@pytest.mark.parametrize("error", [ConnectError("no"), asyncio.CancelledError()])
async def test_a_failed_attempt_ends_its_span(error: BaseException) -> None:
    span = await span_of(error)

    assert (1, StatusCode.ERROR, type(error).__name__) == (
        span.ends,
        span.status.status_code,
        span.attributes["error.type"],
    )

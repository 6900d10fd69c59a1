"""Initialize: make one span per call."""

from __future__ import annotations

from functools import partial
from typing import Final
from weakref import finalize

from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context

from sagemaker_rt.context import Context
from sagemaker_rt.observability.spans import (
    end_span,
    record_error,
    record_response,
    set_attributes,
    start_span,
)
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.stack import Handler, InitializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_end import stream_of
from sagemaker_rt.streaming.stream_link import StreamLink, StreamTotals

__all__ = ["CallTracing"]


class CallTracing:
    """Make a span per call; it is the current span until the call returns.

    The span of a streaming call ends when the stream ends or is closed; it has the
    numbers of events and bytes received. A stream in both directions also has the
    number of events sent. If the stream is neither read to its end nor closed, the span
    ends when the stream is garbage-collected, with the attribute
    ``sagemaker_rt.stream.dropped``.
    """

    id: Final = "CallTracing"

    def __init__(self, tracer: Tracer, operation: str) -> None:
        self._tracer: Final = tracer
        self._name: Final = f"{SERVICE_ID}.{operation}"
        self._attributes: Final = {
            "rpc.system": "aws-api",
            "rpc.service": SERVICE_ID,
            "rpc.method": operation,
        }

    async def __call__(
        self, ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
    ) -> Output:
        span = start_span(
            self._tracer, self._name, self._attributes, kind=SpanKind.CLIENT
        )
        token = attach(set_span_in_context(span))
        try:
            output = await next(ctx, input)
        except BaseException as error:  # also a cancellation
            record_error(span, error)
            end_span(span)
            raise
        finally:
            # a stream is read after the call: its span is not current any more
            detach(token)
        metadata = output.metadata
        record_response(
            span, request_id=metadata.request_id, http_status=metadata.http_status
        )
        stream = stream_of(ctx, output.result)
        if stream is None:
            end_span(span)
        else:
            # a weak reference: the span must not keep a dropped stream alive
            dropped = finalize(stream, _drop, span)
            stream.when_ended(partial(_end, span, dropped))
        return output


def _end(
    span: Span,
    dropped: finalize[[Span], ResponseStream | StreamLink],
    stream: ResponseStream | StreamTotals,
    error: BaseException | None,
) -> None:
    dropped.detach()
    attributes = {
        "sagemaker_rt.stream.events": stream.events_read,
        "sagemaker_rt.stream.bytes": stream.bytes_read,
    }
    if not isinstance(stream, ResponseStream):
        attributes["sagemaker_rt.stream.events_sent"] = stream.events_sent
    set_attributes(span, attributes)
    if error is not None:
        record_error(span, error)
    end_span(span)


def _drop(span: Span) -> None:
    set_attributes(span, {"sagemaker_rt.stream.dropped": True})
    end_span(span)

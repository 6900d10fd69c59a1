"""Initialize: make a span of the call."""

from __future__ import annotations

from functools import partial
from typing import Final
from weakref import finalize

from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context

from sagemaker_rt.context import Context
from sagemaker_rt.observability.spans import begin, end, fail, succeed, tell
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.stack import Handler, InitializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["CallTracing"]


class CallTracing:
    """Give each call a span, which is the current one until the call returns.

    The span of a stream ends with the stream, however that ends, and knows how many
    events and bytes came. That of a stream that is dropped, neither read to its end nor
    closed, ends when the stream is collected, and says so.
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
        span = begin(self._tracer, self._name, self._attributes, kind=SpanKind.CLIENT)
        token = attach(set_span_in_context(span))
        try:
            output = await next(ctx, input)
        except BaseException as error:  # cancelled, too
            fail(span, error)
            end(span)
            raise
        finally:
            detach(token)
        metadata = output.metadata
        succeed(span, request_id=metadata.request_id, http_status=metadata.http_status)
        if isinstance(output.result, ResponseStream):
            dropped = finalize(output.result, _drop, span)
            output.result.when_ended(partial(_end, span, dropped))
        else:
            end(span)
        return output


def _end(
    span: Span,
    dropped: finalize[[Span], ResponseStream],
    stream: ResponseStream,
    error: BaseException | None,
) -> None:
    dropped.detach()
    tell(
        span,
        {
            "sagemaker_rt.stream.events": stream.events_read,
            "sagemaker_rt.stream.bytes": stream.bytes_read,
        },
    )
    if error is not None:
        fail(span, error)
    end(span)


def _drop(span: Span) -> None:
    tell(span, {"sagemaker_rt.stream.dropped": True})
    end(span)

"""Initialize: make a span of the call."""

from __future__ import annotations

from functools import partial
from typing import Final

from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context

from sagemaker_rt.context import Context
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.response_stream import ResponseStream
from sagemaker_rt.spans import fail, succeed
from sagemaker_rt.stack import Handler, InitializeInput, Output

__all__ = ["CallTracing"]


class CallTracing:
    """Give each call a span, which is the current one until the call returns.

    The span of a stream ends with the stream, however that ends, and knows how many
    events and bytes came. A stream that is dropped, neither read to its end nor closed,
    leaves its span open.
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
        span = self._tracer.start_span(
            self._name, kind=SpanKind.CLIENT, attributes=self._attributes
        )
        token = attach(set_span_in_context(span))
        try:
            output = await next(ctx, input)
        except BaseException as error:  # cancelled, too
            fail(span, error)
            span.end()
            raise
        finally:
            detach(token)
        metadata = output.metadata
        succeed(span, request_id=metadata.request_id, http_status=metadata.http_status)
        if isinstance(output.result, ResponseStream):
            output.result.when_ended(partial(_end, span))
        else:
            span.end()
        return output


def _end(span: Span, stream: ResponseStream, error: BaseException | None) -> None:
    span.set_attribute("sagemaker_rt.stream.events", stream.events_read)
    span.set_attribute("sagemaker_rt.stream.bytes", stream.bytes_read)
    if error is not None:
        fail(span, error)
    span.end()

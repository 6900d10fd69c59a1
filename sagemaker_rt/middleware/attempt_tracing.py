"""Finalize: make one span per attempt."""

from __future__ import annotations

from typing import Final

from opentelemetry.context import attach, detach
from opentelemetry.trace import Tracer, set_span_in_context

from sagemaker_rt.context import Context
from sagemaker_rt.observability.instruments import error_type
from sagemaker_rt.observability.spans import (
    AttributeValue,
    end_span,
    record_error,
    record_response,
    set_attributes,
    start_span,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["AttemptTracing"]


class AttemptTracing:
    """Make a child span of the call's span; it is current during the attempt.

    The span of a retry has the error and the delay before it. For a stream the span
    ends when the response headers are received.
    """

    id: Final = "AttemptTracing"

    def __init__(self, tracer: Tracer) -> None:
        self._tracer: Final = tracer

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        span = start_span(self._tracer, "Attempt", _attributes(ctx))
        token = attach(set_span_in_context(span))
        try:
            output = await next(ctx, input)
            metadata = output.metadata
            record_response(
                span, request_id=metadata.request_id, http_status=metadata.http_status
            )
        except BaseException as error:  # also a cancellation
            record_error(span, error)
            raise
        else:
            return output
        finally:
            detach(token)
            # after next: ResolveEndpointV2 sets the endpoint during the attempt
            endpoint = input.request.as_sent.endpoint
            if endpoint is not None:
                set_attributes(span, {"server.address": endpoint.host})
            end_span(span)


def _attributes(ctx: Context) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {"operation.attempt": ctx.attempt}
    if ctx.past:
        last = ctx.past[-1]
        attributes["operation.attempt.delay"] = last.delay or 0.0
        if last.error is not None:
            attributes["operation.attempt.reason"] = error_type(last.error)
    return attributes

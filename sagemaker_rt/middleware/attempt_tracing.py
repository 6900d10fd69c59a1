"""Finalize: make a span of the attempt."""

from __future__ import annotations

from typing import Final

from opentelemetry.context import attach, detach
from opentelemetry.trace import Tracer, set_span_in_context

from sagemaker_rt.context import Context
from sagemaker_rt.observability.spans import (
    AttributeValue,
    begin,
    end,
    fail,
    name_of,
    succeed,
    tell,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["AttemptTracing"]


class AttemptTracing:
    """Give each attempt a span inside the call's, which is the current one meanwhile.

    It says why, and after how long a delay, there is another attempt. That of a stream
    ends when its head has come.
    """

    id: Final = "AttemptTracing"

    def __init__(self, tracer: Tracer) -> None:
        self._tracer: Final = tracer

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        span = begin(self._tracer, "Attempt", _attributes(ctx))
        token = attach(set_span_in_context(span))
        try:
            output = await next(ctx, input)
            metadata = output.metadata
            succeed(
                span, request_id=metadata.request_id, http_status=metadata.http_status
            )
        except BaseException as error:  # cancelled, too
            fail(span, error)
            raise
        else:
            return output
        finally:
            detach(token)
            if input.request.endpoint is not None:
                tell(span, {"server.address": input.request.endpoint.host})
            end(span)


def _attributes(ctx: Context) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {"operation.attempt": ctx.attempt}
    if ctx.past:
        last = ctx.past[-1]
        attributes["operation.attempt.delay"] = last.delay or 0.0
        if last.error is not None:
            attributes["operation.attempt.reason"] = name_of(last.error)
    return attributes

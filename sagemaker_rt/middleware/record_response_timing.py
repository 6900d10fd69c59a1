"""Deserialize: record when the request was sent and the response received."""

from __future__ import annotations

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import RESPONSE_AT, SENT_AT, Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.checked_clock import checked_clock
from sagemaker_rt.stack import DeserializeInput, Handler, Output
from sagemaker_rt.step_inputs import require_output

__all__ = ["RecordResponseTiming"]


class RecordResponseTiming(BoundMiddleware[DeserializeInput]):
    """Set `SENT_AT` and `RESPONSE_AT` in the metadata, in seconds since the epoch.

    `SENT_AT` is the time when the HTTP client received the request; connecting, or
    waiting for a connection, comes after it. `RESPONSE_AT` is the time of the response
    headers.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = checked_clock(clock)

    def bind(self, next: Handler[DeserializeInput]) -> Handler[DeserializeInput]:
        clock = self._clock

        async def handle(ctx: Context, input: DeserializeInput) -> Output:
            sent_at = clock()
            output = await next(ctx, input)
            if not isinstance(output, Output):  # it is that of the caller's middleware
                require_output(output)
            try:
                response_at = clock()
            except SageMakerRuntimeError as error:  # a custom clock, after the exchange
                error.request_sent = error.may_have_executed = True
                raise
            if output.response is None:  # a middleware answered without sending
                return output
            output.metadata[SENT_AT] = sent_at
            output.metadata[RESPONSE_AT] = response_at
            return output

        return handle

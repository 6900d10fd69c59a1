"""Deserialize: note when the request went out, and when the response came."""

from __future__ import annotations

from sagemaker_rt.context import RESPONSE_AT, SENT_AT, Context
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["RecordResponseTiming"]


class RecordResponseTiming:
    """Put the time of the response's head under `RESPONSE_AT`.

    Under `SENT_AT` is when the HTTP client got the request: it may have had to make a
    connection first, or to wait for one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        sent_at = self._clock()
        output = await next(ctx, input)
        output.metadata[SENT_AT] = sent_at
        output.metadata[RESPONSE_AT] = self._clock()
        return output

"""Deserialize: prevent a second attempt after events were sent."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.stack import DeserializeInput, Handler, Output
from sagemaker_rt.streaming.stream_link import STREAM_LINK

__all__ = ["BidirectionalStreamDeserializer"]


class BidirectionalStreamDeserializer:
    """Mark an error as not retryable if the attempt has sent events.

    They are not kept, so a second attempt would continue without them. The events of
    the response are decoded by the stream, which the caller has already.
    """

    id: Final = "OperationEventStreamDeserializer"

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        try:
            return await next(ctx, input)
        except SageMakerRuntimeError as error:
            link = ctx.get(STREAM_LINK)
            if link is not None and link.has_sent:
                error.is_retryable = False
                link.failure = error
            raise

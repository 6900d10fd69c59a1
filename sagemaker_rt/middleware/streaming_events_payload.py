"""Build: declare that the body is a stream of signed events."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.sansio.event_signing import EVENT_PAYLOAD_HASH
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["StreamingEventsPayload"]


class StreamingEventsPayload:
    """Set the content type and the payload hash of a stream of events.

    The signature of the request covers the hash, and each event continues it.
    """

    id: Final = "ComputePayloadHash"

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        request = input.request
        request.payload_hash = EVENT_PAYLOAD_HASH
        request.headers["content-type"] = "application/vnd.amazon.eventstream"
        request.headers["x-amz-content-sha256"] = EVENT_PAYLOAD_HASH
        return next(ctx, input)

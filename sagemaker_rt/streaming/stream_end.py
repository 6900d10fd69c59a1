"""The stream of a call, whose end middleware can wait for."""

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.shapes import InvokeEndpointOutput
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_link import STREAM_LINK, StreamLink

__all__ = ["stream_of"]


def stream_of(ctx: Context, result: object) -> ResponseStream | StreamLink | None:
    """Return what ends later than a call with *result*; None if it ends now.

    A stream in both directions is known by its link: it was returned to the caller
    before the call has a result.
    """
    # isinstance takes ten times as long: the class of streams is abstract
    if type(result) is InvokeEndpointOutput:
        return None
    return result if isinstance(result, ResponseStream) else ctx.get(STREAM_LINK)

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_end import stream_of
from sagemaker_rt.streaming.stream_link import STREAM_LINK, StreamLink
from tests.doubles import BufferedBody


def test_a_call_ends_with_its_stream() -> None:
    stream = ResponseStream(
        InvokeEndpointWithResponseStreamOutput(),
        Response(200, Headers(), BufferedBody()),
        operation="InvokeEndpointWithResponseStream",
        known_errors={},
    )
    ctx, link = Context("x"), StreamLink()

    assert stream is stream_of(ctx, stream)
    assert link is stream_of(ctx.with_value(STREAM_LINK, link), object())
    assert stream_of(ctx, object()) is None

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.streaming_events_payload import StreamingEventsPayload
from sagemaker_rt.stack import BuildInput
from tests.doubles import Wire


async def test_the_body_is_declared_as_signed_events() -> None:
    request, wire = Request(), Wire[BuildInput]()
    await StreamingEventsPayload()(Context("Talk"), BuildInput(request), wire)

    hashed = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
    assert hashed == request.payload_hash == request.headers["x-amz-content-sha256"]
    assert "application/vnd.amazon.eventstream" == request.headers["content-type"]

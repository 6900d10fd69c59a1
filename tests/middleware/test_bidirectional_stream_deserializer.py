from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ServiceUnavailable
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.bidirectional_stream_deserializer import (
    BidirectionalStreamDeserializer,
)
from sagemaker_rt.stack import DeserializeInput, Output
from sagemaker_rt.streaming.stream_link import STREAM_LINK, StreamLink
from tests.doubles import Scripted


@pytest.mark.parametrize("has_sent", [True, False])
async def test_an_error_is_retryable_while_no_event_was_sent(*, has_sent: bool) -> None:
    link, error = StreamLink(), ServiceUnavailable("busy")
    link.has_sent = has_sent
    context = Context("Talk").with_value(STREAM_LINK, link)
    wire = Scripted[DeserializeInput](error)

    with pytest.raises(ServiceUnavailable):
        await BidirectionalStreamDeserializer()(
            context, DeserializeInput(Request()), wire
        )

    assert has_sent != error.is_retryable
    assert (error if has_sent else None) is link.failure


async def test_an_output_passes_unchanged() -> None:
    output = Output()
    wire = Scripted[DeserializeInput](output)

    assert output is await BidirectionalStreamDeserializer()(
        Context("Talk"), DeserializeInput(Request()), wire
    )

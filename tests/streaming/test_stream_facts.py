from __future__ import annotations

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Metadata
from sagemaker_rt.sansio.stream_timing import STREAM_TIMING, StreamTiming
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.streaming.stream_facts import StreamFacts
from tests.doubles import ManualClock


def test_the_members_of_the_output_are_attributes() -> None:
    metadata = Metadata({HTTP_STATUS: 200, REQUEST_ID: "r"})
    output = InvokeEndpointWithResponseStreamOutput(
        content_type="text/plain",
        invoked_production_variant="blue",
        custom_attributes="a=b",
        metadata=metadata,
    )
    timing = StreamTiming(ManualClock())

    facts = StreamFacts(output, timing)

    assert output is facts.output
    assert metadata is facts.metadata
    assert timing is facts.timing is metadata[STREAM_TIMING]
    assert (200, "r") == (facts.http_status, facts.request_id)
    assert ("text/plain", "blue", "a=b") == (
        facts.content_type,
        facts.invoked_production_variant,
        facts.custom_attributes,
    )

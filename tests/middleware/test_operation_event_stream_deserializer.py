from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import InternalStreamFailure, ServiceUnavailable
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.operation_event_stream_deserializer import (
    OperationEventStreamDeserializer,
)
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.sansio.stream_timing import STREAM_TIMING, StreamTiming
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput, PayloadPart
from sagemaker_rt.stack import DeserializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream
from tests.doubles import BufferedBody, ManualClock, Scripted, Wire, response

CONTEXT = Context("InvokeEndpointWithResponseStream")
PART = encode_message({":message-type": "event", ":event-type": "PayloadPart"}, b"one")
FAILURE = encode_message(
    {":message-type": "exception", ":exception-type": "InternalStreamFailure"}, b"{}"
)


async def stream_of(output: Output) -> ResponseStream:
    wire = Wire[DeserializeInput](output)
    middleware = OperationEventStreamDeserializer()

    returned = await middleware(CONTEXT, DeserializeInput(Request()), wire)

    assert returned is output
    assert isinstance(output.result, ResponseStream)
    return output.result


async def test_the_result_becomes_a_stream_of_the_body() -> None:
    known = InvokeEndpointWithResponseStreamOutput(content_type="text/plain")
    answer = response(200, {}, PART)

    stream = await stream_of(Output(known, answer))

    assert known is stream.output
    assert [PayloadPart(b"one")] == [event async for event in stream]
    assert isinstance(answer.body, BufferedBody)
    assert answer.body.is_released


async def test_the_times_of_a_stream_begin_when_the_request_is_sent() -> None:
    time = ManualClock()
    answer = Output(InvokeEndpointWithResponseStreamOutput(), response(200, {}, PART))

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        time.advance(1.5)
        return answer

    middleware = OperationEventStreamDeserializer(time=time)
    await middleware(CONTEXT, DeserializeInput(Request()), send)
    stream: Any = answer.result
    await anext(stream)

    timing: StreamTiming = stream.metadata[STREAM_TIMING]
    assert timing is stream.timing
    assert 1.5 == timing.time_to_first_part


async def test_the_stream_owns_the_connection_until_it_is_closed() -> None:
    answer = response(200, {}, PART)
    stream = await stream_of(Output(InvokeEndpointWithResponseStreamOutput(), answer))
    assert isinstance(answer.body, BufferedBody)
    assert not answer.body.is_released

    await stream.aclose()

    assert answer.body.is_released


async def test_a_stream_error_has_its_modeled_type_and_the_operation() -> None:
    answer = Output(
        InvokeEndpointWithResponseStreamOutput(), response(200, {}, FAILURE)
    )
    stream = await stream_of(answer)

    with pytest.raises(InternalStreamFailure) as caught:
        await anext(stream)

    assert "InvokeEndpointWithResponseStream" == caught.value.operation


async def test_an_output_without_a_response_is_unchanged() -> None:
    wire = Wire[DeserializeInput](Output(result="cached"))

    output = await OperationEventStreamDeserializer()(
        CONTEXT, DeserializeInput(Request()), wire
    )

    assert "cached" == output.result


async def test_an_error_before_the_stream_propagates() -> None:
    wire = Scripted[DeserializeInput](ServiceUnavailable())

    with pytest.raises(ServiceUnavailable):
        await OperationEventStreamDeserializer()(
            CONTEXT, DeserializeInput(Request()), wire
        )


async def test_type_and_size_of_each_event_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = response(200, {}, PART, PART + FAILURE)
    output: Output = Output(InvokeEndpointWithResponseStreamOutput(), answer)
    middleware = OperationEventStreamDeserializer(logging.getLogger("tests.events"))
    wire = Wire[DeserializeInput](output)
    await middleware(CONTEXT, DeserializeInput(Request()), wire)

    with suppress(InternalStreamFailure):
        async for event in output.result:
            assert PayloadPart(b"one") == event

    where = "InvokeEndpointWithResponseStream attempt 1: event"
    assert [
        f"{where} event/PayloadPart, 3 bytes",
        f"{where} event/PayloadPart, 3 bytes",
        f"{where} exception/InternalStreamFailure, 2 bytes",
    ] == [record.getMessage() for record in caplog.records]

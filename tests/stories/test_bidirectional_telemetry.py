"""Spans and metrics of streams in both directions, over real sockets."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import BidirectionalStream, Client, TruncatedBodyError
from sagemaker_rt.emulator import Emulator, StreamFault, StreamFaultKind
from tests.recording import RecordingMeterProvider, RecordingTracerProvider

CUT = StreamFault(StreamFaultKind.END_OF_FILE, after=1)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


def client_of(emulator: Emulator, **options: Any) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
        **options,
    )


def opened(client: Client) -> Any:
    return client.invoke_endpoint_with_bidirectional_stream(endpoint_name="echo")


async def exchange(stream: BidirectionalStream) -> None:
    """Send an event, and read to the end."""
    await stream.send_text("x")
    async for _ in stream:
        await stream.close_input()


async def test_the_span_and_the_metrics_of_a_stream_end_with_it(
    emulator: Emulator,
) -> None:
    tracer, meter = RecordingTracerProvider(), RecordingMeterProvider()
    async with (
        client_of(emulator, tracer_provider=tracer, meter_provider=meter) as client,
        opened(client) as stream,
    ):
        await stream.initial_response()
        span = tracer.spans[0]
        before = span.ends
        await exchange(stream)
        after = span.ends

    assert (0, 1, 1) == (before, after, span.ends)
    assert (1, 1, stream.bytes_read) == (
        span.attributes["sagemaker_rt.stream.events"],
        span.attributes["sagemaker_rt.stream.events_sent"],
        span.attributes["sagemaker_rt.stream.bytes"],
    )
    names = [name for name, _, _ in meter.points]
    assert 1 == names.count("client.call.stream_duration")
    assert "client.call.errors" not in names


async def send_until_it_fails(stream: BidirectionalStream) -> None:
    await stream.initial_response()
    while True:
        await stream.send_text("x")
        await asyncio.sleep(0)


@pytest.mark.parametrize("use", [exchange, send_until_it_fails])
async def test_a_failed_stream_has_a_failed_span(emulator: Emulator, use: Any) -> None:
    tracer, meter = RecordingTracerProvider(), RecordingMeterProvider()
    emulator.fail_next(CUT)

    async def talk() -> None:
        async with (
            client_of(emulator, tracer_provider=tracer, meter_provider=meter) as client,
            opened(client) as stream,
        ):
            await use(stream)

    with pytest.raises(TruncatedBodyError):
        await talk()

    span = tracer.spans[0]
    assert (1, "TruncatedBodyError") == (span.ends, span.attributes["error.type"])
    assert 1 == [name for name, _, _ in meter.points].count("client.call.errors")


async def test_the_span_of_a_dropped_stream_ends(emulator: Emulator) -> None:
    tracer = RecordingTracerProvider()
    async with client_of(emulator, tracer_provider=tracer) as client:
        stream = await opened(client)
        await stream.initial_response()
        with pytest.warns(ResourceWarning, match="was not closed"):  # noqa: PT031 - a drop
            del stream
            gc.collect()
        async with opened(client):  # meanwhile, the loop closes the other stream
            gc.collect()

    assert True is tracer.spans[0].attributes["sagemaker_rt.stream.dropped"]

"""HTTP/2 connections that are captured."""

from __future__ import annotations

from sagemaker_rt import Client, with_options
from sagemaker_rt.cli.captured_connection import capturing_client
from sagemaker_rt.cli.stream_capture import EventClock, StreamCapture
from sagemaker_rt.emulator import Emulator

NOW = 1_700_000_000.0


async def test_both_directions_and_the_end_are_captured() -> None:
    capture = StreamCapture()
    async with (
        Emulator(clock=lambda: NOW) as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
    ):
        options = await client.resolved_options()
        clock = EventClock(lambda: NOW, -600)
        duplex = capturing_client(options, capture, clock)
        async with client.invoke_endpoint_with_bidirectional_stream(
            with_options(duplex_client=duplex, clock=clock), endpoint_name="echo"
        ) as stream:
            await stream.initial_response()
            is_connected = clock.is_connected
            await stream.send_text("x")
            await anext(stream)
            await stream.close_input()
            rest = [event async for event in stream]
        await duplex.aclose()
        (request,) = emulator.requests
    what = [entry["what"] for entry in capture.entries]

    assert [] == rest
    assert "20231114T221320Z" == request.headers["x-amz-date"]  # of NOW
    assert (True, False) == (is_connected, clock.is_connected)
    assert 2 == what.count("sent event")  # and the signed end
    assert what.index("sent event") < what.index("sent end of events")
    assert what.index("response headers") < what.index("connection closed")

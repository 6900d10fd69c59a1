"""HTTP/2 connections that are captured."""

from __future__ import annotations

from sagemaker_rt import Client, with_options
from sagemaker_rt.cli.captured_connection import capturing_client
from sagemaker_rt.cli.stream_capture import StreamCapture
from sagemaker_rt.emulator import Emulator


async def test_both_directions_and_the_end_are_captured() -> None:
    capture = StreamCapture()
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
    ):
        duplex = capturing_client(await client.resolved_options(), capture)
        async with client.invoke_endpoint_with_bidirectional_stream(
            with_options(duplex_client=duplex), endpoint_name="echo"
        ) as stream:
            await stream.send_text("x")
            await anext(stream)
            await stream.close_input()
            rest = [event async for event in stream]
        await duplex.aclose()
    what = [entry["what"] for entry in capture.entries]

    assert [] == rest
    assert 2 == what.count("sent event")  # and the signed end
    assert what.index("sent event") < what.index("sent end of events")
    assert what.index("response headers") < what.index("connection closed")

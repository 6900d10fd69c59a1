"""The opening of a stream in both directions, entered or awaited."""

from __future__ import annotations

from sagemaker_rt import Client
from sagemaker_rt.emulator import Emulator


async def test_it_is_entered_or_awaited() -> None:
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
    ):
        call = client.invoke_endpoint_with_bidirectional_stream(endpoint_name="echo")
        assert "await it" in repr(call)
        stream = await call
        await stream.send_text("x")
        assert "x" == await anext(stream.messages())
        await stream.aclose()
        async with client.invoke_endpoint_with_bidirectional_stream(
            endpoint_name="echo"
        ) as entered:
            assert "open" in repr(entered)
        assert "closed" in repr(entered)

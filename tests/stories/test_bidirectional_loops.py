"""Streams in both directions, and another event loop than theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sagemaker_rt import BidirectionalStream, Client, ClientStateError
from sagemaker_rt.emulator import Emulator


class Opened:
    """A stream, with its client and emulator, in a loop that the test runs."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stream: BidirectionalStream
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        self.emulator = await Emulator().__aenter__()
        self.client = Client(
            region=self.emulator.region,
            endpoint_url=self.emulator.url,
            credentials=self.emulator.credentials,
            environ={},
        )
        self.stream = await self.client.invoke_endpoint_with_bidirectional_stream(
            endpoint_name="echo"
        )
        assert "x" == await self.echo("x")

    async def echo(self, text: str) -> Any:
        await self.stream.send_text(text)
        return await anext(self.stream.messages())

    async def close(self) -> None:
        await self.stream.aclose()
        await self.client.aclose()
        await self.emulator.aclose()

    @property
    def uses(self) -> list[Callable[[], Awaitable[object]]]:
        stream = self.stream
        return [
            lambda: stream.send_text("y"),
            stream.__anext__,
            stream.close_input,
            stream.initial_response,
            lambda: anext(stream.messages()),
            stream.aclose,
        ]


async def refused(uses: list[Callable[[], Awaitable[object]]]) -> None:
    for use in uses:
        with pytest.raises(ClientStateError, match="another event loop"):
            await use()


def test_a_stream_is_not_used_in_another_loop() -> None:
    opened = Opened()

    asyncio.run(refused(opened.uses))

    assert "z" == opened.loop.run_until_complete(opened.echo("z"))
    opened.loop.run_until_complete(opened.close())
    opened.loop.close()

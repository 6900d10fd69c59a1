"""Connections in memory, which a `ReconnectingStream` opens one after the other."""

from __future__ import annotations

import asyncio
from typing import Any

from sagemaker_rt.errors import SageMakerRuntimeError, TruncatedBodyError
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream
from sagemaker_rt.streaming.reconnecting_stream import ReconnectingStream
from tests.streaming.duplex_doubles import LiveConnection

__all__ = ["Connections", "run_all"]


class Connections:
    """Opens connections; an attempt fails with the next of *failures*.

    Args:
        limit: The number of connections after which attempts wait for `gate`.
    """

    def __init__(self, *failures: Exception | None, limit: int = 100) -> None:
        self.limit = limit
        self.failures = list(failures)
        self.opened: list[LiveConnection] = []
        self.gate = asyncio.Event()
        """Attempts wait for it."""
        self.gate.set()
        self.has_room = True
        """Whether the next connections accept events."""
        self.delays: list[float] = []

    async def connect(self) -> BidirectionalStream:
        await self.gate.wait()
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        self.opened.append(LiveConnection())
        self.opened[-1].has_room = self.has_room
        if len(self.opened) == self.limit:
            self.gate.clear()
        return self.opened[-1].stream

    async def sleep(self, seconds: float) -> None:
        self.delays.append(seconds)
        await asyncio.sleep(0)

    def stream(self, **options: Any) -> ReconnectingStream:
        return ReconnectingStream(
            self.connect, sleep=self.sleep, chance=lambda: 0.5, **options
        )

    def lose(self, error: SageMakerRuntimeError | None = None) -> None:
        """Lose the latest connection."""
        self.opened[-1].fail(error or TruncatedBodyError("cut"))


async def run_all() -> None:
    """Run all tasks up to where they wait."""
    for _ in range(20):
        await asyncio.sleep(0)

"""Limits concurrent calls to what an endpoint can serve."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency

__all__ = ["ConcurrencyLimit"]


class ConcurrencyLimit:
    """Lets as many calls run as *machine* allows; others wait in their order."""

    def __init__(self, machine: AdaptiveConcurrency) -> None:
        self.machine = machine
        self.in_flight = 0
        """The number of calls that run."""
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Wait until the call may run; it ends with the block."""
        if self._waiting or self.in_flight >= self.machine.limit:
            await self._wait()
        else:
            self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1
            self._wake()

    async def _wait(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():  # the slot was granted meanwhile
                self.in_flight -= 1
            self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self.in_flight < self.machine.limit:
            future = self._waiting.popleft()
            if not future.done():
                self.in_flight += 1
                future.set_result(None)

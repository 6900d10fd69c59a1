"""Limits concurrent calls to what an endpoint can serve."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency
from sagemaker_rt.sansio.call_places import CallPlaces

__all__ = ["ConcurrencyLimit"]


class ConcurrencyLimit:
    """Lets as many calls run as *machine* allows; others wait in their order."""

    def __init__(self, machine: AdaptiveConcurrency) -> None:
        self.machine: Final = machine
        # the reader of inputs bounds the number of calls that wait
        self._places: Final = CallPlaces[asyncio.Future[None]](machine, sys.maxsize)

    @property
    def in_flight(self) -> int:
        """The number of calls that run."""
        return self._places.in_flight

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Wait until the call may run; it ends with the block."""
        if not self._places.enter():
            await self._wait()
        try:
            yield
        finally:
            self._leave()

    async def _wait(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._places.wait(future)
        try:
            await future
        except asyncio.CancelledError:
            if not self._places.give_up(future):  # the slot was already granted
                self._leave()
            raise

    def _leave(self) -> None:
        self._places.leave()
        while (future := self._places.next_waiter()) is not None:
            if not future.done():
                future.set_result(None)

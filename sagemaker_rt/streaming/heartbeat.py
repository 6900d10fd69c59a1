"""Heartbeats in an iterator that can be silent for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from enum import Enum
from typing import Final, Generic, TypeVar

from sagemaker_rt.errors import ClientStateError, ParamValidationError

__all__ = ["HEARTBEAT", "Heartbeat", "HeartbeatIterator", "with_heartbeat"]

T = TypeVar("T")

_LONGEST: Final = 1e9  # longer delays are errors of event loops


class Heartbeat(Enum):
    """The type of `HEARTBEAT`, which is its only value."""

    HEARTBEAT = "heartbeat"

    def __repr__(self) -> str:
        return "HEARTBEAT"


HEARTBEAT: Final = Heartbeat.HEARTBEAT
"""What `with_heartbeat` yields when nothing was received."""


class _End(Enum):
    END = "end"


class HeartbeatIterator(AsyncIterator[T | Heartbeat], Generic[T]):
    """The items of *iterator*, and a heartbeat after *every* seconds of silence.

    Only one task at a time can read. A cancelled read loses nothing.
    """

    def __init__(self, iterator: AsyncIterator[T], every: float) -> None:
        self._iterator = iterator
        self._every = every
        self._reading: asyncio.Task[T | _End] | None = None
        self._is_being_read = False

    async def __anext__(self) -> T | Heartbeat:
        if self._is_being_read:  # else both tasks would get the same item
            message = "another task reads; only one can read at a time"
            raise ClientStateError(message)
        reading = self._reading
        if reading is None:
            reading = asyncio.create_task(_next_of(self._iterator))
            reading.add_done_callback(_retrieve_exception)
            self._reading = reading
        self._is_being_read = True
        try:
            done, _ = await asyncio.wait((reading,), timeout=self._every)
        finally:
            self._is_being_read = False
        if not done:
            return HEARTBEAT
        self._reading = None
        item = reading.result()
        if isinstance(item, _End):
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Cancel a read that is in progress; the iterator itself stays open."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait((reading,))

    def __del__(self) -> None:
        reading = self._reading
        if reading is not None and not reading.done():
            loop = reading.get_loop()
            if not loop.is_closed():  # the garbage collector can run in any thread
                loop.call_soon_threadsafe(reading.cancel)


def with_heartbeat(
    iterator: AsyncIterator[T], every: float = 10.0
) -> HeartbeatIterator[T]:
    """Yield the items of *iterator*, and `HEARTBEAT` when it is silent.

    A web service sends a comment for each heartbeat, so that proxies keep the
    connection open. No item is lost. Close the stream, or leave its ``async with``
    block, to end a read that is in progress.

    Args:
        every: Seconds of silence before each heartbeat.

    Raises:
        ParamValidationError: *every* is not a positive number of at most 1e9, or
            *iterator* is not an asynchronous iterator.
    """
    is_number = isinstance(every, (int, float)) and not isinstance(every, bool)
    if not is_number or not 0 < every <= _LONGEST:
        problem = f"every must be a positive number of seconds, not {every!r}"
        raise ParamValidationError(problem, [problem])
    if not isinstance(iterator, AsyncIterator):
        problem = (
            "iterator must be an asynchronous iterator, such as stream.iter_text(), "
            f"not {iterator!r}"
        )
        raise ParamValidationError(problem, [problem])
    return HeartbeatIterator(iterator, every)


async def _next_of(iterator: AsyncIterator[T]) -> T | _End:
    return await anext(iterator, _End.END)


def _retrieve_exception(reading: asyncio.Task[object]) -> None:
    """Prevent asyncio from logging an exception that no further read retrieves."""
    if not reading.cancelled():
        reading.exception()

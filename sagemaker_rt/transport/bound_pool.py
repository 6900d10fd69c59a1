"""Binds a connection pool to one event loop and one process.

A connection pool works in the event loop that it was created in. After a fork, parent
and child would read each other's responses. Both are errors before anything is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import suppress
from typing import Final, Generic, Protocol, TypeVar

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.transport.time_limits import Watchdog

__all__ = ["BoundPool", "Closable"]


class Closable(Protocol):
    """A connection pool."""

    def close(self) -> Awaitable[None]:
        """Close all connections."""
        ...


P = TypeVar("P", bound=Closable)


class BoundPool(Generic[P]):
    """A pool and its watchdog, bound to *loop* and to the process *process_id*."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, process_id: int, pool: P
    ) -> None:
        self.loop: Final = loop
        self.process_id: Final = process_id
        self.pool: Final = pool
        self.watchdog: Final = Watchdog(loop)
        self._closing_generator = _close_at_end(pool, self.watchdog)

    async def open(self) -> None:
        """Register the pool with the event loop, which closes it at its end."""
        await anext(self._closing_generator)

    def require_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raise ClientStateError if the pool is bound to another, open loop."""
        if loop is not self.loop and not self.loop.is_closed():
            message = (
                "the HTTP client is bound to another event loop, which is not closed; "
                "use one client for each event loop"
            )
            raise ClientStateError(message)

    def require_process(self, process_id: int) -> None:
        """Raise ClientStateError if the pool is bound to another process."""
        if process_id != self.process_id:
            message = (
                "the HTTP client was used before this process was forked, and its "
                "connections belong to the parent process; create a new one"
            )
            raise ClientStateError(message)

    async def close(self) -> None:
        """End all calls in progress, and close the pool."""
        if self.loop.is_closed():
            # the calls ended with the loop; a pool can fail to use a closed loop
            with suppress(RuntimeError):
                await self.pool.close()
        else:
            await self._closing_generator.aclose()


async def _close_at_end(pool: Closable, watchdog: Watchdog) -> AsyncGenerator[None]:
    """End all calls, and close *pool*, when this generator is closed.

    It is closed by `BoundPool.close`, or by its event loop.

    An event loop closes all asynchronous generators when it is shut down in order. It
    offers no other hook.
    """
    try:
        yield
    finally:
        watchdog.close()
        await pool.close()

"""Binds an aiohttp session to one event loop and one process.

A connection pool works in the event loop that it was created in. After a fork, parent
and child would read each other's responses. Both are errors before anything is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

import aiohttp

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.transport.time_limits import Watchdog

__all__ = ["BoundSession"]


class BoundSession:
    """A session and its watchdog, bound to *loop* and to the process *process_id*."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        process_id: int,
        session: aiohttp.ClientSession,
    ) -> None:
        self.loop: Final = loop
        self.process_id: Final = process_id
        self.session: Final = session
        self.watchdog: Final = Watchdog(loop)
        self._closing_generator = _close_at_end(session)

    async def open(self) -> None:
        """Register the session with the event loop, which closes it at its end."""
        await anext(self._closing_generator)

    def require_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raise ClientStateError if the session is bound to another, open loop."""
        if loop is not self.loop and not self.loop.is_closed():
            message = (
                "the HTTP client is bound to another event loop, which is not closed; "
                "use one client for each event loop"
            )
            raise ClientStateError(message)

    def require_process(self, process_id: int) -> None:
        """Raise ClientStateError if the session is bound to another process."""
        if process_id != self.process_id:
            message = (
                "the HTTP client was used before this process was forked, and its "
                "connections belong to the parent process; create a new one"
            )
            raise ClientStateError(message)

    async def close(self) -> None:
        """End all calls in progress, and close the session."""
        if self.loop.is_closed():
            # the calls ended with the loop; aiohttp can fail to use a closed loop
            with suppress(RuntimeError):
                await self.session.close()
        else:
            self.watchdog.close()
            await self._closing_generator.aclose()


async def _close_at_end(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Close *session* when this generator is closed, by us or by its event loop.

    An event loop closes all asynchronous generators when it is shut down in order. It
    offers no other hook.
    """
    try:
        yield
    finally:
        await session.close()

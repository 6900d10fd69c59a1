"""Waits for a thread whose result is no longer needed."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["wait_for_thread"]


async def wait_for_thread(running: asyncio.Future[Any], *, limit: float) -> None:
    """Wait until the function in a thread has returned, at most for *limit* seconds.

    A failed or cancelled call waits, because its caller may use the same file again as
    soon as the call ends. An exception of the function is not logged, even if the task
    is cancelled again while it waits.
    """
    # first, as a cancellation ends the wait
    running.add_done_callback(_retrieve_exception)
    await asyncio.wait((running,), timeout=limit)


def _retrieve_exception(running: asyncio.Future[Any]) -> None:
    """Prevent asyncio from logging that the exception was never retrieved."""
    if not running.cancelled():
        running.exception()

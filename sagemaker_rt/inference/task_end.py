"""Waiting for the end of tasks that must not outlive their owner."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["end_of"]


async def end_of(*tasks: asyncio.Task[Any]) -> None:
    """Wait until *tasks* have ended, even if the caller is cancelled.

    The tasks are not cancelled, and their exceptions are not raised.

    Raises:
        asyncio.CancelledError: The caller was cancelled, and all tasks have ended.
    """
    cancelled = None
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled

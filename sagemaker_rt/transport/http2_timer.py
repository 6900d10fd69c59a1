"""Runs what is due on a stream in both directions, with one timer of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sagemaker_rt.sansio.stream_deadlines import Due, StreamDeadlines

__all__ = ["StreamTimer"]


class StreamTimer:
    """Calls *on_due* when a deadline has passed, or when a PING has to be sent.

    Later times are found when the timer runs, so that received bytes cost no timer.
    """

    def __init__(
        self,
        deadlines: StreamDeadlines,
        loop: asyncio.AbstractEventLoop,
        on_due: Callable[[Due], None],
    ) -> None:
        self.deadlines: Final = deadlines
        self._loop: Final = loop
        self._on_due: Final = on_due
        self._handle: asyncio.TimerHandle | None = None
        self._is_stopped = False

    def schedule(self) -> None:
        """Run at the earliest time at which something is due."""
        at = self.deadlines.next_at()
        handle = self._handle
        if self._is_stopped or at is None:
            return
        if handle is not None:
            if handle.when() <= at:
                return
            handle.cancel()
        self._handle = self._loop.call_at(at, self._run)

    def stop(self) -> None:
        """Never run again."""
        self._is_stopped = True
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _run(self) -> None:
        self._handle = None
        due = self.deadlines.check(self._loop.time())
        if due.ping or due.limit is not None:
            self._on_due(due)
        self.schedule()

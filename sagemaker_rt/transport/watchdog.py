"""One timer for all time limits of a transport.

A limit of its own for each call is a timer made and cancelled with each call. Here a
limit is an entry in a dict; the one timer stands at the earliest, and mostly finds that
the call has long ended.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import Final

from sagemaker_rt.errors import ClientStateError

__all__ = ["Wait", "Watchdog"]


class Watchdog:
    """Ends waits whose time has run out; for one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop: Final = loop
        self.is_closed = False
        self._deadlines: dict[Wait, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf

    def __len__(self) -> int:
        return len(self._deadlines)

    def until(self, limit: float | None, deadline: float | None) -> float:
        """Return the loop's time in *limit* seconds, or *deadline* if that is sooner.

        None for either means that it sets no limit.
        """
        until = inf if limit is None else self.loop.time() + limit
        return until if deadline is None or until < deadline else deadline

    def limit(self, limit: float | None, deadline: float | None) -> str:
        """Say which of the two ran out, once one has."""
        if deadline is not None and self.loop.time() >= deadline:
            return "the call's total time"
        return f"a time limit of {limit:g} s"

    def watch(self, wait: Wait, until: float) -> None:
        """End *wait* when the loop's time is *until*, unless it is forgotten before.

        Args:
            until: May be infinite: then only `close` ends the wait.
        """
        if self.is_closed:
            wait.end()
            return
        self._deadlines[wait] = until
        if until < self._timer_at:
            self._set_timer(until)

    def forget(self, wait: Wait) -> None:
        """Watch *wait* no longer."""
        self._deadlines.pop(wait, None)

    def close(self) -> None:
        """End every wait now, and whatever begins to wait from now on."""
        self.is_closed = True
        for wait in tuple(self._deadlines):
            self._end(wait)
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self.loop.call_at(at, self._sweep) if at < inf else None

    def _sweep(self) -> None:
        now = self.loop.time()
        for wait in [wait for wait, at in self._deadlines.items() if at <= now]:
            self._end(wait)
        self._set_timer(min(self._deadlines.values(), default=inf))

    def _end(self, wait: Wait) -> None:
        self.forget(wait)
        wait.end()


class Wait:
    """What the current task waits for, with a time limit that may be moved.

    It works as `asyncio.timeout` does: the task is cancelled when the time has run
    out, and whoever catches the cancellation asks `stop` whether it was that.

    Raises:
        ClientStateError: There is no current task.
    """

    __slots__ = ("_cancelling", "_is_over", "_task", "_was_ended", "_watchdog")

    def __init__(self, watchdog: Watchdog, until: float) -> None:
        task = asyncio.current_task(watchdog.loop)
        if task is None:
            message = "requests are sent and answers are read inside of a task"
            raise ClientStateError(message)
        self._task = task
        self._cancelling = task.cancelling()
        self._is_over = False
        self._was_ended = False
        self._watchdog = watchdog
        watchdog.watch(self, until)

    def move(self, until: float) -> None:
        """Let the wait last until the loop's time is *until*; may come too late."""
        if not self._is_over:
            self._watchdog.watch(self, until)

    def end(self) -> None:
        """Cancel the task, once."""
        if not self._was_ended:
            self._was_ended = True
            self._task.cancel()

    def stop(self) -> bool:
        """Stop waiting; return whether the time limit, and only that, ended the wait.

        The cancellation that the time limit caused is taken back. If somebody else
        cancelled the task too, that comes first: the answer is False, and the
        cancellation is to be passed on.
        """
        self._is_over = True
        self._watchdog.forget(self)
        return self._was_ended and self._task.uncancel() <= self._cancelling

    def is_cancelled(self) -> bool:
        """Tell whether somebody has asked the task to stop since the wait began."""
        return self._task.cancelling() > self._cancelling

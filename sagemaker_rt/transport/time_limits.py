"""Enforces the time limits of all calls of an HTTP client with one timer.

A timer for each call would have to be created and cancelled with each call. Here a
time limit is an entry in a dict. The one timer goes off at the earliest entry, and
mostly finds that the call has ended long before.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import Final

from sagemaker_rt.errors import ClientStateError

__all__ = ["TimeLimit", "Watchdog"]


class Watchdog:
    """Cancels tasks whose time limit is exceeded; for one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop: Final = loop
        self.is_closed = False
        self.time_limits: Final[dict[TimeLimit, float]] = {}
        """The active time limits, and when each ends, by the loop's clock."""
        self.next_check = inf
        """When the timer goes off: never later than the first time limit ends."""
        self._timer: asyncio.TimerHandle | None = None

    def check_at(self, when: float) -> None:
        """Let the timer go off at *when*, by the loop's clock."""
        if self._timer is not None:
            self._timer.cancel()
        self.next_check = when
        self._timer = self.loop.call_at(when, self._check) if when < inf else None

    def close(self) -> None:
        """Cancel all tasks that have a time limit, and each that starts one later."""
        self.is_closed = True
        for time_limit in tuple(self.time_limits):
            time_limit.expire()
        self.check_at(inf)

    def _check(self) -> None:
        now = self.loop.time()
        for time_limit in [it for it, end in self.time_limits.items() if end <= now]:
            time_limit.expire()
        self.check_at(min(self.time_limits.values(), default=inf))


class TimeLimit:
    """A time limit of the current task, which can be changed while it runs.

    It works as `asyncio.timeout` does: the task is cancelled when the limit is
    exceeded. The code that catches the cancellation calls `stop`, which returns
    whether the time limit caused it.

    Args:
        seconds: Seconds from now; None for no limit.
        deadline: The loop's time at which the task is cancelled in any case.

    Raises:
        ClientStateError: It is called outside a task.
    """

    __slots__ = (
        "_cancelling",
        "_deadline",
        "_has_expired",
        "_is_stopped",
        "_seconds",
        "_task",
        "_watchdog",
    )

    def __init__(
        self, watchdog: Watchdog, seconds: float | None, deadline: float | None
    ) -> None:
        task = asyncio.current_task(watchdog.loop)
        if task is None:
            message = "requests must be sent, and responses read, in an asyncio task"
            raise ClientStateError(message)
        self._cancelling = task.cancelling()
        self._deadline = deadline
        self._has_expired = False
        self._is_stopped = False
        self._task = task
        self._watchdog = watchdog
        self.restart(seconds)

    def restart(self, seconds: float | None) -> None:
        """Set the limit to *seconds* from now; does nothing after `stop`."""
        watchdog = self._watchdog
        self._seconds = seconds
        end = inf if seconds is None else watchdog.loop.time() + seconds
        if self._deadline is not None and self._deadline < end:
            end = self._deadline
        if self._is_stopped:
            return
        watchdog.time_limits[self] = end
        if end < watchdog.next_check:
            watchdog.check_at(end)
        if watchdog.is_closed:
            # Not at once: the task runs. If it does not wait before `stop`, it would be
            # cancelled wherever it waits next.
            watchdog.loop.call_soon(self.expire)

    @property
    def exceeded_seconds(self) -> float | None:
        """The limit that was exceeded, in seconds; None if it was the deadline."""
        deadline = self._deadline
        if deadline is not None and deadline <= self._watchdog.loop.time():
            return None
        return self._seconds

    def expire(self) -> None:
        """Cancel the task, once; does nothing after `stop`."""
        self._watchdog.time_limits.pop(self, None)
        if not self._has_expired and not self._is_stopped:
            self._has_expired = True
            self._task.cancel()

    def stop(self) -> bool:
        """End the time limit; return whether it alone cancelled the task.

        Its own cancellation is undone. If other code cancelled the task too, that
        takes precedence: the result is False, and the caller must re-raise.
        """
        self._is_stopped = True
        self._watchdog.time_limits.pop(self, None)
        return self._has_expired and self._task.uncancel() <= self._cancelling

    def is_task_cancelled(self) -> bool:
        """Return whether the task was cancelled since the time limit was started."""
        return self._task.cancelling() > self._cancelling

"""One timer for all time limits of a transport.

A timer of its own for each call would be made and cancelled with each call. Here a time
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
        self.waits: Final[dict[Wait, float]] = {}
        """What waits, and until when, by the loop's time; kept by the waits."""
        self.next_look = inf
        """When the timer goes off: never later than the earliest end of a wait."""
        self._timer: asyncio.TimerHandle | None = None

    def look_at(self, when: float) -> None:
        """Have the timer go off at *when*, the loop's time."""
        if self._timer is not None:
            self._timer.cancel()
        self.next_look = when
        self._timer = self.loop.call_at(when, self._look) if when < inf else None

    def close(self) -> None:
        """End every wait now, and whatever begins to wait from now on."""
        self.is_closed = True
        for wait in tuple(self.waits):
            wait.end()
        self.look_at(inf)

    def _look(self) -> None:
        now = self.loop.time()
        for wait in [wait for wait, until in self.waits.items() if until <= now]:
            wait.end()
        self.look_at(min(self.waits.values(), default=inf))


class Wait:
    """What the current task waits for; its time limit can be moved.

    It works as `asyncio.timeout` does: the task is cancelled when the time has run
    out, and whoever catches the cancellation asks `stop` whether it was that.

    Args:
        limit: Seconds from now; None sets no limit.
        deadline: The loop's time at which the wait ends, whatever its limit.

    Raises:
        ClientStateError: There is no current task.
    """

    __slots__ = (
        "_cancelling",
        "_deadline",
        "_is_over",
        "_limit",
        "_task",
        "_was_ended",
        "_watchdog",
    )

    def __init__(
        self, watchdog: Watchdog, limit: float | None, deadline: float | None
    ) -> None:
        task = asyncio.current_task(watchdog.loop)
        if task is None:
            message = "requests are sent and answers are read inside of a task"
            raise ClientStateError(message)
        self._cancelling = task.cancelling()
        self._deadline = deadline
        self._is_over = False
        self._task = task
        self._was_ended = False
        self._watchdog = watchdog
        self.allow(limit)

    def allow(self, limit: float | None) -> None:
        """Let the wait last for *limit* seconds from now; may come too late."""
        watchdog = self._watchdog
        self._limit = limit
        until = inf if limit is None else watchdog.loop.time() + limit
        if self._deadline is not None and self._deadline < until:
            until = self._deadline
        if self._is_over:
            return
        watchdog.waits[self] = until
        if until < watchdog.next_look:
            watchdog.look_at(until)
        if watchdog.is_closed:
            self.end()

    @property
    def limit(self) -> str:
        """What limits the wait; once the time has run out, what did."""
        deadline = self._deadline
        if deadline is not None and deadline <= self._watchdog.loop.time():
            return "the call's total time"
        return f"a time limit of {self._limit:g} s"

    def end(self) -> None:
        """Cancel the task, once."""
        self._watchdog.waits.pop(self, None)
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
        self._watchdog.waits.pop(self, None)
        return self._was_ended and self._task.uncancel() <= self._cancelling

    def is_cancelled(self) -> bool:
        """Tell whether somebody has asked the task to stop since the wait began."""
        return self._task.cancelling() > self._cancelling

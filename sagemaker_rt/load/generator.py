"""The tasks of a load test: those that start calls, the calls, and their end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from itertools import cycle
from random import Random
from typing import Any, Final

from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.load.loops import ClosedLoop, OpenLoop
from sagemaker_rt.load.measured_call import LoadInput, MeasuredCalls
from sagemaker_rt.sansio.arrival_times import arrival_times
from sagemaker_rt.sansio.load_statistics import LoadStatistics

__all__ = ["LoadGenerator"]

_GRACE: Final = 1.0
"""Seconds after the end of the test in which calls that are late still start."""
_TIMER_RESOLUTION: Final = 0.001
"""Seconds that a timer may be late, as event loops round it up to milliseconds."""


class LoadGenerator:
    """Makes calls for `warm_up` and `seconds`, and waits for their end.

    Args:
        inputs: Are sent in turn.
        warm_up: Seconds of the same load before the measurement.
        drain: Seconds to wait for calls in flight after the last one has started.
        stop: Ends the test early if it is set: calls in flight are cancelled.
    """

    def __init__(  # noqa: PLR0913 - the arguments of a load test
        self,
        calls: MeasuredCalls,
        inputs: Sequence[LoadInput],
        loop: OpenLoop | ClosedLoop,
        *,
        seconds: float,
        warm_up: float,
        drain: float,
        stop: asyncio.Event,
    ) -> None:
        self._calls = calls
        self._inputs: Iterator[LoadInput] = cycle(inputs)
        self._loop = loop
        self._drain = drain
        self._stop = stop
        self._time = asyncio.get_running_loop().time
        self.begin: Final = self._time() + warm_up
        """The time at which the measurement begins."""
        self.end: Final = self.begin + seconds
        self.warm_up: Final = LoadStatistics(self._time(), warm_up or 1.0)
        self.statistics: Final = LoadStatistics(
            self.begin, seconds, loop.rate if isinstance(loop, OpenLoop) else None
        )
        self.max_in_flight = 0
        """The highest number of calls that were in flight."""
        self.seconds = 0.0
        """The time from the beginning of the measurement to its end: the end of the
        last call, or the time at which the test was stopped."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def in_flight(self) -> int:
        """The number of calls in flight."""
        return len(self._tasks)

    async def run(self) -> None:
        """Make all calls, and wait for their end.

        If the caller is cancelled, so are the calls, and it waits for their end.
        """
        stopping = asyncio.create_task(self._stop.wait())
        loop = self._loop
        starting = asyncio.create_task(
            self._start_open(loop)
            if isinstance(loop, OpenLoop)
            else self._start_closed(loop)
        )
        draining: asyncio.Task[None] | None = None
        try:
            await _first_of(starting, stopping)
            if starting.done():
                starting.result()  # raises what is not a failure of a call
                draining = asyncio.create_task(self._wait_for_calls())
                await _first_of(draining, stopping, timeout=self._drain)
        finally:
            self.seconds = self._measured_seconds()
            others = [task for task in (starting, stopping, draining) if task]
            await _cancel(*others, *self._tasks)

    async def _start_open(self, loop: OpenLoop) -> None:
        """Start calls at their scheduled arrivals until the end of the test."""
        begin = self.warm_up.begin
        random = Random(loop.seed).random  # noqa: S311 - not a secret
        times = arrival_times(loop.rate, self.end - begin, loop.arrivals, random)
        for due in (begin + time for time in times):
            await self._wait_until(due)
            statistics = self._statistics(due)
            statistics.schedule(due)
            if self._time() >= self.end + _GRACE:
                statistics.miss(due)
            elif len(self._tasks) >= loop.max_in_flight:
                statistics.drop(due)
            else:
                self._start(self._call(due))

    async def _wait_until(self, due: float) -> None:
        if (delay := due - self._time() - _TIMER_RESOLUTION) > 0:
            await asyncio.sleep(delay)
        # other tasks run at least once, even if calls start too late
        await asyncio.sleep(0)
        while self._time() < due:  # noqa: ASYNC110 - more precise than a timer
            await asyncio.sleep(0)

    async def _start_closed(self, loop: ClosedLoop) -> None:
        """Start the callers, and wait for the end of the test."""
        for _ in range(loop.concurrency):
            self._start(self._make_calls())
        await asyncio.sleep(self.end - self._time())

    async def _make_calls(self) -> None:
        """Make one call after the other."""
        while (due := self._time()) < self.end:
            self._statistics(due).schedule(due)
            await self._call(due)

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.max_in_flight = max(self.max_in_flight, len(self._tasks))

    async def _call(self, due: float) -> None:
        statistics = self._statistics(due)
        statistics.start(due, self._time())
        statistics.end(await self._calls.call(next(self._inputs), due))

    def _statistics(self, due: float) -> LoadStatistics:
        return self.warm_up if due < self.begin else self.statistics

    def _measured_seconds(self) -> float:
        end = max(self.end, self.statistics.last_end)
        return max(0.0, min(self._time(), end) - self.begin)

    async def _wait_for_calls(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)


async def _first_of(*tasks: asyncio.Task[Any], timeout: float | None = None) -> None:  # noqa: ASYNC109 - of asyncio.wait
    await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await end_of(*tasks)
    for task in tasks:
        with suppress(asyncio.CancelledError):
            task.exception()  # retrieved, as asyncio logs others

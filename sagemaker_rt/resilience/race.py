"""Two requests for one call: the first response counts, and the other is cancelled."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from sagemaker_rt.context import Key
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.stack import Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["HEDGED", "Race"]

HEDGED: Key[bool] = Key("hedged")
"""In the metadata of an output, if two requests were sent: whether it is the response
to the second one."""

Second: TypeAlias = Callable[[], Coroutine[Any, Any, Output] | None]
"""Returns the second request as a coroutine, or None if there must be none."""

_timers: Final = WeakKeyDictionary[asyncio.AbstractEventLoop, "_Timer"]()


class Race:
    """One call with a second request if the first one is slow.

    The first request runs in the task of the caller, so that a call without a second
    request needs no task. If the second one wins, the first one is cancelled in the way
    of `asyncio.timeout`, which would take longer than the rest of this class.
    """

    def __init__(self, second: Second) -> None:
        self._make_second: Final = second
        self._context: Final = copy_context()  # that of the caller, not of the timer
        self._second: asyncio.Task[Output] | None = None
        self._first: asyncio.Task[Any] | None = None
        """The task that runs the first request; None when it has ended."""
        self._is_overtaken = False
        """Whether the first request was cancelled because of the second."""

    async def run(self, first: Awaitable[Output], delay: float) -> Output:
        """Return the first response.

        Nothing of the other request is left when this returns or raises.

        Args:
            delay: Seconds until the second request is started.

        Raises:
            SageMakerRuntimeError: Both requests failed; it is the error of the first.
        """
        loop = asyncio.get_running_loop()
        timer = _timer_of(loop)
        task: Any = asyncio.current_task(loop)  # there is one: this is a coroutine
        self._first, cancelling = task, task.cancelling()
        timer.start(self, delay)
        try:
            output = await first
        except BaseException as error:
            self._first = None
            timer.stop(self)
            is_overtaken = self._is_overtaken and task.uncancel() <= cancelling
            output_of_second = await self._rescue(error, is_overtaken=is_overtaken)
            if output_of_second is None:
                raise
            return output_of_second
        self._first = None
        timer.stop(self)
        if self._is_overtaken:  # a middleware responded to the cancellation
            task.uncancel()
        if self._second is not None:
            await self._win(output)
        return output

    async def _rescue(
        self, error: BaseException, *, is_overtaken: bool
    ) -> Output | None:
        """Return the second response; None if *error*, of the first, ends the call."""
        output = None
        try:
            if is_overtaken or isinstance(error, SageMakerRuntimeError):
                output = await self._output_of_second(error)
        finally:
            await self._end_second()
        return output

    async def _win(self, output: Output) -> None:
        """End the second request; *output* is that of the first."""
        output.metadata[HEDGED] = False
        try:
            await self._end_second()
        except BaseException:  # a cancellation: the output has no reader
            await _close(output)
            raise

    async def _output_of_second(self, error: BaseException) -> Output | None:
        """Return the second response, if there is one; *error* ended the first."""
        second = self._second
        if second is None or _is_of_caller(error):
            return None
        await asyncio.wait([second])
        if not _has_succeeded(second):
            return None
        self._second = None  # it is the result, and not to be discarded
        output = second.result()
        output.metadata[HEDGED] = True
        return output

    async def _end_second(self) -> None:
        """Cancel the second request, and wait for its end; its response is closed."""
        second = self._second
        if second is None:
            return
        second.cancel()
        try:
            await end_of(second)
        finally:
            if _has_succeeded(second):
                await _close(second.result())

    def start_second(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the second request: the delay is over."""
        second = self._make_second()
        if second is not None:
            self._second = loop.create_task(second, context=self._context)
            self._second.add_done_callback(self._end_first)

    def _end_first(self, second: asyncio.Task[Output]) -> None:
        if self._first is not None and _has_succeeded(second):
            # not at once: the first response may have arrived as well
            second.get_loop().call_soon(self._cancel_first)

    def _cancel_first(self) -> None:
        if self._first is not None:
            self._is_overtaken = True
            self._first.cancel()


def _has_succeeded(task: asyncio.Task[Output]) -> bool:
    return not task.cancelled() and task.exception() is None


def _is_of_caller(error: BaseException) -> bool:
    """Return whether an equal request would fail in the same way."""
    if not isinstance(error, ServiceError):
        return False
    return error.fault == "client" and not error.is_retryable


async def _close(output: Output) -> None:
    if isinstance(output.result, ResponseStream):
        await output.result.aclose()


class _Timer:
    """Starts the second requests of all calls of an event loop with one timer.

    A timer for each call would have to be created and cancelled with each call.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # not the loop itself, which is the key of this timer
        self._time: Final = loop.time
        self._call_at: Final = loop.call_at
        self._races: Final[dict[Race, float]] = {}
        self._next_check = math.inf
        self._handle: asyncio.TimerHandle | None = None

    def start(self, race: Race, delay: float) -> None:
        """Start the second request of *race* after *delay* seconds."""
        when = self._time() + delay
        self._races[race] = when
        if when < self._next_check:
            self._check_at(when)

    def stop(self, race: Race) -> None:
        """Start no second request of *race*."""
        self._races.pop(race, None)

    def _check_at(self, when: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._next_check = when
        self._handle = self._call_at(when, self._check)

    def _check(self) -> None:
        loop, now = asyncio.get_running_loop(), self._time()
        self._handle, self._next_check = None, math.inf
        for race in [race for race, when in self._races.items() if when <= now]:
            del self._races[race]
            race.start_second(loop)
        if self._races:
            self._check_at(min(self._races.values()))


def _timer_of(loop: asyncio.AbstractEventLoop) -> _Timer:
    timer = _timers.get(loop)
    if timer is None:
        timer = _timers[loop] = _Timer(loop)
    return timer

"""Two requests for one call: the first response counts, and the other is cancelled."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from contextvars import Context as VariableContext
from contextvars import copy_context
from itertools import count
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary, ref

from sagemaker_rt.context import Key, LastExchange
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.stack import Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["HEDGED", "Race", "SecondRequests", "second_requests"]

HEDGED: Key[bool] = Key("hedged")
"""In the metadata of an output, if two requests were sent: whether it is the response
to the second one."""

Second: TypeAlias = Callable[
    ..., tuple[Coroutine[Any, Any, Output], LastExchange] | None
]
"""Returns the second request as a coroutine, and what it has sent; None if there must
be no second request."""


class Race:
    """The two requests of one call.

    The first request runs in the task of the caller, so that a call without a second
    request needs no task. If the second one wins, the first one is cancelled in the way
    of `asyncio.timeout`, which would take longer than the rest of this class.

    Args:
        caller: The task that runs the first request.
        cancelling: Its number of pending cancellations before the first request.
        second: The task of the second request.
        exchange: What the second request has sent.
    """

    def __init__(
        self,
        caller: asyncio.Task[Any],
        cancelling: int,
        second: asyncio.Task[Output],
        exchange: LastExchange,
    ) -> None:
        self._caller: Final = caller
        self._cancelling: Final = cancelling
        self._second: asyncio.Task[Output] | None = second
        self._exchange: Final = exchange
        self.is_first_running = True
        """Whether the first request may be cancelled; its end makes it False."""
        self._is_overtaken = False
        """Whether the first request was cancelled because of the second."""
        second.add_done_callback(self._end_first)

    async def rescue(self, error: BaseException) -> Output:
        """Return the second response; raise *error*, of the first, if there is none.

        Nothing of the second request is left when this returns or raises. The error
        also says what the second request has done.
        """
        caller = self._caller
        is_overtaken = self._is_overtaken and caller.uncancel() <= self._cancelling
        try:
            if is_overtaken or isinstance(error, SageMakerRuntimeError):
                output = await self._output_of_second(error)
                if output is not None:
                    return output
        finally:
            await self._end_second()
            if isinstance(error, SageMakerRuntimeError):
                self._add_facts_of_second(error)
        raise error

    def _add_facts_of_second(self, error: SageMakerRuntimeError) -> None:
        second = self._second
        if second is None:
            return
        failure = None if second.cancelled() else second.exception()
        if isinstance(failure, SageMakerRuntimeError):
            error.request_sent |= failure.request_sent
            error.may_have_executed |= failure.may_have_executed
        elif self._exchange.count:  # it was cancelled, or it failed in another way
            error.request_sent = error.may_have_executed = True

    async def win(self, output: Output) -> None:
        """End the second request; *output* is that of the first."""
        if self._is_overtaken:  # a middleware responded to the cancellation
            self._caller.uncancel()
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

    def _end_first(self, second: asyncio.Task[Output]) -> None:
        if self.is_first_running and _has_succeeded(second):
            # not at once: the first response may have arrived as well
            second.get_loop().call_soon(self._cancel_first)

    def _cancel_first(self) -> None:
        if self.is_first_running:
            self._is_overtaken = True
            self._caller.cancel()


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


# A plain tuple, since most calls end before it is read: the time of the event loop at
# which the second request is started, the task of the caller, its pending cancellations
# and its context variables (the timer may have those of another call), and the function
# that makes the request, with its arguments.
_Call: TypeAlias = tuple[
    float, asyncio.Task[Any], int, VariableContext, Second, tuple[Any, ...]
]


class SecondRequests:
    """Starts the second requests of all calls of an event loop, with one timer.

    A timer for each call would have to be created and cancelled with each call.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # not the loop, its methods or its timers: a closed loop would be kept for ever
        self.loop: Final = ref(loop)
        self._numbers: Final = count()
        self._calls: Final[dict[int, _Call]] = {}
        self._races: Final[dict[int, Race]] = {}
        self._next_check = math.inf

    def begin(
        self,
        loop: asyncio.AbstractEventLoop,
        delay: float,
        second: Second,
        arguments: tuple[Any, ...] = (),
    ) -> int:
        """Start a second request of the call of this task after *delay* seconds.

        Args:
            second: It is called with *arguments*, which are cheaper than a closure.

        Returns:
            The number of the call, for `end`.
        """
        caller: Any = asyncio.current_task(loop)  # there is one: this is a call
        number = next(self._numbers)
        when = loop.time() + delay
        variables = copy_context()
        cancelling = caller.cancelling()
        self._calls[number] = when, caller, cancelling, variables, second, arguments
        if when < self._next_check:
            self._check_at(loop, when)
        return number

    def end(self, number: int) -> Race | None:
        """Start no second request from now on: the first one has ended.

        Returns:
            The race, if a second request was started.
        """
        if self._calls.pop(number, None) is not None:
            return None
        race = self._races.pop(number, None)
        if race is not None:
            race.is_first_running = False
        return race

    def _check_at(self, loop: asyncio.AbstractEventLoop, when: float) -> None:
        self._next_check = when
        loop.call_at(when, self._check, when)

    def _check(self, when: float) -> None:
        if when != self._next_check:
            return  # a check at an earlier time has replaced this one
        loop, self._next_check = asyncio.get_running_loop(), math.inf
        now = loop.time()
        due = [number for number, call in self._calls.items() if call[0] <= now]
        for number in due:
            call = self._calls.pop(number)
            _, caller, cancelling, context, make_second, arguments = call
            made = make_second(*arguments)
            if made is not None:
                second, exchange = made
                task = loop.create_task(second, context=context)
                self._races[number] = Race(caller, cancelling, task, exchange)
        if self._calls:
            self._check_at(loop, min(when for when, *_ in self._calls.values()))


class _Loops:
    """The second requests of all event loops."""

    def __init__(self) -> None:
        self._loops: Final = WeakKeyDictionary[
            asyncio.AbstractEventLoop, SecondRequests
        ]()
        self._latest: SecondRequests | None = None

    def of(self, loop: asyncio.AbstractEventLoop) -> SecondRequests:
        """Return the second requests of *loop*, which is running."""
        latest = self._latest
        if latest is None or latest.loop() is not loop:
            latest = self._latest = self._loops.setdefault(loop, SecondRequests(loop))
        return latest


second_requests: Final = _Loops().of

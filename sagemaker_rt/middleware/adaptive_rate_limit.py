"""Finalize: limit the send rate per endpoint after throttling (``adaptive`` mode)."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import islice
from typing import Final
from urllib.parse import unquote

from attrs import define

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ModelNotReadyException,
    RequestTimeoutError,
    RetryCapacityNotAvailableError,
    SageMakerRuntimeError,
)
from sagemaker_rt.sansio.adaptive_rate_limit import ClientRateLimiter
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["AdaptiveRateLimit", "EndpointQueue", "RateLimiters"]

# endpoint names come from callers: without a limit, memory would grow forever
_MAX_IDLE_ENDPOINTS: Final = 1024


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class AdaptiveRateLimit:
    """Take a token from the bucket of the endpoint in each attempt; after *Retry*.

    The rate is not limited until the service throttles an endpoint. Then attempts get
    tokens in first-in, first-out order. If the token of an attempt would be available
    after the deadline of its call, the attempt fails at once. This is checked again for
    all waiting attempts when the rate falls.

    Throttling lowers the rate; every other result of a request that was sent raises it.
    `ModelNotReadyException` is not counted as throttling here, although *Retry* counts
    it: it says that a model is being loaded, not that requests are too frequent.

    The endpoint name is read from the path of the request. Requests with other paths
    have one bucket per path.

    Args:
        limiters: Shared by a client and its derived clients.
        wait: Whether to wait for a token; otherwise an error is raised.
        sleep: Waits for a number of seconds.
        time: Returns the time of the event loop, which deadlines refer to.

    Raises:
        RetryCapacityNotAvailableError: No token is available, and *wait* is False.
        RequestTimeoutError: No token is available before the deadline; nothing was
            sent.
    """

    def __init__(
        self,
        limiters: RateLimiters,
        *,
        wait: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        time: Callable[[], float] = _loop_time,
    ) -> None:
        self._limiters: Final = limiters
        self._wait: Final = wait
        self._sleep: Final = sleep
        self._time: Final = time

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        if ctx.is_prepare:  # nothing is sent
            return await next(ctx, input)
        endpoint_name = _endpoint_name(input.request.path)
        now = self._time()
        queue = self._limiters.queue(endpoint_name, now)
        if not queue.take(now, in_turn=self._wait):
            await self._wait_for_token(queue, endpoint_name, ctx)
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            # a request that was not sent says nothing about the service
            if error.request_sent:
                is_loading = isinstance(error, ModelNotReadyException)
                is_throttle = error.is_throttle and not is_loading
                queue.record_response(self._time(), is_throttle=is_throttle)
            raise
        queue.record_response(self._time(), is_throttle=False)
        return output

    async def _wait_for_token(
        self, queue: EndpointQueue, endpoint_name: str, ctx: Context
    ) -> None:
        """Return with a token taken, or raise."""
        if not self._wait:
            raise _no_capacity(endpoint_name, queue.until_next(self._time()))
        deadline = math.inf if ctx.deadline is None else ctx.deadline
        seconds = await queue.wait(deadline, sleep=self._sleep, time=self._time)
        if seconds:
            raise _too_late(endpoint_name, seconds, left=deadline - self._time())


class EndpointQueue:
    """The token bucket of one endpoint, and the queue of attempts that wait for tokens.

    The first attempt in the queue sleeps until its token is available; it is woken when
    the rate changes. When it leaves the queue, it makes the next one the first. So the
    queue needs no extra task.
    """

    def __init__(self, now: float) -> None:
        self._limiter: Final = ClientRateLimiter(now)
        # not a dict: finding its first item is slow after many deletions
        self._queue: Final[OrderedDict[_Waiter, None]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """Number of waiting attempts; those of a closed event loop are removed."""
        if self._queue and self._first().is_lost:
            self._queue.clear()
        return len(self._queue)

    def until_next(self, now: float) -> float:
        """Return the seconds until a token is available for an attempt added *now*."""
        return self._limiter.seconds_until(self.waiting + 1, now)

    def take(self, now: float, *, in_turn: bool) -> bool:
        """Take a token; return False if none is left after those for waiting attempts.

        Args:
            in_turn: Whether to return False while any attempt waits.
        """
        if self.until_next(now) or (in_turn and self.waiting):
            return False
        self._limiter.take()
        return True

    async def wait(
        self,
        deadline: float,
        *,
        sleep: Callable[[float], Awaitable[None]],
        time: Callable[[], float],
    ) -> float:
        """Wait for a token and return 0, or return the seconds if that is too late."""
        now = time()
        if _is_late(seconds := self.until_next(now), now, deadline):
            return seconds
        waiter = _Waiter(deadline, asyncio.get_running_loop().create_future())
        self._queue[waiter] = None
        self._first().activate()  # this one, if the queue was empty
        try:
            if seconds := await waiter.turn:
                return seconds
            # in a loop: a response may have lowered the rate during the sleep
            while seconds := self._limiter.seconds_until(1, now := time()):
                if _is_late(seconds, now, deadline):
                    return seconds
                await waiter.sleep(seconds, sleep)
            self._limiter.take()
            return 0.0
        finally:
            self._leave(waiter)

    def record_response(self, now: float, *, is_throttle: bool) -> None:
        """Adapt the rate to a response, and check the deadlines of the queue again."""
        rate = self._limiter.rate
        self._limiter.record_response(now, is_throttle=is_throttle)
        if self.waiting and self._limiter.rate != rate:
            self._reject_late(now)
            self._first().wake()  # its token may be available earlier or later now

    def _first(self) -> _Waiter:
        return next(iter(self._queue))

    def _leave(self, waiter: _Waiter) -> None:
        self._queue.pop(waiter, None)
        if self.waiting:
            self._first().activate()

    def _reject_late(self, now: float) -> None:
        # each rejected attempt moves those behind it forward
        remaining = 0
        for waiter in tuple(self._queue):
            seconds = self._limiter.seconds_until(remaining + 1, now)
            if not _is_late(seconds, now, waiter.deadline):
                remaining += 1
            elif not waiter.turn.done():  # the first one checks its deadline itself
                del self._queue[waiter]
                waiter.turn.set_result(seconds)


@define(eq=False)
class _Waiter:
    """An attempt that waits for a token."""

    deadline: float
    turn: asyncio.Future[float]
    """Resolves to 0 when this is the first in the queue, or to the seconds until its
    token if that is too late."""
    _sleep_timeout: asyncio.Timeout | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the event loop of the attempt is closed."""
        return self.turn.get_loop().is_closed()

    def activate(self) -> None:
        """Let it wait for the bucket itself; a second call does nothing."""
        if not self.turn.done():
            self.turn.set_result(0.0)

    async def sleep(
        self, seconds: float, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """Sleep for *seconds*, or until `wake`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as self._sleep_timeout:
                await sleep(seconds)

    def wake(self) -> None:
        """End `sleep` early; without a sleep it does nothing."""
        timeout, self._sleep_timeout = self._sleep_timeout, None
        if timeout is not None:
            timeout.reschedule(0.0)  # in the past: it expires at once


class RateLimiters:
    """One queue per endpoint name; shared by a client and its derived clients.

    The 1,024 most recently used endpoints are kept, and all with waiting attempts.
    """

    def __init__(self) -> None:
        self._queues: OrderedDict[str, EndpointQueue] = OrderedDict()

    def queue(self, endpoint_name: str, now: float) -> EndpointQueue:
        """Return the queue of *endpoint_name*."""
        queue = self._queues.get(endpoint_name)
        if queue is None:
            self._make_room()
            queue = self._queues[endpoint_name] = EndpointQueue(now)
        else:
            self._queues.move_to_end(endpoint_name)
        return queue

    def _make_room(self) -> None:
        excess = max(len(self._queues) + 1 - _MAX_IDLE_ENDPOINTS, 0)
        idle = (name for name, queue in self._queues.items() if not queue.waiting)
        for name in tuple(islice(idle, excess)):
            del self._queues[name]


def _is_late(seconds: float, now: float, deadline: float) -> bool:
    """Return whether a wait of *seconds* ends at the deadline or later."""
    return seconds > 0 and now + seconds >= deadline


def _no_capacity(endpoint_name: str, seconds: float) -> RetryCapacityNotAvailableError:
    message = (
        f"endpoint {endpoint_name!r} throttles: the next request is allowed in "
        f"{seconds:.3f} s; set adaptive_wait=True to wait for it"
    )
    error = RetryCapacityNotAvailableError(message)
    error.retry_after = seconds
    return error


def _too_late(
    endpoint_name: str, seconds: float, *, left: float
) -> RequestTimeoutError:
    message = (
        f"endpoint {endpoint_name!r} throttles: the next request is allowed in "
        f"{seconds:.3f} s, and total_timeout expires in {max(left, 0.0):.3f} s"
    )
    error = RequestTimeoutError(message)
    error.counts_as_attempt = False
    return error


def _endpoint_name(path: str) -> str:
    """Return the name in ``/endpoints/{EndpointName}/…``, or another path as it is."""
    match path.rsplit("/", 3):
        case [_, "endpoints", name, _]:
            return unquote(name)
        case _:
            return path

"""Finalize: send no faster to an endpoint than it takes."""

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

_MOST_ENDPOINTS: Final = 1024


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class AdaptiveRateLimit:
    """Take a token of the endpoint's for every attempt; it stands right after *Retry*.

    Until the service throttles an endpoint, nothing is limited. From then on, attempts
    get their tokens in the order in which they came; one that is cancelled while it
    waits leaves its place to the next. A token is not waited for if, by the present
    rate and with those ahead, it would come after the call's deadline; should the rate
    fall, those who wait are asked this again.

    What came of a request that was sent sets the rate: throttling lowers it, all else
    lets it grow. A model that is not ready is no throttling here, though it is for
    *Retry*: it says that the model is being loaded, and nothing of how fast the caller
    sends. What never left this process says nothing of the service.

    The endpoint's name is read from the request's path. A path of another form is
    limited by itself.

    Args:
        limiters: Shared by a client and those derived from it.
        wait: Whether to wait for a token, or to fail.
        sleep: Waits that many seconds.
        time: Tells the time that deadlines are in, which is the event loop's.

    Raises:
        RetryCapacityNotAvailableError: There is no token, and *wait* is False.
        RequestTimeoutError: No token comes before the call's deadline; nothing was
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
        endpoint_name = _endpoint_name(input.request.path)
        now = self._time()
        queue = self._limiters.queue(endpoint_name, now)
        if not queue.take(now, in_turn=self._wait):
            await self._wait_in(queue, endpoint_name, ctx)
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            if error.request_sent:
                is_loading = isinstance(error, ModelNotReadyException)
                is_throttle = error.is_throttle and not is_loading
                queue.answered(self._time(), is_throttle=is_throttle)
            raise
        queue.answered(self._time(), is_throttle=False)
        return output

    async def _wait_in(
        self, queue: EndpointQueue, endpoint_name: str, ctx: Context
    ) -> None:
        """Return with a token, or raise."""
        if not self._wait:
            raise _no_capacity(endpoint_name, queue.until_next(self._time()))
        deadline = math.inf if ctx.deadline is None else ctx.deadline
        seconds = await queue.wait(deadline, sleep=self._sleep, time=self._time)
        if seconds:
            raise _too_late(endpoint_name, seconds, left=deadline - self._time())


class EndpointQueue:
    """The limiter of one endpoint, and the attempts that wait for its tokens.

    The first of them watches the bucket, and looks again when the rate changes. When
    it goes, for whatever reason, it calls the next; so there is no task beside the
    calls.
    """

    def __init__(self, now: float) -> None:
        self._limiter: Final = ClientRateLimiter(now)
        # ordered by a linked list: a plain dict is slow to tell the first of many gone
        self._places: Final[OrderedDict[_Place, None]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait; those of an event loop that is closed do so no more."""
        if self._places and self._first().is_lost:
            self._places.clear()
        return len(self._places)

    def until_next(self, now: float) -> float:
        """Return the seconds until a token for one who came *now*."""
        return self._limiter.until(self.waiting + 1, now)

    def take(self, now: float, *, in_turn: bool) -> bool:
        """Take a token, or return False if there is none but for those who wait.

        Args:
            in_turn: Whether not to overtake those who wait, though there be one for
                each of them.
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
        """Return 0 with a token taken, or the seconds that it would take: too many."""
        now = time()
        if _is_late(seconds := self.until_next(now), now, deadline):
            return seconds
        place = _Place(deadline, asyncio.get_running_loop().create_future())
        self._places[place] = None
        self._first().call()
        try:
            if seconds := await place.turn:
                return seconds
            while seconds := self._limiter.until(1, now := time()):
                if _is_late(seconds, now, deadline):
                    return seconds
                await place.sleep(seconds, sleep)
            self._limiter.take()
            return 0.0
        finally:
            self._leave(place)

    def answered(self, now: float, *, is_throttle: bool) -> None:
        """Note an answer; at the new rate, tokens come sooner, or for some too late."""
        rate = self._limiter.rate
        self._limiter.answered(now, is_throttle=is_throttle)
        if self.waiting and self._limiter.rate != rate:
            self._send_away(now)
            self._first().wake()

    def _first(self) -> _Place:
        return next(iter(self._places))

    def _leave(self, place: _Place) -> None:
        self._places.pop(place, None)
        if self.waiting:
            self._first().call()

    def _send_away(self, now: float) -> None:
        staying = 0
        for place in tuple(self._places):
            seconds = self._limiter.until(staying + 1, now)
            if not _is_late(seconds, now, place.deadline):
                staying += 1
            elif not place.turn.done():  # the first one sees it for itself
                del self._places[place]
                place.turn.set_result(seconds)


@define(eq=False)
class _Place:
    """One who waits, and until when."""

    deadline: float
    turn: asyncio.Future[float]
    """Gives 0 when this one is the first, or the seconds that are too many."""
    _nap: asyncio.Timeout | None = None

    @property
    def is_lost(self) -> bool:
        """Whether its event loop is closed, so that nobody is there to be called."""
        return self.turn.get_loop().is_closed()

    def call(self) -> None:
        """Let it be the one that watches the bucket; again does nothing."""
        if not self.turn.done():
            self.turn.set_result(0.0)

    async def sleep(
        self, seconds: float, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """Wait for *seconds*, or until it is woken."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as self._nap:
                await sleep(seconds)

    def wake(self) -> None:
        """Have it look at the bucket again, if it sleeps; again does nothing."""
        nap, self._nap = self._nap, None
        if nap is not None:
            nap.reschedule(0.0)  # which is long ago


class RateLimiters:
    """A limiter for each endpoint, by name; shared by a client and its derived ones.

    The 1,024 endpoints that were used last are kept, and those that are waited for.
    """

    def __init__(self) -> None:
        self._queues: OrderedDict[str, EndpointQueue] = OrderedDict()

    def queue(self, endpoint_name: str, now: float) -> EndpointQueue:
        """Return what limits the sends to *endpoint_name*."""
        queue = self._queues.get(endpoint_name)
        if queue is None:
            self._make_room()
            queue = self._queues[endpoint_name] = EndpointQueue(now)
        else:
            self._queues.move_to_end(endpoint_name)
        return queue

    def _make_room(self) -> None:
        excess = max(len(self._queues) + 1 - _MOST_ENDPOINTS, 0)
        idle = (name for name, queue in self._queues.items() if not queue.waiting)
        for name in tuple(islice(idle, excess)):
            del self._queues[name]


def _is_late(seconds: float, now: float, deadline: float) -> bool:
    """Return whether waiting for *seconds*, if at all, ends no earlier than that."""
    return seconds > 0 and now + seconds >= deadline


def _no_capacity(endpoint_name: str, seconds: float) -> RetryCapacityNotAvailableError:
    message = (
        f"endpoint {endpoint_name!r} has throttled, and the next send is allowed in "
        f"{seconds:.3f} s; adaptive_wait=True would wait for it"
    )
    error = RetryCapacityNotAvailableError(message)
    error.retry_after = seconds
    return error


def _too_late(
    endpoint_name: str, seconds: float, *, left: float
) -> RequestTimeoutError:
    message = (
        f"endpoint {endpoint_name!r} has throttled, and the next send is allowed in "
        f"{seconds:.3f} s, when total_timeout will be over: {max(left, 0.0):.3f} s of "
        "it are left"
    )
    error = RequestTimeoutError(message)
    error.counts_as_attempt = False
    return error


def _endpoint_name(path: str) -> str:
    """Return the name in ``/endpoints/{EndpointName}/…``, or a path of another form."""
    match path.rsplit("/", 3):
        case [_, "endpoints", name, _]:
            return unquote(name)
        case _:
            return path

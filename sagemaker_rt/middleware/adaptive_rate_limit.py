"""Finalize: send no faster to an endpoint than it takes."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import unquote

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ModelNotReadyException,
    RequestTimeoutError,
    RetryCapacityNotAvailableError,
    SageMakerRuntimeError,
)
from sagemaker_rt.sansio.adaptive import ClientRateLimiter
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["AdaptiveRateLimit", "RateLimiters"]

_MOST_ENDPOINTS: Final = 1024
_PATH: Final = re.compile("/endpoints/([^/]+)/")


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class _Lane:
    """The limiter of one endpoint, and who waits for it in the event loop."""

    def __init__(self, now: float) -> None:
        self.limiter: Final = ClientRateLimiter(now)
        self.waiting = 0
        """Attempts that wait for their turn."""
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def turn(self) -> asyncio.Lock:
        """Return what lets one after the other wait for a token."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # those of another loop have gone with it
            self._loop, self._lock, self.waiting = loop, asyncio.Lock(), 0
        return self._lock


class RateLimiters:
    """A limiter for each endpoint, by name; shared by a client and its derived ones.

    The 1,024 endpoints that were used last are kept, and those that are waited for.
    """

    def __init__(self) -> None:
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    def lane(self, endpoint_name: str, now: float) -> _Lane:
        """Return what limits the sends to *endpoint_name*."""
        lane = self._lanes.get(endpoint_name)
        if lane is None:
            lane = self._lanes[endpoint_name] = _Lane(now)
            self._forget()
        self._lanes.move_to_end(endpoint_name)
        return lane

    def _forget(self) -> None:
        name, lane = next(iter(self._lanes.items()))
        if len(self._lanes) > _MOST_ENDPOINTS and not lane.waiting:
            del self._lanes[name]


class AdaptiveRateLimit:
    """Take a token of the endpoint's for every attempt; it stands right after *Retry*.

    Attempts get their tokens in the order in which they came. One that is cancelled
    while it waits leaves its place to the next. What the service answers sets the rate:
    throttling lowers it, all other answers raise it. (A model that is not ready is no
    throttling here: it says nothing of the rate.)

    Args:
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
        lane = self._limiters.lane(endpoint_name, now)
        turn = lane.turn()
        seconds = lane.limiter.until(lane.waiting + 1, now)
        if seconds:
            self._require_time(seconds, endpoint_name, ctx)
        if self._wait and (seconds or lane.waiting):
            await self._wait_for_token(lane, turn, endpoint_name, ctx)
        lane.limiter.take()
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            if error.response is not None:
                is_loading = isinstance(error, ModelNotReadyException)
                is_throttle = error.is_throttle and not is_loading
                lane.limiter.answered(self._time(), is_throttle=is_throttle)
            raise
        lane.limiter.answered(self._time(), is_throttle=False)
        return output

    def _require_time(self, seconds: float, endpoint_name: str, ctx: Context) -> None:
        if not self._wait:
            message = (
                f"endpoint {endpoint_name!r} has throttled, and the next send is "
                f"allowed in {seconds:.3f} s; adaptive_wait=True would wait for it"
            )
            raise RetryCapacityNotAvailableError(message)
        if ctx.deadline is not None and self._time() + seconds > ctx.deadline:
            raise _too_late(endpoint_name)

    async def _wait_for_token(
        self, lane: _Lane, turn: asyncio.Lock, endpoint_name: str, ctx: Context
    ) -> None:
        lane.waiting += 1
        try:
            async with asyncio.timeout_at(ctx.deadline), turn:
                while seconds := lane.limiter.until(1, self._time()):
                    await self._sleep(seconds)
        except TimeoutError as error:
            raise _too_late(endpoint_name) from error
        finally:
            lane.waiting -= 1


def _too_late(endpoint_name: str) -> RequestTimeoutError:
    message = (
        f"endpoint {endpoint_name!r} has throttled, and the call's total time does not "
        "last until the next send is allowed"
    )
    return RequestTimeoutError(message)


def _endpoint_name(path: str) -> str:
    """Return the name in ``/endpoints/{EndpointName}/…``, or a path of another form."""
    match = _PATH.match(path)
    return unquote(match[1]) if match else path

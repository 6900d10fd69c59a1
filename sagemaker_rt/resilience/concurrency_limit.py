"""Limit the concurrent calls of an endpoint to what it can serve."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any, Final, NamedTuple

from attrs import define

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ConcurrencyLimitError,
    ModelError,
    ModelNotReadyException,
    OptionsError,
    RequestTimeoutError,
    ServiceError,
    ServiceUnavailable,
)
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.endpoint_states import (
    EndpointKey,
    EndpointStates,
    counts_for_endpoint,
    endpoint_key,
)
from sagemaker_rt.resilience.stack_edits import EventCounter, insert
from sagemaker_rt.resilience.stream_over import when_over
from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency
from sagemaker_rt.sansio.call_places import CallPlaces
from sagemaker_rt.stack import FinalizeInput, Handler, Output, Stack
from sagemaker_rt.streaming.stream_end import stream_of

__all__ = ["ConcurrencyLimit", "EndpointLoad", "with_concurrency_limit"]

_ID: Final = "ConcurrencyLimit"


@define(eq=False)
class _Turn:
    """A call that waits for a place."""

    has_come: asyncio.Future[None]
    is_lost: bool = False
    """Whether the place was passed on, because the event loop is closed."""


class EndpointLoad(NamedTuple):
    """The calls of an endpoint now."""

    limit: int
    """The number of calls that may be in flight."""
    in_flight: int
    waiting: int


class ConcurrencyLimit:
    """An adaptive limit per endpoint, as an edit of the stack.

    The limit grows while the endpoint answers as fast as at low load, and falls if it
    throttles, does not respond in time, or becomes slower (AIMD; the rules are in
    `AdaptiveConcurrency`). Calls beyond it wait in the order in which they came, at
    most *max_waiting* of them, and at most *max_wait* seconds. What waits longer, or
    finds the queue full, is refused with a `ConcurrencyLimitError`.

    **Retries**: each attempt takes a place, and none during the delay between two.
    **Streams** keep their place until they are read, closed or dropped. **Sessions**
    and asynchronous invocations are treated like others. **Cancellation** frees the
    place, or the position in the queue.

    If ``total_timeout`` expires in the queue, the error is a `RequestTimeoutError`.

    Args:
        initial: The limit at the start.
        minimum: The lowest limit.
        maximum: The highest limit.
        latency_tolerance: How many times slower than at low load calls may be.
        max_waiting: The number of calls of an endpoint that may wait.
        max_wait: The seconds that a call may wait; None for no limit.
        time: Returns seconds; for tests.

    Raises:
        OptionsError: A setting is out of its range.
    """

    def __init__(  # noqa: PLR0913 - keyword-only settings with defaults
        self,
        *,
        initial: int = 16,
        minimum: int = 1,
        maximum: int = 1024,
        latency_tolerance: float = 2.0,
        max_waiting: int = 1000,
        max_wait: float | None = 10.0,
        time: Callable[[], float] = monotonic,
    ) -> None:
        if max_waiting < 0:
            message = f"max_waiting must be 0 or more: {max_waiting!r}"
            raise OptionsError(message)
        if max_wait is not None and not max_wait > 0:
            message = f"max_wait must be above 0, or None: {max_wait!r}"
            raise OptionsError(message)
        self._settings: Final[dict[str, Any]] = {
            "initial": initial,
            "minimum": minimum,
            "maximum": maximum,
            "latency_tolerance": latency_tolerance,
            "max_waiting": max_waiting,
            "max_wait": max_wait,
        }
        self.max_wait: Final = max_wait
        self.time: Final = time
        self._limit_settings: Final = dict(list(self._settings.items())[:4])
        self._make_limit()  # checks the settings now
        self.places: Final[EndpointStates[CallPlaces[_Turn]]] = EndpointStates(
            lambda: CallPlaces(self._make_limit(), max_waiting),
            lambda places: not places.in_flight and not places.waiting,
        )
        """The calls of each endpoint."""

    def _make_limit(self) -> AdaptiveConcurrency:
        return AdaptiveConcurrency(**self._limit_settings)

    def loads(self) -> Mapping[EndpointKey, EndpointLoad]:
        """Return the calls of each endpoint, by host and endpoint name."""
        return {
            key: EndpointLoad(places.limit.limit, places.in_flight, places.waiting)
            for key, places in self.places
        }

    def __call__(self, stack: Stack) -> None:
        """Insert the limit into *stack*, around the signing of each attempt."""
        insert(
            stack.finalize,
            _LimitConcurrency(self, stack),
            id=_ID,
            after=("ResolveEndpointV2",),
            calls_next_once=True,
        )

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in self._settings.items())
        return f"ConcurrencyLimit({settings})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (self._settings,)


def with_concurrency_limit(limit: ConcurrencyLimit | None = None) -> APIOptions:
    """Limit the concurrent calls of each endpoint, as *limit* decides.

    Args:
        limit: One that other clients have too, or one with other settings; a new one by
            default.
    """
    return with_api_options(ConcurrencyLimit() if limit is None else limit)


def _unpickle(settings: dict[str, Any]) -> ConcurrencyLimit:
    return ConcurrencyLimit(**settings)


class _LimitConcurrency:
    """The middleware of one stack."""

    def __init__(self, limit: ConcurrencyLimit, stack: Stack) -> None:
        self._limit: Final = limit
        self._time: Final = limit.time
        self._events: Final = EventCounter(
            stack, "concurrency_limit", "Attempts that waited, or were refused."
        )

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        if not counts_for_endpoint(ctx):
            return await next(ctx, input)
        places = self._limit.places.of(ctx, input.request)
        if not places.enter():
            await self._wait(places, endpoint_key(ctx, input.request), ctx)
        started_at, is_kept = self._time(), False
        try:
            output = await next(ctx, input)
            latency = self._time() - started_at
            places.limit.succeeded(latency, in_flight=places.in_flight)
            stream = stream_of(ctx, output.result)
            if stream is not None:
                when_over(stream, partial(_leave, places))
                is_kept = True
                _admit(places)  # the limit may have risen
        except ServiceError as error:
            self._count(places, error, started_at)
            raise
        except RequestTimeoutError as error:
            if error.request_sent:
                places.limit.throttled(started_at, self._time())
            raise
        finally:
            if not is_kept:
                _leave(places)
        return output

    def _count(
        self,
        places: CallPlaces[_Turn],
        error: ServiceError,
        started_at: float,
    ) -> None:
        now = self._time()
        if isinstance(error, ModelNotReadyException):
            return  # it says that a model is being loaded, not that calls are too many
        is_overload = error.is_throttle or isinstance(error, ServiceUnavailable)
        is_overload |= isinstance(error, ModelError) and not error.original_status_code
        if is_overload:
            places.limit.throttled(started_at, now)
        else:
            places.limit.succeeded(now - started_at, in_flight=places.in_flight)

    async def _wait(
        self, places: CallPlaces[_Turn], key: EndpointKey, ctx: Context
    ) -> None:
        """Return with a place, or raise."""
        if places.is_full:
            raise self._refusal(places, key, "queue_full", "and the queue is full")
        self._events.add("waited", key.endpoint_name)
        loop = asyncio.get_running_loop()
        deadline = math.inf if ctx.deadline is None else ctx.deadline
        wait = math.inf if self._limit.max_wait is None else self._limit.max_wait
        until = min(deadline, loop.time() + wait)
        turn = _Turn(loop.create_future())
        places.wait(turn)
        _admit(places)  # another thread may have freed the last place just before
        try:
            async with asyncio.timeout_at(None if until == math.inf else until):
                await turn.has_come
        except BaseException as error:
            if not places.give_up(turn) and not turn.is_lost:
                _leave(places)  # it had just got the place
            if not isinstance(error, TimeoutError):
                raise
        else:
            return
        if until == deadline:
            raise _too_late(places, key)
        then = f"and no place was free within {wait:g} s"
        raise self._refusal(places, key, "waited_too_long", then)

    def _refusal(
        self,
        places: CallPlaces[_Turn],
        key: EndpointKey,
        event: str,
        reason: str,
    ) -> ConcurrencyLimitError:
        self._events.add(event, key.endpoint_name)
        error = ConcurrencyLimitError(
            f"endpoint {key.endpoint_name!r} has {places.in_flight} calls in flight, "
            f"and {places.waiting} that wait; the limit is {places.limit.limit}, "
            f"{reason}"
        )
        error.endpoint_name = key.endpoint_name
        error.limit, error.waiting = places.limit.limit, places.waiting
        return error


def _too_late(places: CallPlaces[_Turn], key: EndpointKey) -> RequestTimeoutError:
    error = RequestTimeoutError(
        f"total_timeout expired while waiting for one of the {places.limit.limit} "
        f"places of endpoint {key.endpoint_name!r}"
    )
    error.counts_as_attempt = False
    return error


def _leave(places: CallPlaces[_Turn]) -> None:
    """Free a place, and give the free places to those that wait."""
    if places.leave():
        _admit(places)


def _admit(places: CallPlaces[_Turn]) -> None:
    """Give the free places to those that wait, also in other threads."""
    while (turn := places.next_waiter()) is not None:
        try:
            turn.has_come.get_loop().call_soon_threadsafe(_begin, turn.has_come)
        except RuntimeError:  # the event loop is closed
            turn.is_lost = True
            places.leave()


def _begin(has_come: asyncio.Future[None]) -> None:
    if not has_come.done():  # else the call is being cancelled, and frees the place
        has_come.set_result(None)

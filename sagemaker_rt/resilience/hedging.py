"""Send a second request for a call that is slow, and use the first response."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any, Final

from attrs import define

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context, LastExchange
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
)
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.endpoint_states import (
    EndpointStates,
    counts_for_endpoint,
)
from sagemaker_rt.resilience.race import HEDGED, second_requests
from sagemaker_rt.resilience.stack_edits import EventCounter
from sagemaker_rt.sansio.hedging import HedgeBudget, LatencyQuantile
from sagemaker_rt.stack import FinalizeInput, Handler, Output, Stack

__all__ = ["HEDGED", "Hedging", "with_hedging"]

_ID: Final = "Hedging"
# a stream in both directions has events for one connection only
_NEVER_HEDGED: Final = {
    INVOKE_ENDPOINT_ASYNC.name,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM.name,
}


@define(eq=False)
class _Endpoint:
    """What is known of the calls of one operation to one endpoint."""

    latencies: LatencyQuantile
    budget: HedgeBudget
    delay: float | None
    """Seconds until a second request; None until calls were measured."""


class Hedging:
    """Send a second request for slow calls, as an edit of the stack: `with_hedging`.

    If there is no response after *delay* seconds, an equal request is sent. The first
    response is used, and the other request is cancelled. So **the model may run twice**
    for one call. Second requests are sent for a share of the calls, the *budget*, and
    never for more; each endpoint has a budget, which starts empty.

    Without *delay*, it is the *quantile* of the latest calls of the operation to the
    endpoint, times *factor*, and *min_delay* at least. The first 20 calls only measure.

    If the first request fails while the second one is in flight, the response to the
    second one is used, unless the failure is the caller's, such as a status of 400. If
    both fail, the error of the first one is raised.

    **Retries**: each of the two requests has its retries. **Streams**: they compete
    until the headers of one response arrive. **Sessions**, asynchronous invocations and
    streams in both directions never get a second request, nor do bodies that are files,
    and calls with ``response_target``, ``on_chunk_sent`` or ``on_chunk_received``.
    **Cancellation** of the call cancels both requests, and waits for their end.

    Args:
        delay: Seconds until the second request; None to measure them.
        quantile: The share of the calls that are faster than the measured delay.
        factor: The measured delay divided by the quantile. At 1, the calls just above
            the quantile use up the budget, and little of it is left for stuck ones.
        min_delay: The shortest measured delay, in seconds.
        budget: The largest number of second requests per call.
        burst: The largest number of second requests that may be saved up.
        time: Returns seconds; for tests.

    Raises:
        OptionsError: A setting is out of its range.
    """

    def __init__(  # noqa: PLR0913 - keyword-only settings with defaults
        self,
        *,
        delay: float | None = None,
        quantile: float = 0.95,
        factor: float = 1.25,
        min_delay: float = 0.005,
        budget: float = 0.05,
        burst: int = 20,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._settings: Final = {
            "delay": delay,
            "quantile": quantile,
            "factor": factor,
            "min_delay": min_delay,
            "budget": budget,
            "burst": burst,
        }
        _require(delay is None or delay >= 0, "delay", delay, "0 or more, or None")
        _require(0 < quantile < 1, "quantile", quantile, "between 0 and 1")
        _require(factor >= 1, "factor", factor, "1 or more")
        _require(min_delay >= 0, "min_delay", min_delay, "0 or more")
        _require(0 < budget <= 1, "budget", budget, "above 0, and 1 at most")
        _require(burst >= 1, "burst", burst, "1 or more")
        self.is_measuring: Final = delay is None
        """Whether the delay is measured, and not fixed."""
        self._factor: Final = factor
        self._min_delay: Final = min_delay
        self.time: Final = time
        self._operations: Final[dict[str, EndpointStates[_Endpoint]]] = {}
        self._make: Final = lambda: _Endpoint(
            LatencyQuantile(quantile), HedgeBudget(budget, burst), delay
        )

    def endpoints(self, operation: str) -> EndpointStates[_Endpoint]:
        """Return what is known of the endpoints that *operation* called."""
        states = self._operations.get(operation)
        if states is None:
            states = EndpointStates(self._make, lambda _: True)
            self._operations[operation] = states
        return states

    def measure(self, endpoint: _Endpoint, seconds: float) -> None:
        """Count the duration of a call; every few calls renew the delay."""
        quantile = endpoint.latencies.record(seconds)
        if quantile is not None:
            endpoint.delay = max(quantile * self._factor, self._min_delay)

    def __call__(self, stack: Stack) -> None:
        """Insert the hedging into *stack*, around the retries."""
        if _ID in stack.finalize:
            stack.finalize.remove(_ID)
        # two responses cannot be written to one target
        if not {"WriteResponseTarget", "ReportProgress"} & {*stack.deserialize}:
            # Retry copies the request for each attempt, so that it stays unchanged
            stack.finalize.insert(
                _Hedge(self, stack), before="Retry", id=_ID, calls_next_once=True
            )

    def __repr__(self) -> str:
        return f"Hedging({', '.join(f'{k}={v!r}' for k, v in self._settings.items())})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (self._settings,)


def with_hedging(hedging: Hedging | None = None) -> APIOptions:
    """Send a second request for calls that are slow, as *hedging* decides.

    The model may run twice for one call.

    Args:
        hedging: One that other clients have too, or one with other settings; a new one
            by default.
    """
    return with_api_options(Hedging() if hedging is None else hedging)


def _unpickle(settings: dict[str, float]) -> Hedging:
    return Hedging(**settings)  # type: ignore[arg-type] # burst is an int


class _Hedge(BoundMiddleware[FinalizeInput]):
    """The middleware of one stack."""

    def __init__(self, hedging: Hedging, stack: Stack) -> None:
        self._hedging: Final = hedging
        self._time: Final = hedging.time
        self._measure: Final = hedging.measure if hedging.is_measuring else None
        self._events: Final = EventCounter(
            stack, "hedging", "Second requests that were sent, won, or not permitted."
        )

    def bind(self, next: Handler[FinalizeInput]) -> Handler[FinalizeInput]:
        states: EndpointStates[_Endpoint] | None = None  # those of the operation

        def hedge(ctx: Context, input: FinalizeInput) -> Awaitable[Output]:
            nonlocal states
            request = input.request
            if (
                ctx.operation in _NEVER_HEDGED
                or not counts_for_endpoint(ctx)
                or getattr(ctx.params, "session_id", None) is not None
                or not isinstance(request.body, bytes)
            ):
                return next(ctx, input)
            if states is None:
                states = self._hedging.endpoints(ctx.operation)
            endpoint = states.of(ctx, request)
            endpoint.budget.calls += 1
            return self._run(endpoint, ctx, input, next)

        return hedge

    async def _run(
        self,
        endpoint: _Endpoint,
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> Output:
        """Make a call that may get a second request."""
        delay, measure = endpoint.delay, self._measure
        started_at = 0.0 if measure is None else self._time()
        if delay is None:
            output = await next(ctx, input)
        else:
            loop = asyncio.get_running_loop()
            requests = second_requests(loop)
            again = (endpoint, ctx, input, next)
            number = requests.begin(loop, delay, self._second, again)
            try:
                output = await next(ctx, input)
            except BaseException as error:
                race = requests.end(number)
                if race is None:
                    raise
                output = await race.rescue(error)
                self._events.add("won", ctx.endpoint_name)
                if measure is not None:
                    # The first request took the delay at least. The time of the second
                    # is not added, or else the delay would grow each time.
                    measure(endpoint, min(delay, self._time() - started_at))
                return output
            race = requests.end(number)
            if race is not None:
                await race.win(output)
        if measure is not None:
            measure(endpoint, self._time() - started_at)
        return output

    def _second(
        self,
        endpoint: _Endpoint,
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> tuple[Coroutine[Any, Any, Output], LastExchange] | None:
        """Return the second request of a call, if the budget permits it."""
        is_permitted = endpoint.budget.take()
        self._events.add("sent" if is_permitted else "over_budget", ctx.endpoint_name)
        if not is_permitted:
            return None
        exchange = LastExchange()  # facts of one request are not those of the other
        apart = Context(
            ctx.operation, ctx.deadline, 1, ctx.values, (), ctx.params, exchange
        )
        return _call(apart, input.copy(), next), exchange


async def _call(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Output:
    # a task needs a coroutine, and a handler may return another awaitable
    return await next(ctx, input)


def _require(holds: bool, name: str, value: object, expected: str) -> None:  # noqa: FBT001 - a condition
    if not holds:
        message = f"{name} must be {expected}: {value!r}"
        raise OptionsError(message)

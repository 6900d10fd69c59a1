"""Send a second request for a call that is slow, and use the first response."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from time import monotonic
from typing import Any, Final

from attrs import define

from sagemaker_rt.context import Context, LastExchange
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_BIDIRECTIONAL_STREAM,
)
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.endpoint_states import EndpointStates
from sagemaker_rt.resilience.race import HEDGED, Race
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
    in_flight: int = 0


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
        self._delay: Final = delay
        self.is_measuring: Final = delay is None
        """Whether the delay is measured, and not fixed."""
        self._factor: Final = factor
        self._min_delay: Final = min_delay
        self.time: Final = time
        self._operations: Final[dict[str, EndpointStates[_Endpoint]]] = {}
        self._make: Final = lambda: _Endpoint(
            LatencyQuantile(quantile), HedgeBudget(budget, burst)
        )

    def endpoints(self, operation: str) -> EndpointStates[_Endpoint]:
        """Return what is known of the endpoints that *operation* called."""
        states = self._operations.get(operation)
        if states is None:
            states = EndpointStates(self._make, lambda endpoint: not endpoint.in_flight)
            self._operations[operation] = states
        return states

    def delay_of(self, endpoint: _Endpoint) -> float | None:
        """Return the seconds until a second request; None while they are measured."""
        if self._delay is not None:
            return self._delay
        learned = endpoint.latencies.value
        if learned is None:
            return None
        return max(learned * self._factor, self._min_delay)

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


class _Hedge:
    """The middleware of one stack."""

    def __init__(self, hedging: Hedging, stack: Stack) -> None:
        self._hedging: Final = hedging
        self._events: Final = EventCounter(
            stack, "hedging", "Second requests that were sent, won, or not permitted."
        )

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        if not _may_hedge(ctx, input):
            return await next(ctx, input)
        hedging = self._hedging
        endpoint = hedging.endpoints(ctx.operation).of(ctx, input.request)
        endpoint.budget.add_call()
        started_at, delay = hedging.time(), hedging.delay_of(endpoint)
        endpoint.in_flight += 1
        try:
            if delay is None:
                output = await next(ctx, input)
            else:
                second = partial(self._second, endpoint, ctx, input, next)
                output = await Race(second).run(next(ctx, input), delay)
        finally:
            endpoint.in_flight -= 1
        elapsed = hedging.time() - started_at
        if delay is not None and output.metadata.get(HEDGED):
            # The first request took the delay at least. The time of the second is not
            # added, or else the delay would grow with each one that wins.
            elapsed = min(delay, elapsed)
            self._events.add("won", ctx.endpoint_name)
        if hedging.is_measuring:
            endpoint.latencies.record(elapsed)
        return output

    def _second(
        self,
        endpoint: _Endpoint,
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> Coroutine[Any, Any, Output] | None:
        """Return the second request of a call, if the budget permits it."""
        is_permitted = endpoint.budget.take()
        event = "sent" if is_permitted else "over_budget"
        self._events.add(event, ctx.endpoint_name)
        return _call_again(ctx, input, next) if is_permitted else None


def _may_hedge(ctx: Context, input: FinalizeInput) -> bool:
    return (
        not ctx.is_prepare
        and ctx.operation not in _NEVER_HEDGED
        and getattr(ctx.params, "session_id", None) is None
        and isinstance(input.request.body, bytes)
    )


async def _call_again(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Output:
    # facts of this request must not be on the errors of the other one
    apart = Context(
        ctx.operation, ctx.deadline, 1, ctx.values, (), ctx.params, LastExchange()
    )
    return await next(apart, input.copy())


def _require(holds: bool, name: str, value: object, expected: str) -> None:  # noqa: FBT001 - a condition
    if not holds:
        message = f"{name} must be {expected}: {value!r}"
        raise OptionsError(message)

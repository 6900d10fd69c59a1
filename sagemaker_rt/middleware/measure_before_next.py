"""Any step: measure what another middleware does before it calls *next*."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Final, Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.observability.instruments import SafeHistogram
from sagemaker_rt.stack import Handler, Middleware, Output

__all__ = ["MeasureBeforeNext"]

I = TypeVar("I")


class MeasureBeforeNext(Middleware[I], Generic[I]):
    """Run *middleware* and record the seconds until it calls *next* or raises.

    It takes the place of *middleware* in the step and has the same *id*.
    """

    def __init__(
        self,
        middleware: Middleware[I],
        histogram: SafeHistogram,
        attributes: Mapping[str, str],
        *,
        id: str,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self.middleware: Final = middleware
        self.id: Final = id
        self._histogram: Final = histogram
        self._attributes: Final = attributes
        self._time: Final = time

    async def __call__(self, ctx: Context, input: I, next: Handler[I]) -> Output:
        started_at, is_recorded = self._time(), False

        # a plain function: middleware without a coroutine stays without one
        def record_then_next(ctx: Context, input: I) -> Awaitable[Output]:
            nonlocal is_recorded
            is_recorded = True
            self._record(started_at)
            return next(ctx, input)

        try:
            return await self.middleware(ctx, input, record_then_next)
        except BaseException:
            if not is_recorded:
                self._record(started_at)
            raise

    def _record(self, started_at: float) -> None:
        self._histogram.record(self._time() - started_at, self._attributes)

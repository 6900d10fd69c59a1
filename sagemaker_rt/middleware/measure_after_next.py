"""Any step: measure what another middleware does after *next* has returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final, Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.observability.instruments import SafeHistogram
from sagemaker_rt.stack import Handler, Middleware, Output

__all__ = ["MeasureAfterNext"]

I = TypeVar("I")


class MeasureAfterNext(Middleware[I], Generic[I]):
    """Run *middleware* and record the seconds from the return of *next* to its end.

    The end is a return or an exception. If *next* raises, nothing is recorded. It takes
    the place of *middleware* in the step and has the same *id*.
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
        returned_at: float | None = None

        async def next_then_note(ctx: Context, input: I) -> Output:
            nonlocal returned_at
            output = await next(ctx, input)
            returned_at = self._time()
            return output

        try:
            return await self.middleware(ctx, input, next_then_note)
        finally:
            if returned_at is not None:
                self._histogram.record(self._time() - returned_at, self._attributes)

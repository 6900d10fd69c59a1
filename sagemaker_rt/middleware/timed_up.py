"""Any step: measure what another middleware does on the way up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final, Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.observability.instruments import Durations
from sagemaker_rt.stack import Handler, Middleware, Output

__all__ = ["TimedUp"]

I = TypeVar("I")


class TimedUp(Middleware[I], Generic[I]):
    """Stand in the place of *middleware*, by the same id, and measure it.

    What is measured are the seconds from the output of *next* to its own, or to its
    failure.
    """

    def __init__(
        self,
        middleware: Middleware[I],
        histogram: Durations,
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
        began: float | None = None

        async def go_on(ctx: Context, input: I) -> Output:
            nonlocal began
            output = await next(ctx, input)
            began = self._time()
            return output

        try:
            return await self.middleware(ctx, input, go_on)
        finally:
            if began is not None:
                self._histogram.record(self._time() - began, self._attributes)

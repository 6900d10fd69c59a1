"""Any step: measure what another middleware does on the way down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Final, Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.observability.instruments import Durations
from sagemaker_rt.stack import Handler, Middleware, Output

__all__ = ["TimedDown"]

I = TypeVar("I")


class TimedDown(Middleware[I], Generic[I]):
    """Stand in the place of *middleware*, by the same id, and measure it.

    What is measured are the seconds until it calls *next*, or fails before it does.
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
        began, is_over = self._time(), False

        def go_on(ctx: Context, input: I) -> Awaitable[Output]:
            nonlocal is_over
            is_over = True
            self._record(began)
            return next(ctx, input)

        try:
            return await self.middleware(ctx, input, go_on)
        except BaseException:
            if not is_over:
                self._record(began)
            raise

    def _record(self, began: float) -> None:
        self._histogram.record(self._time() - began, self._attributes)

"""Middlewares that tests of steps and stacks add."""

from __future__ import annotations

from collections.abc import Callable

from sagemaker_rt import (
    BuildInput,
    Context,
    FinalizeInput,
    Handler,
    Key,
    Output,
    hook,
)

__all__ = ["LATENCY", "Timing", "tag_region", "tag_tenant"]

LATENCY: Key[float] = Key("latency")


async def tag_tenant(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    """The smallest middleware: a function."""
    input.request.headers["X-Tenant"] = "acme"
    return await next(ctx, input)


class Timing:
    """A middleware with state: a class that measures each attempt."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        started = self._clock()
        output = await next(ctx, input)
        output.metadata[LATENCY] = self._clock() - started
        return output


@hook(BuildInput)
def tag_region(ctx: Context, input: BuildInput) -> None:
    """A hook, which only changes the input."""
    input.request.headers["X-Region"] = "mars"

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.measure_before_next import MeasureBeforeNext
from sagemaker_rt.observability.instruments import histogram
from sagemaker_rt.stack import FinalizeInput, Handler, Middleware, Output, Stack
from tests.doubles import ManualClock
from tests.recording import RecordingMeterProvider

CONTEXT: Final = Context("InvokeEndpoint")


class Slow:
    """A middleware that takes 1 s before next, and 10 s after it."""

    def __init__(self, time: ManualClock, error: Exception | None = None) -> None:
        self.time = time
        self.error = error

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        self.time.advance(1)
        if self.error is not None:
            raise self.error
        output = await next(ctx, input)
        self.time.advance(10)
        return output


class Plain:
    """A middleware without a coroutine."""

    def __init__(self, time: ManualClock) -> None:
        self.time = time

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        self.time.advance(1)
        return next(ctx, input)


def timed(
    middleware: Middleware[FinalizeInput],
    provider: RecordingMeterProvider,
    time: ManualClock,
) -> MeasureBeforeNext[FinalizeInput]:
    taken = histogram(provider.get_meter("x"), "taken", "What is taken.")
    return MeasureBeforeNext(middleware, taken, {"a": "b"}, id="Slow", time=time)


@pytest.mark.parametrize("kind", [Slow, Plain])
async def test_the_time_after_next_is_not_recorded(kind: type[Slow | Plain]) -> None:
    provider, time, answer = RecordingMeterProvider(), ManualClock(), Output()

    async def send(ctx: Context, input: FinalizeInput) -> Output:
        time.advance(100)
        return answer

    output = await timed(kind(time), provider, time)(
        CONTEXT, FinalizeInput(Request()), send
    )

    assert output is answer
    assert [("taken", 1, {"a": "b"})] == provider.points


async def test_a_failure_before_next_is_recorded() -> None:
    provider, time = RecordingMeterProvider(), ManualClock()
    error = KeyError("x")

    async def never(ctx: Context, input: FinalizeInput) -> Output:
        raise AssertionError

    with pytest.raises(KeyError):
        await timed(Slow(time, error), provider, time)(
            CONTEXT, FinalizeInput(Request()), never
        )

    assert [("taken", 1, {"a": "b"})] == provider.points


async def test_a_failure_of_next_is_recorded_once() -> None:
    provider, time = RecordingMeterProvider(), ManualClock()

    async def fail(ctx: Context, input: FinalizeInput) -> Output:
        time.advance(100)
        raise KeyError

    with pytest.raises(KeyError):
        await timed(Slow(time), provider, time)(CONTEXT, FinalizeInput(Request()), fail)

    assert [("taken", 1, {"a": "b"})] == provider.points


def test_it_takes_the_place_of_the_measured_middleware() -> None:
    stack, time = Stack(), ManualClock()
    middleware = Slow(time)

    stack.finalize.add(timed(middleware, RecordingMeterProvider(), time))

    found = stack.finalize.get("Slow")
    assert isinstance(found, MeasureBeforeNext)
    assert found.middleware is middleware

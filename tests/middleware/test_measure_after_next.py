from __future__ import annotations

from typing import Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.measure_after_next import MeasureAfterNext
from sagemaker_rt.observability.instruments import histogram
from sagemaker_rt.stack import DeserializeInput, Handler, Output, Stack
from tests.doubles import ManualClock
from tests.recording import RecordingMeterProvider

CONTEXT: Final = Context("InvokeEndpoint")


class Slow:
    """A middleware that takes 1 s before next, and 10 s after it."""

    def __init__(self, time: ManualClock, error: Exception | None = None) -> None:
        self.time = time
        self.error = error

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        self.time.advance(1)
        output = await next(ctx, input)
        self.time.advance(10)
        if self.error is not None:
            raise self.error
        return output


def timed(
    middleware: Slow, provider: RecordingMeterProvider
) -> MeasureAfterNext[DeserializeInput]:
    taken = histogram(provider.get_meter("x"), "taken", "What is taken.")
    time = middleware.time
    return MeasureAfterNext(middleware, taken, {"a": "b"}, id="Slow", time=time)


async def test_the_time_before_next_is_not_recorded() -> None:
    provider, time, answer = RecordingMeterProvider(), ManualClock(), Output()

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        time.advance(100)
        return answer

    output = await timed(Slow(time), provider)(
        CONTEXT, DeserializeInput(Request()), send
    )

    assert output is answer
    assert [("taken", 10, {"a": "b"})] == provider.points


async def test_a_failure_after_next_is_recorded() -> None:
    provider, time = RecordingMeterProvider(), ManualClock()

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        return Output()

    with pytest.raises(KeyError):
        await timed(Slow(time, KeyError("x")), provider)(
            CONTEXT, DeserializeInput(Request()), send
        )

    assert [("taken", 10, {"a": "b"})] == provider.points


async def test_a_failure_of_next_is_not_recorded() -> None:
    provider = RecordingMeterProvider()

    async def fail(ctx: Context, input: DeserializeInput) -> Output:
        raise KeyError

    with pytest.raises(KeyError):
        await timed(Slow(ManualClock()), provider)(
            CONTEXT, DeserializeInput(Request()), fail
        )

    assert [] == provider.points


def test_it_takes_the_place_of_the_measured_middleware() -> None:
    stack, middleware = Stack(), Slow(ManualClock())

    stack.deserialize.add(timed(middleware, RecordingMeterProvider()))

    found = stack.deserialize.get("Slow")
    assert isinstance(found, MeasureAfterNext)
    assert found.middleware is middleware

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    BUDGET,
    Budget,
    BudgetExceededError,
    Options,
    OptionsError,
    RequestTimeoutError,
    ServiceUnavailable,
    with_budget,
)
from sagemaker_rt.context import PREPARE, Context, LastExchange
from sagemaker_rt.stack import InitializeInput, Output
from sagemaker_rt.testing import fake_event_stream
from tests.doubles import ManualClock, Scripted, Wire
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, stack_of
from tests.threads import run_in_threads

ID = "Budget"


def middleware(budget: Budget | None, **options: Any) -> Any:
    return stack_of(with_budget(budget), **options).initialize.get(ID)


async def call(charge: Any, ctx: Context | None = None, wire: Any = None) -> Output:
    ctx = context() if ctx is None else ctx
    output: Output = await charge(ctx, InitializeInput(ctx.params), wire or Wire())
    return output


class Lasting:
    """The rest of the stack: a call takes some seconds of the clock."""

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds

    async def __call__(self, ctx: Context, input: Any) -> Output:
        self.clock.advance(self.seconds)
        return Output()


async def test_calls_are_refused_when_none_is_left() -> None:
    budget, provider = Budget(calls=2), RecordingMeterProvider()
    charge, wire = middleware(budget, meter_provider=provider), Wire[Any]()
    for _ in range(2):
        await call(charge, wire=wire)

    with pytest.raises(BudgetExceededError, match="2 calls") as caught:
        await call(charge, wire=wire)

    error = caught.value
    assert ("calls", 2, "m", False) == (
        error.resource,
        error.limit,
        error.endpoint_name,
        error.request_sent,
    )
    assert (2, 0, math.inf) == (
        len(wire.inputs),
        budget.calls_left,
        budget.seconds_left,
    )
    assert ["calls"] == events(provider, "budget")


async def test_calls_are_refused_when_no_second_is_left() -> None:
    clock = ManualClock()
    budget = Budget(seconds=10, time=clock)
    charge = middleware(budget)
    await call(charge, wire=Lasting(clock, 4))
    left = budget.seconds_left
    await call(charge, wire=Lasting(clock, 7))

    with pytest.raises(BudgetExceededError, match="10 seconds"):
        await call(charge)

    assert (6.0, 0.0) == (left, budget.seconds_left)


@pytest.mark.parametrize(("sent", "expected"), [(0, False), (1, True)])
async def test_a_call_is_cancelled_when_the_seconds_end(
    sent: int, expected: bool
) -> None:
    ctx = Context(
        "InvokeEndpoint", params=context().params, last_exchange=LastExchange(sent)
    )

    async def hang(ctx: Context, input: Any) -> Output:
        await asyncio.Event().wait()
        return Output()

    with pytest.raises(BudgetExceededError) as caught:
        await call(middleware(Budget(seconds=0.001)), ctx, hang)

    error = caught.value
    assert ("seconds", expected) == (error.resource, error.may_have_executed)


async def test_other_timeouts_are_not_taken_for_the_budget() -> None:
    late = RequestTimeoutError("read_timeout")

    with pytest.raises(RequestTimeoutError, match="read_timeout"):
        await call(middleware(Budget(seconds=5)), wire=Scripted[Any](late))


@pytest.mark.parametrize(
    "error", [ServiceUnavailable(), asyncio.CancelledError()], ids=repr
)
async def test_failed_and_cancelled_calls_are_charged(error: BaseException) -> None:
    budget = Budget(calls=1)

    with pytest.raises(type(error)):
        await call(middleware(budget), wire=Scripted[Any](error))

    assert 0 == budget.calls_left


async def test_a_stream_that_is_dropped_is_charged_then() -> None:
    clock = ManualClock()
    budget = Budget(seconds=10, time=clock)
    wire = Wire[Any](Output(fake_event_stream([b"a"])))
    await call(middleware(budget), wire=wire)
    clock.advance(4)
    before = budget.seconds_left

    wire.output = Output()
    gc.collect()
    await asyncio.sleep(0)

    assert (10.0, 6.0) == (before, budget.seconds_left)


def test_calls_in_several_threads_never_exceed_the_budget() -> None:
    made: list[int] = []

    def use(_: int) -> None:
        asyncio.run(use_up())

    async def use_up() -> None:
        with contextlib.suppress(BudgetExceededError):
            while True:
                await call(middleware_of_all)
                made.append(1)

    for _ in range(5):
        middleware_of_all = middleware(Budget(calls=100))
        run_in_threads(use)

    assert 500 == len(made)


async def test_a_stream_is_charged_at_its_end() -> None:
    clock = ManualClock()
    budget, stream = Budget(seconds=10, time=clock), fake_event_stream([b"a"])
    await call(middleware(budget), wire=Wire[Any](Output(stream)))
    clock.advance(3)
    before = budget.seconds_left

    await stream.aclose()

    assert (10, 7) == (before, budget.seconds_left)


async def test_a_call_is_charged_to_its_context_too() -> None:
    of_client, of_task = Budget(calls=5), Budget(calls=1)
    ctx = context().with_value(BUDGET, of_task)

    await call(middleware(of_client), ctx)

    with pytest.raises(BudgetExceededError, match="1 calls"):
        await call(middleware(of_client), ctx)
    assert (4, 0) == (of_client.calls_left, of_task.calls_left)
    await call(middleware(of_client))


async def test_a_call_is_charged_once_to_a_budget_that_both_have() -> None:
    budget = Budget(calls=3)

    await call(middleware(budget), context().with_value(BUDGET, budget))

    assert 2 == budget.calls_left


async def test_a_context_may_have_the_only_budget() -> None:
    budget = Budget(calls=1)

    await call(middleware(None))
    await call(middleware(None), context().with_value(BUDGET, budget))

    assert 0 == budget.calls_left


async def test_prepared_requests_are_not_charged() -> None:
    budget = Budget(calls=1)

    await call(middleware(budget), context().with_value(PREPARE, True))

    assert 1 == budget.calls_left


def test_it_pickles_unspent() -> None:
    budget = Budget(calls=3, seconds=1.5)
    budget.spending.calls += 1
    options = with_budget(budget)(Options())

    (copied,) = pickle.loads(pickle.dumps(options)).api_options  # noqa: S301 - our own

    assert "Budget(calls=3, seconds=1.5)" == repr(budget) == repr(copied)
    assert (2, 3) == (budget.calls_left, copied.calls_left)
    assert with_budget() == with_budget()


def test_wrong_limits_are_refused() -> None:
    with pytest.raises(OptionsError, match="needs calls, seconds"):
        Budget()

from __future__ import annotations

import asyncio
import io
import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    CircuitBreaker,
    Options,
    OptionsError,
    ServiceUnavailable,
    with_circuit_breaker,
    with_options,
)
from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.file_body import FileBody
from sagemaker_rt.resilience.endpoint_states import IS_COPY, endpoint_key
from sagemaker_rt.resilience.hedging import HEDGED, Hedging, with_hedging
from sagemaker_rt.shapes import InvokeEndpointAsyncInput
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import ManualClock
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, input_at, stack_of

ID = "Hedging"


def middleware(hedging: Hedging, **options: Any) -> Any:
    return stack_of(with_hedging(hedging), **options).finalize.get(ID)


class Slow:
    """The rest of the stack: the first request of a call waits for ever."""

    def __init__(self, clock: ManualClock | None = None, seconds: float = 0.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.contexts: list[Context] = []
        self.is_stuck = True

    async def __call__(self, ctx: Context, input: FinalizeInput) -> Output:
        self.contexts.append(ctx)
        if self.clock is not None:
            self.clock.advance(self.seconds)
        elif self.is_stuck and len(self.contexts) % 2:
            await asyncio.Event().wait()
        return Output()


def test_it_is_around_the_retries() -> None:
    steps = list(stack_of(with_hedging()).finalize)

    assert steps.index(ID) + 1 == steps.index("Retry")


async def test_a_slow_call_sends_a_second_request() -> None:
    slow = Slow()
    hedge = middleware(Hedging(delay=0, budget=1))

    output = await hedge(context(), input_at(), slow)

    first, second = slow.contexts
    assert output.metadata[HEDGED]
    assert first.params is second.params


async def test_the_second_request_has_its_own_facts() -> None:
    slow, exchange = Slow(), None
    hedge = middleware(Hedging(delay=0, budget=1))

    await hedge(context(), input_at(), slow)

    first, second = (ctx.last_exchange for ctx in slow.contexts)
    assert first is exchange
    assert second is not None


async def test_without_a_delay_calls_are_measured_first() -> None:
    clock = ManualClock()
    hedging = Hedging(time=clock, min_delay=0.5, factor=1.5)
    hedge = middleware(hedging)
    delays = []
    (endpoint,) = [hedging.endpoints("InvokeEndpoint")[_key()]]

    for seconds in [0.1] * 20 + [2.0] * 256:
        await hedge(context(), input_at(), Slow(clock, seconds))
        delays.append(endpoint.delay)

    assert [None] * 19 == delays[:19]
    assert (0.5, 3.0) == (delays[19], delays[-1])


def _key() -> Any:
    return endpoint_key(context(), input_at().request)


async def test_the_budget_limits_the_second_requests() -> None:
    provider = RecordingMeterProvider()
    hedge = middleware(Hedging(delay=0, budget=0.5), meter_provider=provider)
    sent = []

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        sent.append(ctx)
        for _ in range(4):
            await asyncio.sleep(0)
        return Output()

    for _ in range(10):
        await hedge(context(), input_at(), end)

    assert 15 == len(sent)
    counted = events(provider, "hedging")
    assert (5, 5) == (counted.count("sent"), counted.count("over_budget"))


async def test_a_second_request_that_wins_is_counted() -> None:
    provider = RecordingMeterProvider()
    hedge = middleware(Hedging(delay=0, budget=1), meter_provider=provider)

    await hedge(context(), input_at(), Slow())

    assert ["sent", "won"] == events(provider, "hedging")


@pytest.mark.parametrize(
    ("ctx", "input"),
    [
        (context(session_id="s-1"), input_at()),
        (context().with_value(PREPARE, True), input_at()),
        (context().with_value(IS_COPY, True), input_at()),
        (
            Context(
                "InvokeEndpointAsync",
                params=InvokeEndpointAsyncInput(endpoint_name="m", body=b""),
            ),
            input_at(),
        ),
        (context(), input_at().copy()),
    ],
    ids=["session", "prepare", "copy", "async", "file"],
)
async def test_some_calls_never_get_a_second_request(
    ctx: Context, input: FinalizeInput, request: pytest.FixtureRequest
) -> None:
    if "file" in request.node.callspec.id:
        input.request.body = FileBody(io.BytesIO(b"x"))
    hedge = middleware(Hedging(delay=0, budget=1))
    sent = []

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        sent.append(ctx)
        for _ in range(4):
            await asyncio.sleep(0)
        return Output()

    await hedge(ctx, input, end)

    assert 1 == len(sent)


async def test_a_failed_call_is_not_measured() -> None:
    hedging = Hedging()
    hedge = middleware(hedging)

    async def fail(ctx: Context, input: FinalizeInput) -> Output:
        raise ServiceUnavailable

    for _ in range(30):
        with pytest.raises(ServiceUnavailable):
            await hedge(context(), input_at(), fail)

    endpoint = hedging.endpoints("InvokeEndpoint")[_key()]
    assert endpoint.delay is None


@pytest.mark.parametrize(
    "option",
    [
        with_options(response_target=io.BytesIO()),
        with_options(on_chunk_received=lambda *_: None),
    ],
    ids=["target", "progress"],
)
def test_calls_that_write_elsewhere_are_not_hedged(option: Any) -> None:
    assert ID not in stack_of(with_hedging(), option, with_hedging()).finalize


def test_the_later_of_two_replaces_the_earlier_and_order_does_not_matter() -> None:
    breaker = with_circuit_breaker(CircuitBreaker())

    one = stack_of(with_hedging(), breaker, with_hedging())
    other = stack_of(breaker, with_hedging())

    assert str(one) == str(other)


def test_it_pickles_with_its_settings() -> None:
    hedging = Hedging(delay=0.1, burst=3)
    options = with_hedging(hedging)(Options())

    (copied,) = pickle.loads(pickle.dumps(options)).api_options  # noqa: S301 - our own

    assert repr(hedging) == repr(copied)
    assert "delay=0.1" in repr(copied)


@pytest.mark.parametrize(
    "wrong",
    [
        {"delay": -1},
        {"quantile": 1},
        {"quantile": 0},
        {"factor": 0.9},
        {"min_delay": -0.1},
        {"budget": 0},
        {"budget": 1.5},
        {"burst": 0},
    ],
    ids=repr,
)
def test_a_setting_out_of_range_is_refused(wrong: Any) -> None:
    with pytest.raises(OptionsError, match=f"{next(iter(wrong))} must be"):
        Hedging(**wrong)

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    CircuitOpenError,
    InternalStreamFailure,
    Options,
    OptionsError,
    ServiceUnavailable,
)
from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.resilience.circuit_breaker import CircuitBreaker, with_circuit_breaker
from sagemaker_rt.resilience.endpoint_states import IS_COPY, EndpointKey
from sagemaker_rt.stack import Output, Stack
from sagemaker_rt.testing import fake_event_stream
from tests.doubles import ManualClock, Scripted, Wire
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, input_at, stack_of

ID = "CircuitBreaker"


def breaker_at(clock: ManualClock, **settings: Any) -> CircuitBreaker:
    return CircuitBreaker(min_failures=2, time=clock, **settings)


def middleware(breaker: CircuitBreaker, **options: Any) -> Any:
    return stack_of(with_circuit_breaker(breaker), **options).finalize.get(ID)


async def fail(break_circuits: Any, *errors: BaseException) -> None:
    wire = Scripted[Any](*errors)
    for error in errors:
        with pytest.raises(type(error)):
            await break_circuits(context(), input_at(), wire)


def test_it_is_after_the_endpoint_is_known() -> None:
    stack = stack_of(with_circuit_breaker())

    steps = list(stack.finalize)
    assert steps.index("ResolveEndpointV2") + 1 == steps.index(ID)


async def test_after_failures_attempts_are_refused() -> None:
    clock, wire = ManualClock(), Wire[Any]()
    break_circuits = middleware(breaker_at(clock))
    await fail(break_circuits, ServiceUnavailable(), ServiceUnavailable())
    clock.advance(2)

    with pytest.raises(CircuitOpenError) as caught:
        await break_circuits(context(), input_at(), wire)

    error = caught.value
    assert pytest.approx(3.0) == error.retry_after
    assert ("m", False, False) == (
        error.endpoint_name,
        error.is_retryable,
        error.counts_as_attempt,
    )
    assert [] == wire.inputs


async def test_other_endpoints_and_other_hosts_are_not_refused() -> None:
    clock, wire = ManualClock(), Wire[Any]()
    break_circuits = middleware(breaker_at(clock))
    await fail(break_circuits, ServiceUnavailable(), ServiceUnavailable())

    await break_circuits(context("other"), input_at(), wire)
    await break_circuits(context(), input_at("https://b.example"), wire)

    assert 2 == len(wire.inputs)


async def test_during_a_probe_others_are_refused() -> None:
    clock = ManualClock()
    breaker = breaker_at(clock)
    break_circuits = middleware(breaker)
    await fail(break_circuits, ServiceUnavailable(), ServiceUnavailable())
    clock.advance(5)

    async def probe(ctx: Context, input: Any) -> Output:
        with pytest.raises(CircuitOpenError, match="a probe is sent") as caught:
            await break_circuits(context(), input_at(), Wire[Any]())
        assert 0.0 == caught.value.retry_after
        return Output()

    await break_circuits(context(), input_at(), probe)

    assert {EndpointKey("a.example", "m"): "closed"} == breaker.states()


async def test_a_cancelled_probe_does_not_count() -> None:
    clock = ManualClock()
    breaker = breaker_at(clock)
    break_circuits = middleware(breaker)
    await fail(break_circuits, ServiceUnavailable(), ServiceUnavailable())
    clock.advance(5)

    await fail(break_circuits, asyncio.CancelledError())

    assert ["half-open"] == list(breaker.states().values())
    await break_circuits(context(), input_at(), Wire[Any]())
    assert ["closed"] == list(breaker.states().values())


async def test_a_stream_that_breaks_is_one_more_failure() -> None:
    breaker = CircuitBreaker(min_failures=1, failure_rate=0.3, time=ManualClock())
    break_circuits = middleware(breaker)
    closed, broken = (
        fake_event_stream([b"a"]),
        fake_event_stream([b"a"], error=InternalStreamFailure("it broke")),
    )

    for stream in (closed, broken):
        await break_circuits(context(), input_at(), Wire[Any](Output(stream)))
    await closed.aclose()
    before = list(breaker.states().values())
    with pytest.raises(InternalStreamFailure):
        [event async for event in broken]

    assert (["closed"], ["open"]) == (before, list(breaker.states().values()))


async def test_prepared_requests_pass_an_open_circuit() -> None:
    breaker = breaker_at(ManualClock())
    await fail(middleware(breaker), ServiceUnavailable(), ServiceUnavailable())

    ctx = context().with_value(PREPARE, True)
    assert await middleware(breaker)(ctx, input_at(), Wire[Any]()) is not None


async def test_copies_for_a_shadow_neither_count_nor_are_refused() -> None:
    breaker, copy = breaker_at(ManualClock()), context().with_value(IS_COPY, True)
    broken = Scripted[Any](*[ServiceUnavailable() for _ in range(3)])
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            await middleware(breaker)(copy, input_at(), broken)
    before = breaker.states()
    await fail(middleware(breaker), ServiceUnavailable(), ServiceUnavailable())

    await middleware(breaker)(copy, input_at(), Wire[Any]())

    assert {} == before
    assert ["open"] == list(breaker.states().values())


async def test_changes_and_refusals_are_counted() -> None:
    clock, provider = ManualClock(), RecordingMeterProvider()
    break_circuits = middleware(breaker_at(clock), meter_provider=provider)

    await fail(break_circuits, ServiceUnavailable(), ServiceUnavailable())
    await fail(break_circuits)
    with pytest.raises(CircuitOpenError):
        await break_circuits(context(), input_at(), Wire[Any]())
    clock.advance(5)
    await break_circuits(context(), input_at(), Wire[Any]())

    assert ["open", "refused", "closed"] == events(provider, "circuit_breaker")


def test_the_later_of_two_breakers_replaces_the_earlier() -> None:
    stack = stack_of(with_circuit_breaker(), with_circuit_breaker(CircuitBreaker()))

    assert 1 == list(stack.finalize).count(ID)


def test_options_with_a_breaker_are_hashable_and_pickle_without_its_state() -> None:
    breaker = CircuitBreaker(min_failures=7)
    breaker.circuits[EndpointKey("a", "m")]
    option = with_circuit_breaker(breaker)

    (copied,) = pickle.loads(pickle.dumps(option(Options()))).api_options  # noqa: S301 - our own

    assert hash(option) == hash(with_circuit_breaker(breaker))
    assert isinstance(copied, CircuitBreaker)
    assert {} == copied.states()
    assert repr(breaker) == repr(copied)
    assert "min_failures=7" in repr(copied)


def test_a_setting_out_of_range_is_refused_at_once() -> None:
    with pytest.raises(OptionsError, match="min_failures"):
        CircuitBreaker(min_failures=0)


def test_a_stack_without_its_place_is_refused() -> None:
    with pytest.raises(LookupError):
        CircuitBreaker()(Stack())

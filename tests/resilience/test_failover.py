from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    AnonymousCredentials,
    ConnectError,
    ConnectionLostError,
    Credentials,
    InvokeEndpointOutput,
    ModelError,
    Options,
    OptionsError,
    ThrottlingException,
    ValidationError,
    with_api_options,
)
from sagemaker_rt.context import PREPARE, Context, LastExchange, Metadata
from sagemaker_rt.resilience.failover import (
    FAILOVER_TARGET,
    Failover,
    FailoverTarget,
    with_failover,
)
from sagemaker_rt.resilience.failover_targets import TARGET_INDEX
from sagemaker_rt.sansio.circuit import CircuitPolicy
from sagemaker_rt.shapes import InvokeEndpointAsyncInput
from sagemaker_rt.stack import InitializeInput, Output, Stack
from tests.doubles import ManualClock, Scripted, Wire
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import (
    KEYS,
    caller,
    context,
    events,
    input_at,
    stack_of,
)

HERE = FailoverTarget()
THERE = FailoverTarget(region="eu-west-1", endpoint_name="there")
THIRD = FailoverTarget(region="us-west-2")


def middleware(failover: Failover, **options: Any) -> Any:
    return stack_of(with_failover(failover), **options).initialize.get("Failover")


async def call(fail_over: Any, ctx: Context, *answers: Any) -> tuple[Any, list[int]]:
    """Return the output or error of a call, and the targets that it went to."""
    wire = Scripted[Any](*answers)
    result: Any
    try:
        result = await fail_over(ctx, InitializeInput(ctx.params), wire)
    except BaseException as error:  # noqa: BLE001 - returned
        result = error
    return result, [called.get(TARGET_INDEX, 0) for called in wire.contexts]


def ambiguous() -> ConnectionLostError:
    error = ConnectionLostError("lost")
    error.request_sent = error.may_have_executed = True
    return error


async def test_a_call_goes_to_the_first_target() -> None:
    output, targets = await call(
        middleware(Failover(HERE, THERE)), context(), Output("fine")
    )

    assert ("fine", [0]) == (output.result, targets)
    assert HERE is output.metadata[FAILOVER_TARGET]


async def test_a_call_that_did_not_run_goes_on_to_the_next_target() -> None:
    fail_over = middleware(Failover(HERE, THERE, THIRD))
    wire = Scripted[Any](ConnectError("down"), ThrottlingException(), Output("fine"))
    ctx = context()

    output = await fail_over(ctx, InitializeInput(ctx.params), wire)

    assert ["m", "there", "m"] == [i.params.endpoint_name for i in wire.inputs]
    assert THIRD is output.metadata[FAILOVER_TARGET]


async def test_if_all_fail_the_last_error_names_the_others() -> None:
    error, targets = await call(
        middleware(Failover(HERE, THERE)),
        context(),
        ConnectError("first"),
        ConnectError("second"),
    )

    assert [0, 1] == targets
    assert "second" == str(error)
    assert ["target 1 failed before: ConnectError: first"] == error.__notes__
    assert THERE is error.metadata[FAILOVER_TARGET]


@pytest.mark.parametrize(
    "error",
    [
        ValidationError("too large"),
        ModelError("it broke"),
        ambiguous(),
        ZeroDivisionError(),
        asyncio.CancelledError(),
    ],
    ids=repr,
)
async def test_other_errors_are_raised_at_once(error: BaseException) -> None:
    raised, targets = await call(middleware(Failover(HERE, THERE)), context(), error)

    assert (error, [0]) == (raised, targets)


async def test_an_ambiguous_failure_goes_on_if_the_caller_allows_it() -> None:
    failover = Failover(HERE, THERE, retry_ambiguous=True)

    error, targets = await call(
        middleware(failover), context(), ambiguous(), ConnectError("down")
    )

    assert [0, 1] == targets
    assert (True, True) == (error.request_sent, error.may_have_executed)


async def test_an_unhealthy_target_is_passed_over_and_probed() -> None:
    clock, provider = ManualClock(), RecordingMeterProvider()
    failover = Failover(
        HERE, THERE, health=CircuitPolicy(min_failures=1, open_seconds=5), time=clock
    )
    fail_over = middleware(failover, meter_provider=provider)
    first = await call(fail_over, context(), ConnectError("down"), Output())
    second = await call(fail_over, context(), Output())
    states = failover.states("m")
    clock.advance(5)
    third = await call(fail_over, context(), Output())

    assert ([0, 1], [1], [0]) == (first[1], second[1], third[1])
    assert ((HERE, "open"), (THERE, "closed")) == states
    assert ["target_open", "elsewhere", "target_closed"] == events(provider, "failover")


async def test_each_endpoint_name_has_its_own_health() -> None:
    failover = Failover(HERE, THERE, health=CircuitPolicy(min_failures=1))
    fail_over = middleware(failover)
    await call(fail_over, context("a"), ConnectError("down"), Output())

    assert [0] == (await call(fail_over, context("b"), Output()))[1]


async def test_a_session_stays_at_its_target() -> None:
    fail_over = middleware(Failover(HERE, THERE))
    opened = InvokeEndpointOutput(body=b"", new_session_id="s-1; Expires=x")
    ctx = context(session_id="NEW_SESSION")
    await call(fail_over, ctx, ConnectError("down"), Output(opened))

    known = await call(fail_over, context(session_id="s-1"), ConnectError("down"))
    unknown = await call(fail_over, context(session_id="s-2"), ConnectError("down"))

    assert ([1], [0]) == (known[1], unknown[1])
    assert isinstance(known[0], ConnectError)


def test_the_oldest_sessions_are_forgotten() -> None:
    failover = Failover(HERE, THERE)
    for number in range(10_001):
        failover.remember_session(str(number), 1)

    assert [0, 1, 1] == [failover.target_of_session(id) for id in ("0", "1", "10000")]


@pytest.mark.parametrize(
    "ctx",
    [
        context().with_value(PREPARE, True),
        Context(
            "InvokeEndpointAsync",
            params=InvokeEndpointAsyncInput(endpoint_name="m", body=b""),
        ),
    ],
    ids=["prepare", "async"],
)
async def test_some_calls_go_to_the_first_target_only(ctx: Context) -> None:
    failover = Failover(HERE, THERE)

    error, targets = await call(middleware(failover), ctx, ConnectError("down"))

    assert (True, [0]) == (isinstance(error, ConnectError), targets)


async def test_facts_of_the_target_before_are_dropped() -> None:
    exchange = LastExchange(1, Metadata())
    ctx = Context("InvokeEndpoint", params=context().params, last_exchange=exchange)

    await call(middleware(Failover(HERE, THERE)), ctx, ConnectError("a"), Output())

    assert exchange.metadata is None


def test_it_is_in_three_steps() -> None:
    secret = FailoverTarget(credentials=Credentials("A", "b"))
    stack = stack_of(with_failover(Failover(HERE, secret)))
    again = stack_of(
        with_failover(Failover(HERE, secret)), with_failover(Failover(THERE))
    )

    assert "Failover" in stack.initialize
    assert ["FailoverEndpoint", "OperationSerializer"] == list(stack.serialize)
    assert "AuthenticateAtTarget" == type(stack.finalize.get("GetIdentity")).__name__
    assert str(stack) == str(again)
    assert "GetIdentity" == type(again.finalize.get("GetIdentity")).__name__


def test_it_works_with_durations_that_are_measured() -> None:
    stack = stack_of(
        with_failover(Failover(THERE)), meter_provider=RecordingMeterProvider()
    )

    assert "FailoverEndpoint" in stack.serialize


def test_credentials_of_targets_need_calls_that_are_signed() -> None:
    secret = FailoverTarget(credentials=Credentials("A", "b"))
    anonymous = caller(credentials=AnonymousCredentials())

    with pytest.raises(OptionsError, match="signed calls"):
        Failover(secret)(anonymous.stack("InvokeEndpoint"))
    Failover(THERE)(anonymous.stack("InvokeEndpoint"))


@pytest.mark.parametrize("targets", [(), ("eu-west-1",)], ids=repr)
def test_wrong_targets_are_refused(targets: Any) -> None:
    with pytest.raises(OptionsError, match="one FailoverTarget or more"):
        Failover(*targets)


def test_it_pickles_with_its_settings() -> None:
    failover = Failover(HERE, THERE, retry_ambiguous=True)
    options = with_failover(failover)(Options())

    (copied,) = pickle.loads(pickle.dumps(options)).api_options  # noqa: S301 - our own

    assert repr(failover) == repr(copied)
    assert (HERE, THERE) == copied.targets


async def test_custom_authentication_may_still_call_next_twice() -> None:
    async def authenticate(ctx: Context, input: Any, next: Any) -> Output:
        await next(ctx, input)
        output: Output = await next(ctx, input)
        return output

    def replace(stack: Stack) -> None:
        stack.finalize.swap("GetIdentity", authenticate, new_id="GetIdentity")

    targets = Failover(HERE), Failover(HERE, FailoverTarget(credentials=KEYS))
    for failover in targets:
        finalize = stack_of(with_api_options(replace), with_failover(failover)).finalize
        for id in {*finalize} - {"GetIdentity"}:
            finalize.remove(id)
        wire = Wire[Any]()

        await finalize.decorate(wire)(context(), input_at())

        first, second = (input.request for input in wire.inputs)
        assert first is not second

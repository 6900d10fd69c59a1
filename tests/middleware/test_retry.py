from __future__ import annotations

import asyncio
import gc
import logging
import re
import traceback
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeAlias

import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    REQUEST_ID,
    RESPONSE_AT,
    SENT_AT,
    AttemptResult,
    Context,
    Metadata,
)
from sagemaker_rt.endpoint_resolvers import AttemptEndpoints
from sagemaker_rt.errors import (
    ComponentError,
    ConnectError,
    InternalFailure,
    ModelError,
    ModelNotReadyException,
    PoolTimeoutError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceUnavailable,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.middleware.retry import Retry
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.sansio.retry import (
    NopRetryer,
    RetryDecision,
    RetryQuota,
    StandardRetryer,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output, Stack
from tests.doubles import ManualClock, Scripted, response

CONTEXT = Context("InvokeEndpoint")

Answers: TypeAlias = Scripted[FinalizeInput]


def retry_with(
    quota: RetryQuota | None = None,
    *,
    clock: ManualClock | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    max_attempts: int = 3,
    logger: logging.Logger | None = None,
) -> Retry:
    """Return a middleware that sleeps by *clock*, and never shortens a delay."""
    clock = clock or ManualClock()
    retryer = StandardRetryer(
        RetryQuota() if quota is None else quota,
        lambda: 1.0,
        max_attempts=max_attempts,
    )
    return Retry(
        retryer,
        sleep=sleep or clock.sleep,
        time=clock,
        stopwatch=clock,
        logger=logger,
    )


def finalize_input() -> FinalizeInput:
    return FinalizeInput(Request())


async def failure(
    retry: Retry, next: Handler[FinalizeInput], ctx: Context = CONTEXT
) -> SageMakerRuntimeError:
    """Return the error that the call ends with."""
    with pytest.raises(SageMakerRuntimeError) as caught:
        await retry(ctx, finalize_input(), next)
    return caught.value


def records(metadata: Metadata) -> tuple[AttemptResult, ...]:
    return metadata.attempts


def is_copy(copy: SageMakerRuntimeError | None, error: SageMakerRuntimeError) -> bool:
    """Return whether *copy* has the text of *error* and no references to the call."""
    assert copy is not None
    facts = copy.metadata, copy.response, copy.__traceback__
    holds_nothing = facts == ({}, None, None)
    is_same = (type(copy), str(copy)) == (type(error), str(error))
    return copy is not error and holds_nothing and is_same


def test_its_id_is_retry() -> None:
    stack = Stack()

    stack.finalize.add(retry_with())

    assert ["Retry"] == list(stack.finalize)


async def test_after_a_successful_first_attempt_there_is_no_other() -> None:
    clock = ManualClock()
    answer = Output()
    wire = Answers(answer)

    output = await retry_with(clock=clock)(CONTEXT, finalize_input(), wire)

    assert output is answer
    assert (AttemptResult(1, None, None),) == output.metadata.attempts
    assert [] == clock.sleeps


async def test_attempts_are_made_until_one_succeeds() -> None:
    clock = ManualClock()
    quota = RetryQuota()
    first, second = InternalFailure(), ConnectError("refused")
    wire = Answers(first, second, Output())

    output = await retry_with(quota, clock=clock)(CONTEXT, finalize_input(), wire)

    expected = (
        AttemptResult(1, first, 0.05),
        AttemptResult(2, second, 0.1),
        AttemptResult(3, None, None),
    )
    assert expected == output.metadata.attempts
    assert [0.05, 0.1] == clock.sleeps
    assert 486 == quota.available


async def test_every_attempt_has_its_number_and_the_maximum_in_a_header() -> None:
    wire = Answers(InternalFailure(), InternalFailure(), Output())

    await retry_with()(CONTEXT, finalize_input(), wire)

    headers = [input.request.headers["amz-sdk-request"] for input in wire.inputs]
    assert ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"] == headers
    assert [1, 2, 3] == [ctx.attempt for ctx in wire.contexts]


async def test_an_attempt_does_not_see_the_headers_of_the_one_before() -> None:
    input = finalize_input()
    input.request.headers["X-Build"] = "shared"
    wire = Answers(InternalFailure(), Output())
    seen: list[dict[str, str]] = []

    async def write(ctx: Context, input: FinalizeInput) -> Output:
        seen.append(dict(input.request.headers))
        input.request.headers["Authorization"] = f"attempt {ctx.attempt}"
        input.request.path = "/elsewhere"
        return await wire(ctx, input)

    await retry_with()(CONTEXT, input, write)

    expected = [
        {"x-build": "shared", "amz-sdk-request": "attempt=1; max=3"},
        {"x-build": "shared", "amz-sdk-request": "attempt=2; max=3"},
    ]
    assert expected == seen
    assert {"X-Build": "shared"} == input.request.headers
    assert "/" == input.request.path


async def test_an_error_has_the_attempts() -> None:
    first, second, third = InternalFailure(), InternalFailure(), ServiceUnavailable()

    error = await failure(retry_with(), Answers(first, second, third))

    assert error is third
    assert 3 == error.attempts
    *past, last = records(error.metadata)
    assert [AttemptResult(1, first, 0.05), AttemptResult(2, second, 0.1)] == past
    assert (3, None) == (last.number, last.delay)
    assert is_copy(last.error, third)
    assert ["SageMaker Runtime InvokeEndpoint, attempt 3 of 3"] == error.__notes__


async def test_an_error_that_is_not_retryable_is_raised_at_once() -> None:
    clock = ManualClock()
    quota = RetryQuota()

    error = await failure(retry_with(quota, clock=clock), Answers(ModelError("no")))

    assert 1 == error.attempts
    assert ["SageMaker Runtime InvokeEndpoint, attempt 1 of 3"] == error.__notes__
    assert [] == clock.sleeps
    assert 500 == quota.available


async def test_an_ambiguous_failure_is_not_retried() -> None:
    silence = RequestTimeoutError("no answer within 70 s")
    silence.request_sent = silence.may_have_executed = True

    error = await failure(retry_with(), Answers(silence))

    assert error is silence
    assert 1 == error.attempts


async def test_the_last_error_says_that_an_earlier_attempt_was_sent() -> None:
    failed, refused = InternalFailure(), ConnectError("refused")
    failed.request_sent = True

    error = await failure(retry_with(), Answers(failed, refused, refused))

    assert error is refused
    assert (True, False) == (error.request_sent, error.may_have_executed)


async def test_an_error_keeps_its_metadata() -> None:
    refused = ValidationError("no such endpoint")
    refused.metadata = Metadata()
    refused.metadata[REQUEST_ID] = "r-1"

    error = await failure(retry_with(), Answers(refused))

    assert error.metadata is refused.metadata
    assert "r-1" == error.metadata.request_id
    (last,) = error.metadata[ATTEMPTS]
    assert is_copy(last.error, refused)


async def test_an_exhausted_quota_is_noted_on_the_error() -> None:
    error = await failure(
        retry_with(RetryQuota(14)), Answers(InternalFailure(), InternalFailure())
    )

    expected = [
        "SageMaker Runtime InvokeEndpoint, attempt 2 of 3",
        "retry quota exhausted",
    ]
    assert expected == error.__notes__


async def test_without_retries_an_error_has_the_facts_of_the_call() -> None:
    wire = Answers(InternalFailure())

    error = await failure(Retry(NopRetryer()), wire)

    assert ["SageMaker Runtime InvokeEndpoint, attempt 1 of 1"] == error.__notes__
    assert "attempt=1; max=1" == wire.inputs[0].request.headers["amz-sdk-request"]


async def test_a_delay_that_ends_before_the_deadline_is_slept() -> None:
    clock = ManualClock(now=100.0)
    ctx = Context("InvokeEndpoint", deadline=100.06)

    await retry_with(clock=clock)(
        ctx, finalize_input(), Answers(InternalFailure(), Output())
    )

    assert [0.05] == clock.sleeps


async def test_a_delay_that_ends_after_the_deadline_fails_the_call_at_once() -> None:
    clock = ManualClock(now=100.0)
    quota = RetryQuota()
    ctx = Context("InvokeEndpoint", deadline=101.0)
    throttled = UnknownServiceError(http_status=429)

    error = await failure(retry_with(quota, clock=clock), Answers(throttled), ctx)

    where, reason = error.__notes__
    assert "SageMaker Runtime InvokeEndpoint, attempt 1 of 3" == where
    assert re.search(r"1\.000 s.*deadline", reason)
    (last,) = records(error.metadata)
    assert is_copy(last.error, throttled)
    assert [] == clock.sleeps
    assert 500 == quota.available


def no_delays() -> StandardRetryer:
    return StandardRetryer(RetryQuota(), lambda: 0.0)


class Gate:
    """Blocks forever, and says when a task waits here."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    async def wait(self) -> None:
        self.reached.set()
        await asyncio.Event().wait()


async def cancelled_at(gate: Gate, call: Awaitable[Output]) -> None:
    """Cancel *call* when it is at *gate*, and see that it ends so."""
    task = asyncio.ensure_future(call)
    await gate.reached.wait()

    task.cancel("by the test")

    with pytest.raises(asyncio.CancelledError, match="by the test"):
        await task


@pytest.mark.parametrize(("attempt", "left"), [(1, 500), (2, 486), (3, 472)])
async def test_a_reservation_is_spent_on_an_attempt_that_is_cancelled(
    attempt: int, left: int
) -> None:
    quota = RetryQuota()
    gate = Gate()

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        if ctx.attempt == attempt:
            await gate.wait()
        raise InternalFailure

    await cancelled_at(gate, retry_with(quota)(CONTEXT, finalize_input(), end))

    assert left == quota.available


@pytest.mark.parametrize(("retry", "left"), [(1, 500), (2, 486)])
async def test_a_call_cancelled_between_attempts_gives_its_reservation_back(
    retry: int, left: int
) -> None:
    quota = RetryQuota()
    gate = Gate()
    delays: list[float] = []

    async def sleep(delay: float) -> None:
        delays.append(delay)
        if len(delays) == retry:
            await gate.wait()

    wire = Answers(InternalFailure(), InternalFailure())
    call = retry_with(quota, sleep=sleep)(CONTEXT, finalize_input(), wire)

    await cancelled_at(gate, call)

    assert retry == len(wire.inputs)
    assert left == quota.available


class BrokenRetryer(StandardRetryer):
    """A retryer of which the named method raises."""

    method = ""

    def give_back(self, decision: RetryDecision) -> None:
        raise KeyError

    def decide(self, error: SageMakerRuntimeError, **_: object) -> Any:
        return None if self.method == "decide" else RetryDecision(delay=60)


async def test_a_cancellation_propagates_also_if_give_back_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = Gate()

    async def sleep(_: float) -> None:
        await gate.wait()

    retry = Retry(BrokenRetryer(RetryQuota(), lambda: 1.0), sleep=sleep)

    await cancelled_at(gate, retry(CONTEXT, finalize_input(), Answers(ConnectError())))

    assert ["WARNING"] == [
        record.levelname for record in caplog.records if record.exc_info
    ]


async def test_a_retryer_that_does_not_return_a_decision_is_an_error() -> None:
    class Undecided(BrokenRetryer):
        method = "decide"

    retry = Retry(Undecided(RetryQuota(), lambda: 1.0))
    refused = ServiceUnavailable(request_id="r-1")
    refused.request_sent = True

    error = await failure(retry, Answers(refused))

    assert isinstance(error, ComponentError)
    assert isinstance(error.__cause__, TypeError)
    assert ("retryer", 503, "r-1", True, 1) == (
        error.component,
        error.http_status,
        error.request_id,
        error.request_sent,
        error.attempts,
    )


async def test_a_cancellation_in_an_attempt_is_unchanged() -> None:
    with pytest.raises(asyncio.CancelledError) as caught:
        await retry_with()(CONTEXT, finalize_input(), Answers(asyncio.CancelledError()))

    assert not hasattr(caught.value, "__notes__")


async def test_a_foreign_exception_propagates_unchanged() -> None:
    clock = ManualClock()
    wire = Answers(InternalFailure(), KeyError("tenant"))

    with pytest.raises(KeyError, match="tenant") as caught:
        await retry_with(clock=clock)(CONTEXT, finalize_input(), wire)

    assert not hasattr(caught.value, "__notes__")
    assert [0.05] == clock.sleeps


async def test_one_middleware_serves_concurrent_calls() -> None:
    quota = RetryQuota()
    retry = retry_with(quota)
    gates = [asyncio.Event(), asyncio.Event()]

    def handler(number: int) -> Handler[FinalizeInput]:
        wire = Answers(InternalFailure(), Output(result=number))

        async def end(ctx: Context, input: FinalizeInput) -> Output:
            gates[number].set()
            await gates[1 - number].wait()
            return await wire(ctx, input)

        return end

    outputs = await asyncio.gather(
        retry(CONTEXT, finalize_input(), handler(0)),
        retry(CONTEXT, finalize_input(), handler(1)),
    )

    assert [0, 1] == [output.result for output in outputs]
    assert [2, 2] == [len(output.metadata.attempts) for output in outputs]
    assert 500 == quota.available


async def test_by_default_it_sleeps_with_asyncio() -> None:
    retry = Retry(StandardRetryer(RetryQuota(), lambda: 0.0))
    ctx = Context("InvokeEndpoint", deadline=asyncio.get_running_loop().time() + 60)

    output = await retry(ctx, finalize_input(), Answers(InternalFailure(), Output()))

    assert 2 == len(output.metadata.attempts)


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_the_record_of_an_attempt_does_not_keep_its_request_alive() -> None:
    requests: list[weakref.ref[Request]] = []

    async def send(request: Request) -> Output:
        requests.append(weakref.ref(request))
        message = "refused"
        raise OSError(message)

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        if ctx.attempt > 1:
            return Output()
        try:
            return await send(input.request)
        except OSError as error:
            message = "no connection"
            raise ConnectError(message) from error

    with no_garbage_collection():
        output = await retry_with()(CONTEXT, finalize_input(), end)

        first = output.metadata.attempts[0].error
        assert isinstance(first, ConnectError)
        assert isinstance(first.__cause__, OSError)
        assert [None] == [request() for request in requests]


async def test_an_exception_of_the_application_keeps_its_traceback() -> None:
    def look_up() -> NoReturn:
        message = "mine"
        raise KeyError(message)

    def fail_once(ctx: Context, input: FinalizeInput) -> Awaitable[Output]:
        if ctx.attempt == 1:
            raise InternalFailure
        return Answers(Output())(ctx, input)

    async def call_while_handling() -> None:
        try:
            look_up()
        except KeyError:
            await retry_with()(CONTEXT, finalize_input(), fail_once)
            raise

    with pytest.raises(KeyError, match="mine") as caught:
        await call_while_handling()

    frames = traceback.extract_tb(caught.value.__traceback__)
    assert "look_up" in [frame.name for frame in frames]


async def test_a_later_error_is_not_chained_to_those_before() -> None:
    error = await failure(
        retry_with(max_attempts=2), Answers(InternalFailure(), InternalFailure())
    )

    assert error.__context__ is None
    assert error.__cause__ is None


async def test_each_retry_is_logged_as_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="sagemaker_rt.middleware.retry")
    throttled = UnknownServiceError("secret", code="SlowDown", http_status=503)

    await retry_with()(
        CONTEXT,
        finalize_input(),
        Answers(throttled, ConnectError("10.0.0.1"), Output()),
    )

    line = "InvokeEndpoint: attempt %d failed with %r, retry in %.3f s"
    expected = [line % (1, "SlowDown", 1.0), line % (2, "ConnectError", 0.1)]
    assert expected == [record.getMessage() for record in caplog.records]


async def test_every_decision_is_logged_to_the_logger(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    retry = retry_with(logger=logging.getLogger("tests.retries"))
    throttled = UnknownServiceError("secret", code="SlowDown", http_status=503)

    with suppress(ValidationError):
        await retry(CONTEXT, finalize_input(), Answers(throttled, ValidationError()))

    prefix = "InvokeEndpoint: attempt"
    assert [
        f"{prefix} 1 failed with 'SlowDown', retry in 1.000 s",
        f"{prefix} 2 failed with 'ValidationError', no retry: not retryable",
    ] == [r.getMessage() for r in caplog.records if r.name == "tests.retries"]
    assert {"tests.retries"} == {r.name for r in caplog.records}


async def test_a_failed_call_is_freed_with_its_error() -> None:
    """Without waiting for the garbage collector: bodies may be large."""
    requests: list[weakref.ref[Request]] = []

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        requests.append(weakref.ref(input.request))
        message = "no such endpoint"
        raise ValidationError(message)

    with no_garbage_collection():
        with suppress(ValidationError):
            await retry_with()(CONTEXT, finalize_input(), end)

        assert [None] == [request() for request in requests]


async def test_a_pool_timeout_is_not_counted_as_an_attempt() -> None:
    busy = PoolTimeoutError("all are busy")
    wire = Answers(busy, InternalFailure(), Output())

    output = await retry_with()(CONTEXT, finalize_input(), wire)

    headers = [input.request.headers["amz-sdk-request"] for input in wire.inputs]
    assert ["attempt=1; max=3", "attempt=1; max=3", "attempt=2; max=3"] == headers
    assert [1, 1, 2] == [ctx.attempt for ctx in wire.contexts]
    assert [1, 2] == [attempt.number for attempt in output.metadata.attempts]


async def test_a_call_that_never_got_a_connection_has_no_attempts() -> None:
    wire = Answers(*(PoolTimeoutError("all are busy") for _ in range(3)))

    error = await failure(retry_with(), wire)

    assert isinstance(error, PoolTimeoutError)
    assert 0 == error.attempts
    assert () == records(error.metadata)
    assert [
        "SageMaker Runtime InvokeEndpoint, before attempt 1 of 3"
    ] == error.__notes__


async def test_an_attempt_has_the_records_of_earlier_attempts() -> None:
    first, second = InternalFailure(), ConnectError("refused")
    wire = Answers(first, second, Output())

    await retry_with()(CONTEXT, finalize_input(), wire)

    expected = [[], [first], [first, second]]
    assert expected == [[a.error for a in ctx.past] for ctx in wire.contexts]


async def test_the_record_of_a_success_has_its_time() -> None:
    clock = ManualClock()

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        clock.advance(2)
        return Output()

    output = await retry_with(clock=clock)(CONTEXT, finalize_input(), end)

    assert [2.0] == [attempt.elapsed for attempt in records(output.metadata)]


async def test_the_records_have_the_time_of_failure() -> None:
    clock = ManualClock()

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        clock.advance(2)
        raise InternalFailure

    error = await failure(retry_with(clock=clock), end)

    expected = pytest.approx([2.0, 4.05, 6.15])
    assert expected == [attempt.elapsed for attempt in records(error.metadata)]


async def test_calls_to_a_loading_model_are_retried_until_it_is_ready() -> None:
    clock = ManualClock()
    wire = Answers(*(ModelNotReadyException() for _ in range(5)), Output())

    await retry_with(clock=clock)(CONTEXT, finalize_input(), wire)

    assert [1, 2, 4, 8, 8] == clock.sleeps
    assert "attempt=6; max=6" == wire.inputs[-1].request.headers["amz-sdk-request"]


async def test_retries_end_if_the_model_is_not_ready_in_time() -> None:
    clock = ManualClock()
    wire = Answers(*(ModelNotReadyException() for _ in range(20)))

    error = await failure(retry_with(clock=clock), wire)

    assert isinstance(error, ModelNotReadyException)
    assert 55 == sum(clock.sleeps)
    assert "model_not_ready_timeout" in error.__notes__[-1]


SERVICE_NOW = "Wed, 15 Nov 2023 12:00:00 GMT"
NOON = 1_700_049_600.0


def refusal(code: str, *, sent_at: float) -> UnknownServiceError:
    error = UnknownServiceError(code=code, http_status=403)
    error.response = response(403, {"Date": SERVICE_NOW})
    error.metadata = Metadata()
    error.metadata[SENT_AT] = error.metadata[RESPONSE_AT] = sent_at
    return error


async def test_a_wrong_clock_is_corrected_and_the_call_is_retried() -> None:
    clock = CorrectedClock(lambda: NOON - 600)
    retry = Retry(no_delays(), clock=clock)
    wire = Answers(refusal("RequestTimeTooSkewed", sent_at=NOON - 600), Output())

    output = await retry(CONTEXT, finalize_input(), wire)

    assert 2 == len(output.metadata.attempts)
    assert NOON == clock()


async def test_with_a_right_clock_a_rejected_signature_is_not_retried() -> None:
    clock = CorrectedClock(lambda: NOON)
    wire = Answers(refusal("AccessDeniedException", sent_at=NOON))

    error = await failure(Retry(no_delays(), clock=clock), wire)

    assert 1 == error.attempts


async def test_without_clock_correction_a_rejected_signature_is_not_retried() -> None:
    wire = Answers(refusal("RequestTimeTooSkewed", sent_at=NOON - 600))

    error = await failure(Retry(no_delays()), wire)

    assert 1 == error.attempts


async def test_a_retry_sends_the_deadline_of_the_call() -> None:
    time = ManualClock(now=100.0)
    ctx = Context("InvokeEndpoint", deadline=130.0)
    first = UnknownServiceError(http_status=503)
    first.response = response(503, {"Date": SERVICE_NOW})
    first.metadata = Metadata()
    first.metadata[SENT_AT] = first.metadata[RESPONSE_AT] = NOON - 7
    wire = Answers(first, Output())

    await Retry(no_delays(), sleep=time.sleep, time=time)(ctx, finalize_input(), wire)

    headers = [input.request.headers["amz-sdk-request"] for input in wire.inputs]
    assert "attempt=1; max=3" == headers[0]
    assert "attempt=2; max=3; ttl=20231115T120030Z" == headers[1]


class Resolver:
    """Resolves the first attempt to one host, and later ones as *answer* says."""

    def __init__(self, answer: Endpoint | BaseException) -> None:
        self.answer = answer

    async def resolve_endpoint(self, _: EndpointParameters) -> Endpoint:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


HERE, THERE = Endpoint("https://a.example"), Endpoint("https://b.example")


@pytest.mark.parametrize(
    ("answer", "cost"),
    [(THERE, 0), (HERE, 14), (KeyError("a bug"), 14), (asyncio.CancelledError(), 0)],
)
async def test_a_retry_at_another_endpoint_costs_nothing(
    answer: Endpoint | BaseException, cost: int
) -> None:
    quota = RetryQuota()
    left: list[int] = []

    async def send(ctx: Context, input: FinalizeInput) -> Output:
        input.request.endpoint = input.request.endpoint or HERE
        left.append(quota.available)
        raise ConnectError

    endpoints = AttemptEndpoints(Resolver(answer), EndpointParameters())
    clock = ManualClock()
    retry = Retry(
        StandardRetryer(quota, lambda: 1.0, max_attempts=2),
        sleep=clock.sleep,
        time=clock,
        endpoints=endpoints,
    )
    is_cancelled = isinstance(answer, asyncio.CancelledError)
    expected = asyncio.CancelledError if is_cancelled else ConnectError

    with pytest.raises(expected):
        await retry(CONTEXT, finalize_input(), send)

    assert cost == quota.capacity - quota.available
    assert ([500] if is_cancelled else [500, 500 - cost]) == left

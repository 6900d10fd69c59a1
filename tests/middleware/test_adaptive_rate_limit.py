from __future__ import annotations

import asyncio
import gc
import math
import re
from collections.abc import Coroutine
from typing import Any, TypeAlias, TypeVar

import pytest
from attrs import define, field
from hypothesis import example, given
from hypothesis import strategies as st

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ConnectError,
    ConnectionLostError,
    ModelNotReadyException,
    RequestTimeoutError,
    RetryCapacityNotAvailableError,
    SageMakerRuntimeError,
    UnknownServiceError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.adaptive_rate_limit import AdaptiveRateLimit, RateLimiters
from sagemaker_rt.sansio.adaptive_rate_limit import ClientRateLimiter
from sagemaker_rt.stack import FinalizeInput, Output, Stack

T = TypeVar("T")

START = 1000.0


def input_for(endpoint_name: str = "m") -> FinalizeInput:
    return FinalizeInput(Request(path=f"/endpoints/{endpoint_name}/invocations"))


def throttle() -> SageMakerRuntimeError:
    return UnknownServiceError(http_status=429)


async def fine(ctx: Context, input: FinalizeInput) -> Output:
    return Output()


async def run_tasks() -> None:
    """Run all tasks until each waits for time or an answer."""
    for _ in range(2 * len(asyncio.all_tasks()) + 5):
        await asyncio.sleep(0)


class Timer:
    """A clock whose sleepers are woken one after the other."""

    def __init__(self) -> None:
        self.now = START
        self.sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, waking))
        try:
            await waking
        finally:
            self.sleepers = [other for other in self.sleepers if other[1] is not waking]

    def wake(self) -> None:
        """Advance the time to the next sleeper, and wake it."""
        self.now, waking = min(self.sleepers, key=lambda sleeper: sleeper[0])
        waking.set_result(None)

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds
        await run_tasks()
        while self.sleepers and min(due for due, _ in self.sleepers) <= end:
            self.wake()
            await run_tasks()
        self.now = end


class Calls:
    """Attempts on the endpoint *m*, by number; `answer` ends those that were sent."""

    def __init__(self, *, wait: bool = True) -> None:
        self.time = Timer()
        self.limiters = RateLimiters()
        self.limiters.queue("m", START)
        self.limit = self.limit_with(wait=wait)
        self.sent: list[tuple[int, float]] = []
        """Numbers of the attempts sent, and the seconds after the start."""
        self.answers: dict[int, asyncio.Future[Output]] = {}
        self.tasks: list[asyncio.Task[Output]] = []

    def limit_with(self, *, wait: bool) -> AdaptiveRateLimit:
        time = self.time
        return AdaptiveRateLimit(self.limiters, wait=wait, sleep=time.sleep, time=time)

    @property
    def waiting(self) -> int:
        return self.limiters.queue("m", self.time.now).waiting

    @property
    def rate(self) -> float:
        return self.limiters.queue("m", self.time.now)._limiter.rate

    async def throttled(self, *, rate: int = 0) -> None:
        """Throttle *m*, after one second with *rate* successful responses.

        Without them, there is one token every two seconds from then on.
        """
        for _ in range(rate):
            self.time.now += 1 / rate
            await self.limit(Context("InvokeEndpoint"), input_for(), fine)

        async def refuse(ctx: Context, input: FinalizeInput) -> Output:
            raise throttle()

        with pytest.raises(UnknownServiceError):
            await self.limit(Context("InvokeEndpoint"), input_for(), refuse)

    async def begin(self, patience: float | None = None) -> asyncio.Task[Output]:
        """Start a call with a deadline in *patience* seconds; run it until it waits."""
        number = len(self.tasks)
        deadline = None if patience is None else self.time.now + patience
        ctx = Context("InvokeEndpoint", deadline=deadline)
        self.tasks.append(asyncio.create_task(self._call(ctx, number)))
        # retrieve the exception: not every test looks at it
        self.tasks[-1].add_done_callback(
            lambda task: task.cancelled() or task.exception()
        )
        await asyncio.sleep(0)
        return self.tasks[-1]

    async def _call(self, ctx: Context, number: int) -> Output:
        async def end(ctx: Context, input: FinalizeInput) -> Output:
            self.sent.append((number, self.time.now - START))
            self.answers[number] = asyncio.get_running_loop().create_future()
            return await self.answers[number]

        return await self.limit(ctx, input_for(), end)

    async def answer(self, number: int, error: Exception | None = None) -> None:
        """End the attempt *number*, which was sent."""
        if error is None:
            self.answers.pop(number).set_result(Output())
        else:
            self.answers.pop(number).set_exception(error)
        await asyncio.wait([self.tasks[number]])
        await run_tasks()


def test_its_id_is_its_class_name() -> None:
    stack = Stack()

    stack.finalize.add(AdaptiveRateLimit(RateLimiters(), wait=True))

    assert ["AdaptiveRateLimit"] == list(stack.finalize)


async def test_before_throttling_no_attempt_waits() -> None:
    calls = Calls()

    for _ in range(100):
        await calls.begin()

    assert [(number, 0.0) for number in range(100)] == calls.sent


async def test_after_throttling_every_attempt_takes_a_token() -> None:
    calls = Calls()
    await calls.throttled()

    await calls.begin()
    await calls.time.advance(1.9)
    sent_before = calls.sent.copy()
    await calls.time.advance(0.2)
    await calls.begin()
    await calls.time.advance(2)

    assert [] == sent_before
    assert [(0, 2.0), (1, 4.0)] == calls.sent


async def test_throttling_of_one_endpoint_does_not_slow_down_another() -> None:
    calls = Calls(wait=False)
    await calls.throttled()

    output = await calls.limit(Context("InvokeEndpoint"), input_for("other"), fine)

    assert isinstance(output, Output)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/endpoints/m/invocations", "'m'"),
        ("/endpoints/m/async-invocations", "'m'"),
        ("/endpoints/m/invocations-response-stream", "'m'"),
        ("/endpoints/%6D/invocations", "'m'"),
        ("/prefix/endpoints/m/invocations", "'m'"),
        ("/endpoints/other/invocations/endpoints/m/invocations", "'m'"),
    ],
)
async def test_the_endpoint_name_is_read_from_the_path(path: str, shown: str) -> None:
    calls = Calls(wait=False)
    await calls.throttled()

    with pytest.raises(RetryCapacityNotAvailableError, match=f"endpoint {shown}"):
        await calls.limit(Context("Any"), FinalizeInput(Request(path=path)), fine)


@pytest.mark.parametrize("path", ["/", "/m", "/endpoints/m", "/others/m/invocations"])
async def test_a_path_without_an_endpoint_name_has_its_own_bucket(path: str) -> None:
    calls = Calls(wait=False)
    await calls.throttled()

    await calls.limit(Context("Any"), FinalizeInput(Request(path=path)), fine)

    assert path in calls.limiters._queues


async def rate_after(error: BaseException | None) -> float:
    """Return the rate after throttling, and then a second of responses like *error*."""
    calls = Calls()
    await calls.throttled(rate=10)
    started_at = [await calls.begin() for _ in range(30)]
    await calls.time.advance(10)
    for number in range(30):
        calls.time.now += 1 / 30
        if isinstance(error, asyncio.CancelledError):
            started_at[number].cancel()
        else:
            assert error is None or isinstance(error, Exception)
            await calls.answer(number, error)
    await asyncio.wait(started_at)
    return calls.rate


@pytest.mark.parametrize(
    "error",
    [ModelNotReadyException(), UnknownServiceError(http_status=500)],
    ids=str,
)
async def test_an_error_that_is_not_throttling_raises_the_rate(
    error: SageMakerRuntimeError,
) -> None:
    untouched = await rate_after(KeyError())

    assert await rate_after(None) == await rate_after(error) > untouched


async def test_a_request_without_a_response_is_not_throttling() -> None:
    lost = ConnectionLostError("reset")
    lost.request_sent = True

    assert await rate_after(None) == await rate_after(lost)


@pytest.mark.parametrize(
    "error",
    [ConnectError("refused"), KeyError("tenant"), asyncio.CancelledError()],
    ids=repr,
)
async def test_a_request_that_was_not_sent_does_not_change_the_rate(
    error: BaseException,
) -> None:
    calls = Calls()
    await calls.throttled(rate=10)

    assert calls.rate == await rate_after(error)


async def test_throttling_lowers_the_rate() -> None:
    calls = Calls()
    await calls.throttled(rate=10)

    assert await rate_after(throttle()) < calls.rate


async def test_a_model_that_is_not_ready_does_not_limit_the_rate() -> None:
    calls = Calls(wait=False)
    for _ in range(10):
        task = await calls.begin()
        await calls.answer(len(calls.tasks) - 1, ModelNotReadyException())
        assert isinstance(task.exception(), ModelNotReadyException)

    await calls.begin()

    assert 11 == len(calls.sent)


async def test_without_waiting_a_call_fails() -> None:
    calls = Calls(wait=False)
    await calls.throttled()
    calls.time.now += 0.5

    task = await calls.begin()

    error = task.exception()
    assert isinstance(error, RetryCapacityNotAvailableError)
    assert "adaptive_wait" in str(error)
    assert 1.5 == error.retry_after
    assert (False, False) == (error.is_retryable, error.request_sent)
    assert [] == calls.sent


async def test_a_call_that_does_not_wait_counts_the_waiting_ones() -> None:
    calls = Calls()
    await calls.throttled()
    await calls.begin()
    await calls.begin()

    with pytest.raises(RetryCapacityNotAvailableError) as caught:
        await calls.limit_with(wait=False)(Context("Any"), input_for(), fine)

    assert 6.0 == caught.value.retry_after


async def test_a_call_that_does_not_wait_takes_a_token_left_by_the_waiting_ones() -> (
    None
):
    calls = Calls()
    await calls.throttled(rate=50)
    for _ in range(4):
        await calls.begin()
    calls.time.now += 1  # there are tokens for all, but no attempt has looked yet

    await calls.limit_with(wait=False)(Context("Any"), input_for(), fine)
    await calls.time.advance(0)

    assert [0, 1, 2, 3] == [number for number, _ in calls.sent[-4:]]


async def test_a_call_fails_at_once_if_its_token_comes_after_the_deadline() -> None:
    calls = Calls()
    await calls.throttled()

    task = await calls.begin(patience=1.9)

    error = task.exception()
    assert isinstance(error, RequestTimeoutError)
    assert re.search(r"2\.000 s.*total_timeout.*1\.900 s", str(error))
    assert (False, False) == (error.request_sent, error.counts_as_attempt)
    assert 0 == calls.waiting


@pytest.mark.parametrize(("patience", "is_too_short"), [(8.0, True), (8.1, False)])
async def test_the_queue_counts_towards_the_deadline(
    patience: float, is_too_short: bool
) -> None:
    calls = Calls()
    await calls.throttled()
    for _ in range(3):
        await calls.begin()

    task = await calls.begin(patience)
    await calls.time.advance(8)

    assert is_too_short == task.done()
    assert (3 if is_too_short else 4) == len(calls.sent)


async def test_tokens_are_given_in_fifo_order() -> None:
    calls = Calls()
    await calls.throttled()
    for _ in range(100):
        await calls.begin()

    await calls.time.advance(200)

    assert [(number, 2.0 * number + 2) for number in range(100)] == calls.sent
    assert 0 == calls.waiting
    assert [] == calls.time.sleepers


@pytest.mark.parametrize(
    "leaving", [[0], [5], [9], [0, 1, 2], [2, 1, 0], [0, 9], list(range(9))]
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_cancelled_attempt_leaves_the_queue(
    leaving: list[int], at_once: bool
) -> None:
    calls = Calls()
    await calls.throttled()
    for _ in range(10):
        await calls.begin()

    for number in leaving:
        calls.tasks[number].cancel()
        if not at_once:
            await run_tasks()
    await calls.time.advance(20)

    remaining = [number for number in range(10) if number not in leaving]
    assert [(n, 2.0 * place + 2) for place, n in enumerate(remaining)] == calls.sent
    assert all(calls.tasks[number].cancelled() for number in leaving)


async def test_the_token_of_a_cancelled_attempt_goes_to_the_next() -> None:
    calls = Calls()
    await calls.throttled()
    first, _ = await calls.begin(), await calls.begin()

    calls.time.wake()
    first.cancel()
    await run_tasks()

    assert [(1, 2.0)] == calls.sent


async def test_an_attempt_cancelled_when_it_becomes_first_makes_the_next_first() -> (
    None
):
    calls = Calls()
    await calls.throttled(rate=50)
    first = await calls.begin()
    _, third = await calls.begin(), await calls.begin()

    first.cancel()
    await asyncio.sleep(0)  # the first has called the second, which has not gone on
    calls.tasks[1].cancel()
    await run_tasks()
    await calls.time.advance(1)

    assert [2] == [number for number, _ in calls.sent]
    assert calls.tasks[1].cancelled()
    assert not third.done()


async def test_a_later_attempt_does_not_overtake() -> None:
    calls = Calls()
    await calls.throttled(rate=50)
    for _ in range(3):
        await calls.begin()
    calls.time.now += 1  # there are tokens for all, but no attempt has looked yet

    await calls.begin()
    await calls.time.advance(0)

    assert [0, 1, 2, 3] == [number for number, _ in calls.sent]


async def test_only_the_first_attempt_sleeps() -> None:
    calls = Calls()
    await calls.throttled()

    for _ in range(10):
        await calls.begin()

        assert 1 == len(calls.time.sleepers)


async def three_in_flight(patiences: list[float | None]) -> Calls:
    """Return calls that wait while three attempts have no response yet.

    Args:
        patiences: Time to the deadline of each waiting call, in tokens at the current
            rate.
    """
    calls = Calls()
    await calls.throttled(rate=50)
    for _ in range(3):
        await calls.begin()
    while calls.waiting:
        calls.time.wake()
        await run_tasks()
    for patience in patiences:
        await calls.begin(None if patience is None else patience / calls.rate)
    return calls


async def test_throttling_slows_down_waiting_attempts() -> None:
    calls = await three_in_flight([None] * 10)
    started_at, rate = calls.time.now - START, calls.rate

    await calls.answer(0, throttle())
    await calls.time.advance(10)

    assert pytest.approx(0.7 * rate) == calls.rate
    assert list(range(3, 13)) == [number for number, _ in calls.sent[3:]]
    assert pytest.approx(started_at + 10 / (0.7 * rate), abs=1e-3) == calls.sent[-1][1]


async def test_waiting_attempts_fail_at_once_if_a_lower_rate_makes_them_late() -> None:
    # a token takes 1.43 times as long as before; each rejection moves others forward
    calls = await three_in_flight([2, None, 3.5, 4.5, 5.5, 6.5, None])
    assert 7 == calls.waiting

    await calls.answer(0, throttle())

    late = [number for number, task in enumerate(calls.tasks) if task.done()]
    assert [0, 5, 7] == late
    error = calls.tasks[5].exception()
    assert isinstance(error, RequestTimeoutError)
    assert re.search(r"0\.147 s.*total_timeout.*0\.120 s", str(error))
    assert 5 == calls.waiting
    await calls.time.advance(10)
    assert [3, 4, 6, 8, 9] == [number for number, _ in calls.sent[3:]]


async def test_the_first_attempt_fails_at_once_if_a_lower_rate_makes_it_late() -> None:
    calls = await three_in_flight([1.2, None])
    started_at = calls.time.now - START

    await calls.answer(0, throttle())

    assert isinstance(calls.tasks[3].exception(), RequestTimeoutError)
    await calls.time.advance(1)
    ((number, sent_at),) = calls.sent[3:]
    assert 4 == number
    assert pytest.approx(started_at + 1 / calls.rate, abs=1e-3) == sent_at


async def test_an_attempt_that_becomes_first_at_a_lower_rate_checks_its_deadline() -> (
    None
):
    calls = await three_in_flight([None, 2.2, None])
    queue = calls.limiters.queue("m", calls.time.now)

    await calls.time.advance(0.9 / calls.rate)
    calls.tasks[3].cancel()
    await asyncio.sleep(0)  # the second is the first now, but has not run yet
    for _ in range(9):
        queue.record_response(calls.time.now, is_throttle=True)
    await run_tasks()

    assert isinstance(calls.tasks[4].exception(), RequestTimeoutError)
    assert 1 == calls.waiting == len(calls.time.sleepers)


async def slow_with_one_in_flight() -> Calls:
    """Return calls whose next token is far away until one more response is received.

    There are 25 responses in half a second then, which allows a rate of 80 per second.
    """
    calls = Calls()
    await calls.begin()
    queue = calls.limiters.queue("m", calls.time.now)
    queue.record_response(calls.time.now, is_throttle=True)
    calls.time.now += 10
    for _ in range(25):
        queue.record_response(calls.time.now, is_throttle=False)
    assert queue.take(calls.time.now, in_turn=True)
    calls.time.now += 0.5
    assert 1.5 == queue.until_next(calls.time.now)
    return calls


async def test_a_higher_rate_wakes_the_first_attempt() -> None:
    calls = await slow_with_one_in_flight()
    await calls.begin()
    await calls.begin()
    started_at = calls.time.now - START

    await calls.answer(0)
    await calls.time.advance(0.1)

    assert [1, 2] == [number for number, _ in calls.sent[1:]]
    assert all(sent_at < started_at + 0.05 for _, sent_at in calls.sent[1:])


async def test_an_attempt_cancelled_when_it_is_woken_is_cancelled() -> None:
    calls = await slow_with_one_in_flight()
    first, _ = await calls.begin(), await calls.begin()

    calls.answers[0].set_result(Output())
    await asyncio.sleep(0)  # the response is received
    first.cancel()
    await run_tasks()
    await calls.time.advance(0.1)

    assert first.cancelled()
    assert [2] == [number for number, _ in calls.sent[1:]]


async def test_an_attempt_that_is_woken_several_times_checks_once() -> None:
    calls = await slow_with_one_in_flight()
    await calls.begin()

    queue = calls.limiters.queue("m", calls.time.now)
    for _ in range(3):
        queue.record_response(calls.time.now, is_throttle=False)
        queue.record_response(calls.time.now, is_throttle=True)
        await asyncio.sleep(0)
    await run_tasks()

    assert 1 == len(calls.time.sleepers)
    assert 1 == calls.waiting


def test_the_rate_survives_the_event_loop() -> None:
    calls = Calls()

    async def first() -> None:
        await calls.throttled()
        await calls.begin()
        assert 1 == calls.waiting

    async def second() -> None:
        await calls.begin()
        await calls.time.advance(2)

    asyncio.run(first())
    asyncio.run(second())

    assert [(1, 2.0)] == calls.sent


def run_and_drop(call: Coroutine[Any, Any, T]) -> T:
    """Run *call* in a loop that is closed with its other tasks unfinished."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    try:
        return loop.run_until_complete(call)
    finally:
        loop.close()


@pytest.mark.parametrize("is_first_seen_by_the_collector", [True, False])
def test_attempts_of_a_closed_event_loop_are_removed(
    is_first_seen_by_the_collector: bool,
) -> None:
    calls = Calls()

    async def first() -> None:
        await calls.throttled(rate=50)
        for _ in range(3):
            await calls.begin()

    async def second() -> None:
        calls.time.sleepers.clear()
        calls.time.now = START + 1
        await calls.begin()
        await calls.time.advance(0.1)

    run_and_drop(first())
    if is_first_seen_by_the_collector:
        calls.tasks.clear()
        gc.collect()
    else:
        assert 0 == calls.waiting
    asyncio.run(second())
    number = len(calls.tasks) - 1
    calls.tasks.clear()
    gc.collect()

    assert [number] == [number for number, _ in calls.sent]


async def test_by_default_it_sleeps_with_asyncio() -> None:
    limit = AdaptiveRateLimit(RateLimiters(), wait=True)

    output = await limit(Context("InvokeEndpoint"), input_for(), fine)

    assert isinstance(output, Output)


def names(limiters: RateLimiters) -> list[str]:
    return list(limiters._queues)


def test_the_most_recently_used_endpoints_are_kept() -> None:
    limiters = RateLimiters()
    queues = [limiters.queue(str(number), START) for number in range(1024)]

    limiters.queue("0", START)
    limiters.queue("new", START)

    assert queues[0] is limiters.queue("0", START)
    assert "1" not in names(limiters)
    assert ["2", "new"] == [names(limiters)[0], names(limiters)[-2]]
    assert 1024 == len(names(limiters))


async def test_an_endpoint_with_waiting_attempts_is_kept() -> None:
    calls = Calls()
    await calls.throttled()
    waiter = await calls.begin()

    for number in range(2000):
        calls.limiters.queue(str(number), START)

    assert "m" == names(calls.limiters)[0]
    assert 1024 == len(names(calls.limiters))

    waiter.cancel()
    await run_tasks()
    calls.limiters.queue("new", START)

    assert "m" not in names(calls.limiters)


async def test_more_endpoints_are_kept_only_while_all_have_waiting_attempts() -> None:
    calls = Calls()
    waiters = []
    for number in range(1024):
        queue = calls.limiters.queue(str(number), START)
        queue.record_response(START, is_throttle=True)
        waiting = queue.wait(math.inf, sleep=calls.time.sleep, time=calls.time)
        waiters.append(asyncio.create_task(waiting))
    await asyncio.sleep(0)

    calls.limiters.queue("one more", START)
    assert 1025 == len(names(calls.limiters))

    for waiter in waiters[:10]:
        waiter.cancel()
    await asyncio.wait(waiters[:10])
    calls.limiters.queue("another", START)

    assert 1024 == len(names(calls.limiters))
    assert {"0", "one more"}.isdisjoint(names(calls.limiters)[:1013])
    for waiter in waiters:
        waiter.cancel()


@define
class Model:
    """The expected behaviour, without concurrency."""

    now: float = START
    limiter: ClientRateLimiter = field(factory=lambda: ClientRateLimiter(START))
    queue: list[tuple[int, float]] = field(factory=list)
    wakes_at: float = math.inf
    sent: list[tuple[int, float]] = field(factory=list)
    late: set[int] = field(factory=set)

    def begin(self, number: int, deadline: float) -> None:
        seconds = self.limiter.seconds_until(len(self.queue) + 1, self.now)
        if seconds and self.now + seconds >= deadline:
            self.late.add(number)
            return
        self.queue.append((number, deadline))
        if len(self.queue) == 1:
            self.check()

    def check(self) -> None:
        self.wakes_at = math.inf
        while self.queue:
            number, deadline = self.queue[0]
            seconds = self.limiter.seconds_until(1, self.now)
            if seconds and self.now + seconds < deadline:
                self.wakes_at = self.now + seconds
                return
            self.queue.pop(0)
            if seconds:
                self.late.add(number)
            else:
                self.limiter.take()
                self.sent.append((number, self.now - START))

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self.wakes_at <= end:
            self.now = self.wakes_at
            self.check()
        self.now = end

    def cancel(self, number: int) -> None:
        place = [waiting for waiting, _ in self.queue].index(number)
        del self.queue[place]
        if place == 0:
            self.check()

    def answer(self, *, is_throttle: bool) -> None:
        before = self.limiter.rate
        self.limiter.record_response(self.now, is_throttle=is_throttle)
        if self.limiter.rate < before:
            self.reject_late()
        if self.limiter.rate != before:
            self.check()

    def reject_late(self) -> None:
        remaining: list[tuple[int, float]] = []
        first_is_late = 0
        for place, (number, deadline) in enumerate(self.queue):
            ahead = len(remaining) - first_is_late
            seconds = self.limiter.seconds_until(ahead + 1, self.now)
            is_late = seconds > 0 and self.now + seconds >= deadline
            if place == 0:
                first_is_late = int(is_late)
            elif is_late:
                self.late.add(number)
                continue
            remaining.append((number, deadline))
        self.queue = remaining


Act: TypeAlias = tuple[str, float]

ACTS: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("begin"), st.sampled_from([math.inf, 0.01, 0.1, 0.5, 2, 6])),
    st.tuples(st.just("begin"), st.floats(min_value=0, max_value=3)),
    st.tuples(st.just("pass"), st.sampled_from([0.01, 0.05, 0.3, 1, 5])),
    st.tuples(st.just("cancel"), st.floats(min_value=0, max_value=0.99)),
    st.tuples(st.just("throttle"), st.just(0.0)),
    st.tuples(st.just("success"), st.just(0.0)),
)


class Comparison:
    """The middleware and the model, with the same acts."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.model = Model()

    async def throttled(self, rate: int) -> None:
        await self.calls.throttled(rate=rate)
        for _ in range(rate):
            self.model.now += 1 / rate
            self.model.limiter.record_response(self.model.now, is_throttle=False)
        self.model.limiter.record_response(self.model.now, is_throttle=True)

    async def do(self, kind: str, amount: float) -> None:
        if kind == "begin":
            deadline = self.model.now + amount
            self.model.begin(len(self.calls.tasks), deadline)
            await self.calls.begin(None if amount == math.inf else amount)
        elif kind == "pass":
            self.model.advance(amount)
            await self.calls.time.advance(amount)
        elif kind == "cancel":
            await self._cancel(amount)
        elif self.calls.answers:
            is_throttle = kind == "throttle"
            self.model.answer(is_throttle=is_throttle)
            number = next(iter(self.calls.answers))
            await self.calls.answer(number, throttle() if is_throttle else None)

    async def _cancel(self, where: float) -> None:
        if self.model.queue:
            number, _ = self.model.queue[int(where * len(self.model.queue))]
            self.model.cancel(number)
            self.calls.tasks[number].cancel()
            await run_tasks()

    def compare(self) -> None:
        calls, model = self.calls, self.model
        late = {
            number
            for number, task in enumerate(calls.tasks)
            if task.done() and not task.cancelled()
            if isinstance(task.exception(), RequestTimeoutError)
        }
        assert model.sent == calls.sent
        assert model.late == late
        assert len(model.queue) == calls.waiting
        assert int(bool(model.queue)) == len(calls.time.sleepers)
        assert all(model.now < deadline for _, deadline in model.queue)

    async def end(self) -> None:
        self.model.advance(500)
        await self.calls.time.advance(500)
        self.compare()
        assert 0 == self.calls.waiting
        numbers = [number for number, _ in self.calls.sent]
        assert sorted(set(numbers)) == numbers
        for number in list(self.calls.answers):
            await self.calls.answer(number)
        assert all(task.done() for task in self.calls.tasks)


@given(st.integers(0, 60), st.lists(ACTS, max_size=60))
@example(50, [("begin", math.inf)] * 5 + [("throttle", 0.0), ("pass", 1)] * 5)
@example(
    50,
    [("begin", math.inf), ("pass", 0.1), *[("begin", 0.3)] * 20, ("throttle", 0.0)],
)
def test_the_queue_behaves_like_a_reference_model(rate: int, acts: list[Act]) -> None:
    async def compare() -> None:
        comparison = Comparison()
        await comparison.throttled(rate)
        for kind, amount in acts:
            await comparison.do(kind, amount)
            comparison.compare()
        await comparison.end()

    asyncio.run(compare())

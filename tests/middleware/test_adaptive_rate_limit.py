from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ConnectError,
    ModelNotReadyException,
    RequestTimeoutError,
    RetryCapacityNotAvailableError,
    SageMakerRuntimeError,
    UnknownServiceError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.adaptive_rate_limit import AdaptiveRateLimit, RateLimiters
from sagemaker_rt.stack import FinalizeInput, Output, Stack
from tests.doubles import ManualClock, Scripted, response

CONTEXT = Context("InvokeEndpoint")


def input_for(endpoint_name: str = "m") -> FinalizeInput:
    return FinalizeInput(Request(path=f"/endpoints/{endpoint_name}/invocations"))


def answered(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    error.response = response(error.http_status or 429)
    return error


def throttle() -> SageMakerRuntimeError:
    return answered(UnknownServiceError(http_status=429))


async def fine(ctx: Context, input: FinalizeInput) -> Output:
    return Output()


class Throttled:
    """A limit that the service has called for, so that a token takes a second or two.

    No time passes but by *clock*.
    """

    def __init__(
        self,
        *,
        wait: bool = True,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self.clock = ManualClock(now=1000.0)
        self.limiters = RateLimiters()
        self.limit = AdaptiveRateLimit(
            self.limiters, wait=wait, sleep=sleep or self.clock.sleep, time=self.clock
        )

    async def begin(self) -> None:
        """Have the service throttle the endpoint *m*."""
        with pytest.raises(UnknownServiceError):
            await self.limit(CONTEXT, input_for(), Scripted[FinalizeInput](throttle()))


def test_it_stands_in_finalize_by_its_name() -> None:
    stack = Stack()

    stack.finalize.add(AdaptiveRateLimit(RateLimiters(), wait=True))

    assert ["AdaptiveRateLimit"] == list(stack.finalize)


async def test_before_a_throttle_nothing_waits() -> None:
    throttled = Throttled()

    await asyncio.gather(
        *(throttled.limit(CONTEXT, input_for(), fine) for _ in range(1000))
    )

    assert [] == throttled.clock.sleeps


async def test_after_a_throttle_every_send_takes_a_token() -> None:
    throttled = Throttled()
    await throttled.begin()

    for _ in range(3):
        await throttled.limit(CONTEXT, input_for(), fine)

    assert 2 <= len(throttled.clock.sleeps) <= 3
    assert throttled.clock.now >= 1002.0


async def test_one_endpoint_does_not_slow_down_another() -> None:
    throttled = Throttled()
    await throttled.begin()

    for _ in range(10):
        await throttled.limit(CONTEXT, input_for("other"), fine)

    assert [] == throttled.clock.sleeps


async def test_an_endpoint_is_known_by_its_name_however_it_is_written() -> None:
    throttled = Throttled(wait=False)
    await throttled.begin()
    await throttled.limit(CONTEXT, FinalizeInput(Request(path="/elsewhere")), fine)

    with pytest.raises(RetryCapacityNotAvailableError, match="endpoint 'm' has"):
        await throttled.limit(CONTEXT, input_for("%6D"), fine)


@pytest.mark.parametrize(
    "error",
    [
        answered(ModelNotReadyException()),
        answered(UnknownServiceError(http_status=500)),
        ConnectError("refused"),
    ],
    ids=str,
)
async def test_an_error_that_is_no_throttling_limits_nothing(
    error: SageMakerRuntimeError,
) -> None:
    throttled = Throttled()
    wire = Scripted[FinalizeInput](error, Output())

    with pytest.raises(type(error)):
        await throttled.limit(CONTEXT, input_for(), wire)
    await throttled.limit(CONTEXT, input_for(), wire)

    assert [] == throttled.clock.sleeps


async def test_instead_of_waiting_a_call_may_fail() -> None:
    throttled = Throttled(wait=False)
    await throttled.begin()

    with pytest.raises(RetryCapacityNotAvailableError) as caught:
        await throttled.limit(CONTEXT, input_for(), fine)

    assert str(caught.value) == (
        "endpoint 'm' has throttled, and the next send is allowed in 2.000 s; "
        "adaptive_wait=True would wait for it"
    )
    assert not caught.value.is_retryable
    assert not caught.value.counts_as_attempt


async def test_a_token_that_comes_too_late_is_not_waited_for() -> None:
    throttled = Throttled()
    await throttled.begin()
    ctx = Context("InvokeEndpoint", deadline=1001.9)

    with pytest.raises(RequestTimeoutError, match="endpoint 'm' has thr") as caught:
        await throttled.limit(ctx, input_for(), fine)

    assert not caught.value.request_sent
    assert [] == throttled.clock.sleeps


async def all_are_waiting() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Gate:
    """A sleep that lasts until it is opened; the clock goes on then."""

    def __init__(self) -> None:
        self.sleeping = asyncio.Event()
        self.opened = asyncio.Event()
        self.clock: ManualClock | None = None

    async def sleep(self, seconds: float) -> None:
        self.sleeping.set()
        await self.opened.wait()
        assert self.clock is not None
        self.clock.advance(seconds)


async def queue(count: int) -> tuple[Throttled, Gate, list[asyncio.Task[int]]]:
    """Return *count* calls that wait for their turn, in order."""
    gate = Gate()
    throttled = Throttled(sleep=gate.sleep)
    gate.clock = throttled.clock
    await throttled.begin()

    async def call(number: int) -> int:
        await throttled.limit(CONTEXT, input_for(), fine)
        return number

    tasks = [asyncio.create_task(call(number)) for number in range(count)]
    await all_are_waiting()
    return throttled, gate, tasks


def in_order_of_their_ends(tasks: list[asyncio.Task[int]]) -> list[int]:
    """Return a list that the results of *tasks* go into, as they come."""
    ended: list[int] = []
    for task in tasks:
        task.add_done_callback(
            lambda task: None if task.cancelled() else ended.append(task.result())
        )
    return ended


async def test_those_that_wait_go_on_in_the_order_in_which_they_came() -> None:
    _, gate, tasks = await queue(100)
    ended = in_order_of_their_ends(tasks)

    gate.opened.set()
    await asyncio.gather(*tasks)
    await all_are_waiting()

    assert list(range(100)) == ended


@pytest.mark.parametrize("leaving", [[0], [5], [9], [0, 1, 2], [0, 9], list(range(9))])
async def test_one_that_is_cancelled_leaves_its_place_to_the_next(
    leaving: list[int],
) -> None:
    throttled, gate, tasks = await queue(10)
    ended = in_order_of_their_ends(tasks)

    for number in leaving:
        tasks[number].cancel()
    gate.opened.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    await all_are_waiting()

    assert [number for number in range(10) if number not in leaving] == ended
    assert 0 == throttled.limiters.lane("m", throttled.clock()).waiting


async def test_who_comes_later_waits_behind_those_who_wait() -> None:
    throttled, gate, tasks = await queue(3)
    throttled.clock.advance(1000)  # there are tokens, which nobody has seen yet
    late = asyncio.create_task(queue_up(throttled))
    await all_are_waiting()

    assert not late.done()

    gate.opened.set()
    assert [0, 1, 2] == await asyncio.gather(*tasks)
    await late


async def queue_up(throttled: Throttled) -> Output:
    return await throttled.limit(CONTEXT, input_for(), fine)


async def test_waiting_in_the_queue_ends_at_the_deadline_too() -> None:
    throttled, _, tasks = await queue(1)
    throttled.clock.advance(1000)
    deadline = asyncio.get_running_loop().time() + 0.02
    throttled.clock.now = deadline - 100_000  # by which the token would come in time

    with pytest.raises(RequestTimeoutError, match="endpoint 'm' has throttled"):
        await throttled.limit(
            Context("InvokeEndpoint", deadline=deadline), input_for(), fine
        )

    tasks[0].cancel()


def test_the_limits_outlive_an_event_loop() -> None:
    limit = AdaptiveRateLimit(RateLimiters(), wait=True)

    async def call_twice() -> None:
        with pytest.raises(UnknownServiceError):
            await limit(CONTEXT, input_for(), Scripted[FinalizeInput](throttle()))
        waiting = asyncio.create_task(queue_up_for(limit))
        await all_are_waiting()
        waiting.cancel()

    async def queue_up_for(limit: AdaptiveRateLimit) -> None:
        await limit(CONTEXT, input_for(), fine)

    asyncio.run(call_twice())
    asyncio.run(call_twice())


async def test_the_endpoints_used_last_are_kept() -> None:
    limiters = RateLimiters()
    first, second = limiters.lane("first", 0.0), limiters.lane("second", 0.0)
    first.waiting = 1

    for number in range(1023):
        limiters.lane(str(number), 0.0)

    assert first is limiters.lane("first", 0.0)
    assert second is limiters.lane("second", 0.0)

    for number in range(1024):
        limiters.lane(f"{number}, again", 0.0)
    limiters.lane("first", 0.0)
    limiters.lane("one more", 0.0)

    assert second is not limiters.lane("second", 0.0)

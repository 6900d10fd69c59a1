from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest

from sagemaker_rt import (
    ConnectError,
    ConnectionLostError,
    RequestTimeoutError,
    ResponseStream,
    ServiceUnavailable,
    ValidationError,
)
from sagemaker_rt.context import LastExchange
from sagemaker_rt.resilience.race import HEDGED, second_requests
from sagemaker_rt.stack import Output
from sagemaker_rt.testing import fake_event_stream
from tests.resilience.stacks import run_tasks


async def race(first: Awaitable[Output], second: Any, delay: float) -> Output:
    """Make a call whose second request may start after *delay* seconds."""
    loop = asyncio.get_running_loop()
    requests = second_requests(loop)
    number = requests.begin(loop, delay, second)
    try:
        output = await first
    except BaseException as error:
        started = requests.end(number)
        if started is None:
            raise
        return await started.rescue(error)
    started = requests.end(number)
    if started is not None:
        await started.win(output)
    return output


class Requests:
    """Two requests that end when the test says so."""

    def __init__(self) -> None:
        self.first: asyncio.Future[Output] = asyncio.get_running_loop().create_future()
        self.second: asyncio.Future[Output] = asyncio.get_running_loop().create_future()
        self.exchange = LastExchange()
        self.may_start = True
        self.is_started = False
        self.ends_late = False
        self.is_ending = asyncio.Event()
        self.streams: list[ResponseStream] = []

    def start_second(self) -> tuple[Coroutine[Any, Any, Output], LastExchange] | None:
        self.is_started = True
        return (self._wait(), self.exchange) if self.may_start else None

    async def _wait(self) -> Output:
        try:
            return await self.second
        finally:
            self.is_ending.set()
            if self.ends_late:
                await asyncio.sleep(0)

    async def begin(self, delay: float = 0.0) -> asyncio.Task[Output]:
        """Start the call; the second request runs if *delay* is 0."""

        async def first() -> Output:
            return await self.first

        task = asyncio.create_task(race(first(), self.start_second, delay))
        await run_tasks()
        return task

    def stream(self) -> Output:
        self.streams.append(fake_event_stream([b"a"]))
        return Output(self.streams[-1])

    def are_closed(self) -> list[bool]:
        return [stream._is_closed for stream in self.streams]


@pytest.fixture
async def requests() -> AsyncIterator[Requests]:
    yield Requests()
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_a_fast_call_sends_one_request(requests: Requests) -> None:
    task = await requests.begin(delay=100)
    requests.first.set_result(Output("first"))

    output = await task

    assert ("first", None) == (output.result, output.metadata.get(HEDGED))
    assert not requests.is_started


async def test_the_second_request_may_be_refused(requests: Requests) -> None:
    requests.may_start = False
    task = await requests.begin()
    requests.first.set_result(Output("first"))

    output = await task

    assert requests.is_started
    assert HEDGED not in output.metadata


async def test_the_first_response_wins_and_the_second_is_cancelled(
    requests: Requests,
) -> None:
    task = await requests.begin()
    requests.first.set_result(Output("first"))

    output = await task

    assert ("first", False) == (output.result, output.metadata[HEDGED])
    assert requests.second.cancelled()


async def test_the_second_response_wins_and_the_first_is_cancelled(
    requests: Requests,
) -> None:
    task = await requests.begin()
    requests.second.set_result(Output("second"))

    output = await task

    assert ("second", True) == (output.result, output.metadata[HEDGED])
    assert requests.first.cancelled()
    assert 0 == task.cancelling()


async def test_a_response_to_the_cancellation_wins_and_leaves_the_task_as_it_was(
    requests: Requests,
) -> None:
    async def first() -> Output:  # as a middleware with a fallback
        try:
            return await requests.first
        except asyncio.CancelledError:
            return Output("fallback")

    async def call() -> tuple[Output, int]:
        output = await race(first(), requests.start_second, 0.0)
        task = asyncio.current_task()
        assert task is not None
        return output, task.cancelling()

    racing = asyncio.create_task(call())
    await run_tasks()
    requests.second.set_result(Output("second"))

    output, cancelling = await racing

    assert ("fallback", False) == (output.result, output.metadata[HEDGED])
    assert 0 == cancelling


async def test_of_two_responses_at_once_the_stream_of_the_other_is_closed(
    requests: Requests,
) -> None:
    task = await requests.begin()
    requests.second.set_result(requests.stream())
    await asyncio.sleep(0)
    requests.first.set_result(requests.stream())

    output = await task

    assert 1 == sum(requests.are_closed())
    await output.result.aclose()


async def test_a_second_request_that_fails_is_ignored(requests: Requests) -> None:
    task = await requests.begin()
    requests.second.set_exception(ServiceUnavailable())
    await run_tasks()
    requests.first.set_result(Output("first"))

    assert "first" == (await task).result


@pytest.mark.parametrize(
    "error",
    [ConnectionLostError("lost"), ServiceUnavailable(), RequestTimeoutError("late")],
    ids=repr,
)
async def test_if_the_first_fails_the_second_is_awaited(
    requests: Requests, error: Exception
) -> None:
    task = await requests.begin()
    requests.first.set_exception(error)
    await run_tasks()
    requests.second.set_result(Output("second"))

    assert "second" == (await task).result


async def test_if_both_fail_the_error_of_the_first_is_raised(
    requests: Requests,
) -> None:
    task = await requests.begin()
    requests.first.set_exception(ConnectionLostError("first"))
    await run_tasks()
    requests.second.set_exception(ServiceUnavailable("second"))

    with pytest.raises(ConnectionLostError, match="first"):
        await task


async def test_the_error_says_what_the_second_request_has_done(
    requests: Requests,
) -> None:
    task = await requests.begin()
    not_sent, ambiguous = ConnectError("first"), ConnectionLostError("second")
    ambiguous.request_sent = ambiguous.may_have_executed = True
    requests.first.set_exception(not_sent)
    await run_tasks()
    requests.second.set_exception(ambiguous)

    with pytest.raises(ConnectError) as caught:
        await task

    assert (True, True) == (caught.value.request_sent, caught.value.may_have_executed)


@pytest.mark.parametrize("count", [0, 1])
async def test_a_second_request_that_was_sent_and_cancelled_may_have_run(
    requests: Requests, count: int
) -> None:
    task = await requests.begin()
    requests.exchange.count = count
    requests.first.set_exception(ValidationError("wrong"))

    with pytest.raises(ValidationError) as caught:
        await task

    assert bool(count) == caught.value.may_have_executed


def test_a_closed_loop_is_not_kept() -> None:
    async def call() -> weakref.ref[asyncio.AbstractEventLoop]:
        async def first() -> Output:
            return Output()

        await race(first(), lambda: None, 100.0)
        return weakref.ref(asyncio.get_running_loop())

    loops = [asyncio.run(call()) for _ in range(3)]
    gc.collect()

    assert [None] * 3 == [loop() for loop in loops]


@pytest.mark.parametrize(
    "error", [ValidationError("wrong"), ZeroDivisionError()], ids=repr
)
async def test_an_error_that_both_would_get_is_raised_at_once(
    requests: Requests, error: Exception
) -> None:
    task = await requests.begin()
    requests.first.set_exception(error)

    with pytest.raises(type(error)):
        await task

    assert requests.second.cancelled()


async def test_an_error_before_the_second_request_is_raised(
    requests: Requests,
) -> None:
    task = await requests.begin(delay=100)
    requests.first.set_exception(ConnectionLostError("lost"))

    with pytest.raises(ConnectionLostError):
        await task


@pytest.mark.parametrize("failed_first", [False, True])
async def test_a_cancelled_call_ends_both_requests(
    requests: Requests, failed_first: bool
) -> None:
    task = await requests.begin()
    if failed_first:
        requests.first.set_exception(ConnectionLostError("lost"))
        await run_tasks()

    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert requests.second.cancelled()


@pytest.mark.parametrize("has_stream", [False, True])
async def test_a_call_that_is_cancelled_at_its_end_closes_its_stream(
    requests: Requests, has_stream: bool
) -> None:
    requests.ends_late = True
    task = await requests.begin()
    requests.first.set_result(requests.stream() if has_stream else Output())
    await requests.is_ending.wait()

    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert [True] * has_stream == requests.are_closed()


async def test_a_timeout_of_the_caller_is_not_taken_for_the_second_response(
    requests: Requests,
) -> None:
    async def call() -> Any:
        async with asyncio.timeout(None) as limit:
            asyncio.get_running_loop().call_soon(limit.reschedule, 0.0)
            first: Any = requests.first
            await race(first, requests.start_second, 100)

    with pytest.raises(TimeoutError):
        await call()


async def test_one_timer_starts_the_second_requests_of_all_calls() -> None:
    started: list[str] = []

    def second(name: str) -> Callable[[], None]:
        return lambda: started.append(name)

    async def first() -> Output:
        await asyncio.sleep(0.3)
        return Output()

    delays = {"late": 0.2, "never": 10.0, "early": 0.0, "soon": 0.001}
    await asyncio.gather(
        *(race(first(), second(name), delay) for name, delay in delays.items())
    )

    assert ["early", "soon", "late"] == started

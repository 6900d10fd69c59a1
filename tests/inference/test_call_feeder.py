"""The tasks of many calls, with functions that a test finishes by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from sagemaker_rt.errors import ClientStateError, RequestAbortedError
from sagemaker_rt.inference.call_feeder import CallFeeder
from sagemaker_rt.inference.call_results import CallProgress, CallResult, OnError
from sagemaker_rt.sansio.result_buffer import ResultBuffer


async def settle() -> None:
    """Let all tasks run until they wait."""
    for _ in range(20):
        await asyncio.sleep(0)


class Calls:
    """An async function whose calls wait until a test finishes them."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.cancelled: list[int] = []
        self._futures: dict[int, asyncio.Future[str]] = {}

    async def __call__(self, input: int) -> str:
        self.started.append(input)
        future = asyncio.get_running_loop().create_future()
        self._futures[input] = future
        try:
            result: str = await future
        except asyncio.CancelledError:
            self.cancelled.append(input)
            raise
        return result

    async def finish(self, *inputs: int) -> None:
        for input in inputs:
            self._futures[input].set_result(f"out {input}")
        await settle()

    async def fail(self, input: int, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            self._futures[input].cancel()
        else:
            self._futures[input].set_exception(error)
        await settle()


class Source:
    """An async iterator that yields *items* as a test releases them."""

    def __init__(self, *items: int | Exception) -> None:
        self.items = list(items)
        self.reads = 0
        self.may_yield = asyncio.Semaphore(0)

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        self.reads += 1
        await self.may_yield.acquire()
        if not self.items:
            raise StopAsyncIteration
        item = self.items.pop(0)
        if isinstance(item, Exception):
            raise item
        return item


def feeder(  # noqa: PLR0913 - those of the class
    function: Any,
    inputs: Iterable[int] | Source | AsyncIterator[int],
    concurrency: int = 3,
    *,
    ordered: bool = False,
    on_error: OnError = "collect",
    on_progress: Any = None,
) -> CallFeeder[int, str]:
    iterator: Any = inputs if hasattr(inputs, "__anext__") else iter(inputs)
    return CallFeeder(
        function,
        iterator,
        ResultBuffer(concurrency, is_ordered=ordered),
        on_error=on_error,
        on_progress=on_progress,
        total=None,
    )


async def rest(calls: CallFeeder[int, str]) -> list[CallResult[int, str]]:
    results = []
    while True:
        try:
            results.append(await calls.next())
        except StopAsyncIteration:
            return results


def only_this_task() -> bool:
    return {asyncio.current_task()} == asyncio.all_tasks()


async def test_calls_start_with_the_first_read_and_in_order() -> None:
    calls = Calls()
    many = feeder(calls, range(10))
    await settle()
    before = list(calls.started)

    reading = asyncio.create_task(many.next())
    await settle()

    assert ([], "running") == (before, many.state)
    assert [0, 1, 2] == calls.started
    await calls.finish(1)
    assert CallResult(1, 1, "out 1") == await reading
    await settle()
    assert [0, 1, 2, 3] == calls.started
    await many.close()


async def test_a_slow_reader_stops_new_calls() -> None:
    calls = Calls()
    many = feeder(calls, range(100))
    reading = asyncio.create_task(many.next())
    await settle()

    await calls.finish(0, 1, 2)
    await reading
    await settle()
    await calls.finish(3)

    assert [0, 1, 2, 3] == calls.started
    await many.close()


async def test_a_slow_call_does_not_let_results_pile_up() -> None:
    calls = Calls()
    many = feeder(calls, range(100), ordered=True)
    reading = asyncio.create_task(many.next())
    await settle()

    for input in range(1, 6):
        await calls.finish(input)

    assert [0, 1, 2, 3, 4, 5] == calls.started
    await calls.finish(0)
    assert 0 == (await reading).index
    await many.close()


async def test_a_slow_source_is_awaited() -> None:
    calls, source = Calls(), Source(7, 8)
    many = feeder(calls, source)
    reading = asyncio.create_task(many.next())
    await settle()
    assert ([], 1) == (calls.started, source.reads)

    source.may_yield.release()
    await settle()

    assert ([7], 2) == (calls.started, source.reads)
    source.may_yield.release()
    await settle()
    await calls.finish(8, 7)
    source.may_yield.release()
    assert [8, 7] == [r.input for r in [await reading, *await rest(many)]]
    assert only_this_task()


async def test_the_source_is_not_read_without_room() -> None:
    calls, source = Calls(), Source(*range(9))
    many = feeder(calls, source, 2)
    for _ in range(9):
        source.may_yield.release()
    reading = asyncio.create_task(many.next())
    await settle()

    assert ([0, 1], 2) == (calls.started, source.reads)
    reading.cancel()
    await many.close()


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 50])
async def test_each_input_has_one_result(count: int, ordered: bool) -> None:
    async def function(input: int) -> str:
        await asyncio.sleep(0)
        if input % 3 == 1:
            raise ZeroDivisionError(input)
        return f"out {input}"

    many = feeder(function, range(count), ordered=ordered)

    results = await rest(many)

    indices = [result.index for result in results]
    assert [*range(count)] == (indices if ordered else sorted(indices))
    assert all(result.index == result.input for result in results)
    assert {i for i in indices if i % 3 == 1} == {
        r.index for r in results if not r.succeeded
    }
    assert only_this_task()
    with pytest.raises(StopAsyncIteration):  # again
        await many.next()


@pytest.mark.parametrize("ordered", [True, False])
async def test_failed_calls_are_skipped(ordered: bool) -> None:
    async def function(input: int) -> str:
        if input % 2:
            raise ZeroDivisionError
        return "out"

    many = feeder(function, range(20), ordered=ordered, on_error="skip")

    assert [*range(0, 20, 2)] == sorted(r.index for r in await rest(many))


class Outcome(BaseException):
    """As that of ``pytest.fail``."""


@pytest.mark.parametrize("on_error", ["raise", "collect", "skip"])
async def test_an_exception_that_is_not_an_error_ends_the_calls(
    on_error: OnError,
) -> None:
    calls = Calls()
    many = feeder(calls, range(10), ordered=True, on_error=on_error)
    reading = asyncio.create_task(many.next())
    await settle()

    await calls.finish(0)
    await calls.fail(1, Outcome())

    assert "out 0" == (await reading).output
    with pytest.raises(Outcome):
        await many.next()
    assert [2, 3] == sorted(calls.cancelled)
    assert only_this_task()


@pytest.mark.parametrize("error", [Outcome, ZeroDivisionError])
async def test_an_exception_of_the_inputs_is_not_their_end(
    error: type[BaseException],
) -> None:
    def inputs() -> Iterator[int]:
        yield 0
        raise error

    async def function(input: int) -> str:
        return f"out {input}"

    many = feeder(function, inputs())

    assert "out 0" == (await many.next()).output
    with pytest.raises(error):
        await many.next()


async def test_an_exception_of_the_progress_function_ends_the_calls() -> None:
    def progress(_: CallProgress) -> None:
        raise Outcome

    async def function(input: int) -> str:
        return f"out {input}"

    many = feeder(function, range(10), on_progress=progress)

    with pytest.raises(Outcome):
        await rest(many)
    assert only_this_task()


async def test_an_error_is_raised_after_the_results_before_it() -> None:
    calls, error = Calls(), ZeroDivisionError()
    many = feeder(calls, range(100), ordered=True, on_error="raise")
    reading = asyncio.create_task(many.next())
    await settle()

    await calls.fail(1, error)
    await calls.finish(2, 0)
    first = await reading
    with pytest.raises(ZeroDivisionError) as raised:
        await many.next()

    assert (0, error) == (first.index, raised.value)
    assert [0, 1, 2] == calls.started
    assert ["raised by the call of input 1"] == error.__notes__
    assert only_this_task()
    with pytest.raises(ZeroDivisionError):  # again
        await many.next()


async def test_an_error_cancels_the_calls_in_flight_and_a_slow_source() -> None:
    calls, source = Calls(), Source(0, 1)
    many = feeder(calls, source, on_error="raise")
    source.may_yield.release()
    source.may_yield.release()
    reading = asyncio.create_task(many.next())
    await settle()

    await calls.fail(1, ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await reading
    assert [0] == calls.cancelled
    assert only_this_task()


async def test_an_input_that_arrives_after_an_error_is_not_sent() -> None:
    calls, source = Calls(), Source(0, 1, 2)
    many = feeder(calls, source, ordered=True, on_error="raise")
    source.may_yield.release()
    source.may_yield.release()
    reading = asyncio.create_task(many.next())
    await settle()

    await calls.fail(1, ZeroDivisionError())
    source.may_yield.release()
    await settle()
    await calls.finish(0)

    assert (0, [0, 1]) == ((await reading).index, calls.started)
    with pytest.raises(ZeroDivisionError):
        await many.next()


@pytest.mark.parametrize("ordered", [True, False])
async def test_an_error_of_the_source_follows_all_results(ordered: bool) -> None:
    calls, error = Calls(), ZeroDivisionError()

    def source() -> Iterator[int]:
        yield from range(2)
        raise error

    many = feeder(calls, source(), ordered=ordered)
    reading = asyncio.create_task(many.next())
    await settle()
    await calls.finish(1, 0)
    results = [await reading, await many.next()]

    with pytest.raises(ZeroDivisionError) as raised:
        await many.next()
    assert error is raised.value
    assert {0, 1} == {result.index for result in results}
    assert only_this_task()


async def test_an_error_of_an_async_source_is_raised() -> None:
    source = Source(ZeroDivisionError())
    source.may_yield.release()

    with pytest.raises(ZeroDivisionError):
        await feeder(Calls(), source).next()


async def test_a_source_that_is_cancelled_by_others_ends_the_iteration() -> None:
    async def source() -> AsyncIterator[int]:
        yield 0
        raise asyncio.CancelledError

    calls = Calls()
    many = feeder(calls, source())
    reading = asyncio.create_task(many.next())
    await settle()
    await calls.finish(0)
    await reading

    with pytest.raises(asyncio.CancelledError):
        await many.next()


@pytest.mark.parametrize("on_error", ["collect", "raise"])
async def test_a_call_that_is_cancelled_by_others_has_failed(
    on_error: OnError,
) -> None:
    calls = Calls()
    many = feeder(calls, range(1), on_error=on_error)
    reading = asyncio.create_task(many.next())
    await settle()

    await calls.fail(0, asyncio.CancelledError())

    with pytest.raises(RequestAbortedError) as raised:
        _ = (await reading).output
    assert raised.value.may_have_executed
    assert isinstance(raised.value.__cause__, asyncio.CancelledError)


async def test_nothing_that_is_raised_looks_like_the_end() -> None:
    async def function(input: int) -> str:
        raise StopAsyncIteration

    with pytest.raises(RuntimeError, match="StopAsyncIteration"):
        await feeder(function, range(1), on_error="raise").next()


async def test_progress_is_reported_after_each_call() -> None:
    async def function(input: int) -> str:
        if input == 1:
            raise ZeroDivisionError
        return "out"

    seen: list[CallProgress] = []
    await rest(feeder(function, range(4), 2, ordered=True, on_progress=seen.append))

    assert [1, 2, 3, 4] == [progress.done for progress in seen]
    assert CallProgress(done=4, failed=1, in_flight=0, total=None) == seen[-1]


async def test_an_error_of_the_progress_function_follows_the_results() -> None:
    def report(progress: CallProgress) -> None:
        raise ZeroDivisionError

    calls = Calls()
    many = feeder(calls, range(100), 2, on_progress=report)
    reading = asyncio.create_task(many.next())
    await settle()
    await calls.finish(0, 1)
    results = [await reading, await many.next()]

    with pytest.raises(ZeroDivisionError):
        await many.next()
    assert [0, 1] == [result.index for result in results]
    assert [0, 1] == calls.started


async def test_only_one_task_can_read() -> None:
    calls = Calls()
    many = feeder(calls, range(3))
    reading = asyncio.create_task(many.next())
    await settle()

    with pytest.raises(ClientStateError):
        await many.next()

    await calls.finish(0)
    assert 0 == (await reading).index
    await many.close()


async def test_a_cancelled_read_loses_nothing() -> None:
    calls = Calls()
    many = feeder(calls, range(3))
    reading = asyncio.create_task(many.next())
    await settle()
    reading.cancel()
    await settle()

    await calls.finish(0, 1, 2)

    assert [0, 1, 2] == [result.index for result in await rest(many)]


async def test_closing_cancels_all_calls_and_waits_for_them() -> None:
    ended = list[int]()

    async def function(input: int) -> str:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await settle()  # a clean-up that takes a while
            ended.append(input)
        return "out"

    many = feeder(function, range(9))
    reading = asyncio.create_task(many.next())
    await settle()
    await many.close()

    assert [0, 1, 2] == sorted(ended)
    with pytest.raises(ClientStateError):  # never a silent end
        await reading
    with pytest.raises(ClientStateError):
        await many.next()
    assert ("closed", False) == (many.state, many.is_running)
    assert only_this_task()
    await many.close()  # again


async def test_closing_ends_even_if_it_is_cancelled() -> None:
    may_end, closed = asyncio.Event(), list[str]()

    async def function(input: int) -> str:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await may_end.wait()
        return "out"

    async def source() -> AsyncIterator[int]:
        try:
            for number in range(9):
                yield number
        finally:
            closed.append("source")

    many = feeder(function, source())
    reading = asyncio.create_task(many.next())
    await settle()
    closing = asyncio.create_task(many.close())
    await settle()
    closing.cancel()
    await settle()
    assert not closing.done()
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await closing
    with pytest.raises(ClientStateError):
        await reading
    assert ["source"] == closed
    assert only_this_task()


async def test_generators_of_inputs_are_closed() -> None:
    closed = list[str]()

    def plain() -> Iterator[int]:
        try:
            yield from range(9)
        finally:
            closed.append("plain")

    async def suspended() -> AsyncIterator[int]:
        try:
            yield 0
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            closed.append("async")

    for source in (plain(), suspended()):
        calls = Calls()
        many = feeder(calls, source)
        reading = asyncio.create_task(many.next())
        await settle()
        await calls.finish(0)
        await reading
        await many.close()

    assert ["plain", "async"] == closed


async def test_closing_does_not_close_iterators_of_the_caller() -> None:
    class File(Source):
        is_closed = False

        def close(self) -> None:
            self.is_closed = True

        async def aclose(self) -> None:
            self.is_closed = True

    source = File(1)
    many = feeder(Calls(), source)
    reading = asyncio.create_task(many.next())
    await settle()
    await many.close()
    with pytest.raises(ClientStateError):
        await reading

    assert not source.is_closed


@pytest.mark.parametrize("is_suspended", [True, False])
async def test_an_error_of_a_generator_that_is_closed_is_raised(
    is_suspended: bool,
) -> None:
    async def source() -> AsyncIterator[int]:
        try:
            yield 0
            if is_suspended:
                await asyncio.get_running_loop().create_future()
            yield 1
        finally:
            raise ZeroDivisionError

    calls = Calls()
    many = feeder(calls, source(), 2 if is_suspended else 1)
    reading = asyncio.create_task(many.next())
    await settle()

    with pytest.raises(ZeroDivisionError):
        await many.close()
    with pytest.raises(ClientStateError):
        await reading
    assert only_this_task()


async def test_a_generator_is_closed_by_one_of_two_tasks() -> None:
    async def source() -> AsyncIterator[int]:
        try:
            yield 0
            yield 1
        finally:
            await settle()

    many = feeder(Calls(), source(), 1)
    reading = asyncio.create_task(many.next())
    await settle()

    await asyncio.gather(many.close(), many.close())

    with pytest.raises(ClientStateError):
        await reading


async def test_a_call_and_the_source_may_close_the_calls() -> None:
    async def closing_function(input: int) -> str:
        await many.close()
        return "out"

    async def closing_source() -> AsyncIterator[int]:
        await many.close()
        yield 0

    many = feeder(closing_function, range(9))
    with pytest.raises(ClientStateError):
        await many.next()
    await settle()
    many = feeder(Calls(), closing_source())
    with pytest.raises(ClientStateError):
        await many.next()
    await settle()

    assert only_this_task()


async def test_cancel_ends_the_tasks_later() -> None:
    calls = Calls()
    many = feeder(calls, Source(), 3)
    many.cancel()  # before the start
    reading = asyncio.create_task(many.next())
    await settle()
    reading.cancel()

    many.cancel()
    await settle()

    assert only_this_task()


def test_cancel_does_nothing_after_the_loop_is_closed() -> None:
    many = feeder(Calls(), Source())

    async def start() -> None:
        reading = asyncio.create_task(many.next())
        await settle()
        reading.cancel()

    asyncio.run(start())
    many.cancel()

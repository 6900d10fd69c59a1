from __future__ import annotations

import asyncio
import gc
import pickle
from typing import Any

import pytest

from sagemaker_rt import (
    ConcurrencyLimitError,
    ConnectError,
    ModelError,
    ModelNotReadyException,
    Options,
    OptionsError,
    RequestTimeoutError,
    ServiceUnavailable,
    ThrottlingException,
    ValidationError,
)
from sagemaker_rt.context import PREPARE, Context
from sagemaker_rt.resilience.concurrency_limit import (
    ConcurrencyLimit,
    with_concurrency_limit,
)
from sagemaker_rt.resilience.endpoint_states import IS_COPY
from sagemaker_rt.stack import Output
from sagemaker_rt.testing import fake_event_stream
from tests.doubles import ManualClock, Scripted, Wire
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, input_at, run_tasks, stack_of
from tests.threads import run_in_threads

ID = "ConcurrencyLimit"


def middleware(limit: ConcurrencyLimit, **options: Any) -> Any:
    return stack_of(with_concurrency_limit(limit), **options).finalize.get(ID)


def sent_timeout() -> RequestTimeoutError:
    error = RequestTimeoutError("late")
    error.request_sent = True
    return error


class Calls:
    """Calls of one endpoint, which end when the test says so."""

    def __init__(self, **settings: Any) -> None:
        self.provider = RecordingMeterProvider()
        self.limit = ConcurrencyLimit(**{"initial": 1, "maximum": 1, **settings})
        self.run = middleware(self.limit, meter_provider=self.provider)
        self.answers: dict[int, asyncio.Future[Output]] = {}

    async def begin(
        self, number: int, deadline: float | None = None
    ) -> asyncio.Task[Output]:
        ctx = Context("InvokeEndpoint", deadline, params=context().params)

        async def end(ctx: Context, input: Any) -> Output:
            self.answers[number] = asyncio.get_running_loop().create_future()
            return await self.answers[number]

        task = asyncio.create_task(self.run(ctx, input_at(), end))
        await run_tasks()
        return task

    async def answer(self, number: int, output: Output | None = None) -> None:
        self.answers[number].set_result(output or Output())
        await run_tasks()

    @property
    def load(self) -> tuple[int, int, int]:
        ((_, load),) = self.limit.loads().items()
        return load


def test_it_is_around_the_breaker() -> None:
    steps = list(stack_of(with_concurrency_limit()).finalize)

    assert steps.index("ResolveEndpointV2") + 1 == steps.index(ID)


async def test_calls_beyond_the_limit_wait_in_turn() -> None:
    calls = Calls()
    tasks = [await calls.begin(number) for number in range(3)]
    before, load = [*calls.answers], calls.load
    await calls.answer(0)
    after = [*calls.answers]
    await calls.answer(1)
    await calls.answer(2)
    await asyncio.gather(*tasks)

    assert ([0], (1, 1, 2), [0, 1]) == (before, load, after)
    assert (1, 0, 0) == calls.load
    assert ["waited", "waited"] == events(calls.provider, "concurrency_limit")


async def test_a_full_queue_refuses_at_once() -> None:
    calls = Calls(max_waiting=1)
    tasks = [await calls.begin(number) for number in range(3)]

    with pytest.raises(ConcurrencyLimitError, match="the queue is full") as caught:
        await tasks[2]

    error = caught.value
    assert ("m", 1, 1) == (error.endpoint_name, error.limit, error.waiting)
    assert "queue_full" in events(calls.provider, "concurrency_limit")
    for task in tasks[:2]:
        task.cancel()
    await asyncio.wait(tasks)
    assert (1, 0, 0) == calls.load


async def test_a_call_that_waits_too_long_is_refused() -> None:
    calls = Calls(max_wait=0.001)
    first = await calls.begin(0)

    with pytest.raises(ConcurrencyLimitError, match=r"within 0.001 s"):
        await (await calls.begin(1))

    assert ["waited", "waited_too_long"] == events(calls.provider, "concurrency_limit")
    await calls.answer(0)
    await first
    assert (1, 0, 0) == calls.load


async def test_the_time_of_the_call_may_expire_first() -> None:
    calls = Calls(max_wait=None)
    first = await calls.begin(0)
    deadline = asyncio.get_running_loop().time() + 0.001

    with pytest.raises(RequestTimeoutError, match="total_timeout") as caught:
        await (await calls.begin(1, deadline))

    assert not caught.value.counts_as_attempt
    await calls.answer(0)
    await first


@pytest.mark.parametrize("frees_first", [False, True])
async def test_a_call_that_is_cancelled_in_the_queue_takes_no_place(
    frees_first: bool,
) -> None:
    calls = Calls()
    tasks = [await calls.begin(number) for number in range(3)]
    if frees_first:  # it gets the place, and is cancelled before it runs
        calls.answers[0].set_result(Output())
        await asyncio.sleep(0)
    tasks[1].cancel()
    if not frees_first:
        await calls.answer(0)
    await run_tasks()

    assert tasks[1].cancelled()
    assert [0, 2] == [*calls.answers]
    await calls.answer(2)
    assert (1, 0, 0) == calls.load


async def test_a_place_and_a_cancellation_at_the_same_time_are_one_place() -> None:
    calls = Calls()
    tasks = [await calls.begin(number) for number in range(3)]
    tasks[1].cancel()  # it runs after the place was freed
    tasks[0].cancel()
    await run_tasks()

    assert (1, 1, 0) == calls.load
    await calls.answer(2)
    assert (1, 0, 0) == calls.load


def test_calls_of_a_closed_loop_are_passed_over() -> None:
    limit = ConcurrencyLimit(initial=1, maximum=1)
    run = middleware(limit)

    async def stop(ctx: Context, input: Any) -> Output:
        await asyncio.Event().wait()
        return Output()

    def start(loop: asyncio.AbstractEventLoop) -> list[Any]:
        calls = [run(context(), input_at(), stop) for _ in range(2)]
        tasks = [loop.create_task(call) for call in calls]
        loop.run_until_complete(asyncio.sleep(0))
        return tasks

    loop = asyncio.new_event_loop()
    tasks = start(loop)
    loop.close()
    for task in tasks:
        task._log_destroy_pending = False
        task.get_coro().close()
    ((_, load),) = limit.loads().items()

    assert (1, 0, 0) == load


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ThrottlingException(), 7),
        (ServiceUnavailable(), 7),
        (ModelError(details={"OriginalStatusCode": 0}), 7),
        (sent_timeout(), 7),
        (RequestTimeoutError("not sent"), 10),
        (ModelNotReadyException(), 10),
        (ConnectError("down"), 10),
        (ValidationError(), 10),
        (ModelError(details={"OriginalStatusCode": 500}), 10),
    ],
    ids=repr,
)
async def test_an_overload_lowers_the_limit(error: Exception, expected: int) -> None:
    limit = ConcurrencyLimit(initial=10, time=ManualClock())

    with pytest.raises(type(error)):
        await middleware(limit)(context(), input_at(), Scripted[Any](error))

    ((_, load),) = limit.loads().items()
    assert (expected, 0, 0) == load


async def test_the_limit_grows_while_it_is_used() -> None:
    limit = ConcurrencyLimit(initial=1)

    for _ in range(8):
        await middleware(limit)(context(), input_at(), Wire[Any]())

    ((_, load),) = limit.loads().items()
    assert load.limit > 1


async def test_a_stream_keeps_its_place_until_its_end() -> None:
    limit = ConcurrencyLimit(initial=1)
    stream = fake_event_stream([b"a"])
    await middleware(limit)(context(), input_at(), Wire[Any](Output(stream)))
    ((_, during),) = limit.loads().items()

    await stream.aclose()

    ((_, after),) = limit.loads().items()
    assert (1, 0) == (during.in_flight, after.in_flight)


async def test_calls_do_not_wait_for_a_stream_if_the_limit_has_risen() -> None:
    calls = Calls(maximum=2)
    streaming = await calls.begin(0)
    waiting = await calls.begin(1)

    await calls.answer(0, Output(fake_event_stream([b"a"])))

    assert (2, 2, 0) == calls.load
    await calls.answer(1)
    await waiting
    await (await streaming).result.aclose()
    assert (2, 0, 0) == calls.load


def test_a_place_may_be_passed_on_to_another_thread() -> None:
    limit = ConcurrencyLimit(initial=1, maximum=1, max_wait=10)

    async def call() -> None:
        async with asyncio.timeout(10):
            await middleware(limit)(context(), input_at(), end)

    async def end(ctx: Context, input: Any) -> Output:
        await asyncio.sleep(0.001)
        return Output()

    run_in_threads(lambda _: asyncio.run(call()))

    ((_, load),) = limit.loads().items()
    assert (1, 0, 0) == load


async def test_copies_for_a_shadow_take_no_place() -> None:
    limit = ConcurrencyLimit()

    await middleware(limit)(
        context().with_value(IS_COPY, True), input_at(), Wire[Any]()
    )

    assert {} == limit.loads()


async def test_a_stream_that_is_dropped_frees_its_place() -> None:
    limit = ConcurrencyLimit(initial=1)
    await middleware(limit)(
        context(), input_at(), Wire[Any](Output(fake_event_stream([b"a"])))
    )

    gc.collect()
    await run_tasks()

    ((_, after),) = limit.loads().items()
    assert 0 == after.in_flight


def test_a_stream_that_is_dropped_after_its_loop_frees_its_place() -> None:
    limit = ConcurrencyLimit(initial=1)
    streams = [fake_event_stream([b"a"])]
    asyncio.run(middleware(limit)(context(), input_at(), Wire[Any](Output(streams[0]))))

    streams.clear()
    gc.collect()

    ((_, after),) = limit.loads().items()
    assert 0 == after.in_flight


async def test_prepared_requests_take_no_place() -> None:
    limit = ConcurrencyLimit()

    await middleware(limit)(
        context().with_value(PREPARE, True), input_at(), Wire[Any]()
    )

    assert {} == limit.loads()


def test_it_pickles_with_its_settings() -> None:
    limit = ConcurrencyLimit(initial=3, max_wait=None)
    options = with_concurrency_limit(limit)(Options())

    (copied,) = pickle.loads(pickle.dumps(options)).api_options  # noqa: S301 - our own

    assert repr(limit) == repr(copied)
    assert "initial=3" in repr(copied)


@pytest.mark.parametrize(
    "wrong",
    [{"initial": 0}, {"latency_tolerance": 1}, {"max_waiting": -1}, {"max_wait": 0}],
    ids=repr,
)
def test_a_setting_out_of_range_is_refused(wrong: Any) -> None:
    with pytest.raises(OptionsError, match=next(iter(wrong))):
        ConcurrencyLimit(**wrong)

"""When calls start and how a test ends, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sagemaker_rt.load.generator import LoadGenerator
from sagemaker_rt.load.loops import ClosedLoop, Loop, OpenLoop
from sagemaker_rt.load.measured_call import MeasuredCalls
from sagemaker_rt.sansio.load_statistics import LoadCounts
from sagemaker_rt.shapes import InvokeEndpointInput
from tests.load.virtual_time import SlowModel, opened, run_in_virtual_time

INPUT = InvokeEndpointInput(endpoint_name="m", body=b"x")


def generated(
    model: SlowModel,
    loop: Loop,
    during: Callable[[asyncio.Task[None], asyncio.Event], Awaitable[Any]] | None = None,
    **settings: Any,
) -> LoadGenerator:
    """Run a load test, and *during* beside it; no task is left."""

    async def main() -> LoadGenerator:
        stop = asyncio.Event()
        fields = {"seconds": 10.0, "warm_up": 0.0, "drain": 30.0, **settings}
        async with opened(model) as client:
            time = asyncio.get_running_loop().time
            calls = MeasuredCalls(client, time, "tokens")
            generator = LoadGenerator(calls, [INPUT], loop, stop=stop, **fields)
            running = asyncio.create_task(generator.run())
            if during is not None:
                await during(running, stop)
            await asyncio.wait([running])
            if not running.cancelled():
                running.result()
        assert {asyncio.current_task()} == asyncio.all_tasks()
        return generator

    return run_in_virtual_time(main())


def counts(generator: LoadGenerator) -> tuple[int, ...]:
    c: LoadCounts = generator.statistics.counts
    return (c.scheduled, c.started, c.succeeded, c.dropped, c.not_started, c.unfinished)


def test_calls_start_when_they_are_due() -> None:
    generator = generated(SlowModel(0.5), OpenLoop(100, arrivals="uniform"))

    assert (1000, 1000, 1000, 0, 0, 0) == counts(generator)
    lag, latency = generator.statistics.start_lag, generator.statistics.latency
    assert lag.max is not None
    assert lag.max < 0.001
    assert pytest.approx(0.5, rel=0.01) == latency.percentile(50)
    assert 51 >= generator.max_in_flight >= 50
    assert pytest.approx(10.49, abs=0.01) == generator.seconds


def test_latency_includes_the_time_in_which_an_endpoint_stalls() -> None:
    """A fifth of the calls is due in the stall, and waits for its end."""
    model = SlowModel(stalls={2.0: 4.0})

    generator = generated(model, OpenLoop(100, arrivals="uniform"))

    latency = generator.statistics.latency
    assert pytest.approx(0.01, rel=0.05) == latency.percentile(79)
    assert pytest.approx(1.0, rel=0.03) == latency.percentile(90)
    assert pytest.approx(2.0, rel=0.01) == latency.max


def test_a_closed_loop_hardly_notices_a_stall() -> None:
    generator = generated(SlowModel(stalls={2.0: 4.0}), ClosedLoop(1))

    latency = generator.statistics.latency
    assert pytest.approx(800, rel=0.02) == latency.count
    assert pytest.approx(0.01, rel=0.05) == latency.percentile(99)
    assert pytest.approx(2.0, rel=0.01) == latency.max
    assert 1 == generator.max_in_flight


def test_a_closed_loop_has_its_number_of_callers() -> None:
    generator = generated(SlowModel(1.0), ClosedLoop(16))

    assert 16 == generator.max_in_flight
    assert pytest.approx(160, abs=16) == generator.statistics.counts.succeeded
    assert 0 == generator.statistics.counts.unfinished


def test_calls_are_dropped_while_too_many_are_in_flight() -> None:
    loop = OpenLoop(10, arrivals="uniform", max_in_flight=5)

    generator = generated(SlowModel(1.0), loop)

    scheduled, started, succeeded, dropped, _, _ = counts(generator)
    assert (100, 5) == (scheduled, generator.max_in_flight)
    assert started == succeeded == scheduled - dropped
    assert pytest.approx(50, abs=5) == dropped


def test_the_warm_up_is_not_part_of_the_measurement() -> None:
    model = SlowModel(stalls={0.0: 2.0})

    generator = generated(model, OpenLoop(10, arrivals="uniform"), warm_up=3.0)

    assert (30, 100) == (
        generator.warm_up.counts.succeeded,
        generator.statistics.counts.succeeded,
    )
    assert pytest.approx(0.01, rel=0.05) == generator.statistics.latency.max


def test_calls_that_do_not_end_in_time_are_cancelled() -> None:
    model = SlowModel(stalls={8.95: 1000.0})

    generator = generated(model, OpenLoop(10, arrivals="uniform"), drain=5.0)

    assert (100, 100, 90, 0, 0, 10) == counts(generator)
    assert 10.0 == pytest.approx(generator.seconds)


def test_a_stopped_test_cancels_its_calls_and_keeps_what_it_measured() -> None:
    async def stop_later(_: asyncio.Task[None], stop: asyncio.Event) -> None:
        await asyncio.sleep(4.05)
        stop.set()

    generator = generated(SlowModel(0.2), OpenLoop(10, arrivals="uniform"), stop_later)

    scheduled, started, succeeded, _, not_started, unfinished = counts(generator)
    assert (41, 41, 0) == (scheduled, started, not_started)
    assert (39, 2) == (succeeded, unfinished)
    assert pytest.approx(4.05, abs=0.01) == generator.seconds


def test_a_test_that_is_stopped_while_it_waits_for_calls_ends_at_once() -> None:
    async def stop_later(_: asyncio.Task[None], stop: asyncio.Event) -> None:
        await asyncio.sleep(12)
        stop.set()

    model = SlowModel(stalls={8.95: 1000.0})
    generator = generated(model, OpenLoop(10, arrivals="uniform"), stop_later)

    assert 10 == generator.statistics.counts.unfinished


@pytest.mark.parametrize("loop", [OpenLoop(10), ClosedLoop(3)])
@pytest.mark.parametrize("seconds", [0.0, 0.5, 10.5])
def test_a_cancelled_test_leaves_no_call(loop: Loop, seconds: float) -> None:
    async def cancel_later(running: asyncio.Task[None], _: asyncio.Event) -> None:
        await asyncio.sleep(seconds)
        running.cancel()

    generated(SlowModel(3.0), loop, cancel_later)


def test_calls_that_could_not_be_started_in_time_are_counted() -> None:
    """The event loop needs 20 µs for a start, which are too many for this rate."""
    loop = OpenLoop(200_000, arrivals="uniform", max_in_flight=1)

    generator = generated(SlowModel(1.0), loop, seconds=0.5)

    scheduled, _, _, dropped, not_started, _ = counts(generator)
    lag = generator.statistics.start_lag.max
    assert lag is not None
    assert (100_000, True) == (scheduled, not_started > 10_000)
    assert scheduled == dropped + not_started + generator.statistics.counts.started


def test_inputs_are_sent_in_turn() -> None:
    async def main() -> list[Any]:
        model = SlowModel()
        async with opened(model) as client:
            inputs = [INPUT, InvokeEndpointInput(endpoint_name="m", body=b"y")]
            calls = MeasuredCalls(client, asyncio.get_running_loop().time, "tokens")
            await LoadGenerator(
                calls,
                inputs,
                OpenLoop(4, arrivals="uniform"),
                seconds=1.0,
                warm_up=0.0,
                drain=1.0,
                stop=asyncio.Event(),
            ).run()
        return [request.body for request in model.requests]

    assert [b"x", b"y", b"x", b"y"] == run_in_virtual_time(main())

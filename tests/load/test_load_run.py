from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.load import ClosedLoop, LoadProgress, LoadResult, OpenLoop, run
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)
from tests.load.virtual_time import SlowModel, opened, run_in_virtual_time

INPUT = InvokeEndpointInput(endpoint_name="m", body=b"x")
STREAM = InvokeEndpointWithResponseStreamInput(endpoint_name="m", body=b"x")


def result_of(model: SlowModel, **settings: Any) -> LoadResult:
    async def main() -> LoadResult:
        fields = {"inputs": INPUT, "loop": OpenLoop(20), "seconds": 10.0, **settings}
        async with opened(model) as client:
            result = await run(client, **fields)
        assert {asyncio.current_task()} == asyncio.all_tasks()
        return result

    return run_in_virtual_time(main())


def test_a_result_has_the_plan_and_the_numbers() -> None:
    result = result_of(SlowModel(), warm_up=1.0)

    plan = result.plan
    assert ("m", "InvokeEndpoint", "open", None) == (
        plan.endpoint_name,
        plan.operation,
        plan.loop,
        plan.unit,
    )
    assert (20, "poisson", 0, 1000) == (
        plan.rate,
        plan.arrivals,
        plan.seed,
        plan.max_in_flight,
    )
    assert ("completed", True) == (result.end, result.kept_up)
    assert pytest.approx(200, rel=0.25) == result.counts.succeeded
    assert pytest.approx(20, abs=15) == result.warm_up_calls
    assert result.counts.scheduled == sum(slot.succeeded for slot in result.timeline)


def test_the_plan_of_a_closed_loop_has_no_rate() -> None:
    plan = result_of(SlowModel(), loop=ClosedLoop(4), seconds=1.0).plan

    assert ("closed", None, None, None, 4) == (
        plan.loop,
        plan.rate,
        plan.arrivals,
        plan.seed,
        plan.max_in_flight,
    )


def test_failed_calls_are_results() -> None:
    result = result_of(SlowModel(statuses={3: 503, 5: 503}))

    assert ["UnknownServiceError (HTTP 503)"] == [error.type for error in result.errors]
    assert (2, 2) == (result.errors[0].count, result.counts.failed)


def test_progress_is_reported_with_negative_times_in_the_warm_up() -> None:
    reports = list[LoadProgress]()

    result = result_of(SlowModel(), warm_up=2.0, progress=reports.append)

    elapsed = [round(report.elapsed) for report in reports]
    assert [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] == [*elapsed, 10][:12]
    measured = [report for report in reports if report.elapsed > 0]
    recent = [report.recent.succeeded for report in measured]
    assert sum(recent) == measured[-1].counts.succeeded
    assert min(recent) >= 0
    assert result.counts.scheduled >= measured[-1].counts.scheduled > 0


def test_an_exception_of_the_progress_function_ends_the_test() -> None:
    def fail(_: LoadProgress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        result_of(SlowModel(), progress=fail)


def test_a_test_can_be_stopped() -> None:
    async def main() -> LoadResult:
        stop = asyncio.Event()

        def on_progress(progress: LoadProgress) -> None:
            if progress.counts.succeeded > 50:
                stop.set()

        async with opened(SlowModel()) as client:
            return await run(
                client,
                INPUT,
                OpenLoop(20),
                seconds=1000,
                progress=on_progress,
                stop=stop,
            )

    result = run_in_virtual_time(main())

    assert "interrupted" == result.end
    assert 50 < result.counts.succeeded < 90


@pytest.mark.parametrize("progress", [None, lambda _: None])
def test_a_cancelled_test_leaves_no_task(
    progress: Callable[[LoadProgress], None] | None,
) -> None:
    async def main() -> None:
        async with opened(SlowModel(seconds=5.0)) as client:
            test = run(client, INPUT, OpenLoop(20), seconds=10, progress=progress)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(test, 3)
        assert {asyncio.current_task()} == asyncio.all_tasks()

    run_in_virtual_time(main())


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"seconds": 0}, "seconds must be a positive number, not 0"),
        ({"seconds": float("nan")}, "seconds must be a positive number, not nan"),
        ({"warm_up": -1}, "warm_up must be 0 or a positive number, not -1"),
        ({"drain": float("inf")}, "drain must be 0 or a positive number, not inf"),
        ({"progress_every": 0}, "progress_every must be a positive number, not 0"),
        ({"seconds": True}, "seconds must be a positive number, not True"),
        ({"seconds": "5"}, "seconds must be a positive number, not '5'"),
        ({"drain": 10**400}, "drain must be 0 or a positive number, not 1000"),
        ({"inputs": []}, "inputs must not be empty"),
        ({"inputs": [b"x"]}, "an input must be an InvokeEndpointInput or an"),
        ({"inputs": [INPUT, STREAM]}, "all inputs must be of the same operation"),
        (
            {"inputs": InvokeEndpointInput(endpoint_name="m", body=io.BytesIO())},
            "the body of an input must not be a file",
        ),
    ],
)
def test_invalid_arguments_are_rejected(fields: dict[str, Any], problem: str) -> None:
    model = SlowModel()

    with pytest.raises(ParamValidationError, match=problem):
        result_of(model, **fields)

    assert [] == model.requests

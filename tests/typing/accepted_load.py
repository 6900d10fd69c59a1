"""Programs with load tests, which every type checker accepts."""

from __future__ import annotations

from sagemaker_rt import Client, InvokeEndpointInput
from sagemaker_rt.load import (
    ClosedLoop,
    ErrorSummary,
    LatencySummary,
    LoadInput,
    LoadPlan,
    LoadProgress,
    LoadResult,
    OpenLoop,
    TimeSlot,
    TokenUnit,
    csv_report,
    html_report,
    run,
    text_report,
)


def in_flight(progress: LoadProgress) -> int:
    return progress.in_flight


async def measure(client: Client, unit: TokenUnit = "parts") -> LoadResult:
    input: LoadInput = InvokeEndpointInput(endpoint_name="m", body=b"")
    await run(client, [input, input], ClosedLoop(16), seconds=1, unit=unit)
    loop = OpenLoop(200, arrivals="uniform", max_in_flight=100)
    return await run(client, input, loop, seconds=30, warm_up=5, progress=in_flight)


def worst(result: LoadResult) -> tuple[float | None, str, int]:
    plan: LoadPlan = result.plan
    errors: tuple[ErrorSummary, ...] = result.errors
    slots: tuple[TimeSlot, ...] = result.timeline
    latency: LatencySummary = result.latency
    return latency.p99_9, plan.endpoint_name, len(errors) + len(slots)


def reports(result: LoadResult) -> list[str]:
    return [text_report(result), html_report(result), csv_report(result)]

"""Results of load tests that are made without one."""

from __future__ import annotations

from typing import Any

from sagemaker_rt.load.result import LoadPlan, LoadResult
from sagemaker_rt.sansio.load_statistics import CallFacts, LoadStatistics

__all__ = ["OPEN", "plan_of", "result_of", "statistics_of"]


def plan_of(**fields: Any) -> LoadPlan:
    """Return a plan of an open loop."""
    values: dict[str, Any] = {
        "endpoint_name": "my-endpoint",
        "operation": "InvokeEndpoint",
        "loop": "open",
        "seconds": 6.0,
        "warm_up": 0.0,
        "rate": 10.0,
        "arrivals": "poisson",
        "seed": 0,
        "max_in_flight": 100,
    }
    return LoadPlan(**{**values, **fields})


OPEN = plan_of()


def statistics_of(
    calls: int = 0,
    *,
    seconds: float = 6.0,
    is_stream: bool = False,
    lag: float = 0.0,
    latency: float | None = None,
) -> LoadStatistics:
    """Return statistics of successful calls of *latency*, or of 10, 20, 30… ms."""
    statistics = LoadStatistics(0.0, seconds)
    for number in range(calls):
        due = (number + 0.01) * seconds / calls
        statistics.schedule(due)
        statistics.start(due, due + lag)
        first = due + 0.005 if is_stream else None
        ended = due + lag + (latency or 0.01 * (number + 1))
        statistics.end(
            CallFacts(
                due=due,
                started=due + lag,
                ended=ended,
                first_token=first,
                last_token=ended if is_stream else None,
                tokens=5 if is_stream else 0,
            )
        )
    return statistics


def result_of(
    statistics: LoadStatistics | None = None, plan: LoadPlan = OPEN, **facts: Any
) -> LoadResult:
    """Return the result of a test; by default of 20 calls."""
    values: dict[str, Any] = {
        "end": "completed",
        "seconds": 6.0,
        "warm_up_calls": 0,
        "max_in_flight": 3,
    }
    statistics = statistics or statistics_of(20)
    return LoadResult.of(plan, statistics, {**values, **facts})

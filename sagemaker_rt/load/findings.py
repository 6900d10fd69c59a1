"""What a reader has to know before believing the numbers of a load test."""

from __future__ import annotations

from collections.abc import Iterator

from sagemaker_rt.load.number_texts import percent_text, rate_text, time_text
from sagemaker_rt.load.result import LoadResult

__all__ = ["findings", "title"]


def title(result: LoadResult) -> str:
    """Return the load that was requested, on one line."""
    plan = result.plan
    if plan.rate is not None:
        seed = f", seed {plan.seed}" if plan.arrivals == "poisson" else ""
        load = f"open loop, {rate_text(plan.rate)} ({plan.arrivals}{seed})"
    else:
        load = f"closed loop, {plan.max_in_flight:,} callers"
    warm_up = f" after {plan.warm_up:g} s of warm-up" if plan.warm_up else ""
    return f"{plan.operation}, {load} for {plan.seconds:g} s{warm_up}"


def findings(result: LoadResult) -> list[str]:
    """Return what limits the result, the most important first."""
    return [*_of_this_process(result), *_of_calls(result)]


def _of_this_process(result: LoadResult) -> Iterator[str]:
    counts, plan = result.counts, result.plan
    if result.end == "interrupted":
        yield (
            f"The test was interrupted after {time_text(result.seconds)} of "
            f"{time_text(plan.seconds)}."
        )
    if not result.kept_up:
        name, lag = result.usual_lag
        missed = (
            f", and {counts.not_started:,} not at all" if counts.not_started else ""
        )
        yield (
            "The load generator did not keep up with "
            f"{rate_text(result.scheduled_rate)}: calls started {time_text(lag)} late "
            f"({name}){missed}. The latency is partly that of this machine. Use a "
            "lower rate, or several processes."
        )
    elif counts.not_started:
        yield (
            f"{counts.not_started:,} of the calls that were due had not been started "
            "when the test ended."
        )


def _of_calls(result: LoadResult) -> Iterator[str]:
    counts, plan = result.counts, result.plan
    scheduled, missing = (
        counts.scheduled,
        "missing in the latency, which would be higher with them",
    )
    if not scheduled:
        yield "No call was due in this time: use a longer duration, or a higher rate."
    if counts.dropped:
        yield (
            f"Dropped, because {plan.max_in_flight:,} calls were in flight: "
            f"{_share(counts.dropped, scheduled)}. They are {missing}."
        )
    if counts.unfinished:
        yield (
            "In flight at the end, and cancelled: "
            f"{_share(counts.unfinished, scheduled)}. They are {missing}."
        )
    if counts.failed:
        ended = counts.succeeded + counts.failed
        yield (
            f"Failed: {_share(counts.failed, ended)}. The latency is that of "
            "successful calls only."
        )
    if any(error.type == "UnknownFormatError" for error in result.errors):
        yield (
            "The output has no known format of a language model. Count parts instead: "
            '--unit parts, or unit="parts".'
        )
    if counts.retries:
        yield (
            f"Attempts that were retries: {counts.retries:,}. They are part of the "
            "latency of their calls."
        )
    if plan.loop == "closed":
        yield (
            "In a closed loop, a slow endpoint receives fewer calls: the latency is "
            "lower than that of users who do not wait for each other."
        )


def _share(number: int, whole: int) -> str:
    noun = "call" if number == 1 else "calls"
    return f"{number:,} {noun} ({percent_text(number, whole)})"

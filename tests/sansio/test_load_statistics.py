from __future__ import annotations

import pytest

from sagemaker_rt.sansio.load_statistics import (
    MAX_ERROR_TYPES,
    OTHER_ERRORS,
    CallFacts,
    LoadStatistics,
    slot_width,
)


@pytest.mark.parametrize(
    ("seconds", "width"),
    [(1, 0.1), (6, 0.1), (6.1, 0.2), (30, 0.5), (3600, 60), (1e6, 1e6 / 60)],
)
def test_the_width_of_slots_is_round(seconds: float, width: float) -> None:
    assert width == slot_width(seconds)


@pytest.mark.parametrize(
    ("seconds", "rate", "width"),
    [
        (60, 1000, 1),  # sixty slots
        (60, 10, 2),  # of twenty calls
        (60, 1, 10),  # six slots are too few for more
        (5, 100, 0.2),
        (12, 30, 1),
    ],
)
def test_slots_have_enough_calls_for_a_percentile(
    seconds: float, rate: float, width: float
) -> None:
    assert width == slot_width(seconds, rate)


def test_a_successful_call_is_counted() -> None:
    statistics = LoadStatistics(100.0, 10.0)

    statistics.schedule(100.0)
    statistics.start(100.0, 100.5)
    statistics.end(
        CallFacts(
            due=100.0,
            started=100.5,
            ended=103.0,
            first_token=101.0,
            last_token=103.0,
            tokens=5,
            response_bytes=7,
            retries=1,
        )
    )

    counts = statistics.counts
    assert (1, 1, 1, 1, 0) == (
        counts.scheduled,
        counts.started,
        counts.started_in_time,
        counts.succeeded,
        counts.unfinished,
    )
    assert (5, 7, 1) == (counts.tokens, counts.response_bytes, counts.retries)
    assert [3.0, 2.5, 1.0, 0.5, 0.5] == [
        histogram.max
        for histogram in (
            statistics.latency,
            statistics.service_time,
            statistics.first_token,
            statistics.per_token,
            statistics.start_lag,
        )
    ]
    assert 103.0 == statistics.last_end
    slot = statistics.slots[0]
    assert (1, 1, 3.0, 1.0) == (
        slot.scheduled,
        slot.succeeded,
        slot.latency.max,
        slot.first_token.max,
    )


def test_a_whole_response_has_no_times_of_tokens() -> None:
    statistics = LoadStatistics(0.0, 10.0)

    statistics.end(CallFacts(due=0.0, started=0.0, ended=1.0))

    assert (0, 0) == (statistics.first_token.count, statistics.per_token.count)


def test_a_single_token_has_no_time_per_token() -> None:
    statistics = LoadStatistics(0.0, 10.0)

    statistics.end(
        CallFacts(
            due=0.0, started=0.0, ended=1.0, first_token=0.5, last_token=0.5, tokens=1
        )
    )

    assert (1, 0) == (statistics.first_token.count, statistics.per_token.count)


def test_a_failed_call_is_counted_by_its_error_and_not_in_the_latency() -> None:
    statistics = LoadStatistics(0.0, 10.0)

    for ended, message in ((1.0, "first"), (2.0, "second")):
        statistics.end(
            CallFacts(due=0.0, started=0.0, ended=ended, error="E", message=message)
        )

    assert (2, 0) == (statistics.counts.failed, statistics.latency.count)
    assert ["E"] == [*statistics.errors]
    assert ("first", 2, 2.0) == (
        statistics.errors["E"].example,
        statistics.errors["E"].latency.count,
        statistics.errors["E"].latency.max,
    )
    assert 2 == statistics.slots[0].failed


def test_the_number_of_error_types_is_bounded() -> None:
    statistics = LoadStatistics(0.0, 10.0)

    for number in [*range(MAX_ERROR_TYPES + 5), 0]:
        statistics.end(CallFacts(due=0.0, started=0.0, ended=1.0, error=f"E{number}"))

    assert MAX_ERROR_TYPES + 1 == len(statistics.errors)
    assert 5 == statistics.errors[OTHER_ERRORS].latency.count
    assert 2 == statistics.errors["E0"].latency.count


def test_calls_that_are_not_made_are_counted_in_their_slot() -> None:
    statistics = LoadStatistics(0.0, 6.0)

    for due in (0.05, 0.15, 5.95, 6.5):
        statistics.schedule(due)
    statistics.drop(0.05)
    statistics.miss(6.5)

    assert (1, 1, 2) == (
        statistics.counts.dropped,
        statistics.counts.not_started,
        statistics.counts.unfinished,
    )
    assert {0: 1, 1: 1, 59: 2} == {
        n: slot.scheduled for n, slot in enumerate(statistics.slots) if slot.scheduled
    }
    assert (1, 1) == (statistics.slots[0].dropped, statistics.slots[59].not_started)


def test_a_call_after_the_end_is_not_started_in_time() -> None:
    statistics = LoadStatistics(0.0, 6.0)

    statistics.start(5.9, 6.1)

    assert (1, 0) == (statistics.counts.started, statistics.counts.started_in_time)


def test_recent_latency_begins_anew_when_it_is_taken() -> None:
    statistics = LoadStatistics(0.0, 6.0)
    statistics.end(CallFacts(due=0.0, started=0.0, ended=1.0))

    first, second = statistics.take_recent(), statistics.take_recent()

    assert (1, 0, 1) == (first.count, second.count, statistics.latency.count)

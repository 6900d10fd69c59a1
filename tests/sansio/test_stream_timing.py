from __future__ import annotations

import pytest

from sagemaker_rt.sansio.stream_timing import STREAM_TIMING, StreamTiming


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_known_before_the_first_part() -> None:
    timing = StreamTiming(Clock())
    timing.record_parts(0)

    assert (None, None, 0) == (
        timing.time_to_first_part,
        timing.time_to_first_text,
        timing.parts,
    )
    assert (0, None, None, None) == (
        timing.gap_count,
        timing.gap_min,
        timing.gap_mean,
        timing.gap_max,
    )


def test_gaps_are_summarized() -> None:
    clock = Clock()
    timing = StreamTiming(clock)

    for seconds in (0.5, 0.25, 1.0, 0.75):
        clock.now += seconds
        timing.record_parts(1)

    assert (0.5, 4, 3) == (timing.time_to_first_part, timing.parts, timing.gap_count)
    assert (0.25, 1.0) == (timing.gap_min, timing.gap_max)
    assert pytest.approx(2 / 3) == timing.gap_mean


def test_there_is_no_time_between_parts_that_are_received_together() -> None:
    clock = Clock()
    timing = StreamTiming(clock)

    clock.now += 1.0
    timing.record_parts(3)
    clock.now += 0.5
    timing.record_parts(2)

    assert (1.0, 4) == (timing.time_to_first_part, timing.gap_count)
    assert (0.0, 0.125, 0.5) == (timing.gap_min, timing.gap_mean, timing.gap_max)


def test_the_time_of_the_first_text_is_kept() -> None:
    clock = Clock()
    timing = StreamTiming(clock)

    clock.now += 1.5
    timing.record_text()
    clock.now += 1.0
    timing.record_text()

    assert 1.5 == timing.time_to_first_text


def test_the_memory_of_gaps_is_bounded() -> None:
    timing = StreamTiming(Clock())
    shown = repr(timing)

    for _ in range(10_000):
        timing.record_parts(1)

    assert len(repr(timing)) < len(shown) + 20
    assert "stream_timing" == STREAM_TIMING.name

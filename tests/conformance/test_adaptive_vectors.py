"""The adaptive mode's arithmetic, against the SDKs' cases and botocore's."""

from __future__ import annotations

import json

import pytest
from botocore.retries.adaptive import RateClocker
from botocore.retries.bucket import TokenBucket as OtherBucket
from botocore.retries.throttling import CubicCalculator
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.adaptive import CubicRate, MeasuredRate, TokenBucket
from tests.conformance.vectors import entries

NAME = "kotlin-adaptiveRetryCubicTestCases.json"
CASES = [
    case
    for path in entries("retries", NAME)
    for case in json.loads(path.read_text("utf-8"))["cases"]
]
TIMES = st.lists(st.floats(min_value=0, max_value=30), min_size=1, max_size=60)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_allowed_rate_is_that_of_the_sdks(case: dict[str, object]) -> None:
    given, steps = case["given"], case["cases"]
    assert isinstance(given, dict)
    assert isinstance(steps, list)
    cubic = CubicRate(given["last_max_rate"], given["last_throttle_time"])
    rate, rates = 0.0, []

    for step in steps:
        now = step["timestamp"]
        if step["response"] == "success":
            rate = cubic.after_success(now)
        else:
            rate = cubic.after_throttle(rate, now)
        rates.append(rate)

    assert pytest.approx([step["calculated_rate"] for step in steps]) == rates


class Clock:
    now = 0.0

    def current_time(self) -> float:
        return self.now


@given(TIMES)
def test_rates_are_measured_as_botocore_does(times: list[float]) -> None:
    clock = Clock()
    theirs, ours = RateClocker(clock), MeasuredRate(0.0)

    for now in sorted(times):
        clock.now = now
        assert pytest.approx(theirs.record()) == ours.record(now)


@given(TIMES, st.data())
def test_rates_are_allowed_as_by_botocore(
    times: list[float], data: st.DataObject
) -> None:
    theirs = CubicCalculator(starting_max_rate=0, start_time=0.0)
    ours = CubicRate(0.0, 0.0)

    for now in sorted(times):
        if data.draw(st.booleans()):
            rate = data.draw(st.floats(min_value=0, max_value=1000))
            expected = theirs.error_received(rate, now)
            assert pytest.approx(expected) == ours.after_throttle(rate, now)
        else:
            assert pytest.approx(theirs.success_received(now)) == ours.after_success(
                now
            )


@given(TIMES, st.data())
def test_tokens_come_as_in_botocore(times: list[float], data: st.DataObject) -> None:
    clock = Clock()
    theirs, ours = OtherBucket(max_rate=1, clock=clock), TokenBucket(0.0)

    for now in sorted(times):
        clock.now = now
        if data.draw(st.booleans()):
            rate = data.draw(st.floats(min_value=0, max_value=100))
            theirs.max_rate = rate
            ours.set_rate(rate, now)
        elif theirs.available_capacity >= 1.001:  # taken without a wait
            theirs.acquire()
            assert 0.0 == ours.until(1, now)
            ours.take()

        assert pytest.approx(theirs.max_rate) == ours.fill_rate

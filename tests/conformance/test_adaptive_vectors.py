"""The adaptive mode's arithmetic, against the SDKs' cases and botocore's own.

What is compared is arithmetic. botocore and this library do not agree, on purpose,

* on a token that is less than 10 µs away, which is taken here;
* when the clock goes back, which takes tokens out of botocore's bucket;
* on what a throttle is: a model that is not ready is none here, and what is never sent
  is no answer, where botocore counts it as a success;
* on who gets the next token: any of the threads there, the first in the queue here.
"""

from __future__ import annotations

import json
from typing import Literal, TypeAlias, TypedDict

import pytest
from botocore.exceptions import CapacityNotAvailableError
from botocore.retries.adaptive import ClientRateLimiter as OtherLimiter
from botocore.retries.adaptive import RateClocker
from botocore.retries.bucket import TokenBucket as OtherBucket
from botocore.retries.throttling import CubicCalculator
from hypothesis import example, given
from hypothesis import strategies as st

from sagemaker_rt.sansio.adaptive_rate_limit import (
    ClientRateLimiter,
    CubicRate,
    MeasuredRate,
    TokenBucket,
)
from tests.conformance.vectors import entries, vectors

NAME = "kotlin-adaptiveRetryCubicTestCases.json"


class Step(TypedDict):
    response: Literal["success", "throttle"]
    timestamp: float
    calculated_rate: float


class Given(TypedDict):
    last_max_rate: float
    last_throttle_time: float


class Case(TypedDict):
    name: str
    given: Given
    cases: list[Step]


CASES: list[Case] = [
    case
    for path in entries("retries", NAME)
    for case in json.loads(path.read_text("utf-8"))["cases"]
]


def test_every_case_is_read() -> None:
    text = vectors(f"retries/{NAME}").read_text("utf-8")

    assert 2 == len(CASES) == len(json.loads(text)["cases"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_allowed_rate_is_that_of_the_sdks(case: Case) -> None:
    cubic = CubicRate(
        case["given"]["last_max_rate"], case["given"]["last_throttle_time"]
    )
    rate, rates = 0.0, []

    for step in case["cases"]:
        if step["response"] == "success":
            rate = cubic.after_success(step["timestamp"])
        else:
            rate = cubic.after_throttle(rate, step["timestamp"])
        rates.append(rate)

    # the cases give 11 digits or more
    expected = [step["calculated_rate"] for step in case["cases"]]
    assert pytest.approx(expected, rel=1e-12) == rates


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def current_time(self) -> float:
        return self.now


Event: TypeAlias = tuple[float, str]
"""Seconds after the event before it, and what it is."""

STARTS = st.floats(min_value=0, max_value=2e6)
"""Of a clock that counts from a machine's start."""
PAUSES = st.one_of(
    st.just(0.0),
    st.floats(min_value=0.001, max_value=0.2),
    st.floats(min_value=0.0, max_value=40.0),
)
KINDS = st.sampled_from(["send", "send", "success", "success", "throttle"])
EVENTS: st.SearchStrategy[list[Event]] = st.lists(st.tuples(PAUSES, KINDS), max_size=80)
BURST: list[Event] = [(0.02, "success")] * 100
STEADY: list[Event] = [(0.06, kind) for _ in range(60) for kind in ("send", "success")]


@given(STARTS, st.lists(PAUSES, max_size=80))
def test_rates_are_measured_as_by_botocore(start: float, pauses: list[float]) -> None:
    clock = Clock(start)
    theirs, ours = RateClocker(clock), MeasuredRate(start)

    for pause in pauses:
        clock.now += pause

        assert theirs.record() == ours.record(clock.now)


@given(STARTS, EVENTS, st.floats(min_value=0, max_value=1000))
def test_rates_are_allowed_as_by_botocore(
    start: float, events: list[Event], rate: float
) -> None:
    now = start
    theirs = CubicCalculator(starting_max_rate=rate, start_time=start)
    ours = CubicRate(rate, start)

    for number, (pause, kind) in enumerate(events):
        now += pause
        if kind == "throttle":
            used = rate / (number + 1)
            expected = theirs.error_received(used, now)
            assert pytest.approx(expected, rel=1e-12) == ours.after_throttle(used, now)
        else:
            expected = theirs.success_received(now)
            assert pytest.approx(expected, rel=1e-9) == ours.after_success(now)


def both_take(theirs: OtherBucket, ours: TokenBucket | ClientRateLimiter) -> bool:
    """Take a token of each, if it is there; False where they may not agree.

    botocore's own clock tells the time.
    """
    now = theirs._clock.current_time()
    try:
        theirs.acquire(block=False)
    except CapacityNotAvailableError:
        seconds = theirs._sleep_amount(1)
        if seconds < 2e-5:
            return False
        assert pytest.approx(seconds, rel=1e-6) == ours.seconds_until(1, now)
    else:
        assert 0.0 == ours.seconds_until(1, now)
        ours.take()
    return True


@given(STARTS, EVENTS, st.lists(st.floats(min_value=-5, max_value=100), min_size=1))
def test_tokens_come_as_in_botocore(
    start: float, events: list[Event], rates: list[float]
) -> None:
    clock = Clock(start)
    theirs, ours = OtherBucket(max_rate=1, clock=clock), TokenBucket(start)

    for number, (pause, kind) in enumerate(events):
        clock.now += pause
        if kind == "send":
            if not both_take(theirs, ours):
                return
        else:
            rate = rates[number % len(rates)]
            theirs.max_rate = rate
            ours.set_rate(rate, clock.now)

        assert theirs.max_rate == ours.fill_rate


class Detector:
    """Tells what a throttle is, as the test says."""

    def is_throttling_error(self, *, kind: str) -> bool:
        return kind == "throttle"


@given(STARTS, EVENTS)
@example(0.0, [*BURST, (0.1, "throttle"), *STEADY])
@example(0.0, [*BURST, (0.1, "throttle"), *STEADY, (0.0, "throttle"), *STEADY])
def test_a_client_is_limited_as_by_botocore(start: float, events: list[Event]) -> None:
    clock = Clock(start)
    bucket = OtherBucket(max_rate=1, clock=clock)
    theirs = OtherLimiter(
        rate_adjustor=CubicCalculator(starting_max_rate=0, start_time=start),
        rate_clocker=RateClocker(clock),
        token_bucket=bucket,
        throttling_detector=Detector(),
        clock=clock,
    )
    ours = ClientRateLimiter(start)

    for pause, kind in events:
        clock.now += pause
        if kind == "send":
            assert theirs._enabled == ours.is_enabled
            if ours.is_enabled and not both_take(bucket, ours):
                return
        else:
            theirs.on_receiving_response(kind=kind)
            ours.record_response(clock.now, is_throttle=kind == "throttle")

        assert pytest.approx(bucket.max_rate, rel=1e-9) == ours.rate

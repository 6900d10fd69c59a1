"""The rate limit of the adaptive mode, by the cases of the SDKs and against botocore.

Only the arithmetic is compared. Known differences from botocore are:

* A token that is less than 10 µs away is available here.
* If the clock goes back, tokens are lost in botocore.
* `ModelNotReadyException` is not throttling here. A request that was not sent counts as
  a success in botocore, and not at all here.
* The next token goes to any thread in botocore, and to the first in the queue here.
"""

from __future__ import annotations

import json
from typing import Literal, TypeAlias, TypedDict

import pytest
from botocore.exceptions import CapacityNotAvailableError
from botocore.retries.adaptive import ClientRateLimiter as BotocoreLimiter
from botocore.retries.adaptive import RateClocker
from botocore.retries.bucket import TokenBucket as BotocoreBucket
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


class Start(TypedDict):
    last_max_rate: float
    last_throttle_time: float


class Case(TypedDict):
    name: str
    given: Start
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
"""Seconds after the previous event, and the kind of the event."""

STARTS = st.floats(min_value=0, max_value=2e6)
"""Start times of a clock that counts from the start of a machine."""
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
def test_measured_rates_are_those_of_botocore(
    start: float, pauses: list[float]
) -> None:
    clock = Clock(start)
    reference, actual = RateClocker(clock), MeasuredRate(start)

    for pause in pauses:
        clock.now += pause

        assert reference.record() == actual.record(clock.now)


@given(STARTS, EVENTS, st.floats(min_value=0, max_value=1000))
def test_allowed_rates_are_those_of_botocore(
    start: float, events: list[Event], rate: float
) -> None:
    now = start
    reference = CubicCalculator(starting_max_rate=rate, start_time=start)
    actual = CubicRate(rate, start)

    for number, (pause, kind) in enumerate(events):
        now += pause
        if kind == "throttle":
            used = rate / (number + 1)
            expected = reference.error_received(used, now)
            assert pytest.approx(expected, rel=1e-12) == actual.after_throttle(
                used, now
            )
        else:
            expected = reference.success_received(now)
            assert pytest.approx(expected, rel=1e-9) == actual.after_success(now)


def both_take(
    reference: BotocoreBucket, actual: TokenBucket | ClientRateLimiter
) -> bool:
    """Take a token from both if it is available; return False if they may differ.

    The time is that of the clock of botocore.
    """
    now = reference._clock.current_time()
    try:
        reference.acquire(block=False)
    except CapacityNotAvailableError:
        seconds = reference._sleep_amount(1)
        if seconds < 2e-5:
            return False
        assert pytest.approx(seconds, rel=1e-6) == actual.seconds_until(1, now)
    else:
        assert 0.0 == actual.seconds_until(1, now)
        actual.take()
    return True


@given(STARTS, EVENTS, st.lists(st.floats(min_value=-5, max_value=100), min_size=1))
def test_tokens_are_available_as_in_botocore(
    start: float, events: list[Event], rates: list[float]
) -> None:
    clock = Clock(start)
    reference, actual = BotocoreBucket(max_rate=1, clock=clock), TokenBucket(start)

    for number, (pause, kind) in enumerate(events):
        clock.now += pause
        if kind == "send":
            if not both_take(reference, actual):
                return
        else:
            rate = rates[number % len(rates)]
            reference.max_rate = rate
            actual.set_rate(rate, clock.now)

        assert reference.max_rate == actual.fill_rate


class Detector:
    """Recognizes throttling by the kind of the event."""

    def is_throttling_error(self, *, kind: str) -> bool:
        return kind == "throttle"


@given(STARTS, EVENTS)
@example(0.0, [*BURST, (0.1, "throttle"), *STEADY])
@example(0.0, [*BURST, (0.1, "throttle"), *STEADY, (0.0, "throttle"), *STEADY])
def test_a_client_is_limited_as_in_botocore(start: float, events: list[Event]) -> None:
    clock = Clock(start)
    bucket = BotocoreBucket(max_rate=1, clock=clock)
    reference = BotocoreLimiter(
        rate_adjustor=CubicCalculator(starting_max_rate=0, start_time=start),
        rate_clocker=RateClocker(clock),
        token_bucket=bucket,
        throttling_detector=Detector(),
        clock=clock,
    )
    actual = ClientRateLimiter(start)

    for pause, kind in events:
        clock.now += pause
        if kind == "send":
            assert reference._enabled == actual.is_enabled
            if actual.is_enabled and not both_take(bucket, actual):
                return
        else:
            reference.on_receiving_response(kind=kind)
            actual.record_response(clock.now, is_throttle=kind == "throttle")

        assert pytest.approx(bucket.max_rate, rel=1e-9) == actual.rate

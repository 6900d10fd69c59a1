from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ServiceUnavailable
from sagemaker_rt.porting import units
from sagemaker_rt.porting.units import Milliseconds


async def later(retry: int, error: object) -> float:
    return 100


def test_a_function_that_tells_milliseconds_becomes_one_of_seconds() -> None:
    error = ServiceUnavailable("later")
    told: list[object] = []

    def function(retry: int, given: object) -> float:
        told.append((retry, given))
        return 250

    delay = units.backoff_of(function)(2, error)

    assert (0.25, [(2, error)]) == (delay, told)
    assert Milliseconds(function) == units.backoff_of(function)


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (units.attempts_after, 0, 1),
        (units.attempts_or_unset, 0, None),
        (units.attempts_or_unset, 3, 3),
        (units.milliseconds, 250, 0.25),
        (units.limit_in_milliseconds, 0, None),
        (units.limit_in_milliseconds, 1500, 1.5),
        (units.offset_in_milliseconds, -1500, -1.5),
        (units.seconds_or_unset, 0, None),
        (
            units.full_jitter,
            5,
            {"retry_base_delay": 0.005, "retry_jitter": "full"},
        ),
        (units.sockets, float("inf"), 0),
        (units.sockets, 50, 50),
    ],
)
def test_units_become_those_of_options(
    function: Any, value: object, expected: object
) -> None:
    assert expected == function(value)


@pytest.mark.parametrize(
    ("function", "value", "wanted"),
    [
        (units.whole, True, "an int of at least 0"),
        (units.whole, 1.5, "an int of at least 0"),
        (units.attempts_after, -1, "an int of at least 0"),
        (units.milliseconds, -1, "a number of at least 0"),
        (units.milliseconds, True, "a number of at least 0"),
        (units.seconds_or_unset, "1", "a number of at least 0"),
        (units.offset_in_milliseconds, True, "a number of milliseconds"),
        (units.backoff_of, later, "a function, not an async one"),
        (units.backoff_of, 1, "a function, not an async one"),
    ],
)
def test_what_is_no_number_says_what_is_wanted(
    function: Any, value: object, wanted: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        function(value)

    assert wanted in str(caught.value)

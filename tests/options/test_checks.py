from __future__ import annotations

import attrs
import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options.checks import (
    Check,
    has_method,
    instance_of,
    is_bool,
    is_callable,
    not_negative,
    number,
    one_of,
    positive,
    seconds,
    seconds_or_none,
)


@attrs.frozen
class Group:
    option: object


OPTION = attrs.fields(Group).option
TOO_LARGE_FOR_A_FLOAT = 10**400


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (seconds, 1),
        (seconds, 0.001),
        (seconds_or_none, 70.0),
        (seconds_or_none, None),
        (number, -1.5),
        (number, 0),
        (positive, 1),
        (not_negative, 0),
        (positive, TOO_LARGE_FOR_A_FLOAT),
        (is_bool, True),
        (is_bool, False),
        (is_callable, len),
        (instance_of(str), ""),
        (instance_of(str, int), 5),
        (one_of("a", "b"), "b"),
        (has_method("send"), type("Sender", (), {"send": len})()),
    ],
)
def test_a_valid_value_passes(check: Check, value: object) -> None:
    check(None, OPTION, value)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (not_negative, -1, "option must be an int of at least 0: -1"),
        (not_negative, False, "option must be an int of at least 0: False"),
        (not_negative, 1.0, "option must be an int of at least 0: 1.0"),
        (seconds, None, "option must be a positive number of seconds: None"),
        (
            seconds_or_none,
            0,
            "option must be a positive number of seconds, or None for no limit: 0",
        ),
        (number, "1", "option must be a number: '1'"),
        (number, True, "option must be a number: True"),
        (number, float("nan"), "option must be a number: nan"),
        (positive, 0, "option must be an int of at least 1: 0"),
        (is_bool, None, "option must be True or False: None"),
        (is_callable, 5, "option must be callable: 5"),
        (instance_of(str), 5, "option must be of type str: 5"),
        (instance_of(str, int), None, "option must be of type str or int: None"),
        (one_of("a", "b"), "c", "option must be one of 'a', 'b': 'c'"),
        (
            has_method("send"),
            "a",
            "option must be an object with a method send(): 'a'",
        ),
    ],
)
def test_an_error_has_the_option_the_value_and_what_is_valid(
    check: Check, value: object, message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        check(None, OPTION, value)

    assert message == str(caught.value)


@pytest.mark.parametrize("check", [seconds, seconds_or_none])
@pytest.mark.parametrize(
    "value",
    [0, -1.0, float("inf"), float("nan"), True, "5", TOO_LARGE_FOR_A_FLOAT],
    ids=["zero", "negative", "infinite", "no number", "bool", "text", "too large"],
)
def test_seconds_are_positive_and_finite(check: Check, value: object) -> None:
    with pytest.raises(OptionsError, match="a positive number of seconds"):
        check(None, OPTION, value)


@pytest.mark.parametrize("value", [None, True, 1.0, "1", -1])
def test_a_count_is_an_int_of_at_least_1(value: object) -> None:
    with pytest.raises(OptionsError, match="an int of at least 1"):
        positive(None, OPTION, value)


@pytest.mark.parametrize("value", [0, 1, "true"])
def test_numbers_and_text_are_not_booleans(value: object) -> None:
    with pytest.raises(OptionsError, match="True or False"):
        is_bool(None, OPTION, value)


def test_an_attribute_that_is_not_callable_is_not_a_method() -> None:
    with pytest.raises(OptionsError, match=r"a method option\(\)"):
        has_method("option")(None, OPTION, Group("not called"))

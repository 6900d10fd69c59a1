from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Option, Options
from sagemaker_rt.options.retry import (
    RetryOptions,
    with_max_attempts,
    with_retry_mode,
    with_retryer,
)
from sagemaker_rt.sansio.retry import NopRetryer

RETRYER = NopRetryer()


def test_by_default_the_standard_rules_decide() -> None:
    options = RetryOptions()

    assert ("standard", None, None) == (
        options.retry_mode,
        options.max_attempts,
        options.retryer,
    )


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        (with_retry_mode("off"), "retry_mode", "off"),
        (with_max_attempts(5), "max_attempts", 5),
        (with_retryer(RETRYER), "retryer", RETRYER),
    ],
    ids=["retry_mode", "max_attempts", "retryer"],
)
def test_an_option_is_in_its_group(option: Option, name: str, value: object) -> None:
    assert value == getattr(option(Options()).retry, name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"retry_mode": "on"}, "retry_mode must be one of 'standard', 'off': 'on'"),
        ({"max_attempts": 0}, "max_attempts must be an int of at least 1: 0"),
        (
            {"retryer": "standard"},
            "retryer must be an object with a method decide(): 'standard'",
        ),
    ],
    ids=["retry_mode", "max_attempts", "retryer"],
)
def test_a_value_that_cannot_be_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        RetryOptions(**fields)

    assert message == str(caught.value)

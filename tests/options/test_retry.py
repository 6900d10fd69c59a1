from __future__ import annotations

from typing import Any

import attrs
import pytest

from sagemaker_rt.errors import OptionsError, SageMakerRuntimeError
from sagemaker_rt.options import Option, Options, with_options
from sagemaker_rt.options.retry import RetryOptions
from sagemaker_rt.sansio.retry import NopRetryer, RetryPolicy

RETRYER = NopRetryer()


def no_delay(retry: int, error: SageMakerRuntimeError) -> float:
    return 0.0


def test_by_default_the_standard_rules_decide() -> None:
    options = RetryOptions()

    unset = {name for name, value in attrs.asdict(options).items() if value is None}
    assert unset == {
        "retry_mode",
        "max_attempts",
        "retryer",
        "retry_rules",
        "custom_backoff",
        "correct_clock_skew",
        "retry_base_delay",
        "retry_max_delay",
        "retry_jitter",
    }
    assert RetryPolicy() == options.policy
    assert options.adaptive_wait


def test_a_retryer_is_told_what_to_retry() -> None:
    options = RetryOptions(
        retry_ambiguous=True, retry_model_errors=[503, 503], model_not_ready_timeout=5
    )

    assert options.policy == RetryPolicy(
        retry_ambiguous=True,
        retry_model_errors=frozenset({503}),
        model_not_ready_timeout=5,
    )


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        (with_options(retry_mode="off"), "retry_mode", "off"),
        (with_options(max_attempts=5), "max_attempts", 5),
        (with_options(retryer=RETRYER), "retryer", RETRYER),
        (with_options(retry_rules="pre-2026"), "retry_rules", "pre-2026"),
        (with_options(custom_backoff=no_delay), "custom_backoff", no_delay),
        (with_options(retry_ambiguous=True), "retry_ambiguous", True),
        (
            with_options(retry_model_errors={503}),
            "retry_model_errors",
            frozenset({503}),
        ),
        (with_options(model_not_ready_timeout=0), "model_not_ready_timeout", 0),
        (with_options(adaptive_wait=False), "adaptive_wait", False),
        (with_options(clock_offset=-30.5), "clock_offset", -30.5),
        (with_options(correct_clock_skew=False), "correct_clock_skew", False),
        (with_options(retry_base_delay=0.1), "retry_base_delay", 0.1),
        (with_options(retry_max_delay=9), "retry_max_delay", 9),
        (with_options(retry_jitter="equal"), "retry_jitter", "equal"),
        (with_options(retry_jitter=abs), "retry_jitter", abs),
    ],
)
def test_an_option_is_in_its_group(option: Option, name: str, value: object) -> None:
    assert value == getattr(option(Options()).retry, name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"retry_mode": "on"},
            "retry_mode must be one of 'standard', 'adaptive', 'legacy', 'off': 'on'",
        ),
        (
            {"retry_rules": "2025"},
            "retry_rules must be one of '2026', 'pre-2026': '2025'",
        ),
        (
            {"retry_model_errors": 503},
            "retry_model_errors must be a set of HTTP statuses: 503",
        ),
        (
            {"retry_model_errors": ["503"]},
            "retry_model_errors must be a set of HTTP statuses: ['503']",
        ),
        (
            {"retry_jitter": 1},
            "retry_jitter must be one of 'none', 'equal', 'full', or a function: 1",
        ),
        (
            {"model_not_ready_timeout": -1},
            (
                "model_not_ready_timeout must be a number of seconds of at least 0, "
                "or None for no limit: -1"
            ),
        ),
        ({"custom_backoff": 1}, "custom_backoff must be callable: 1"),
        ({"retry_ambiguous": 1}, "retry_ambiguous must be True or False: 1"),
        ({"max_attempts": 0}, "max_attempts must be an int of at least 1: 0"),
        (
            {"retryer": "standard"},
            "retryer must be an object with a method decide(): 'standard'",
        ),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        RetryOptions(**fields)

    assert message == str(caught.value)


def test_a_backoff_that_waits_is_refused() -> None:
    async def slow(retry: int, error: Exception) -> float:
        return 1.0

    with pytest.raises(OptionsError, match="custom_backoff must not be async"):
        Options(custom_backoff=slow)  # type: ignore[arg-type] # on purpose

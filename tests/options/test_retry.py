from __future__ import annotations

from typing import Any

import attrs
import pytest

from sagemaker_rt.errors import OptionsError, SageMakerRuntimeError
from sagemaker_rt.options import Options
from sagemaker_rt.options.retry import RetryOptions
from sagemaker_rt.sansio.retry import NopRetryer, RetryPolicy

RETRYER = NopRetryer()


def no_delay(retry: int, error: SageMakerRuntimeError) -> float:
    return 0.0


def test_the_defaults() -> None:
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


def test_the_policy_has_the_options_of_the_retryer() -> None:
    options = RetryOptions(
        retry_ambiguous=True,
        retry_model_errors=[503, 503, "overloaded"],
        model_not_ready_timeout=5,
    )

    assert options.policy == RetryPolicy(
        retry_ambiguous=True,
        retry_model_errors=frozenset({503, "overloaded"}),
        model_not_ready_timeout=5,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"retry_mode": "on"},
        {"retry_rules": "2025"},
        {"retry_model_errors": 503},
        {"retry_model_errors": ["503"]},
        {"retry_model_errors": "overloaded"},
        {"retry_model_errors": ["out-of-memory"]},
        {"retry_jitter": 1},
        {"model_not_ready_timeout": -1},
        {"custom_backoff": 1},
        {"retry_ambiguous": 1},
        {"max_attempts": 0},
        {"retryer": "standard"},
    ],
    ids=str,
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        RetryOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


def test_an_async_backoff_is_refused() -> None:
    async def slow(retry: int, error: Exception) -> float:
        return 1.0

    with pytest.raises(OptionsError, match="custom_backoff"):
        Options(custom_backoff=slow)  # type: ignore[arg-type] # on purpose

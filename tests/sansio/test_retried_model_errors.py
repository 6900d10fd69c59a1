from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import (
    ConnectError,
    ModelError,
    OptionsError,
    ValidationError,
)
from sagemaker_rt.sansio.retried_model_errors import (
    check_retried_model_errors,
    has_retried_reason,
    retried_model_errors,
)

OVERLOADED = ModelError(
    details={"OriginalStatusCode": 429, "OriginalMessage": "Model is overloaded"}
)
OUT_OF_MEMORY = ModelError(
    details={"OriginalStatusCode": 500, "OriginalMessage": "CUDA out of memory"}
)
NO_CAPACITY = ValidationError(
    "Inference Component has no capacity to process this request."
)


def test_statuses_and_reasons_may_be_mixed() -> None:
    both: list[Any] = [503, "overloaded", "model-loading"]

    chosen = retried_model_errors(iter(both))

    assert frozenset({503, "overloaded", "model-loading"}) == chosen


WRONG: list[Any] = [
    ["out-of-memory"],
    ["bad-payload"],
    "overloaded",
    [True],
    [0],
    ["503"],
    503,
    None,
    [[503]],
]


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(OptionsError, match="'model-loading' and 'overloaded'"):
        retried_model_errors(value)
    with pytest.raises(OptionsError):
        check_retried_model_errors(None, None, value)


@pytest.mark.parametrize(
    ("error", "chosen", "expected"),
    [
        (OVERLOADED, ["overloaded"], True),
        (OVERLOADED, ["model-loading"], False),
        (OVERLOADED, [429], False),
        (OVERLOADED, [], False),
        (OUT_OF_MEMORY, ["overloaded", "model-loading"], False),
        (OUT_OF_MEMORY, ["out-of-memory"], False),
        (NO_CAPACITY, ["model-loading"], True),
        (ValidationError("no"), ["model-loading"], False),
        (ConnectError("refused"), ["overloaded"], False),
    ],
    ids=str,
)
def test_an_error_has_a_reason_that_was_chosen(
    error: Any, chosen: list[Any], expected: bool
) -> None:
    assert expected == has_retried_reason(error, frozenset(chosen))


def test_the_reason_is_not_computed_for_statuses() -> None:
    error = ModelError(details={"OriginalMessage": "Model is overloaded"})

    has_retried_reason(error, frozenset({503}))

    assert "reason" not in vars(error)

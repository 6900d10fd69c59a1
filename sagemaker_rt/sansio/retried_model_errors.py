"""Which errors of model containers a caller may choose to retry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

from sagemaker_rt.errors import (
    ModelError,
    OptionsError,
    SageMakerRuntimeError,
    ValidationError,
)

__all__ = [
    "RetriedReason",
    "check_retried_model_errors",
    "has_retried_reason",
    "retried_model_errors",
]

RetriedReason: TypeAlias = Literal["model-loading", "overloaded"]
"""The reasons after which the same request may succeed later."""

_RETRIED_REASONS: Final[frozenset[RetriedReason]] = frozenset(get_args(RetriedReason))


def retried_model_errors(
    value: Iterable[int | RetriedReason],
) -> frozenset[int | RetriedReason]:
    """Return the statuses and reasons in *value*.

    Raises:
        OptionsError: *value* has something else, such as another reason.
    """
    try:
        items = frozenset(value)
    except TypeError:  # not iterable, or an item is not hashable
        items = frozenset((0,))
    if all(_is_status(item) or item in _RETRIED_REASONS for item in items):
        return items
    reasons = " and ".join(sorted(map(repr, _RETRIED_REASONS)))
    message = (
        "retry_model_errors must be a set of HTTP statuses, and of the reasons "
        f"{reasons}: {value!r}"
    )
    raise OptionsError(message)


def check_retried_model_errors(
    _: object, __: object, value: frozenset[int | RetriedReason]
) -> None:
    """Check a field of attrs like `retried_model_errors`."""
    retried_model_errors(value)


def has_retried_reason(
    error: SageMakerRuntimeError, chosen: frozenset[int | RetriedReason]
) -> bool:
    """Return whether the reason of *error* is one of *chosen*.

    A container that is overloaded or loads its model needs time, like a service that
    throttles.
    """
    reasons = chosen & _RETRIED_REASONS
    # the reason is computed only if it matters
    return (
        bool(reasons)
        and isinstance(error, ModelError | ValidationError)
        and error.reason in reasons
    )


def _is_status(value: object) -> bool:
    return type(value) is int and value != 0

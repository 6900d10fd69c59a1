"""Checks what a custom retryer decides."""

from __future__ import annotations

from math import inf

from sagemaker_rt.sansio.retry import NoRetry, RetryDecision

__all__ = ["WrongDecisionError", "require_decision"]


class WrongDecisionError(TypeError):
    """A custom retryer returned something else than a decision."""


def require_decision(decision: object) -> None:
    """Check *decision*, which ``decide`` of a retryer returned.

    Raises:
        WrongDecisionError: It is of another type, or its delay is not a finite number.
    """
    if not isinstance(decision, RetryDecision | NoRetry):
        message = (
            f"decide() returned {type(decision).__name__}; "
            "it must return RetryDecision or NoRetry"
        )
        raise WrongDecisionError(message)
    if isinstance(decision, RetryDecision):
        delay: object = decision.delay
        if not isinstance(delay, (int, float)) or not -inf < delay < inf:
            message = f"decide() returned a delay of {delay!r}; it must be a number"
            raise WrongDecisionError(message)

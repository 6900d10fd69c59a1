"""The arithmetic of retries: whether, after how long, and at what cost.

An error falls under one of three rules, by what became of its request:

* **not sent**: sending it is safe, and is done if that may help;
* **answered**: the answer's code and status decide, as the error knows itself;
* **ambiguous** (it may have been delivered, and no answer came): it is not sent again,
  since the model may have run.

Numbers are those of the AWS SDKs' ``standard`` mode, by its rules of 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from attrs import frozen

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError

__all__ = [
    "NoRetry",
    "NopRetryer",
    "RetryDecision",
    "RetryQuota",
    "StandardRetryer",
    "backoff",
]


@frozen
class RetryDecision:
    """That another attempt is made: when, and what it took from the quota."""

    delay: float
    """Seconds to wait before it."""
    reservation: int = 0
    """What was taken from the quota; given back by `Retryer.give_back`, or kept."""


@frozen
class NoRetry:
    """That no other attempt is made."""

    reason: str | None = None
    """A note for the error; None where the error says enough by itself."""


def backoff(retry: int, *, chance: float, base: float, ceiling: float = 20.0) -> float:
    """Return the seconds to wait before *retry* (from 0), by full jitter.

    Args:
        chance: A number in [0, 1); the caller draws it, so that a test can.
        base: The longest wait before retry 0; it doubles with each retry after it.
        ceiling: What *base* may grow to, before chance is applied.
    """
    # far beyond any ceiling, and still a float
    doublings = min(retry, 64)
    return chance * min(ceiling, base * 2.0**doublings)


class RetryQuota:
    """What limits retries across all calls that share it.

    It belongs to a client and those derived from it, on one event loop, and takes no
    lock.
    """

    __slots__ = ("_available", "capacity")

    def __init__(self, capacity: int = 500) -> None:
        self.capacity: Final = capacity
        self._available = capacity

    @property
    def available(self) -> int:
        """What is left, up to ``capacity``."""
        return self._available

    def acquire(self, amount: int) -> bool:
        """Take *amount*, or return False and take nothing if less is left."""
        if amount > self._available:
            return False
        self._available -= amount
        return True

    def release(self, amount: int) -> None:
        """Put *amount* back; what exceeds the capacity is lost."""
        self._available += amount
        self._available = min(self._available, self.capacity)


@frozen
class _Terms:
    """What a retry costs after one class of errors."""

    reservation: int
    base: float
    """The longest wait before the first retry, in seconds."""


# AWS SDKs' standard mode, rules of 2026 (botocore: retries/standard.py)
_THROTTLING: Final = _Terms(reservation=5, base=1.0)
_TRANSIENT: Final = _Terms(reservation=14, base=0.05)
_FIRST_ATTEMPT_REFUND: Final = 1
_RETRY_AFTER_ALLOWANCE: Final = 5.0
_NO_RETRY: Final = NoRetry()


class StandardRetryer:
    """The ``standard`` mode: jittered exponential backoff under a quota.

    Args:
        quota: Shared by every retryer that is to be limited together with this one.
        chance: Draws a number in [0, 1) for each delay.
        max_attempts: Attempts a call may have, the first among them.
        max_backoff: Seconds that a delay grows to; ``retry_after`` may exceed it.
    """

    def __init__(
        self,
        quota: RetryQuota,
        chance: Callable[[], float],
        *,
        max_attempts: int = 3,
        max_backoff: float = 20.0,
    ) -> None:
        self.quota: Final = quota
        self.max_attempts: Final = max_attempts
        self._chance: Final = chance
        self._max_backoff: Final = max_backoff

    def decide(
        self, error: SageMakerRuntimeError, *, past: Sequence[AttemptResult]
    ) -> RetryDecision | NoRetry:
        """Return how to go on; a retry has its reservation taken already."""
        retry = len(past)
        if retry + 1 >= self.max_attempts or not _may_be_sent_again(error):
            return _NO_RETRY
        terms = _THROTTLING if error.is_throttle else _TRANSIENT
        if not self.quota.acquire(terms.reservation):
            return NoRetry("retry quota exhausted")
        delay = backoff(
            retry, chance=self._chance(), base=terms.base, ceiling=self._max_backoff
        )
        return RetryDecision(_heed(error.retry_after, delay), terms.reservation)

    def succeeded(self, last: RetryDecision | None) -> None:
        """Refill the quota: by what *last* took, or by 1 for a first attempt."""
        self.quota.release(_FIRST_ATTEMPT_REFUND if last is None else last.reservation)

    def give_back(self, decision: RetryDecision) -> None:
        """Put back what *decision* took."""
        self.quota.release(decision.reservation)


class NopRetryer:
    """The mode ``off``: one attempt, whatever becomes of it."""

    def __init__(self) -> None:
        self.max_attempts: Final = 1

    def decide(
        self,
        error: SageMakerRuntimeError,  # noqa: ARG002 - as the Protocol has it
        *,
        past: Sequence[AttemptResult],  # noqa: ARG002 - as the Protocol has it
    ) -> RetryDecision | NoRetry:
        """Give up."""
        return _NO_RETRY

    def succeeded(self, last: RetryDecision | None) -> None:
        """Do nothing: there is no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """Do nothing: nothing was taken."""


def _may_be_sent_again(error: SageMakerRuntimeError) -> bool:
    """Return whether another attempt is safe after *error*, and may help."""
    unanswered = error.request_sent and not isinstance(error, ServiceError)
    if unanswered or error.may_have_executed:
        # Ambiguity is decided here, and before the error's opinion of itself: in
        # doubt, a model is not run a second time.
        return False
    return error.is_retryable


def _heed(retry_after: float | None, delay: float) -> float:
    """Return *retry_after*, no shorter than *delay* and at most 5 s longer."""
    if retry_after is None:
        return delay
    return max(delay, min(retry_after, delay + _RETRY_AFTER_ALLOWANCE))

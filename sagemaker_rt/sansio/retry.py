"""Retry decisions: whether to retry, after how many seconds, and at what cost.

The state of the request decides which of three rules applies:

* **not sent**: a retry is safe; it is made if it may help.
* **response received**: the attributes of the error decide, from its code and status.
* **ambiguous** (the request may have been delivered, without a response): it is not
  retried, because the model may have run, unless the caller has opted in.

The constants are those of the ``standard`` mode of the AWS SDKs, with its rules of 2026
or the rules before. The retryers here decide only; the middleware ``Retry`` waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Final, Literal

from attrs import field, frozen

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import (
    DeserializationError,
    ModelError,
    ModelNotReadyException,
    SageMakerRuntimeError,
    StreamRefusedError,
    TransportError,
)
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.sansio.backoff import CustomBackoff, backoff, require_seconds
from sagemaker_rt.sansio.component_calls import call_component
from sagemaker_rt.sansio.retried_model_errors import (
    RetriedReason,
    check_retried_model_errors,
    has_retried_reason,
)

__all__ = [
    "RETRY_RULES",
    "FailureClass",
    "NoRetry",
    "NopRetryer",
    "RetryDecision",
    "RetryPolicy",
    "RetryQuota",
    "RetryRules",
    "RetryTerms",
    "StandardRetryer",
]


@frozen(eq=False, repr=False)
class RetryDecision(FrozenValue):
    """Another attempt is made."""

    delay: float
    """Seconds to wait before the attempt."""
    reservation: int = 0
    """The amount taken from the quota; `Retryer.give_back` returns it."""


@frozen(eq=False, repr=False)
class NoRetry(FrozenValue):
    """No other attempt is made."""

    reason: str | None = None
    """A note for the error; None if the error itself is sufficient."""
    elsewhere: RetryDecision | None = field(default=None, eq=False)
    """The decision in case the next attempt goes to another endpoint, which takes
    nothing from the quota; None if there is none in that case either."""


class FailureClass(Enum):
    """The classes of failures that are retried."""

    THROTTLING = auto()
    TRANSIENT = auto()
    TIMEOUT = auto()
    MODEL_NOT_READY = auto()


@frozen(kw_only=True, eq=False, repr=False)
class RetryPolicy(FrozenValue):
    """Which failures are retried, in every mode."""

    retry_ambiguous: bool = False
    """Whether a request that may have been delivered, without a response, is retried.
    The model may then run once per attempt."""
    retry_model_errors: frozenset[int | RetriedReason] = field(
        default=frozenset(), validator=check_retried_model_errors
    )
    """Statuses of the model container that are retried, and reasons of its errors."""
    model_not_ready_timeout: float | None = 60.0
    """Seconds to retry while the model is being loaded, from the first such response;
    0 disables these retries, None sets no limit."""

    def classify(self, error: SageMakerRuntimeError) -> FailureClass | None:
        """Return the class of *error*; None if it is not retried."""
        if isinstance(error, ModelNotReadyException):
            return FailureClass.MODEL_NOT_READY
        if has_retried_reason(error, self.retry_model_errors):
            return FailureClass.THROTTLING
        if not self._may_retry(error):
            return None
        if error.is_throttle:
            return FailureClass.THROTTLING
        is_timeout = isinstance(error, TimeoutError)
        return FailureClass.TIMEOUT if is_timeout else FailureClass.TRANSIENT

    def _may_retry(self, error: SageMakerRuntimeError) -> bool:
        """Return whether another attempt after *error* is safe and may help."""
        # The model has run, and may have had effects, so the caller chooses statuses.
        if isinstance(error, ModelError):
            return error.original_status_code in self.retry_model_errors
        # This takes precedence over error.is_retryable: in doubt, the model is not run
        # a second time.
        if _is_ambiguous(error):
            return self.retry_ambiguous
        return error.is_retryable and not error.may_have_executed

    def until_ready(
        self,
        error: SageMakerRuntimeError,
        past: Sequence[AttemptResult],
        *,
        elapsed: float,
        chance: float,
    ) -> RetryDecision | NoRetry:
        """Return the decision after `ModelNotReadyException`; it costs no quota."""
        before = [attempt for attempt in past if _was_not_ready(attempt)]
        delay = backoff(len(before), chance=chance, base=1.0, ceiling=8.0)
        delay = _lengthened(delay, error.retry_after)
        first = before[0].elapsed or 0.0 if before else elapsed
        limit = self.model_not_ready_timeout
        if limit is not None and elapsed - first + delay >= limit:
            return NoRetry(
                f"the model was not ready within model_not_ready_timeout: {limit:g} s"
            )
        return RetryDecision(delay)


def _is_ambiguous(error: SageMakerRuntimeError) -> bool:
    """Return whether the request may have been delivered, without a response."""
    has_response = error.http_status is not None or error.response is not None
    # Other types, such as ClientStateError, would be raised again.
    is_exchange = isinstance(
        error, (TransportError, DeserializationError)
    ) and not isinstance(error, StreamRefusedError)
    return error.request_sent and not has_response and is_exchange


def _was_not_ready(attempt: AttemptResult) -> bool:
    return isinstance(attempt.error, ModelNotReadyException)


def _retry_number(past: Sequence[AttemptResult]) -> int:
    """Return the number, from 0, of the retry after *past* and the current failure.

    Attempts at a model that is not ready are not counted; their time is limited.
    """
    return sum(not _was_not_ready(attempt) for attempt in past)


def _lengthened(delay: float, retry_after: float | None) -> float:
    """Return *delay*, or a longer *retry_after*; at most 5 s longer than *delay*."""
    if retry_after is None:
        return delay
    return max(delay, min(retry_after, delay + _RETRY_AFTER_ALLOWANCE))


class RetryQuota:
    """A token bucket that limits the retries of all calls that share it.

    A client and its derived clients share one. It is not thread-safe: all of them run
    in one event loop.
    """

    __slots__ = ("_available", "capacity")

    def __init__(self, capacity: int = 500) -> None:
        self.capacity: Final = capacity
        self._available = capacity

    @property
    def available(self) -> int:
        """The amount that is left, up to ``capacity``."""
        return self._available

    def acquire(self, amount: int) -> bool:
        """Take *amount*; if less is left, take nothing and return False."""
        if amount > self._available:
            return False
        self._available -= amount
        return True

    def release(self, amount: int) -> None:
        """Return *amount* to the quota, up to its capacity."""
        if self._available < self.capacity:  # most often it is full
            self._available = min(self._available + amount, self.capacity)


@frozen(eq=False, repr=False)
class RetryTerms(FrozenValue):
    """The cost and the delay of a retry after one class of failures."""

    cost: int
    """The amount that a retry takes from the quota."""
    base: float
    """The longest delay before the first retry, in seconds."""


@frozen(eq=False, repr=False)
class RetryRules(FrozenValue):
    """The constants of a retry mode."""

    terms: Mapping[FailureClass, RetryTerms]
    uses_retry_after: bool
    """Whether ``x-amz-retry-after`` of the service may lengthen a delay."""


# AWS SDKs' standard mode (botocore: retries/standard.py)
RETRY_RULES: Final[Mapping[Literal["2026", "pre-2026", "legacy"], RetryRules]] = {
    "2026": RetryRules(
        {
            FailureClass.THROTTLING: RetryTerms(5, 1.0),
            FailureClass.TRANSIENT: RetryTerms(14, 0.05),
            FailureClass.TIMEOUT: RetryTerms(14, 0.05),
        },
        uses_retry_after=True,
    ),
    "pre-2026": RetryRules(
        {
            FailureClass.THROTTLING: RetryTerms(5, 1.0),
            FailureClass.TRANSIENT: RetryTerms(5, 1.0),
            FailureClass.TIMEOUT: RetryTerms(10, 1.0),
        },
        uses_retry_after=False,
    ),
    # the AWS SDK for Ruby; LegacyBackoff computes the delays
    "legacy": RetryRules(
        dict.fromkeys(FailureClass, RetryTerms(0, 0.3)), uses_retry_after=False
    ),
}
"""The rules of the ``standard`` mode since and before 2026, and of ``legacy``."""
_FIRST_ATTEMPT_REFUND: Final = 1
_RETRY_AFTER_ALLOWANCE: Final = 5.0
_NO_RETRY: Final = NoRetry()


@frozen(eq=False, repr=False)
class StandardRetryer(FrozenValue):
    """The ``standard`` mode: jittered exponential backoff under a quota."""

    quota: RetryQuota
    """Retryers with the same quota are limited together."""
    chance: Callable[[], float]
    """Draws a number in [0, 1) for each delay."""
    max_attempts: int = field(default=3, kw_only=True)
    """The maximum number of attempts per call, including the first."""
    max_backoff: float = field(default=20.0, kw_only=True)
    """The longest delay in seconds; ``retry_after`` may exceed it."""
    rules: RetryRules = field(default=RETRY_RULES["2026"], kw_only=True)
    policy: RetryPolicy = field(default=RetryPolicy(), kw_only=True)
    custom_backoff: CustomBackoff | None = field(default=None, kw_only=True)
    """Computes the delays in place of *rules*, whose costs still apply."""

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Return the decision; for a retry, the quota has been taken."""
        failure = self.policy.classify(error)
        if failure is FailureClass.MODEL_NOT_READY:
            chance = self.chance()
            return self.policy.until_ready(error, past, elapsed=elapsed, chance=chance)
        retry = _retry_number(past)
        if failure is None or retry + 1 >= self.max_attempts:
            return _NO_RETRY
        # Before the quota is taken: a custom backoff may prevent the retry.
        delay = self._delay(failure, retry, error)
        if delay < 0:
            return _NO_RETRY
        cost = self.rules.terms[failure].cost
        if not self.quota.acquire(cost):
            return NoRetry("retry quota exhausted", RetryDecision(delay))
        return RetryDecision(delay, cost)

    def _delay(
        self, failure: FailureClass, retry: int, error: SageMakerRuntimeError
    ) -> float:
        if self.custom_backoff is not None:
            return self._custom_delay(self.custom_backoff, retry, error)
        base, ceiling = self.rules.terms[failure].base, self.max_backoff
        delay = backoff(retry, chance=self.chance(), base=base, ceiling=ceiling)
        if self.rules.uses_retry_after:
            delay = _lengthened(delay, error.retry_after)
        return delay

    @staticmethod
    def _custom_delay(
        function: CustomBackoff, retry: int, error: SageMakerRuntimeError
    ) -> float:
        option = "custom_backoff"
        delay = call_component(option, function, retry, error)
        return require_seconds(delay, option, function)

    def succeeded(self, last: RetryDecision | None) -> None:
        """Refill the quota by the cost of *last*, or by 1 after a first attempt."""
        self.quota.release(_FIRST_ATTEMPT_REFUND if last is None else last.reservation)

    def give_back(self, decision: RetryDecision) -> None:
        """Return the cost of *decision* to the quota."""
        self.quota.release(decision.reservation)


class NopRetryer:
    """The mode ``off``: one attempt, no retries."""

    def __init__(self) -> None:
        self.max_attempts: Final = 1

    def decide(
        self,
        error: SageMakerRuntimeError,  # noqa: ARG002 - part of the Protocol
        *,
        past: Sequence[AttemptResult],  # noqa: ARG002 - part of the Protocol
        elapsed: float,  # noqa: ARG002 - part of the Protocol
    ) -> RetryDecision | NoRetry:
        """Return that no other attempt is made."""
        return _NO_RETRY

    def succeeded(self, last: RetryDecision | None) -> None:
        """Do nothing: this retryer has no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """Do nothing: nothing was taken."""

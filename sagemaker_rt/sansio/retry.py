"""The arithmetic of retries: whether, after how long, and at what cost.

An error falls under one of three rules, by what became of its request:

* **not sent**: sending it is safe, and is done if that may help;
* **answered**: the answer's code and status decide, as the error knows itself;
* **ambiguous** (it may have been delivered, and no answer came): it is not sent again,
  since the model may have run, unless the caller has opted in.

Numbers are those of the AWS SDKs' ``standard`` mode, by its rules of 2026 or by those
before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Final, Literal

from attrs import field, frozen

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import (
    ComponentError,
    DeserializationError,
    ModelError,
    ModelNotReadyException,
    SageMakerRuntimeError,
    TransportError,
)
from sagemaker_rt.sansio.backoff import CustomBackoff, backoff

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


class FailureClass(Enum):
    """What kind of failure another attempt may mend."""

    THROTTLING = auto()
    TRANSIENT = auto()
    TIMEOUT = auto()
    MODEL_NOT_READY = auto()


@frozen(kw_only=True)
class RetryPolicy:
    """Which failures another attempt is made after, in every mode."""

    retry_ambiguous: bool = False
    """Whether a request that may have been delivered, and was not answered, is sent
    again. The model may run once for each attempt."""
    retry_model_errors: frozenset[int] = frozenset()
    """Statuses of a model's container after which it is run again."""
    model_not_ready_timeout: float | None = 60.0
    """Seconds for which a model that is being loaded is asked again, counted from its
    first such answer; 0 gives up at once, None never does."""

    def classify(self, error: SageMakerRuntimeError) -> FailureClass | None:
        """Return the class of *error*; None where no other attempt is made."""
        if isinstance(error, ModelNotReadyException):
            return FailureClass.MODEL_NOT_READY
        if not self._may_be_sent_again(error):
            return None
        if error.is_throttle:
            return FailureClass.THROTTLING
        is_timeout = isinstance(error, TimeoutError)
        return FailureClass.TIMEOUT if is_timeout else FailureClass.TRANSIENT

    def _may_be_sent_again(self, error: SageMakerRuntimeError) -> bool:
        """Return whether another attempt is safe after *error*, and may help."""
        if isinstance(error, ModelError):
            return error.original_status_code in self.retry_model_errors
        # Ambiguity comes before the error's opinion of itself: in doubt, a model is
        # not run a second time.
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
        """Return how to go on after a model was not ready; it costs no quota."""
        before = [attempt for attempt in past if _was_not_ready(attempt)]
        delay = backoff(len(before), chance=chance, base=1.0, ceiling=8.0)
        delay = _heed(error.retry_after, delay)
        since = before[0].elapsed or 0.0 if before else elapsed
        limit = self.model_not_ready_timeout
        if limit is not None and elapsed - since + delay >= limit:
            return NoRetry(
                f"the model was not ready within model_not_ready_timeout: {limit:g} s"
            )
        return RetryDecision(delay)


def _is_ambiguous(error: SageMakerRuntimeError) -> bool:
    """Return whether *error*'s request may have been delivered, and had no answer."""
    is_unanswered = error.http_status is None and error.response is None
    is_exchange = isinstance(error, (TransportError, DeserializationError))
    return error.request_sent and is_unanswered and is_exchange


def _was_not_ready(attempt: AttemptResult) -> bool:
    return isinstance(attempt.error, ModelNotReadyException)


def _retry_number(past: Sequence[AttemptResult]) -> int:
    """Return the number, from 0, of the retry after *past* and one failure more.

    Waiting for a model to be ready has a limit of its own, and is not counted.
    """
    return sum(not _was_not_ready(attempt) for attempt in past)


def _heed(retry_after: float | None, delay: float) -> float:
    """Return *retry_after*, no shorter than *delay* and at most 5 s longer."""
    if retry_after is None:
        return delay
    return max(delay, min(retry_after, delay + _RETRY_AFTER_ALLOWANCE))


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
class RetryTerms:
    """What a retry costs after one class of failures, and when it is made."""

    cost: int
    """What it takes from the quota."""
    base: float
    """The longest wait before the first retry, in seconds."""


@frozen
class RetryRules:
    """One generation's numbers."""

    terms: Mapping[FailureClass, RetryTerms]
    heeds_retry_after: bool
    """Whether the service may lengthen a delay by ``x-amz-retry-after``."""


# AWS SDKs' standard mode (botocore: retries/standard.py)
RETRY_RULES: Final[Mapping[Literal["2026", "pre-2026", "legacy"], RetryRules]] = {
    "2026": RetryRules(
        {
            FailureClass.THROTTLING: RetryTerms(5, 1.0),
            FailureClass.TRANSIENT: RetryTerms(14, 0.05),
            FailureClass.TIMEOUT: RetryTerms(14, 0.05),
        },
        heeds_retry_after=True,
    ),
    "pre-2026": RetryRules(
        {
            FailureClass.THROTTLING: RetryTerms(5, 1.0),
            FailureClass.TRANSIENT: RetryTerms(5, 1.0),
            FailureClass.TIMEOUT: RetryTerms(10, 1.0),
        },
        heeds_retry_after=False,
    ),
    # the AWS SDK for Ruby's, whose delays are told by LegacyBackoff
    "legacy": RetryRules(
        dict.fromkeys(FailureClass, RetryTerms(0, 0.3)), heeds_retry_after=False
    ),
}
"""Both generations of the ``standard`` mode, and the ``legacy`` mode."""
_FIRST_ATTEMPT_REFUND: Final = 1
_RETRY_AFTER_ALLOWANCE: Final = 5.0
_NO_RETRY: Final = NoRetry()


@frozen
class StandardRetryer:
    """The ``standard`` mode: jittered exponential backoff under a quota."""

    quota: RetryQuota
    """Shared by every retryer that is to be limited together with this one."""
    chance: Callable[[], float]
    """Draws a number in [0, 1) for each delay."""
    max_attempts: int = field(default=3, kw_only=True)
    """Attempts a call may have, the first among them."""
    max_backoff: float = field(default=20.0, kw_only=True)
    """Seconds that a delay grows to; ``retry_after`` may exceed it."""
    rules: RetryRules = field(default=RETRY_RULES["2026"], kw_only=True)
    policy: RetryPolicy = field(default=RetryPolicy(), kw_only=True)
    custom_backoff: CustomBackoff | None = field(default=None, kw_only=True)
    """What tells the delays, if not *rules*; the quota's costs stay."""

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        """Return how to go on; a retry has its reservation taken already."""
        failure = self.policy.classify(error)
        if failure is FailureClass.MODEL_NOT_READY:
            chance = self.chance()
            return self.policy.until_ready(error, past, elapsed=elapsed, chance=chance)
        retry = _retry_number(past)
        if failure is None or retry + 1 >= self.max_attempts:
            return _NO_RETRY
        delay = self._delay(failure, retry, error)
        if delay < 0:
            return _NO_RETRY
        cost = self.rules.terms[failure].cost
        if not self.quota.acquire(cost):
            return NoRetry("retry quota exhausted")
        return RetryDecision(delay, cost)

    def _delay(
        self, failure: FailureClass, retry: int, error: SageMakerRuntimeError
    ) -> float:
        if self.custom_backoff is not None:
            return self._custom_delay(self.custom_backoff, retry, error)
        base, ceiling = self.rules.terms[failure].base, self.max_backoff
        delay = backoff(retry, chance=self.chance(), base=base, ceiling=ceiling)
        asked_for = error.retry_after if self.rules.heeds_retry_after else None
        return _heed(asked_for, delay)

    @staticmethod
    def _custom_delay(
        function: CustomBackoff, retry: int, error: SageMakerRuntimeError
    ) -> float:
        try:
            return function(retry, error)
        except SageMakerRuntimeError:
            raise
        except Exception as cause:
            option = "custom_backoff"
            raise ComponentError.from_component(option, function, cause) from cause

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
        elapsed: float,  # noqa: ARG002 - as the Protocol has it
    ) -> RetryDecision | NoRetry:
        """Give up."""
        return _NO_RETRY

    def succeeded(self, last: RetryDecision | None) -> None:
        """Do nothing: there is no quota."""

    def give_back(self, decision: RetryDecision) -> None:
        """Do nothing: nothing was taken."""

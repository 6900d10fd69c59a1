from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import (
    CertificateError,
    ConnectError,
    ConnectionLostError,
    DeserializationError,
    InternalDependencyException,
    InternalFailure,
    ModelError,
    ModelNotReadyException,
    PoolTimeoutError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceError,
    ServiceUnavailable,
    TransportError,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.sansio.retry import (
    NopRetryer,
    NoRetry,
    RetryDecision,
    RetryQuota,
    StandardRetryer,
    backoff,
)

THROTTLED = UnknownServiceError(code="ThrottlingException", http_status=400)


def standard(
    quota: RetryQuota | None = None, *, max_attempts: int = 3
) -> StandardRetryer:
    """Return a retryer that never shortens a delay."""
    return StandardRetryer(
        RetryQuota() if quota is None else quota,
        lambda: 1.0,
        max_attempts=max_attempts,
    )


def attempts(number: int) -> tuple[AttemptResult, ...]:
    return tuple(AttemptResult(n + 1, InternalFailure(), 0.0) for n in range(number))


def decided(
    retryer: Retryer, error: SageMakerRuntimeError, *, retry: int = 0
) -> RetryDecision:
    """Return the decision for *retry*, which must not be to give up."""
    decision = retryer.decide(error, past=attempts(retry))
    assert isinstance(decision, RetryDecision)
    return decision


def with_facts(
    error: TransportError, *, request_sent: bool, is_retryable: bool
) -> TransportError:
    error.request_sent = request_sent
    error.is_retryable = is_retryable
    return error


@pytest.mark.parametrize(
    ("retry", "expected"), [(0, 0.05), (1, 0.1), (2, 0.2), (8, 12.8), (9, 20.0)]
)
def test_the_delay_doubles_up_to_the_ceiling(retry: int, expected: float) -> None:
    actual = backoff(retry, chance=1.0, base=0.05)

    assert pytest.approx(expected) == actual


def test_jitter_comes_after_the_ceiling() -> None:
    actual = backoff(30, chance=0.5, base=1.0, ceiling=20.0)

    assert 10.0 == actual


@given(
    retry=st.integers(min_value=0, max_value=10**9),
    chance=st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_no_delay_is_negative_or_beyond_the_ceiling(retry: int, chance: float) -> None:
    actual = backoff(retry, chance=chance, base=1.0, ceiling=20.0)

    assert 0 <= actual < 20.0


def test_ten_thousand_delays_have_the_mean_of_full_jitter() -> None:
    chance = random.Random(2026).random  # noqa: S311 - jitter is no secret
    retryer = StandardRetryer(RetryQuota(5 * 10_000), chance)

    delays = [decided(retryer, THROTTLED, retry=1).delay for _ in range(10_000)]

    assert pytest.approx(1.0, rel=0.02) == sum(delays) / len(delays)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (THROTTLED, RetryDecision(1.0, 5)),
        (ModelNotReadyException(), RetryDecision(1.0, 5)),
        (ModelNotReadyException(http_status=503), RetryDecision(1.0, 5)),
        (UnknownServiceError(http_status=429), RetryDecision(1.0, 5)),
        (UnknownServiceError(code="SlowDown", http_status=503), RetryDecision(1.0, 5)),
        (InternalFailure(), RetryDecision(0.05, 14)),
        (ServiceUnavailable(), RetryDecision(0.05, 14)),
        (UnknownServiceError(http_status=504), RetryDecision(0.05, 14)),
        (
            UnknownServiceError(code="RequestTimeout", http_status=400),
            RetryDecision(0.05, 14),
        ),
        (ConnectError("refused"), RetryDecision(0.05, 14)),
        (
            with_facts(
                ConnectionLostError("stale"), request_sent=False, is_retryable=True
            ),
            RetryDecision(0.05, 14),
        ),
    ],
    ids=str,
)
def test_throttling_waits_longer_and_takes_less_than_what_is_transient(
    error: SageMakerRuntimeError, expected: RetryDecision
) -> None:
    actual = standard().decide(error, past=())

    assert expected == actual


@pytest.mark.parametrize(
    "error",
    [
        ValidationError(),
        ModelError(),
        InternalDependencyException(),
        UnknownServiceError(code="AccessDeniedException", http_status=403),
        DeserializationError("cut"),
        PoolTimeoutError("busy"),
        CertificateError("expired"),
    ],
    ids=str,
)
def test_an_error_that_another_attempt_would_not_mend_is_final(
    error: SageMakerRuntimeError,
) -> None:
    retryer = standard()

    actual = retryer.decide(error, past=())

    assert NoRetry() == actual
    assert 500 == retryer.quota.available


@pytest.mark.parametrize("error_type", [ConnectionLostError, RequestTimeoutError])
@pytest.mark.parametrize("is_retryable", [False, True])
def test_a_request_that_may_have_been_delivered_is_not_sent_again(
    error_type: Callable[[str], TransportError],
    is_retryable: bool,
) -> None:
    error = with_facts(error_type("?"), request_sent=True, is_retryable=is_retryable)

    actual = standard().decide(error, past=())

    assert NoRetry() == actual


def test_a_model_that_may_have_executed_is_not_run_again() -> None:
    error = ServiceError(http_status=503)
    error.may_have_executed = True

    actual = standard().decide(error, past=())

    assert NoRetry() == actual


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        (None, 0.1),
        (0.0, 0.1),
        (0.09, 0.1),
        (1.5, 1.5),
        (5.1, 5.1),
        (5.2, 5.1),
        (float("inf"), 5.1),
    ],
)
def test_the_service_may_lengthen_a_delay_by_five_seconds_at_most(
    retry_after: float | None, expected: float
) -> None:
    error = InternalFailure(retry_after=retry_after)

    actual = decided(standard(), error, retry=1)

    assert pytest.approx(expected) == actual.delay


def test_what_the_service_asks_for_is_not_jittered() -> None:
    retryer = StandardRetryer(RetryQuota(), lambda: 0.25)

    actual = decided(retryer, UnknownServiceError(http_status=429, retry_after=2.0))

    assert 2.0 == actual.delay


def test_the_last_attempt_takes_nothing_from_the_quota() -> None:
    retryer = standard(max_attempts=3)

    second = retryer.decide(THROTTLED, past=attempts(1))
    third = retryer.decide(THROTTLED, past=attempts(2))

    assert RetryDecision(2.0, 5) == second
    assert NoRetry() == third
    assert 495 == retryer.quota.available


def test_a_single_attempt_is_never_followed_by_another() -> None:
    actual = standard(max_attempts=1).decide(THROTTLED, past=())

    assert NoRetry() == actual


def test_an_exhausted_quota_is_told_as_the_reason() -> None:
    retryer = standard(RetryQuota(13))

    actual = retryer.decide(InternalFailure(), past=())

    assert NoRetry("retry quota exhausted") == actual
    assert 13 == retryer.quota.available


def test_what_is_too_little_for_a_transient_error_may_do_for_throttling() -> None:
    retryer = standard(RetryQuota(13))

    actual = retryer.decide(THROTTLED, past=())

    assert RetryDecision(1.0, 5) == actual
    assert 8 == retryer.quota.available


def test_a_first_attempt_that_succeeds_refills_the_quota_by_one() -> None:
    retryer = standard()
    decided(retryer, InternalFailure())

    retryer.succeeded(None)

    assert 487 == retryer.quota.available


def test_a_retry_that_succeeds_puts_back_what_it_took_itself() -> None:
    retryer = standard()
    decided(retryer, InternalFailure())
    last = decided(retryer, THROTTLED, retry=1)

    retryer.succeeded(last)

    assert 486 == retryer.quota.available


def test_a_decision_that_is_given_back_costs_nothing() -> None:
    retryer = standard()
    decision = decided(retryer, InternalFailure())

    retryer.give_back(decision)

    assert 500 == retryer.quota.available


def test_a_quota_never_exceeds_its_capacity() -> None:
    quota = RetryQuota(20)
    assert quota.acquire(5)

    quota.release(14)

    assert 20 == quota.available
    assert 20 == quota.capacity


def test_two_retryers_are_limited_by_the_quota_they_share() -> None:
    quota = RetryQuota(20)
    one, other = standard(quota), standard(quota, max_attempts=5)

    first = one.decide(InternalFailure(), past=())
    refused = other.decide(InternalFailure(), past=())
    one.succeeded(decided(other, THROTTLED))
    last = other.decide(THROTTLED, past=())

    assert RetryDecision(0.05, 14) == first
    assert NoRetry("retry quota exhausted") == refused
    assert RetryDecision(1.0, 5) == last
    assert 1 == quota.available


def test_off_makes_one_attempt_whatever_becomes_of_it() -> None:
    retryer: Retryer = NopRetryer()

    actual = retryer.decide(THROTTLED, past=())
    retryer.succeeded(None)
    retryer.give_back(RetryDecision(0.0))

    assert NoRetry() == actual
    assert 1 == retryer.max_attempts

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import (
    CertificateError,
    ClientStateError,
    ComponentError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    DeserializationError,
    InternalDependencyException,
    InternalFailure,
    ModelError,
    ModelNotReadyException,
    OptionsError,
    PoolTimeoutError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    SerializationError,
    ServiceError,
    ServiceUnavailable,
    TransportError,
    TruncatedBodyError,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.sansio.retry import (
    RETRY_RULES,
    NopRetryer,
    NoRetry,
    RetryDecision,
    RetryPolicy,
    RetryQuota,
    StandardRetryer,
)

THROTTLED = UnknownServiceError(code="ThrottlingException", http_status=400)


def standard(quota: RetryQuota | None = None, **fields: Any) -> StandardRetryer:
    """Return a retryer without jitter."""
    return StandardRetryer(quota or RetryQuota(), lambda: 1.0, **fields)


def attempts(number: int) -> tuple[AttemptResult, ...]:
    return tuple(AttemptResult(n + 1, InternalFailure(), 0.0) for n in range(number))


def decide_retry(
    retryer: Retryer, error: SageMakerRuntimeError, *, retry: int = 0
) -> RetryDecision:
    """Return the decision for *retry*; it must be another attempt."""
    decision = retryer.decide(error, past=attempts(retry), elapsed=0.0)
    assert isinstance(decision, RetryDecision)
    return decision


def with_facts(
    error: TransportError, *, request_sent: bool, is_retryable: bool
) -> TransportError:
    error.request_sent = request_sent
    error.is_retryable = is_retryable
    return error


def test_ten_thousand_delays_have_the_mean_of_full_jitter() -> None:
    chance = random.Random(2026).random  # noqa: S311 - jitter is not cryptography
    retryer = StandardRetryer(RetryQuota(5 * 10_000), chance)

    delays = [decide_retry(retryer, THROTTLED, retry=1).delay for _ in range(10_000)]

    assert pytest.approx(1.0, rel=0.02) == sum(delays) / len(delays)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (THROTTLED, RetryDecision(1.0, 5)),
        (ModelNotReadyException(), RetryDecision(1.0, 0)),
        (ModelNotReadyException(http_status=503), RetryDecision(1.0, 0)),
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
        (PoolTimeoutError("busy"), RetryDecision(0.05, 14)),
        (
            with_facts(
                ConnectionLostError("stale"), request_sent=False, is_retryable=True
            ),
            RetryDecision(0.05, 14),
        ),
    ],
    ids=str,
)
def test_throttling_has_a_longer_delay_and_a_lower_cost_than_transient_errors(
    error: SageMakerRuntimeError, expected: RetryDecision
) -> None:
    actual = standard().decide(error, past=(), elapsed=0.0)

    assert expected == actual


@pytest.mark.parametrize(
    "error",
    [
        ValidationError(),
        ModelError(),
        InternalDependencyException(),
        UnknownServiceError(code="AccessDeniedException", http_status=403),
        DeserializationError("truncated"),
        CertificateError("expired"),
    ],
    ids=str,
)
def test_other_errors_are_final(
    error: SageMakerRuntimeError,
) -> None:
    retryer = standard()

    actual = retryer.decide(error, past=(), elapsed=0.0)

    assert NoRetry() == actual
    assert 500 == retryer.quota.available


@pytest.mark.parametrize("error_type", [ConnectionLostError, RequestTimeoutError])
@pytest.mark.parametrize("is_retryable", [False, True])
def test_a_request_that_may_have_been_delivered_is_not_retried(
    error_type: Callable[[str], TransportError],
    is_retryable: bool,
) -> None:
    error = with_facts(error_type("?"), request_sent=True, is_retryable=is_retryable)

    actual = standard().decide(error, past=(), elapsed=0.0)

    assert NoRetry() == actual


def test_a_model_that_may_have_executed_is_not_retried() -> None:
    error = ServiceError(http_status=503)
    error.may_have_executed = True

    actual = standard().decide(error, past=(), elapsed=0.0)

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
def test_retry_after_lengthens_a_delay_by_at_most_five_seconds(
    retry_after: float | None, expected: float
) -> None:
    error = InternalFailure(retry_after=retry_after)

    actual = decide_retry(standard(), error, retry=1)

    assert pytest.approx(expected) == actual.delay


def test_retry_after_is_not_jittered() -> None:
    retryer = StandardRetryer(RetryQuota(), lambda: 0.25)

    actual = decide_retry(
        retryer, UnknownServiceError(http_status=429, retry_after=2.0)
    )

    assert 2.0 == actual.delay


def test_the_last_attempt_costs_no_quota() -> None:
    retryer = standard(max_attempts=3)

    second = retryer.decide(THROTTLED, past=attempts(1), elapsed=0.0)
    third = retryer.decide(THROTTLED, past=attempts(2), elapsed=0.0)

    assert RetryDecision(2.0, 5) == second
    assert NoRetry() == third
    assert 495 == retryer.quota.available


def test_a_single_attempt_is_not_retried() -> None:
    actual = standard(max_attempts=1).decide(THROTTLED, past=(), elapsed=0.0)

    assert NoRetry() == actual


def test_an_exhausted_quota_is_the_reason() -> None:
    retryer = standard(RetryQuota(13))

    actual = retryer.decide(InternalFailure(), past=(), elapsed=0.0)

    assert NoRetry("retry quota exhausted") == actual
    assert isinstance(actual, NoRetry)
    assert isinstance(actual.elsewhere, RetryDecision)
    assert 0 == actual.elsewhere.reservation
    assert 13 == retryer.quota.available


def test_a_quota_too_small_for_a_transient_error_may_allow_throttling() -> None:
    retryer = standard(RetryQuota(13))

    actual = retryer.decide(THROTTLED, past=(), elapsed=0.0)

    assert RetryDecision(1.0, 5) == actual
    assert 8 == retryer.quota.available


def test_a_successful_first_attempt_refills_the_quota_by_one() -> None:
    retryer = standard()
    decide_retry(retryer, InternalFailure())

    retryer.succeeded(None)

    assert 487 == retryer.quota.available


def test_a_successful_retry_refills_the_quota_by_its_own_cost() -> None:
    retryer = standard()
    decide_retry(retryer, InternalFailure())
    last = decide_retry(retryer, THROTTLED, retry=1)

    retryer.succeeded(last)

    assert 486 == retryer.quota.available


def test_a_decision_that_is_given_back_costs_no_quota() -> None:
    retryer = standard()
    decision = decide_retry(retryer, InternalFailure())

    retryer.give_back(decision)

    assert 500 == retryer.quota.available


def test_a_quota_never_exceeds_its_capacity() -> None:
    quota = RetryQuota(20)
    assert quota.acquire(5)

    for amount in (14, 1):
        quota.release(amount)

        assert 20 == quota.available
    assert 20 == quota.capacity


def test_two_retryers_with_one_quota_are_limited_together() -> None:
    quota = RetryQuota(20)
    one, other = standard(quota), standard(quota, max_attempts=5)

    first = one.decide(InternalFailure(), past=(), elapsed=0.0)
    rejected = other.decide(InternalFailure(), past=(), elapsed=0.0)
    one.succeeded(decide_retry(other, THROTTLED))
    last = other.decide(THROTTLED, past=(), elapsed=0.0)

    assert RetryDecision(0.05, 14) == first
    assert NoRetry("retry quota exhausted") == rejected
    assert RetryDecision(1.0, 5) == last
    assert 1 == quota.available


def test_the_nop_retryer_makes_one_attempt() -> None:
    retryer: Retryer = NopRetryer()

    actual = retryer.decide(THROTTLED, past=(), elapsed=0.0)
    retryer.succeeded(None)
    retryer.give_back(RetryDecision(0.0))

    assert NoRetry() == actual
    assert 1 == retryer.max_attempts


def not_ready(*elapsed: float) -> tuple[AttemptResult, ...]:
    """Return attempts that failed after *elapsed* seconds because the model loads."""
    return tuple(
        AttemptResult(number, ModelNotReadyException(), 1.0, seconds)
        for number, seconds in enumerate(elapsed, 1)
    )


def test_a_loading_model_is_retried_beyond_max_attempts() -> None:
    retryer = standard(max_attempts=2)

    decisions = [
        retryer.decide(
            ModelNotReadyException(), past=not_ready(*range(number)), elapsed=number
        )
        for number in range(6)
    ]

    assert [1.0, 2.0, 4.0, 8.0, 8.0, 8.0] == [
        decision.delay for decision in decisions if isinstance(decision, RetryDecision)
    ]
    assert 500 == retryer.quota.available


def test_attempts_at_a_loading_model_do_not_count() -> None:
    retryer = standard(max_attempts=2)

    first = retryer.decide(InternalFailure(), past=not_ready(0, 1, 2), elapsed=3)
    last = retryer.decide(
        InternalFailure(), past=(*not_ready(0, 1, 2), *attempts(1)), elapsed=4
    )

    assert RetryDecision(0.05, 14) == first
    assert NoRetry() == last


@pytest.mark.parametrize(
    ("limit", "elapsed", "expected"),
    [
        (60.0, 67.9, RetryDecision(2.0)),
        (60.0, 68.0, NoRetry),
        (None, 10_000.0, RetryDecision(2.0)),
        (0.0, 10.0, NoRetry),
    ],
)
def test_the_time_limit_for_a_loading_model_starts_at_its_first_response(
    limit: float | None, elapsed: float, expected: object
) -> None:
    policy = RetryPolicy(model_not_ready_timeout=limit)
    past = (*attempts(1), *not_ready(10.0))

    actual = standard(policy=policy).decide(
        ModelNotReadyException(), past=past, elapsed=elapsed
    )

    assert expected in {actual, type(actual)}
    if isinstance(actual, NoRetry):
        assert f"model_not_ready_timeout: {limit:g} s" in str(actual.reason)


def test_retry_after_applies_to_a_loading_model() -> None:
    error = ModelNotReadyException(retry_after=3.0)

    assert RetryDecision(3.0) == standard().decide(error, past=(), elapsed=0.0)


def ambiguous(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    error.request_sent = error.may_have_executed = True
    return error


@pytest.mark.parametrize(
    "error",
    [
        ambiguous(ConnectionLostError("reset")),
        ambiguous(RequestTimeoutError("timeout")),
        DeserializationError("invalid headers"),
    ],
    ids=str,
)
def test_retry_ambiguous_allows_retries_of_requests_that_may_have_been_delivered(
    error: SageMakerRuntimeError,
) -> None:
    policy = RetryPolicy(retry_ambiguous=True)

    assert RetryDecision(0.05, 14) == standard(policy=policy).decide(
        error, past=(), elapsed=0.0
    )


def with_response(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    error.http_status = 200
    return error


@pytest.mark.parametrize(
    "error",
    [
        with_response(TruncatedBodyError("truncated")),
        with_response(ambiguous(RequestTimeoutError("timeout in the body"))),
        InternalDependencyException(),
        ambiguous(ClientStateError("closed")),
        ambiguous(SerializationError("the file ended")),
    ],
    ids=str,
)
def test_retry_ambiguous_does_not_apply_after_a_response_or_to_other_errors(
    error: SageMakerRuntimeError,
) -> None:
    policy = RetryPolicy(retry_ambiguous=True)

    assert NoRetry() == standard(policy=policy).decide(error, past=(), elapsed=0.0)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(503, RetryDecision(0.05, 14)), (500, NoRetry()), (None, NoRetry())],
)
def test_the_statuses_in_retry_model_errors_are_retried(
    status: int | None, expected: object
) -> None:
    policy = RetryPolicy(retry_model_errors=frozenset({503, 429}))
    error = ModelError(details={"OriginalStatusCode": status})

    assert expected == standard(policy=policy).decide(error, past=(), elapsed=0.0)


def model_error(status: int, body: str) -> ModelError:
    details = {"OriginalStatusCode": status, "OriginalMessage": body}
    return ModelError(details=details)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (model_error(429, "Model is overloaded"), RetryDecision(1.0, 5)),
        (model_error(503, "Loading model"), NoRetry()),
        (model_error(500, "CUDA out of memory"), NoRetry()),
        (ValidationError("no capacity to process this request"), NoRetry()),
    ],
    ids=str,
)
def test_a_reason_in_retry_model_errors_is_retried_like_throttling(
    error: SageMakerRuntimeError, expected: object
) -> None:
    policy = RetryPolicy(retry_model_errors=frozenset({"overloaded"}))

    assert expected == standard(policy=policy).decide(error, past=(), elapsed=0.0)


def test_a_component_without_capacity_is_retried_if_the_caller_opts_in() -> None:
    policy = RetryPolicy(retry_model_errors=frozenset({"model-loading"}))
    error = ValidationError("no capacity to process this request")

    decision = standard(policy=policy).decide(error, past=(), elapsed=0.0)

    assert RetryDecision(1.0, 5) == decision


@pytest.mark.parametrize(
    "error",
    [model_error(429, "Model is overloaded"), model_error(503, "Loading model")],
    ids=str,
)
def test_no_reason_is_retried_by_default(error: ModelError) -> None:
    assert NoRetry() == standard().decide(error, past=(), elapsed=0.0)


def test_a_policy_refuses_reasons_that_do_not_pass() -> None:
    wrong: Any = frozenset({"out-of-memory"})

    with pytest.raises(OptionsError, match="out-of-memory"):
        RetryPolicy(retry_model_errors=wrong)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (THROTTLED, RetryDecision(2.0, 5)),
        (InternalFailure(retry_after=3.0), RetryDecision(2.0, 5)),
        (ConnectTimeoutError("slow"), RetryDecision(2.0, 10)),
        (ConnectError("refused"), RetryDecision(2.0, 5)),
    ],
    ids=str,
)
def test_the_rules_before_2026_have_one_base_delay_and_a_higher_cost_of_timeouts(
    error: SageMakerRuntimeError, expected: RetryDecision
) -> None:
    retryer = standard(rules=RETRY_RULES["pre-2026"])

    assert expected == retryer.decide(error, past=attempts(1), elapsed=0.0)


def test_a_custom_backoff_sets_the_delay_and_the_cost_stays() -> None:
    calls: list[tuple[int, SageMakerRuntimeError]] = []

    def linear(retry: int, error: SageMakerRuntimeError) -> float:
        calls.append((retry, error))
        return 0.25 * (retry + 1)

    retryer = standard(custom_backoff=linear)

    decision = retryer.decide(THROTTLED, past=attempts(1), elapsed=0.0)
    final = retryer.decide(ValidationError(), past=(), elapsed=0.0)

    assert RetryDecision(0.5, 5) == decision
    assert NoRetry() == final
    assert [(1, THROTTLED)] == calls


def test_a_negative_delay_prevents_the_retry() -> None:
    retryer = standard(custom_backoff=lambda retry, error: -1)

    assert NoRetry() == retryer.decide(THROTTLED, past=(), elapsed=0.0)
    assert 500 == retryer.quota.available


def test_an_exception_of_a_custom_backoff_is_wrapped() -> None:
    retryer = standard(custom_backoff=lambda retry, error: retry / 0)

    with pytest.raises(ComponentError) as caught:
        retryer.decide(THROTTLED, past=(), elapsed=0.0)

    assert "custom_backoff" == caught.value.component
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert 500 == retryer.quota.available


def test_an_error_of_this_library_in_a_custom_backoff_propagates() -> None:
    def refuse(retry: int, error: SageMakerRuntimeError) -> float:
        raise OptionsError

    with pytest.raises(OptionsError):
        standard(custom_backoff=refuse).decide(THROTTLED, past=(), elapsed=0.0)


def test_the_legacy_rules_cost_no_quota() -> None:
    retryer = standard(RetryQuota(1), rules=RETRY_RULES["legacy"], max_attempts=4)

    decisions = [
        retryer.decide(THROTTLED, past=attempts(number), elapsed=0.0)
        for number in range(4)
    ]

    assert [RetryDecision(0.3), RetryDecision(0.6), RetryDecision(1.2)] == decisions[:3]
    assert NoRetry() == decisions[3]
    assert 1 == retryer.quota.available

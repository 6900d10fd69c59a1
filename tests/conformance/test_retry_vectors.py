"""The standard retry rules, of 2026 and before: outcomes, quota and exact delays."""

from __future__ import annotations

import json
from typing import Final, NotRequired, TypeAlias, TypedDict

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ServiceError
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.retry import Retry
from sagemaker_rt.sansio.error_responses import service_error
from sagemaker_rt.sansio.retry import RETRY_RULES, RetryQuota, StandardRetryer
from sagemaker_rt.stack import FinalizeInput, Output
from tests.conformance.vectors import entries, vectors
from tests.doubles import Scripted, response

NAMES: Final = {
    "2026": "kotlin-newStandardRetryIntegrationTestCases.json",
    "pre-2026": "kotlin-standardRetryIntegrationTestCases.json",
}
COUNTS: Final = {"2026": 12, "pre-2026": 6}

Step: TypeAlias = tuple[str, int, float | None]
"""The outcome of an attempt, the quota after it, and the delay before the next."""


class Given(TypedDict):
    exponential_base: float
    max_attempts: NotRequired[int]
    initial_retry_tokens: NotRequired[int]
    max_backoff_time: NotRequired[float]


class DescribedResponse(TypedDict):
    status_code: int
    error_code: NotRequired[str]
    headers: NotRequired[dict[str, str]]


class Expected(TypedDict):
    outcome: str
    retry_quota: int
    delay: NotRequired[float]


class Exchange(TypedDict):
    response: DescribedResponse
    expected: Expected


class Case(TypedDict):
    name: str
    given: Given
    responses: list[Exchange]


CASES: list[tuple[str, Case]] = [
    (rules, case)
    for rules, name in NAMES.items()
    for path in entries("retries", name)
    for case in json.loads(path.read_text("utf-8"))["cases"]
]


def outcome_of(described: DescribedResponse) -> Output | ServiceError:
    """Return the output or error for a response."""
    status = described["status_code"]
    if status == 200:
        return Output()
    headers = dict(described.get("headers", {}))
    if "error_code" in described:
        headers["x-amzn-errortype"] = described["error_code"]
    return service_error(response(status, headers), b"", known={})


def reason_of(error: ServiceError, retryer: StandardRetryer) -> str:
    """Return the reason of the last decision."""
    if "retry quota exhausted" in error.__notes__:
        return "retry_quota_exceeded"
    is_last = error.attempts == retryer.max_attempts
    return "max_attempts_exceeded" if is_last else "not_retryable"


async def steps(rules: str, case: Case) -> list[Step]:
    """Make the call of *case*, and return the outcome of each attempt."""
    given = case["given"]
    quota = RetryQuota(given.get("initial_retry_tokens", 500))
    retryer = StandardRetryer(
        quota,
        lambda: given["exponential_base"],
        max_attempts=given.get("max_attempts", 3),
        max_backoff=given.get("max_backoff_time", 20.0),
        rules=RETRY_RULES["2026" if rules == "2026" else "pre-2026"],
    )
    recorded: list[Step] = []

    async def sleep(delay: float) -> None:
        recorded.append(("retry_request", quota.available, delay))

    wire = Scripted[FinalizeInput](
        *(outcome_of(r["response"]) for r in case["responses"])
    )
    call = Retry(retryer, sleep=sleep)
    try:
        await call(Context("InvokeEndpoint"), FinalizeInput(Request()), wire)
    except ServiceError as error:
        outcome = reason_of(error, retryer)
    else:
        outcome = "success"
    return [*recorded, (outcome, quota.available, None)]


@pytest.mark.parametrize("rules", NAMES)
def test_every_case_is_read(rules: str) -> None:
    text = vectors(f"retries/{NAMES[rules]}").read_text("utf-8")

    selected = [case for name, case in CASES if name == rules]

    assert COUNTS[rules] == len(selected) == len(json.loads(text)["cases"])


@pytest.mark.parametrize(
    ("rules", "case"), CASES, ids=[f"{rules}, {case['name']}" for rules, case in CASES]
)
async def test_attempts_quota_and_delays_are_those_of_the_sdks(
    rules: str, case: Case
) -> None:
    expected = [exchange["expected"] for exchange in case["responses"]]

    actual = await steps(rules, case)

    outcomes = [(step["outcome"], step["retry_quota"]) for step in expected]
    assert outcomes == [(outcome, quota) for outcome, quota, _ in actual]
    delays = [step.get("delay") for step in expected]
    assert pytest.approx(delays) == [delay for _, _, delay in actual]

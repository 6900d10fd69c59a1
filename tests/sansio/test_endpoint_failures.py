from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import (
    CircuitOpenError,
    ConnectError,
    CorruptMessageError,
    CredentialsError,
    EndpointResolutionError,
    InternalDependencyException,
    InternalFailure,
    InvalidJSONError,
    ModelError,
    ModelNotReadyException,
    PoolTimeoutError,
    RequestTimeoutError,
    ResponseTooLargeError,
    SageMakerRuntimeError,
    ServiceUnavailable,
    ThrottlingException,
    TruncatedBodyError,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.sansio.endpoint_failures import blames_endpoint, may_run_elsewhere


def model_error(status: int) -> ModelError:
    return ModelError(details={"OriginalStatusCode": status})


def timeout(*, sent: bool) -> RequestTimeoutError:
    error = RequestTimeoutError("late")
    error.request_sent = sent
    return error


@pytest.mark.parametrize(
    "error",
    [
        ConnectError("down"),
        timeout(sent=True),
        ServiceUnavailable(),
        InternalDependencyException(),
        model_error(0),
        model_error(503),
        TruncatedBodyError("cut"),
        CorruptMessageError("bad"),
    ],
    ids=repr,
)
def test_failures_of_the_endpoint(error: Exception) -> None:
    assert blames_endpoint(error) is True


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValidationError(),
        model_error(400),
        model_error(500),
        InvalidJSONError("not JSON"),
        ResponseTooLargeError("large"),
    ],
    ids=repr,
)
def test_responses_of_an_endpoint_that_works(error: Exception | None) -> None:
    assert blames_endpoint(error) is False


@pytest.mark.parametrize(
    "error",
    [
        asyncio.CancelledError(),
        ZeroDivisionError(),
        CredentialsError("none"),
        PoolTimeoutError("all in use"),
        ThrottlingException(),
        ModelNotReadyException(),
        timeout(sent=False),
    ],
    ids=repr,
)
def test_results_that_say_nothing(error: BaseException) -> None:
    assert blames_endpoint(error) is None


@pytest.mark.parametrize(
    "error",
    [
        ConnectError("down"),
        PoolTimeoutError("all in use"),
        CircuitOpenError("open"),
        CredentialsError("none"),
        EndpointResolutionError("no region"),
        ServiceUnavailable(),
        InternalFailure(),
        ThrottlingException(),
        ModelNotReadyException(),
        UnknownServiceError(code="ExpiredToken", http_status=403),
        ValidationError("Endpoint m of account 123456789012 not found."),
    ],
    ids=repr,
)
def test_calls_that_may_be_made_elsewhere(error: Exception) -> None:
    assert may_run_elsewhere(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncio.CancelledError(),
        ZeroDivisionError(),
        ValidationError("the body is too large"),
        UnknownServiceError(code="AccessDeniedException", http_status=403),
        InvalidJSONError("not JSON"),
        model_error(503),
        model_error(0),
    ],
    ids=repr,
)
def test_calls_that_must_not_be_made_elsewhere(error: BaseException) -> None:
    assert not may_run_elsewhere(error, retry_ambiguous=True)


@pytest.mark.parametrize(
    "error",
    [
        CircuitOpenError("open"),
        PoolTimeoutError("all in use"),
        ConnectError("down"),
        ThrottlingException(),
    ],
    ids=repr,
)
def test_an_earlier_attempt_may_have_run_the_model(
    error: SageMakerRuntimeError,
) -> None:
    error.may_have_executed = True

    assert not may_run_elsewhere(error)
    assert may_run_elsewhere(error, retry_ambiguous=True)


def test_the_caller_decides_about_a_call_whose_model_may_have_run() -> None:
    error = timeout(sent=True)
    error.may_have_executed = True

    assert not may_run_elsewhere(error)
    assert may_run_elsewhere(error, retry_ambiguous=True)
    assert not may_run_elsewhere(InternalDependencyException())
    assert may_run_elsewhere(InternalDependencyException(), retry_ambiguous=True)

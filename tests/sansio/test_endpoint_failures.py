from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import (
    ConnectError,
    CorruptMessageError,
    CredentialsError,
    InternalDependencyException,
    InvalidJSONError,
    ModelError,
    ModelNotReadyException,
    PoolTimeoutError,
    RequestTimeoutError,
    ResponseTooLargeError,
    ServiceUnavailable,
    ThrottlingException,
    TruncatedBodyError,
    ValidationError,
)
from sagemaker_rt.sansio.endpoint_failures import blames_endpoint


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

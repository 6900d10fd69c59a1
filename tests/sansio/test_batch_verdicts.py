from __future__ import annotations

import pytest

from sagemaker_rt.errors import (
    CertificateError,
    ConnectError,
    ConnectionLostError,
    CredentialsError,
    InternalFailure,
    ModelError,
    ModelNotReadyException,
    ParamValidationError,
    PoolTimeoutError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceError,
    ThrottlingException,
    UnknownServiceError,
    ValidationError,
)
from sagemaker_rt.sansio.batch_verdicts import Verdict, verdict_of


def service(kind: type[ServiceError], code: str, status: int) -> ServiceError:
    error = kind("x")
    error.code, error.http_status = code, status
    return error


def throttle(kind: type[SageMakerRuntimeError]) -> SageMakerRuntimeError:
    error = kind("x")
    error.is_throttle = True
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CredentialsError("x"), "stop"),
        (CertificateError("x"), "stop"),
        (ParamValidationError("x"), "stop"),
        (service(UnknownServiceError, "ExpiredTokenException", 403), "stop"),
        (service(UnknownServiceError, "ExpiredTokenException", 400), "stop"),
        (service(UnknownServiceError, "Unknown", 401), "stop"),
        (ValidationError("Endpoint m of account 1 not found."), "stop"),
        (ValidationError("Inference Component c not found."), "stop"),
        (ValueError("a defect"), "stop"),
        (throttle(ThrottlingException), "wait"),
        (throttle(ModelNotReadyException), "wait"),
        (ConnectError("x"), "wait"),
        (PoolTimeoutError("x"), "wait"),
        (ValidationError("the body is too long"), "input"),
        (service(ModelError, "ModelError", 403), "input"),
        (service(UnknownServiceError, "Unknown", 502), "input"),
        (InternalFailure("x"), "input"),
        (ConnectionLostError("x"), "input"),
        (RequestTimeoutError("x"), "input"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_failure_is_of_the_input_or_of_all_calls(
    error: Exception, expected: Verdict
) -> None:
    assert expected == verdict_of(error)

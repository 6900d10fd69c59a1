from __future__ import annotations

import pytest

from sagemaker_rt import errors
from sagemaker_rt.cli.failures import exit_code, one_line


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.OptionsError("x"), 2),
        (errors.SerializationError("x"), 2),
        (errors.EndpointResolutionError("x"), 3),
        (errors.ConnectTimeoutError("x"), 3),
        (errors.ValidationError("x"), 4),
        (errors.ServiceUnavailable("x"), 5),
        (errors.ModelStreamError("x"), 5),
        (errors.InternalStreamFailure("x"), 5),
        (errors.S3Error("x", code="NoSuchBucket", http_status=404), 4),
        (errors.S3Error("x", code="SlowDown", http_status=503), 5),
        (errors.AsyncInferenceError("x"), 5),
        (errors.AsyncJobTimeoutError("x"), 6),
        (errors.RequestTimeoutError("x"), 6),
        (errors.CorruptMessageError("x"), 6),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    error: errors.SageMakerRuntimeError, code: int
) -> None:
    assert code == exit_code(error)


def test_an_error_is_reported_on_one_line() -> None:
    error = errors.ParamValidationError("a\n  b", [])

    assert "ParamValidationError: a b" == one_line(error)


def test_a_service_error_is_reported_by_its_code() -> None:
    assert one_line(errors.ModelError("m")) == "ModelError: m (HTTP 424)"
    assert one_line(errors.UnknownServiceError("m", code="Odd")).startswith("Odd: m")


def test_a_failure_after_which_the_model_may_have_run_is_marked() -> None:
    error = errors.ConnectionLostError("gone")
    error.may_have_executed = True

    assert one_line(error).endswith("(the model may have run)")


def test_missing_credentials_are_one_short_line() -> None:
    error = errors.CredentialsError(f"no credentials found; tried: {'x' * 600}")

    stopped = errors.BatchStoppedError(f"the job stopped: {error}")
    stopped.__cause__ = error

    for line in (one_line(error), one_line(stopped)):
        assert len(line) < 160
        assert "AWS_ACCESS_KEY_ID" in line
        assert "--profile" in line

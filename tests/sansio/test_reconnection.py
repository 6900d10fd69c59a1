from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import (
    CertificateError,
    ClientStateError,
    ConnectError,
    CredentialsError,
    HTTP2NotSupportedError,
    InternalStreamFailure,
    ModelError,
    ModelStreamError,
    ParamValidationError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    StreamRefusedError,
    ThrottlingException,
    TruncatedBodyError,
    TruncatedStreamError,
    ValidationError,
)
from sagemaker_rt.sansio.reconnection import is_reconnectable, require_arguments


def service_error(kind: Any, status: int | None) -> SageMakerRuntimeError:
    error: SageMakerRuntimeError = kind("m")
    error.http_status = status
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TruncatedBodyError("x"), True),
        (TruncatedStreamError("x"), True),
        (StreamRefusedError("x"), True),
        (ConnectError("x"), True),
        (RequestTimeoutError("x"), True),
        (service_error(InternalStreamFailure, 200), True),
        (service_error(ModelError, 424), True),
        (service_error(ThrottlingException, 429), True),
        (service_error(ModelError, 503), True),
        (service_error(ModelStreamError, 200), False),
        (service_error(ValidationError, 400), False),
        (service_error(ValidationError, None), False),
        (CertificateError("x"), False),
        (HTTP2NotSupportedError("x"), False),
        (CredentialsError("x"), False),
        (ClientStateError("x"), False),
    ],
)
def test_an_error_ends_the_connection_or_the_stream(
    error: SageMakerRuntimeError,
    expected: bool,
) -> None:
    assert expected is is_reconnectable(error)


VALID: dict[str, Any] = {
    "connect": print,
    "reconnect_after": 5,
    "max_attempts": 1,
    "replay_bytes": 0,
    "setup": None,
    "should_reconnect": print,
}


@pytest.mark.parametrize(
    "changes", [{}, {"reconnect_after": None}, {"reconnect_after": 0.1, "setup": print}]
)
def test_valid_arguments_are_accepted(changes: dict[str, Any]) -> None:
    require_arguments(**VALID | changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connect", None),
        ("reconnect_after", 0),
        ("reconnect_after", True),
        ("reconnect_after", float("nan")),
        ("reconnect_after", float("inf")),
        ("reconnect_after", "5"),
        ("max_attempts", 0),
        ("max_attempts", True),
        ("max_attempts", 1.5),
        ("replay_bytes", -1),
        ("replay_bytes", None),
        ("setup", 5),
        ("should_reconnect", None),
    ],
)
def test_an_invalid_argument_is_named(name: str, value: object) -> None:
    with pytest.raises(ParamValidationError) as caught:
        require_arguments(**VALID | {name: value})

    (problem,) = caught.value.problems
    assert problem.startswith(name)
    assert problem.endswith(repr(value))

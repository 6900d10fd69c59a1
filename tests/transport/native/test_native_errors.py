from __future__ import annotations

import socket
import ssl

import pytest

from sagemaker_rt import errors
from sagemaker_rt.transport.native.native_errors import (
    NATIVE_ERRORS,
    ConnectionEndedError,
    InvalidBodyError,
    InvalidHeadError,
    ProxyRefusedError,
)
from sagemaker_rt.transport.request_stage import Stage

HOST = "runtime.example:8443"


@pytest.mark.parametrize(
    ("error", "stage", "expected", "is_retryable"),
    [
        (
            ssl.SSLCertVerificationError("self-signed"),
            Stage.CONNECT,
            errors.CertificateError,
            False,
        ),
        (ssl.SSLError(1, "wrong version"), Stage.CONNECT, errors.ConnectError, True),
        (ConnectionRefusedError("no"), Stage.CONNECT, errors.ConnectError, True),
        (
            socket.gaierror(socket.EAI_NONAME, "no name"),
            Stage.CONNECT,
            errors.ConnectError,
            False,
        ),
        (ProxyRefusedError(502), Stage.CONNECT, errors.ConnectError, True),
        (ProxyRefusedError(407), Stage.CONNECT, errors.ConnectError, False),
        (ValueError("CR"), Stage.READY, errors.SerializationError, False),
        (ConnectionEndedError("x"), Stage.READY, errors.ConnectionLostError, True),
        (ConnectionEndedError("x"), Stage.HEAD, errors.ConnectionLostError, False),
        (InvalidHeadError("x"), Stage.HEAD, errors.DeserializationError, False),
        (InvalidHeadError("x"), Stage.WRITE, errors.DeserializationError, False),
        (InvalidBodyError("x"), Stage.BODY, errors.TruncatedBodyError, False),
        (ConnectionResetError("x"), Stage.BODY, errors.TruncatedBodyError, False),
        (RuntimeError("closed"), Stage.POOL, errors.ClientStateError, False),
    ],
)
def test_exceptions_are_mapped(
    error: Exception,
    stage: Stage,
    expected: type[errors.SageMakerRuntimeError],
    *,
    is_retryable: bool,
) -> None:
    mapped = NATIVE_ERRORS.map_exception(error, stage, host=HOST)

    assert expected is type(mapped)
    assert mapped is not None
    assert is_retryable is mapped.is_retryable
    assert stage.is_sent is mapped.may_have_executed


@pytest.mark.parametrize(
    ("error", "has_cause"),
    [
        (ConnectionEndedError("x"), False),
        (InvalidHeadError("x"), False),
        (ConnectionResetError("x"), True),
    ],
)
def test_a_cause_says_more_than_the_error(error: Exception, *, has_cause: bool) -> None:
    mapped = NATIVE_ERRORS.map_exception(error, Stage.HEAD, host=HOST)

    assert mapped is not None
    assert has_cause is (mapped.__cause__ is error)
    assert error.__traceback__ is None


def test_a_refusal_of_a_proxy_is_explained() -> None:
    mapped = NATIVE_ERRORS.map_exception(
        ProxyRefusedError(407), Stage.CONNECT, host=HOST
    )

    assert "user name and password" in str(mapped)

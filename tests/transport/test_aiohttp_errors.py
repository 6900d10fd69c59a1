from __future__ import annotations

import socket
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from sagemaker_rt import errors
from sagemaker_rt.transport.aiohttp_errors import AIOHTTP_ERRORS
from sagemaker_rt.transport.request_stage import Stage

HOST = "runtime.example:8443"
KEY = ConnectionKey("runtime.example", 8443, True, True, None, None, None)
SECRETS = CIMultiDictProxy(CIMultiDict({"Authorization": "Signature=abc"}))
INFO = RequestInfo(URL("https://runtime.example"), "POST", SECRETS)

CASES: list[tuple[Exception, Stage, type[errors.SageMakerRuntimeError]]] = [
    (
        aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("x")),
        Stage.CONNECT,
        errors.CertificateError,
    ),
    (
        aiohttp.ServerFingerprintMismatch(b"a", b"b", "runtime.example", 8443),
        Stage.CONNECT,
        errors.CertificateError,
    ),
    (
        aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version")),
        Stage.CONNECT,
        errors.ConnectError,
    ),
    (
        aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")),
        Stage.CONNECT,
        errors.ConnectError,
    ),
    (
        aiohttp.ConnectionTimeoutError("late"),
        Stage.CONNECT,
        errors.ConnectTimeoutError,
    ),
    (aiohttp.ClientHttpProxyError(INFO, ()), Stage.CONNECT, errors.ConnectError),
    (aiohttp.InvalidURL("x"), Stage.POOL, errors.SerializationError),
    (aiohttp.NonHttpUrlClientError("x"), Stage.POOL, errors.SerializationError),
    (RuntimeError("Session is closed"), Stage.POOL, errors.ClientStateError),
    (ValueError("CR"), Stage.READY, errors.SerializationError),
    (ConnectionResetError("gone"), Stage.READY, errors.ConnectionLostError),
    (aiohttp.ServerDisconnectedError(), Stage.READY, errors.ConnectionLostError),
    (aiohttp.ServerDisconnectedError(), Stage.HEAD, errors.ConnectionLostError),
    (aiohttp.ClientOSError(104, "reset"), Stage.WRITE, errors.ConnectionLostError),
    (aiohttp.ClientResponseError(INFO, ()), Stage.HEAD, errors.DeserializationError),
    (aiohttp.ClientPayloadError("cut"), Stage.BODY, errors.TruncatedBodyError),
    (RuntimeError("Connection closed."), Stage.BODY, errors.TruncatedBodyError),
]
SENT = {Stage.WRITE, Stage.HEAD, Stage.BODY}


@pytest.mark.parametrize(
    ("error", "stage", "expected"),
    CASES,
    ids=[f"{type(error).__name__}-{stage.name}" for error, stage, _ in CASES],
)
def test_exceptions_of_aiohttp_are_mapped(
    error: Exception, stage: Stage, expected: type[errors.SageMakerRuntimeError]
) -> None:
    mapped = AIOHTTP_ERRORS.map_exception(error, stage, host=HOST)

    assert expected is type(mapped)
    assert (stage in SENT) == mapped.request_sent == mapped.may_have_executed
    assert HOST in str(mapped) or expected is errors.ClientStateError
    assert "Signature" not in repr((mapped, mapped.__cause__))


@pytest.mark.parametrize("stage", Stage)
def test_other_exceptions_are_not_mapped(stage: Stage) -> None:
    assert AIOHTTP_ERRORS.map_exception(KeyError("a bug"), stage, host=HOST) is None


@pytest.mark.parametrize(
    ("number", "is_retryable"),
    [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True), (None, True)],
)
def test_only_a_name_that_does_not_exist_is_not_retryable(
    number: int, is_retryable: bool
) -> None:
    error = aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(number, "no name"))

    mapped = AIOHTTP_ERRORS.map_exception(error, Stage.CONNECT, host=HOST)

    assert errors.ConnectError is type(mapped)
    assert is_retryable == mapped.is_retryable


@pytest.mark.parametrize(
    ("number", "is_retryable"), [(1, False), (4, False), (11, True)]
)
def test_a_name_that_does_not_exist_for_aiodns_is_not_retryable(
    number: int, is_retryable: bool
) -> None:
    class DNSError(Exception):
        """As aiodns raises it."""

    failed = OSError(None, "no name")
    failed.__cause__ = DNSError(number, "no name")

    mapped = AIOHTTP_ERRORS.map_exception(
        aiohttp.ClientConnectorDNSError(KEY, failed), Stage.CONNECT, host=HOST
    )

    assert errors.ConnectError is type(mapped)
    assert is_retryable == mapped.is_retryable


@pytest.mark.parametrize(("status", "is_retryable"), [(407, False), (502, True)])
def test_a_password_that_a_proxy_refuses_is_not_retryable(
    status: int, is_retryable: bool
) -> None:
    error = aiohttp.ClientHttpProxyError(INFO, (), status=status)

    mapped = AIOHTTP_ERRORS.map_exception(error, Stage.CONNECT, host=HOST)

    assert errors.ConnectError is type(mapped)
    assert is_retryable == mapped.is_retryable
    assert str(status) in str(mapped)


def test_only_errors_before_sending_are_retryable() -> None:
    retryable = {
        (type(error).__name__, stage)
        for error, stage, _ in CASES
        if (mapped := AIOHTTP_ERRORS.map_exception(error, stage, host=HOST))
        and mapped.is_retryable
    }

    assert {
        ("ClientConnectorSSLError", Stage.CONNECT),
        ("ClientConnectorError", Stage.CONNECT),
        ("ConnectionTimeoutError", Stage.CONNECT),
        ("ClientHttpProxyError", Stage.CONNECT),
        ("ConnectionResetError", Stage.READY),
        ("ServerDisconnectedError", Stage.READY),
    } == retryable


def test_errors_do_not_quote_received_bytes() -> None:
    message = "Invalid HTTP header:\n\n  b'x-amzn-custom-attributes: secret'\n   ^"
    error = aiohttp.ClientResponseError(INFO, (), status=400, message=message)

    mapped = AIOHTTP_ERRORS.map_exception(error, Stage.HEAD, host=HOST)

    assert mapped is not None
    assert str(mapped).endswith(": Invalid HTTP header")
    assert mapped.__cause__ is None


def test_a_cause_has_no_traceback_with_the_signature() -> None:
    def fail() -> None:
        try:
            raise ConnectionRefusedError(111, "refused")
        except OSError as error:
            raise aiohttp.ClientConnectorError(KEY, error) from error

    with pytest.raises(aiohttp.ClientConnectorError) as raised:
        fail()
    mapped = AIOHTTP_ERRORS.map_exception(raised.value, Stage.CONNECT, host=HOST)

    assert mapped is not None
    assert raised.value is mapped.__cause__
    assert raised.value.__traceback__ is None
    assert raised.value.os_error.__traceback__ is None

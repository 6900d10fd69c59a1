from __future__ import annotations

import socket
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from sagemaker_rt import errors
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.error_mapping import Stage

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
    ("error", "stage", "meaning"),
    CASES,
    ids=[f"{type(error).__name__}-{stage.name}" for error, stage, _ in CASES],
)
def test_what_aiohttp_raises_has_a_meaning_of_ours(
    error: Exception, stage: Stage, meaning: type[errors.SageMakerRuntimeError]
) -> None:
    failed = error_mapping.failure(error, stage, host=HOST)

    assert meaning is type(failed)
    assert (stage in SENT) == failed.request_sent == failed.may_have_executed
    assert HOST in str(failed) or meaning is errors.ClientStateError
    assert "Signature" not in repr((failed, failed.__cause__))


@pytest.mark.parametrize("stage", Stage)
def test_what_is_not_of_the_transport_has_no_meaning_here(stage: Stage) -> None:
    assert error_mapping.failure(KeyError("a bug"), stage, host=HOST) is None


@pytest.mark.parametrize(
    ("number", "is_retryable"),
    [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True), (None, True)],
)
def test_only_a_name_that_does_not_exist_is_given_up(
    number: int, is_retryable: bool
) -> None:
    error = aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(number, "no name"))

    failed = error_mapping.failure(error, Stage.CONNECT, host=HOST)

    assert errors.ConnectError is type(failed)
    assert is_retryable == failed.is_retryable


def test_attempts_are_made_only_where_nothing_was_sent() -> None:
    retryable = {
        (type(error).__name__, stage)
        for error, stage, _ in CASES
        if (failed := error_mapping.failure(error, stage, host=HOST))
        and failed.is_retryable
    }

    assert {
        ("ClientConnectorSSLError", Stage.CONNECT),
        ("ClientConnectorError", Stage.CONNECT),
        ("ConnectionTimeoutError", Stage.CONNECT),
        ("ClientHttpProxyError", Stage.CONNECT),
        ("ConnectionResetError", Stage.READY),
        ("ServerDisconnectedError", Stage.READY),
    } == retryable


@pytest.mark.parametrize(
    ("stage", "meaning"),
    [
        (Stage.POOL, errors.PoolTimeoutError),
        (Stage.CONNECT, errors.ConnectTimeoutError),
        (Stage.READY, errors.RequestTimeoutError),
        (Stage.WRITE, errors.RequestTimeoutError),
        (Stage.HEAD, errors.RequestTimeoutError),
        (Stage.BODY, errors.RequestTimeoutError),
    ],
)
def test_a_timeout_is_named_after_what_was_waited_for(
    stage: Stage, meaning: type[errors.SageMakerRuntimeError]
) -> None:
    failed = error_mapping.timeout(stage, "a time limit of 5 s", host=HOST)

    assert meaning is type(failed)
    assert f"a time limit of 5 s is over: request to {HOST}, {stage.value}" == str(
        failed
    )
    assert (stage in SENT) == failed.request_sent == failed.may_have_executed


def test_a_client_that_is_closed_says_whether_it_had_sent() -> None:
    waiting = error_mapping.closed(Stage.POOL, host=HOST)
    sent = error_mapping.closed(Stage.HEAD, host=HOST)

    assert f"HTTP client was closed: request to {HOST}, connecting" != str(waiting)
    assert (False, True) == (waiting.may_have_executed, sent.may_have_executed)


def test_no_model_runs_on_a_part_of_a_body() -> None:
    error = OSError("the body's file ended 3 bytes before its end")

    failed = error_mapping.unreadable(error, host=HOST)

    assert f"body of the request to {HOST} cannot be read: {error}" == str(failed)
    assert (True, False) == (failed.request_sent, failed.may_have_executed)
    assert error is failed.__cause__


def test_what_came_over_the_wire_is_not_quoted() -> None:
    message = "Invalid HTTP header:\n\n  b'x-amzn-custom-attributes: secret'\n   ^"
    error = aiohttp.ClientResponseError(INFO, (), status=400, message=message)

    failed = error_mapping.failure(error, Stage.HEAD, host=HOST)

    assert f"response head from {HOST} cannot be read: Invalid HTTP header" == str(
        failed
    )
    assert failed is not None
    assert failed.__cause__ is None


def test_a_cause_shows_no_frames_that_hold_the_signature() -> None:
    def fail() -> None:
        try:
            raise ConnectionRefusedError(111, "refused")
        except OSError as error:
            raise aiohttp.ClientConnectorError(KEY, error) from error

    with pytest.raises(aiohttp.ClientConnectorError) as raised:
        fail()
    failed = error_mapping.failure(raised.value, Stage.CONNECT, host=HOST)

    assert failed is not None
    assert raised.value is failed.__cause__
    assert raised.value.__traceback__ is None
    assert raised.value.os_error.__traceback__ is None

from __future__ import annotations

import socket
import ssl

import pytest

from sagemaker_rt import errors
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.error_mapping import ErrorTables
from sagemaker_rt.transport.request_stage import Stage

HOST = "runtime.example:8443"
SENT = {Stage.WRITE, Stage.HEAD, Stage.BODY}


class RefusedError(Exception):
    """A proxy refused to connect."""


class NotHTTPError(Exception):
    """The response is not HTTP."""


TABLES = ErrorTables(
    certificate=(ssl.SSLCertVerificationError,),
    proxy=(RefusedError,),
    request=(ValueError,),
    response=(NotHTTPError,),
    connection=(OSError,),
    is_temporary=lambda error: not error_mapping.is_unknown_name(error),
)


@pytest.mark.parametrize(
    ("error", "stage", "expected"),
    [
        (ssl.SSLCertVerificationError("x"), Stage.CONNECT, errors.CertificateError),
        (RefusedError(), Stage.CONNECT, errors.ConnectError),
        (OSError("x"), Stage.POOL, errors.ConnectError),
        (OSError("x"), Stage.CONNECT, errors.ConnectError),
        (OSError("x"), Stage.READY, errors.ConnectionLostError),
        (UnicodeError("x"), Stage.READY, errors.SerializationError),
        (NotHTTPError("x"), Stage.WRITE, errors.DeserializationError),
        (OSError("x"), Stage.HEAD, errors.ConnectionLostError),
        (OSError("x"), Stage.BODY, errors.TruncatedBodyError),
    ],
)
def test_the_meaning_of_an_exception_depends_on_the_stage(
    error: Exception, stage: Stage, expected: type[errors.SageMakerRuntimeError]
) -> None:
    mapped = TABLES.map_exception(error, stage, host=HOST)

    assert expected is type(mapped)
    assert (stage in SENT) == mapped.request_sent == mapped.may_have_executed
    assert HOST in str(mapped)
    assert error is mapped.__cause__


@pytest.mark.parametrize("stage", Stage)
def test_other_exceptions_are_not_mapped(stage: Stage) -> None:
    assert TABLES.map_exception(KeyError("a bug"), stage, host=HOST) is None


@pytest.mark.parametrize(
    ("error", "stage", "is_retryable"),
    [
        (OSError("refused"), Stage.CONNECT, True),
        (OSError("closed"), Stage.READY, True),
        (ValueError("CR"), Stage.READY, False),
        (OSError("reset"), Stage.HEAD, False),
        (socket.gaierror(socket.EAI_NONAME, "no name"), Stage.CONNECT, False),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), Stage.CONNECT, True),
    ],
)
def test_what_was_not_sent_is_retryable_if_it_can_change(
    error: Exception, stage: Stage, *, is_retryable: bool
) -> None:
    mapped = TABLES.map_exception(error, stage, host=HOST)

    assert mapped is not None
    assert is_retryable is mapped.is_retryable


def test_a_cause_has_no_tracebacks() -> None:
    try:
        try:
            raise ConnectionRefusedError(111, "refused")
        except OSError as inner:
            raise OSError from inner
    except OSError as error:
        mapped = TABLES.map_exception(error, Stage.CONNECT, host=HOST)

    assert mapped is not None
    assert mapped.__cause__ is not None
    assert mapped.__cause__.__traceback__ is None
    assert mapped.__cause__.__cause__ is not None
    assert mapped.__cause__.__cause__.__traceback__ is None


def test_an_exception_without_text_is_named() -> None:
    assert ("OSError", "x") == (
        error_mapping.text_of(OSError()),
        error_mapping.text_of(OSError("x")),
    )


@pytest.mark.parametrize(
    ("status", "text"), [(407, "user name and password"), (502, "HTTP 502")]
)
def test_the_refusal_of_a_proxy_names_its_status(status: int, text: str) -> None:
    assert text in error_mapping.refusal_of_proxy(status)


@pytest.mark.parametrize(
    ("stage", "expected", "option"),
    [
        (Stage.POOL, errors.PoolTimeoutError, "pool_timeout"),
        (Stage.CONNECT, errors.ConnectTimeoutError, "connect_timeout"),
        (Stage.READY, errors.RequestTimeoutError, "connect_timeout"),
        (Stage.WRITE, errors.RequestTimeoutError, "write_timeout"),
        (Stage.HEAD, errors.RequestTimeoutError, "read_timeout"),
        (Stage.BODY, errors.RequestTimeoutError, "read_timeout"),
    ],
)
def test_a_timeout_error_depends_on_the_stage(
    stage: Stage, expected: type[errors.SageMakerRuntimeError], option: str
) -> None:
    mapped = error_mapping.timeout_error(stage, 5.0, host=HOST)

    assert expected is type(mapped)
    assert f"{option} of 5 s exceeded while {stage.value}: {HOST}" == str(mapped)
    assert (stage in SENT) == mapped.request_sent == mapped.may_have_executed


def test_a_deadline_is_reported_as_total_timeout() -> None:
    mapped = error_mapping.timeout_error(Stage.WRITE, None, host=HOST)

    assert errors.RequestTimeoutError is type(mapped)
    assert str(mapped).startswith("total_timeout exceeded")


def test_a_closed_error_tells_whether_the_request_was_sent() -> None:
    waiting = error_mapping.closed_error(Stage.POOL, host=HOST)
    sent = error_mapping.closed_error(Stage.HEAD, host=HOST)

    assert f"HTTP client was closed while {Stage.POOL.value}: {HOST}" == str(waiting)
    assert (False, True) == (waiting.may_have_executed, sent.may_have_executed)


def test_an_unreadable_body_does_not_invoke_the_model() -> None:
    error = OSError("file of the body is 3 bytes shorter than before")

    mapped = error_mapping.unreadable_body_error(error, host=HOST)

    assert str(mapped).endswith(f": {error}")
    assert (True, False) == (mapped.request_sent, mapped.may_have_executed)
    assert error is mapped.__cause__

"""Maps the exceptions of aiohttp to the errors of this library; nothing else does.

The meaning of an exception depends on the stage of the request, so there is a table
for each stage. Rows are tried in order; specific exceptions come first.

The errors contain neither requests nor response headers. The tracebacks of aiohttp are
removed, because the local variables of its frames hold the signature.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final, TypeAlias

import aiohttp

from sagemaker_rt.errors import (
    CertificateError,
    ClientStateError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    DeserializationError,
    PoolTimeoutError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    SerializationError,
    TruncatedBodyError,
)
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.system_certificates import missing_certificates_hint

__all__ = ["closed_error", "map_exception", "timeout_error", "unreadable_body_error"]


_Row: TypeAlias = tuple[tuple[type[Exception], ...], type[SageMakerRuntimeError], str]

_PROXY_REFUSES: Final = (
    "HTTP 407; it requires a user name and password, which belong into its URL: "
    "http://user:password@host:port"
)
_INVALID_REQUEST: Final[_Row] = (
    (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError, TypeError),
    SerializationError,
    "request to {host} is not valid HTTP: {reason}",
)
_NOT_CONNECTED: Final[tuple[_Row, ...]] = (
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch),
        CertificateError,
        "certificate of {host} was rejected: {reason}",
    ),
    (
        (aiohttp.ConnectionTimeoutError,),
        ConnectTimeoutError,
        "no connection to {host} within connect_timeout",
    ),
    (
        (aiohttp.ClientHttpProxyError,),
        ConnectError,
        "proxy did not connect to {host}: {reason}",
    ),
    _INVALID_REQUEST,
    (
        (aiohttp.ClientError, OSError),
        ConnectError,
        "no connection to {host}: {reason}",
    ),
    (
        (RuntimeError,),
        ClientStateError,
        "HTTP session cannot be used: {reason}",
    ),
)
_NOT_SENT: Final[tuple[_Row, ...]] = (
    _INVALID_REQUEST,
    (
        (aiohttp.ClientError, OSError),
        ConnectionLostError,
        "connection to {host} was closed before the request was delivered: {reason}",
    ),
)
_NOT_ANSWERED: Final[tuple[_Row, ...]] = (
    (
        (aiohttp.ClientResponseError,),
        DeserializationError,
        "response headers from {host} are invalid: {reason}",
    ),
    (
        (aiohttp.ClientError, OSError),
        ConnectionLostError,
        "connection to {host} was lost before the response headers: {reason}",
    ),
)
_NOT_FINISHED: Final[tuple[_Row, ...]] = (
    (
        (aiohttp.ClientError, OSError, RuntimeError),
        TruncatedBodyError,
        "response body from {host} was truncated: {reason}",
    ),
)
_TABLES: Final[dict[Stage, tuple[_Row, ...]]] = {
    Stage.POOL: _NOT_CONNECTED,
    Stage.CONNECT: _NOT_CONNECTED,
    Stage.READY: _NOT_SENT,
    Stage.WRITE: _NOT_ANSWERED,
    Stage.HEAD: _NOT_ANSWERED,
    Stage.BODY: _NOT_FINISHED,
}
_TIMEOUTS: Final[dict[Stage, type[SageMakerRuntimeError]]] = {
    Stage.POOL: PoolTimeoutError,
    Stage.CONNECT: ConnectTimeoutError,
    Stage.READY: RequestTimeoutError,
    Stage.WRITE: RequestTimeoutError,
    Stage.HEAD: RequestTimeoutError,
    Stage.BODY: RequestTimeoutError,
}
_TIMEOUT_OPTIONS: Final[dict[Stage, str]] = {
    Stage.POOL: "pool_timeout",
    Stage.CONNECT: "connect_timeout",
    Stage.READY: "connect_timeout",
    Stage.WRITE: "write_timeout",
    Stage.HEAD: "read_timeout",
    Stage.BODY: "read_timeout",
}


def map_exception(
    error: BaseException, stage: Stage, *, host: str
) -> SageMakerRuntimeError | None:
    """Return the error to raise in place of *error*; None to raise *error* itself."""
    for types, error_class, template in _TABLES[stage]:
        if isinstance(error, types):
            mapped = error_class(template.format(host=host, reason=_reason(error)))
            mapped.__cause__ = _cause(error)
            mapped.is_retryable = _is_retryable(mapped, error, stage)
            return _with_stage(mapped, stage)
    return None


def timeout_error(
    stage: Stage, seconds: float | None, *, host: str, option: str | None = None
) -> SageMakerRuntimeError:
    """Return the error of a time limit that was exceeded in *stage*.

    Args:
        seconds: The limit; None if it was the deadline of the call.
        option: The option that sets the limit; None for the one of *stage*.
    """
    limit = "total_timeout"
    if seconds is not None:
        limit = f"{option or _TIMEOUT_OPTIONS[stage]} of {seconds:g} s"
    message = f"{limit} exceeded while {stage.value}: {host}"
    return _with_stage(_TIMEOUTS[stage](message), stage)


def closed_error(stage: Stage, *, host: str) -> SageMakerRuntimeError:
    """Return the error of a request that was in *stage* when the client was closed."""
    message = f"HTTP client was closed while {stage.value}: {host}"
    return _with_stage(ClientStateError(message), stage)


def unreadable_body_error(error: Exception, *, host: str) -> SageMakerRuntimeError:
    """Return the error of a request whose body raised *error* when it was read.

    A part of the request may have been sent. The model was not invoked: it only is
    when the whole body is received.
    """
    message = f"body of the request to {host} cannot be read: {error}"
    mapped = _with_stage(SerializationError(message), Stage.WRITE)
    mapped.may_have_executed = False
    mapped.__cause__ = _cause(error)
    return mapped


def _with_stage(mapped: SageMakerRuntimeError, stage: Stage) -> SageMakerRuntimeError:
    mapped.request_sent = mapped.may_have_executed = stage.is_sent
    return mapped


def _is_retryable(
    mapped: SageMakerRuntimeError, error: BaseException, stage: Stage
) -> bool:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        # A name that does not exist will not exist a second later. Other failures of
        # a look-up can be temporary.
        return not _is_unknown_name(error.os_error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return error.status != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    is_unsent = stage is Stage.READY and isinstance(mapped, ConnectionLostError)
    return mapped.is_retryable or is_unsent


_NO_SUCH_NAME: Final = frozenset(
    code
    for name in ("EAI_NONAME", "EAI_NODATA")
    if (code := getattr(socket, name, None)) is not None
)
# ares.h: ARES_ENODATA, ARES_ENOTFOUND
_NO_SUCH_NAME_OF_AIODNS: Final = frozenset({1, 4})


def _is_unknown_name(error: OSError) -> bool:
    """Return whether the look-up failed because the host name does not exist."""
    cause = error.__cause__
    # aiohttp passes the number of aiodns, which need not be installed, in the cause
    if type(cause).__name__ == "DNSError" and cause is not None and cause.args:
        return cause.args[0] in _NO_SUCH_NAME_OF_AIODNS
    return isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME


# The parsers of aiohttp append the bytes that they reject, which can be secret.
_QUOTED_BYTES: Final = re.compile(r"\s*b['\"]")


def _reason(error: BaseException) -> str:
    """Return the text of *error*, without quotes from requests or responses."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        hint = missing_certificates_hint(error.certificate_error)
        return f"{error}{hint}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error) or type(error.os_error).__name__
    if isinstance(error, aiohttp.ClientHttpProxyError):
        is_refused = error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
        return _PROXY_REFUSES if is_refused else f"HTTP {error.status}"
    if isinstance(error, aiohttp.ClientResponseError):
        text = _QUOTED_BYTES.split(error.message, maxsplit=1)[0]
        return " ".join(text.split()).removesuffix(":")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed it"
    return str(error) or type(error).__name__


def _cause(error: BaseException) -> BaseException | None:
    """Return *error* for ``__cause__``, or None if it holds requests or responses."""
    if isinstance(
        error, (aiohttp.ClientResponseError, aiohttp.ServerDisconnectedError)
    ):
        return None
    for linked in _cause_chain(error):
        linked.__traceback__ = None
    return error


def _cause_chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

"""What aiohttp raises, in this library's words: the one place that translates it.

What an exception means depends on how far its request had come, so there is a table
for each stage. Rows are tried in order, the most specific first.

Whatever is raised here shows neither requests nor response heads, and carries no
traceback from inside of aiohttp, whose frames hold the signature.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from enum import Enum
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

__all__ = ["Stage", "closed", "failure", "timeout", "unreadable"]


class Stage(Enum):
    """How far a request has come."""

    POOL = "waiting for a pooled connection"
    CONNECT = "connecting"
    READY = "about to be sent"
    WRITE = "being sent"
    HEAD = "waiting for the response head"
    BODY = "reading the response body"

    @property
    def is_sent(self) -> bool:
        """Whether a byte of the request may have left this process."""
        return self in _SENT


_SENT: Final = frozenset({Stage.WRITE, Stage.HEAD, Stage.BODY})


_Row: TypeAlias = tuple[tuple[type[Exception], ...], type[SageMakerRuntimeError], str]

_UNUSABLE: Final[_Row] = (
    (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError, TypeError),
    SerializationError,
    "request to {host} cannot be written: {reason}",
)
_UNCONNECTED: Final[tuple[_Row, ...]] = (
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch),
        CertificateError,
        "certificate of {host} is not accepted: {reason}",
    ),
    (
        (aiohttp.ConnectionTimeoutError,),
        ConnectTimeoutError,
        "no connection to {host} within connect_timeout",
    ),
    (
        (aiohttp.ClientHttpProxyError,),
        ConnectError,
        "proxy refuses to connect to {host}: {reason}",
    ),
    _UNUSABLE,
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
_UNSENT: Final[tuple[_Row, ...]] = (
    _UNUSABLE,
    (
        (aiohttp.ClientError, OSError),
        ConnectionLostError,
        "connection to {host} was closed before anything was delivered: {reason}",
    ),
)
_UNANSWERED: Final[tuple[_Row, ...]] = (
    (
        (aiohttp.ClientResponseError,),
        DeserializationError,
        "response head from {host} cannot be read: {reason}",
    ),
    (
        (aiohttp.ClientError, OSError),
        ConnectionLostError,
        "connection to {host} was lost before a response head came: {reason}",
    ),
)
_UNFINISHED: Final[tuple[_Row, ...]] = (
    (
        (aiohttp.ClientError, OSError, RuntimeError),
        TruncatedBodyError,
        "response body from {host} broke off: {reason}",
    ),
)
_FAILURES: Final[dict[Stage, tuple[_Row, ...]]] = {
    Stage.POOL: _UNCONNECTED,
    Stage.CONNECT: _UNCONNECTED,
    Stage.READY: _UNSENT,
    Stage.WRITE: _UNANSWERED,
    Stage.HEAD: _UNANSWERED,
    Stage.BODY: _UNFINISHED,
}
_TIMEOUTS: Final[dict[Stage, type[SageMakerRuntimeError]]] = {
    Stage.POOL: PoolTimeoutError,
    Stage.CONNECT: ConnectTimeoutError,
    Stage.READY: RequestTimeoutError,
    Stage.WRITE: RequestTimeoutError,
    Stage.HEAD: RequestTimeoutError,
    Stage.BODY: RequestTimeoutError,
}


def failure(
    error: BaseException, stage: Stage, *, host: str
) -> SageMakerRuntimeError | None:
    """Return what *error* at *stage* means; None if no row of the table has it."""
    for types, meaning, text in _FAILURES[stage]:
        if isinstance(error, types):
            failed = meaning(text.format(host=host, reason=_reason(error)))
            failed.__cause__ = _presentable(error)
            failed.is_retryable = _is_retryable(failed, error, stage)
            return _stated(failed, stage)
    return None


def timeout(stage: Stage, limit: str, *, host: str) -> SageMakerRuntimeError:
    """Return what it means that the time for *stage* ran out.

    Args:
        limit: What allowed no more time: ``a time limit of 70 s``, say.
    """
    message = f"{limit} is over: request to {host}, {stage.value}"
    return _stated(_TIMEOUTS[stage](message), stage)


def closed(stage: Stage, *, host: str) -> SageMakerRuntimeError:
    """Return what it means that the client was closed at *stage*."""
    message = f"HTTP client was closed: request to {host}, {stage.value}"
    return _stated(ClientStateError(message), stage)


def unreadable(error: Exception, *, host: str) -> SageMakerRuntimeError:
    """Return what it means that the body of a request could not be read.

    Some of it may have been sent, but never all: no model runs on a part.
    """
    message = f"body of the request to {host} cannot be read: {error}"
    failed = _stated(SerializationError(message), Stage.WRITE)
    failed.may_have_executed = False
    failed.__cause__ = _presentable(error)
    return failed


def _stated(failed: SageMakerRuntimeError, stage: Stage) -> SageMakerRuntimeError:
    failed.request_sent = failed.may_have_executed = stage.is_sent
    return failed


def _is_retryable(
    failed: SageMakerRuntimeError, error: BaseException, stage: Stage
) -> bool:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        # a name that does not exist will not exist in a second; what else may
        # befall a lookup can pass
        return error.os_error.errno != socket.EAI_NONAME
    is_unsent = stage is Stage.READY and isinstance(failed, ConnectionLostError)
    return failed.is_retryable or is_unsent


# What the parser quotes from the wire comes after the words that say what is wrong.
_QUOTE: Final = re.compile(r"\s*b['\"]")


def _reason(error: BaseException) -> str:
    """Say why, without quoting what was sent or received."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error) or type(error.os_error).__name__
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"HTTP {error.status}"
    if isinstance(error, aiohttp.ClientResponseError):
        words = _QUOTE.split(error.message, maxsplit=1)[0]
        return " ".join(words.split()).removesuffix(":")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "it was closed by the other side"
    return str(error) or type(error).__name__


def _presentable(error: BaseException) -> BaseException | None:
    """Return *error* as a cause to show; None if it holds heads of messages."""
    if isinstance(
        error, (aiohttp.ClientResponseError, aiohttp.ServerDisconnectedError)
    ):
        return None
    for part in _chain(error):
        part.__traceback__ = None
    return error


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

"""Maps exceptions of HTTP clients to the errors of this library.

The meaning of an exception depends on the stage of the request, so there is a table
for each stage. Rows are tried in order; specific exceptions come first. Each HTTP
client states what its exceptions mean.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from attrs import Factory, field, frozen

from sagemaker_rt.errors import (
    CertificateError,
    ClientStateError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    DeserializationError,
    OptionsError,
    PoolTimeoutError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    SerializationError,
    TruncatedBodyError,
)
from sagemaker_rt.transport.request_stage import Stage

__all__ = [
    "PROXY_AUTHENTICATION_REQUIRED",
    "ErrorTables",
    "closed_error",
    "is_unknown_name",
    "refusal_of_proxy",
    "text_of",
    "timeout_error",
    "unreadable_body_error",
    "without_tracebacks",
]


Types: TypeAlias = tuple[type[Exception], ...]
_Row: TypeAlias = tuple[Types, type[SageMakerRuntimeError], str]

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


PROXY_AUTHENTICATION_REQUIRED: Final = 407
_REJECTED_CERTIFICATE: Final = "certificate of {host} was rejected: {reason}"
_LATE: Final = "no connection to {host} within connect_timeout"
_REFUSED_BY_PROXY: Final = "proxy did not connect to {host}: {reason}"
_INVALID_REQUEST: Final = "request to {host} is not valid HTTP: {reason}"
_NOT_CONNECTED: Final = "no connection to {host}: {reason}"
_UNUSABLE: Final = "HTTP session cannot be used: {reason}"
_NOT_DELIVERED: Final = (
    "connection to {host} was closed before the request was delivered: {reason}"
)
_INVALID_RESPONSE: Final = "response headers from {host} are invalid: {reason}"
_NOT_ANSWERED: Final = (
    "connection to {host} was lost before the response headers: {reason}"
)
_TRUNCATED: Final = "response body from {host} was truncated: {reason}"
_PROXY_REFUSES: Final = (
    "HTTP 407; it requires a user name and password, which belong into its URL: "
    "http://user:password@host:port"
)


def refusal_of_proxy(status: int) -> str:
    """Return the reason why a proxy did not connect, by its *status*."""
    is_refused = status == PROXY_AUTHENTICATION_REQUIRED
    return _PROXY_REFUSES if is_refused else f"HTTP {status}"


def text_of(error: BaseException) -> str:
    """Return the text of *error*, or the name of its type."""
    return str(error) or type(error).__name__


def without_tracebacks(error: BaseException) -> BaseException | None:
    """Return *error* for ``__cause__``, without the frames that raised it.

    Their local variables can hold the signature.
    """
    for linked in _cause_chain(error):
        linked.__traceback__ = None
    return error


@frozen(kw_only=True, eq=False, repr=False)
class ErrorTables:
    """The exceptions of one HTTP client, and what they mean."""

    certificate: Types
    """A certificate was rejected."""
    timeout: Types = ()
    """The HTTP client has stopped connecting."""
    proxy: Types
    """A proxy refused to connect to the host."""
    request: Types
    """The request is not valid HTTP."""
    response: Types
    """The response headers are not valid HTTP."""
    connection: Types
    """The connection could not be made, or was lost."""
    state: Types = ()
    """The HTTP client cannot be used."""
    reason: Callable[[BaseException], str] = text_of
    """Returns the text of an exception, without quotes from requests or responses."""
    cause: Callable[[BaseException], BaseException | None] = without_tracebacks
    """Returns an exception for ``__cause__``; None if it holds requests or responses.
    """
    is_temporary: Callable[[BaseException], bool] = lambda _: True
    """Returns False for a failure to connect that a retry cannot change."""
    _rows: Mapping[Stage, tuple[_Row, ...]] = field(
        init=False, default=Factory(lambda self: self._tables(), takes_self=True)
    )

    def _tables(self) -> Mapping[Stage, tuple[_Row, ...]]:
        invalid_request = self.request, SerializationError, _INVALID_REQUEST
        connecting: tuple[_Row, ...] = (
            (self.certificate, CertificateError, _REJECTED_CERTIFICATE),
            (self.timeout, ConnectTimeoutError, _LATE),
            (self.proxy, ConnectError, _REFUSED_BY_PROXY),
            invalid_request,
            (self.connection, ConnectError, _NOT_CONNECTED),
            (self.state, ClientStateError, _UNUSABLE),
        )
        waiting: tuple[_Row, ...] = (
            (self.response, DeserializationError, _INVALID_RESPONSE),
            (self.connection, ConnectionLostError, _NOT_ANSWERED),
        )
        return {
            Stage.POOL: connecting,
            Stage.CONNECT: connecting,
            Stage.READY: (
                invalid_request,
                (self.connection, ConnectionLostError, _NOT_DELIVERED),
            ),
            Stage.WRITE: waiting,
            Stage.HEAD: waiting,
            Stage.BODY: (
                (self.connection + self.state, TruncatedBodyError, _TRUNCATED),
            ),
        }

    def map_exception(
        self, error: BaseException, stage: Stage, *, host: str
    ) -> SageMakerRuntimeError | None:
        """Return the error to raise in place of *error*; None to raise *error*."""
        if isinstance(error, OptionsError):  # of a certificate file
            return None
        for types, error_class, template in self._rows[stage]:
            if isinstance(error, types):
                reason = self.reason(error)
                mapped = error_class(template.format(host=host, reason=reason))
                mapped.__cause__ = self.cause(error)
                is_unsent = stage is Stage.READY and error_class is ConnectionLostError
                mapped.is_retryable = self.is_temporary(error) and (
                    mapped.is_retryable or is_unsent
                )
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
    mapped.__cause__ = without_tracebacks(error)
    return mapped


def _with_stage(mapped: SageMakerRuntimeError, stage: Stage) -> SageMakerRuntimeError:
    mapped.request_sent = mapped.may_have_executed = stage.is_sent
    return mapped


_NO_SUCH_NAME: Final = frozenset(
    code
    for name in ("EAI_NONAME", "EAI_NODATA")
    if (code := getattr(socket, name, None)) is not None
)


def is_unknown_name(error: BaseException) -> bool:
    """Return whether *error* is a look-up of a host name that does not exist.

    It will not exist a second later. Other failures of a look-up can be temporary.
    """
    return isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME


def _cause_chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

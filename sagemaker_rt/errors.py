"""Every exception that this library raises.

::

    SageMakerRuntimeError
    ├── OptionsError                        you set it up wrong
    │   └── SharedConfigError
    │       └── ProfileNotFoundError
    ├── StackError
    │   ├── DuplicateMiddlewareError
    │   └── UnknownMiddlewareError
    ├── ClientStateError
    ├── ComponentError                      your component failed
    ├── ParamValidationError                you called it wrong
    ├── SerializationError
    ├── CredentialsError                    we could not begin
    ├── EndpointResolutionError
    │   └── EndpointNotFoundError
    ├── RetryCapacityNotAvailableError
    ├── RequestAbortedError                 you called it off
    ├── TransportError                      nothing came back
    │   ├── ConnectError
    │   │   ├── ConnectTimeoutError
    │   │   ├── PoolTimeoutError
    │   │   └── CertificateError
    │   ├── ConnectionLostError
    │   └── RequestTimeoutError
    ├── ServiceError                        the service said no
    │   ├── ValidationError
    │   ├── ModelError
    │   ├── ModelNotReadyException
    │   ├── InternalFailure
    │   ├── InternalDependencyException
    │   ├── ServiceUnavailable
    │   ├── ModelStreamError
    │   ├── InternalStreamFailure
    │   ├── UnmodeledEventError
    │   └── UnknownServiceError
    ├── ResponseTargetError                 it could not be kept
    └── DeserializationError                it came back broken
        ├── ResponseTooLargeError
        ├── TruncatedBodyError
        └── EventStreamError
            ├── CorruptMessageError
            └── TruncatedStreamError

Facts are attributes; nobody needs to read them out of a text. Each type says when it is
raised, whether the model may have run, and what to do. ``may_have_executed`` says it of
each error: where that is True, a model may have run whose answer is lost, and sending
the request again may run it twice. (It is not said of a 5xx that the service answered
with, after which every AWS SDK sends again.) Cancellation is not in this tree:
``asyncio.CancelledError`` passes through untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sagemaker_rt.context import Metadata
    from sagemaker_rt.http import Response

__all__ = [
    "CertificateError",
    "ClientStateError",
    "ComponentError",
    "ConnectError",
    "ConnectTimeoutError",
    "ConnectionLostError",
    "CorruptMessageError",
    "CredentialsError",
    "DeserializationError",
    "DuplicateMiddlewareError",
    "EndpointNotFoundError",
    "EndpointResolutionError",
    "EventStreamError",
    "InternalDependencyException",
    "InternalFailure",
    "InternalStreamFailure",
    "ModelError",
    "ModelNotReadyException",
    "ModelStreamError",
    "OptionsError",
    "ParamValidationError",
    "PoolTimeoutError",
    "ProfileNotFoundError",
    "RequestAbortedError",
    "RequestTimeoutError",
    "ResponseTargetError",
    "ResponseTooLargeError",
    "RetryCapacityNotAvailableError",
    "SageMakerRuntimeError",
    "SerializationError",
    "ServiceError",
    "ServiceUnavailable",
    "SharedConfigError",
    "StackError",
    "TransportError",
    "TruncatedBodyError",
    "TruncatedStreamError",
    "UnknownMiddlewareError",
    "UnknownServiceError",
    "UnmodeledEventError",
    "ValidationError",
]

Fault = Literal["client", "server"]


class SageMakerRuntimeError(Exception):
    """The root of everything that this library raises."""

    operation: str | None = None
    """The operation that failed; None outside a call."""
    request_id: str | None = None
    """The id that the service gave the request; None where it did not answer."""
    http_status: int | None = None
    """The status of the response; None where there was none."""
    attempts: int = 0
    """How many attempts were made; their records are in ``metadata.attempts``."""
    metadata: Metadata | None = None
    """What the call came to know before it failed; None outside a call."""
    response: Response | None = None
    """Status and headers of the response; None where there was none."""
    request_sent: bool = False
    """Whether a byte of the request may have left this process."""
    may_have_executed: bool = False
    """Whether the model may have run without its answer having come back."""
    is_retryable: bool = False
    """Whether sending the same request again may be both safe and successful."""
    is_throttle: bool = False
    """Whether the service asked for fewer requests."""
    retry_after: float | None = None
    """Seconds after which the service would like to see the request again."""
    fault: Fault | None = None
    """Who is to blame, where that is known."""
    component: str | None = None
    """The option whose custom component raised the cause: ``"signer"``, say."""
    counts_as_attempt: bool = True
    """Whether an attempt was begun; waiting for leave to begin one is none."""

    @classmethod
    def from_component(cls, component: str, owner: object, cause: Exception) -> Self:
        """Return an error for *cause*, which a custom component raised.

        The text names the type of *cause* and omits its text, which may hold a secret.
        Raise the error ``from`` *cause*.

        Args:
            component: The name of the option.
            owner: The component: an object, or a function.
        """
        name = getattr(owner, "__qualname__", type(owner).__name__)
        error = cls(f"{component} {name} raised {type(cause).__name__}")
        error.component = component
        return error

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle all but what belongs to the call's connection and middleware."""
        state = {**self.__dict__, "metadata": None, "response": None}
        return (_rebuild, (type(self), self.args, state))


def _rebuild(
    kind: type[SageMakerRuntimeError],
    args: tuple[object, ...],
    state: dict[str, object],
) -> SageMakerRuntimeError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class OptionsError(SageMakerRuntimeError, ValueError):
    """An option has a value that it cannot have, or contradicts another.

    Raised before anything is sent. Set the option that the text names.
    """


class SharedConfigError(OptionsError):
    """The shared files cannot be read, or say what cannot be; nothing was sent.

    The text names the file, the line or profile, and the key, and never a value that
    may be a secret. Mend the file, or name another one.
    """


class ProfileNotFoundError(SharedConfigError, LookupError):
    """Neither shared file has the profile; nothing was sent.

    Mend ``profile`` or ``AWS_PROFILE``; the text says which files were read.
    """


class StackError(SageMakerRuntimeError):
    """The stack cannot be edited or compiled like that.

    Raised when the stack is edited, or at the first call by an edit that fails; nothing
    was sent. Mend the edit, or the order of the edits.
    """


class DuplicateMiddlewareError(StackError):
    """A middleware of that id is in the step already; nothing was sent.

    Give yours another ``id``, or ``swap`` it for the one that is there.
    """


class UnknownMiddlewareError(StackError, LookupError):
    """The step has no middleware of that id; nothing was sent.

    ``client.explain()`` lists the ids, and what was left out and why.
    """


class ClientStateError(SageMakerRuntimeError, RuntimeError):
    """The client is closed, or belongs to another event loop or process.

    Mostly raised before anything is sent. A call that was running when its client was
    closed says in ``may_have_executed`` whether the model may have run. Use one client
    for each event loop, make it after a fork, and close it last.
    """


class ComponentError(SageMakerRuntimeError):
    """A custom component raised an exception that is not one of this library's.

    ``component`` is the option that sets the component, and ``__cause__`` is the
    exception. Exceptions of credentials and token providers become `CredentialsError`,
    of endpoint resolvers `EndpointResolutionError`, and of HTTP clients
    `TransportError`; those of all other components become this error. It is not
    retried. Fix the component.
    """


class ParamValidationError(SageMakerRuntimeError, ValueError):
    """The input breaks rules that the service would enforce; nothing was sent.

    Mend what ``problems`` lists.
    """

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[str, ...] = tuple(problems)
        """Every rule that was broken, one sentence each."""


class SerializationError(SageMakerRuntimeError):
    """The input could not be written as a request.

    Raised before anything is sent, or when a body's file could not be read to its end.
    The model has not run, since it got no whole request. Mend the input.
    """


class CredentialsError(SageMakerRuntimeError):
    """There are no credentials, or their source failed; nothing was sent.

    The text says what was asked. Set ``credentials``, or mend the source.
    """


class EndpointResolutionError(SageMakerRuntimeError, ValueError):
    """Region and endpoint options lead to no URL; nothing was sent.

    Set ``region`` or ``endpoint_url`` as the text says.
    """


class EndpointNotFoundError(EndpointResolutionError, LookupError):
    """A resolver does not know the region; nothing was sent.

    The next resolver is asked, so that callers meet this only if there is none.
    """


class RetryCapacityNotAvailableError(SageMakerRuntimeError):
    """The service has throttled this endpoint, and no send is allowed now.

    Raised in the ``adaptive`` mode with ``adaptive_wait=False``, instead of waiting.
    Nothing was sent, and no other attempt is made. Send less, or call again later.
    """

    counts_as_attempt = False


class RequestAbortedError(SageMakerRuntimeError):
    """The caller aborted the request, before it was sent or while it was under way.

    Raised where the request is awaited. ``may_have_executed`` says whether the model
    may have run. Make another request, if it is wanted after all.
    """


class TransportError(SageMakerRuntimeError):
    """The request could not be exchanged for a response.

    ``request_sent`` says whether any of it may have left, and ``may_have_executed``
    whether the model may have run. Where it may not, attempts are made again.
    """


class ConnectError(TransportError, ConnectionError):
    """No connection came to be: name lookup, TCP or TLS failed.

    Nothing was sent, and the model has not run. Attempts after this are safe, and are
    made, unless the name does not exist. Look at the endpoint, and at the network.
    """

    is_retryable = True


class ConnectTimeoutError(ConnectError, TimeoutError):
    """No connection came to be within ``connect_timeout``.

    Nothing was sent, and the model has not run. Attempts after this are made.
    """


class PoolTimeoutError(ConnectError, TimeoutError):
    """No pooled connection came free within ``pool_timeout``.

    Nothing was sent, and the model has not run. All ``max_connections`` were busy for
    that long: raise the limit, or lower the number of calls in flight. The wait is
    repeated as an attempt would be, and counted as none.
    """

    counts_as_attempt = False


class CertificateError(ConnectError):
    """The server's TLS certificate was not accepted.

    Nothing was sent, and the model has not run. Another attempt would see the same
    certificate, so none is made. Mend the trust, in ``ssl_context``, or the server.
    """

    is_retryable = False


class ConnectionLostError(TransportError, ConnectionError):
    """The connection broke before a response head came.

    With ``request_sent`` the model may have run, and the request is not repeated unless
    ``retry_ambiguous`` asks for it. Without, another attempt is safe, and is made.
    """


class RequestTimeoutError(TransportError, TimeoutError):
    """A time limit of the exchange, or of the call, was over.

    The text says which: ``write_timeout``, ``read_timeout``, ``stream_timeout`` or
    ``total_timeout``. With ``may_have_executed`` the model may have run, and may be
    running still, and the request is not repeated unless ``retry_ambiguous`` asks for
    it. Give the model more time, or less to do.
    """


# The two lists of the AWS SDKs' retry specification, and the statuses beside them.
THROTTLING_CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
REJECTED_CREDENTIALS_CODES: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
TRANSIENT_CODES: Final = frozenset({"RequestTimeout", "RequestTimeoutException"})
TRANSIENT_STATUSES: Final = frozenset({500, 502, 503, 504})
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERRORS: Final = 500


class ServiceError(SageMakerRuntimeError):
    """The service answered, and the answer is an error.

    Where another attempt may help (throttling, and statuses 500, 502, 503 and 504) it
    has been made. Whether the model ran is known for the types below this one. Of the
    others, ``fault`` says whether to mend the request or to wait.

    Args:
        message: The service's own words; may be empty.
        code: The error's name on the wire; a modelled error knows its own.
        http_status: The response's status; a modelled error knows its usual one.
        request_id: The id that the service gave the request.
        retry_after: Seconds, from ``x-amz-retry-after``.
        details: The error document's other members, under their wire names.
    """

    code: str = "Unknown"
    http_status: int | None = None
    request_sent = True

    def __init__(  # noqa: PLR0913 - what an error response consists of
        self,
        message: str = "",
        *,
        code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.http_status = http_status or type(self).http_status
        self.request_id = request_id
        self.retry_after = retry_after
        self.rejects_credentials = self.code in REJECTED_CREDENTIALS_CODES
        """Whether other credentials might be accepted."""
        self.is_throttle = self._is_throttle()
        self.is_retryable = self.is_throttle or self._is_transient()
        self.fault = self.fault or (
            "server" if (self.http_status or 0) >= _SERVER_ERRORS else "client"
        )
        self._read(details or {})

    def _read(self, details: Mapping[str, object]) -> None:
        """Keep what the error document says beside its code and message."""

    def _is_throttle(self) -> bool:
        if self.code in TRANSIENT_CODES:
            return False
        return self.code in THROTTLING_CODES or self.http_status == _TOO_MANY_REQUESTS

    def _is_transient(self) -> bool:
        return self.code in TRANSIENT_CODES or self.http_status in TRANSIENT_STATUSES

    def __str__(self) -> str:
        facts = [f"HTTP {self.http_status}"] if self.http_status else []
        if self.request_id:
            facts.append(f"request {self.request_id}")
        where = f" ({', '.join(facts)})" if facts else ""
        return f"{self.code}{where}: {self.message or 'no message'}"


class ValidationError(ServiceError):
    """The service refused the request; the model has not run. Mend the input.

    A body over the endpoint's limit, a variant or component that is not there, and an
    endpoint that is not in service come as this too; no other attempt is made.
    """

    code = "ValidationError"
    http_status = 400
    fault = "client"


class _FinalError(ServiceError):
    """An error after which the same request is not sent again, whatever its status."""

    def _is_throttle(self) -> bool:
        return False

    def _is_transient(self) -> bool:
        return False


class ModelError(_FinalError):
    """The model ran, and answered with an error of its own.

    It is not run again, unless ``retry_model_errors`` has its ``original_status_code``.
    Look at ``original_message``, and at the container's log.
    """

    code = "ModelError"
    http_status = 424
    fault = "client"
    original_status_code: int | None = None
    """The status that the model's container answered with."""
    original_message: str | None = None
    """The body that the model's container answered with."""
    log_stream_arn: str | None = None
    """Where the container's log is."""

    def _read(self, details: Mapping[str, object]) -> None:
        status = details.get("OriginalStatusCode")
        self.original_status_code = status if isinstance(status, int) else None
        self.original_message = _text(details.get("OriginalMessage"))
        self.log_stream_arn = _text(details.get("LogStreamArn"))


class ModelNotReadyException(ServiceError):
    """The model is being loaded, and has not run.

    It was asked again for ``model_not_ready_timeout``. Call again later, or keep the
    model loaded.
    """

    code = "ModelNotReadyException"
    http_status = 429
    fault = "client"

    def _is_throttle(self) -> bool:
        return True


class InternalDependencyException(_FinalError):
    """Something that the service depends on failed; the model may have run.

    No other attempt is made. Call again if the model may run twice.
    """

    code = "InternalDependencyException"
    http_status = 530
    fault = "server"
    may_have_executed = True


class InternalFailure(ServiceError):
    """The service failed, and attempts after this were made.

    It says itself that trying again may help, so that is done; it does not say whether
    the model ran. Wait, and call again.
    """

    code = "InternalFailure"
    http_status = 500
    fault = "server"


class ServiceUnavailable(ServiceError):
    """The service cannot take the request now; the model has not run.

    Attempts after this were made. Wait, and call again, or give the endpoint more
    instances.
    """

    code = "ServiceUnavailable"
    http_status = 503
    fault = "server"


class ModelStreamError(_FinalError):
    """The model failed while it was streaming.

    It has run, and is not run again; the parts before this are good. ``error_code``
    says why, and the container's log more.
    """

    code = "ModelStreamError"
    fault = "client"
    may_have_executed = True
    error_code: str | None = None
    """What the container says of the error: ``ModelInvocationTimeExceeded``, say."""

    def _read(self, details: Mapping[str, object]) -> None:
        self.error_code = _text(details.get("ErrorCode"))


class InternalStreamFailure(_FinalError):
    """The service failed while the model was streaming.

    It has run, and is not run again; the parts before this are good. Call again if the
    model may run twice.
    """

    code = "InternalStreamFailure"
    fault = "server"
    may_have_executed = True


class UnmodeledEventError(_FinalError):
    """The stream carried an error, or an exception of a kind that has no model.

    The model may have run, and is not run again; the parts before this are good.
    """

    code = "UnmodeledEventError"
    may_have_executed = True


class UnknownServiceError(ServiceError):
    """An error that is not in the service's model; ``code`` says which.

    Access that is denied, throttling, and what a proxy on the way says come as this.
    It is retried as its code and status say; the model has not run unless the status
    is of a server's failure.
    """

    body: bytes = b""
    """The start of the response's body, as it came; at most 4 KiB."""


class ResponseTargetError(SageMakerRuntimeError, OSError):
    """The file that ``response_target`` names cannot be written.

    Where that is known before anything is sent, the model has not run. Else
    ``may_have_executed`` is True: it has, its answer is lost, and no part of it is left
    in the file. The request is not repeated. Mend the path, or make room there.
    """


class DeserializationError(SageMakerRuntimeError):
    """A response came that cannot be read.

    The model may have run. The request is not repeated; where not even the head could
    be read, ``retry_ambiguous`` may ask for it. Look at what stands between you and the
    service.
    """

    request_sent = True
    may_have_executed = True


class ResponseTooLargeError(DeserializationError):
    """The response is larger than ``max_response_bytes``.

    The model has run; the rest of its answer was not read. Raise the limit, or stream.
    """


class TruncatedBodyError(DeserializationError, ConnectionError):
    """The connection broke inside a response's body.

    The model has run, and is not run again: part of its answer is lost.
    """


class EventStreamError(DeserializationError):
    """The response is no event stream that this library could read on.

    The model has run, and is not run again; the parts before this are good.
    """


class CorruptMessageError(EventStreamError):
    """A frame contradicts its checksum, its own lengths, or the limits.

    The model has run, and is not run again; the parts before this are good. Something
    between you and the service damages what it passes on.
    """


class TruncatedStreamError(EventStreamError, ConnectionError):
    """The stream ended inside a frame.

    The model has run, and is not run again; the parts before this are good.
    """


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

"""Every exception that this library raises.

::

    SageMakerRuntimeError
    ├── OptionsError                        the configuration is invalid
    │   └── SharedConfigError
    │       └── ProfileNotFoundError
    ├── StackError
    │   ├── DuplicateMiddlewareError
    │   └── UnknownMiddlewareError
    ├── ClientStateError
    ├── ComponentError                      a custom component failed
    ├── ParamValidationError                the input is invalid
    ├── SerializationError
    ├── CredentialsError                    the request could not be prepared
    ├── EndpointResolutionError
    │   └── EndpointNotFoundError
    ├── RetryCapacityNotAvailableError
    ├── CallRefusedError                    a resilience middleware refused the call
    │   ├── BudgetExceededError
    │   ├── CircuitOpenError
    │   └── ConcurrencyLimitError
    ├── RequestAbortedError                 the caller aborted the request
    ├── ReplayBufferFullError               too many events were not acknowledged
    ├── SessionError                        a stateful session cannot be used
    │   ├── SessionNotOpenedError
    │   ├── SessionNotClosedError
    │   └── SessionEndedError               it was closed, or has expired
    ├── TransportError                      there was no response
    │   ├── ConnectError
    │   │   ├── ConnectTimeoutError
    │   │   ├── PoolTimeoutError
    │   │   ├── CertificateError
    │   │   └── HTTP2NotSupportedError
    │   ├── ConnectionLostError
    │   ├── StreamRefusedError
    │   └── RequestTimeoutError
    ├── ServiceError                        the service responded with an error
    │   ├── ValidationError
    │   │   └── InputValidationError
    │   ├── ModelError
    │   ├── ModelNotReadyException
    │   ├── ThrottlingException
    │   ├── InternalFailure
    │   │   └── InternalServerError
    │   ├── InternalDependencyException
    │   ├── ServiceUnavailable
    │   │   └── ServiceUnavailableError
    │   ├── ModelStreamError
    │   ├── InternalStreamFailure
    │   ├── UnmodeledEventError
    │   ├── UnknownServiceError
    │   └── S3Error
    ├── AsyncInferenceError                 an asynchronous inference failed
    ├── AsyncJobTimeoutError                its result is not there yet
    ├── BatchStoppedError                   a batch job stopped before its end
    ├── ResponseTargetError                 the response could not be stored
    └── DeserializationError                the response could not be read
        ├── ResponseTooLargeError
        ├── TruncatedBodyError
        ├── EventStreamError
        │   ├── CorruptMessageError
        │   └── TruncatedStreamError
        └── OutputDecodingError             the text or JSON in it is invalid
            ├── InvalidTextError
            ├── InvalidJSONError
            ├── LineTooLongError
            ├── IncompleteOutputError
            ├── UnknownFormatError
            └── ContainerStreamError        the container reported an error

The facts of an error are attributes: do not parse its text. If
``may_have_executed`` is True, the model may have run although its response was lost,
and sending the request again may run it twice. The attribute stays False for 5xx
responses, which every AWS SDK retries.

Cancellation is not in this tree: ``asyncio.CancelledError`` propagates unchanged.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sagemaker_rt.context import Metadata
    from sagemaker_rt.http import Response
    from sagemaker_rt.sansio.container_error_rules import ModelErrorReason
    from sagemaker_rt.sansio.model_error_messages import (
        LogLocation,
        ModelErrorMessage,
    )

__all__ = [
    "AsyncInferenceError",
    "AsyncJobTimeoutError",
    "BatchStoppedError",
    "BudgetExceededError",
    "CallRefusedError",
    "CertificateError",
    "CircuitOpenError",
    "ClientStateError",
    "ComponentError",
    "ConcurrencyLimitError",
    "ConnectError",
    "ConnectTimeoutError",
    "ConnectionLostError",
    "ContainerStreamError",
    "CorruptMessageError",
    "CredentialsError",
    "DeserializationError",
    "DuplicateMiddlewareError",
    "EndpointNotFoundError",
    "EndpointResolutionError",
    "EventStreamError",
    "HTTP2NotSupportedError",
    "IncompleteOutputError",
    "InputValidationError",
    "InternalDependencyException",
    "InternalFailure",
    "InternalServerError",
    "InternalStreamFailure",
    "InvalidJSONError",
    "InvalidTextError",
    "LineTooLongError",
    "ModelError",
    "ModelNotReadyException",
    "ModelStreamError",
    "OptionsError",
    "OutputDecodingError",
    "ParamValidationError",
    "PoolTimeoutError",
    "ProfileNotFoundError",
    "ReplayBufferFullError",
    "RequestAbortedError",
    "RequestTimeoutError",
    "ResponseTargetError",
    "ResponseTooLargeError",
    "RetryCapacityNotAvailableError",
    "S3Error",
    "SageMakerRuntimeError",
    "SerializationError",
    "ServiceError",
    "ServiceUnavailable",
    "ServiceUnavailableError",
    "SessionEndedError",
    "SessionError",
    "SessionNotClosedError",
    "SessionNotOpenedError",
    "SharedConfigError",
    "StackError",
    "StreamRefusedError",
    "ThrottlingException",
    "TransportError",
    "TruncatedBodyError",
    "TruncatedStreamError",
    "UnknownFormatError",
    "UnknownMiddlewareError",
    "UnknownServiceError",
    "UnmodeledEventError",
    "ValidationError",
]

Fault = Literal["client", "server"]


E = TypeVar("E", bound="SageMakerRuntimeError")


class SageMakerRuntimeError(Exception):
    """The base class of all exceptions of this library."""

    operation: str | None = None
    """The operation, such as ``InvokeEndpoint``; None outside a call."""
    request_id: str | None = None
    """The ID that the service assigned to the request; None without a response."""
    http_status: int | None = None
    """The status of the response; None without a response."""
    attempts: int = 0
    """The number of attempts; ``metadata.attempts`` has a record of each."""
    response: Response | None = None
    """Status and headers of the response; None without a response."""
    request_sent: bool = False
    """Whether any byte of the request may have left this process."""
    may_have_executed: bool = False
    """Whether the model may have run although its response was lost."""
    is_retryable: bool = False
    """Whether the same request may be sent again, and may succeed then."""
    is_throttle: bool = False
    """Whether the service throttled the request."""
    retry_after: float | None = None
    """Seconds to wait before a retry, if the service named them."""
    fault: Fault | None = None
    """The side that caused the error; None if that is unknown."""
    component: str | None = None
    """The option whose custom component raised the cause, such as ``"signer"``."""
    counts_as_attempt: bool = True
    """Whether the failure used an attempt; waiting for a permit to send does not."""

    @cached_property
    def metadata(self) -> Metadata:
        """Facts that were collected before the call failed.

        A middleware that catches the error adds facts with ``error.metadata[KEY] =
        value``, and raises it again.
        """
        from sagemaker_rt.context import Metadata  # noqa: PLC0415 - few errors need it

        return Metadata()

    @classmethod
    def from_component(cls, component: str, owner: object, cause: Exception) -> Self:
        """Return an error for *cause*, to be raised ``from`` it.

        The text has the type of *cause* and omits its text, which may hold a secret.

        Args:
            component: The option that sets the component.
            owner: The component, an object or a function.
            cause: The exception that the component raised.
        """
        name = getattr(owner, "__qualname__", type(owner).__name__)
        error = cls(f"{component} {name} raised {type(cause).__name__}")
        error.component = component
        return error

    @classmethod
    def from_result(cls, component: str, owner: object, problem: str) -> Self:
        """Return an error for a component that returned something wrong.

        Args:
            component: The option that sets the component.
            owner: The component, an object or a function.
            problem: What it returned, and what it must return.
        """
        name = getattr(owner, "__qualname__", type(owner).__name__)
        error = cls(f"{component} {name} {problem}")
        error.component = component
        return error

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle everything except `metadata`, `response` and an output.

        They refer to the connection of the call and to values of middlewares.
        """
        return (_rebuild, (type(self), self.args, self._state_to_copy()))

    def __copy__(self) -> Self:
        """Return a copy as after pickling, without a traceback.

        Libraries such as distributed register functions that pickle all exceptions with
        their tracebacks, and `copy.copy` would use them.
        """
        return _rebuild(type(self), self.args, self._state_to_copy())

    def _state_to_copy(self) -> dict[str, object]:
        state = self.__dict__.copy()
        for name in ("metadata", "response", "output"):
            state.pop(name, None)
        return state


def _rebuild(
    error_class: type[E], args: tuple[object, ...], state: dict[str, object]
) -> E:
    # __init__ is not called: its keyword arguments are attributes by now
    error = error_class.__new__(error_class, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class OptionsError(SageMakerRuntimeError, ValueError):
    """An option has an invalid value or conflicts with another option.

    Raised before anything is sent. Correct the option that the message names.
    """


class SharedConfigError(OptionsError):
    """A shared configuration file cannot be read or has invalid content.

    Raised before anything is sent. The message names the file, the line or profile, and
    the key. It never contains a value that may be a secret. Correct the file, or use
    another one.
    """


class ProfileNotFoundError(SharedConfigError, LookupError):
    """Neither shared file has the profile.

    Raised before anything is sent. Correct ``profile`` or ``AWS_PROFILE``; the message
    names the files that were read.
    """


class StackError(SageMakerRuntimeError):
    """An edit of the stack is invalid.

    Raised by the edit, or by the first call if the edit is made by ``api_options``.
    Nothing was sent. Correct the edit, or the order of the edits.
    """


class DuplicateMiddlewareError(StackError):
    """The step already has a middleware with this ID.

    Nothing was sent. Override the existing one with ``replace_or_add``, or pass another
    ``id``.
    """


class UnknownMiddlewareError(StackError, LookupError):
    """The step has no middleware with this ID.

    Nothing was sent. ``print(client.explain("InvokeEndpoint"))`` lists all IDs, and the
    middlewares that are left out with the reason. The latter are places to insert at.
    """


class ClientStateError(SageMakerRuntimeError, RuntimeError):
    """An object is used in a state that does not allow it.

    Examples are a client that is closed, a client that belongs to another event loop or
    process, and a stream that two tasks read. If the client is closed during a call,
    ``may_have_executed`` reports whether the model may have run. Use one client per
    event loop, create it after a fork, and close it last.
    """


class ComponentError(SageMakerRuntimeError):
    """A custom component raised an exception that is not one of this library's.

    ``component`` is the option that sets the component, and ``__cause__`` is the
    exception. Three kinds of components have other errors: `CredentialsError` for
    providers of credentials and tokens, `EndpointResolutionError` for endpoint
    resolvers, and `TransportError` for HTTP clients. It is not retried. Correct the
    component.
    """


class ParamValidationError(SageMakerRuntimeError, ValueError):
    """The input violates rules that the service would enforce.

    Raised before anything is sent. Correct what ``problems`` lists.

    Args:
        message: The text of the error.
        problems: One sentence for each violated rule.
    """

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[str, ...] = tuple(problems)
        """One sentence for each violated rule."""


class SerializationError(SageMakerRuntimeError):
    """The input cannot be serialized as a request.

    Raised before anything is sent, or when the file of a body cannot be read to its
    end. The model has not run, because it did not get a complete request. Correct the
    input.
    """

    path: str | None = None
    """The invalid item of a value, such as ``json['inputs'][0]``; None without one."""


class CredentialsError(SageMakerRuntimeError):
    """No provider has credentials, or a provider failed.

    Nothing was sent. The message names the providers that were tried. Set
    ``credentials``, or repair the provider.
    """


class EndpointResolutionError(SageMakerRuntimeError, ValueError):
    """The region and the endpoint options do not lead to a URL.

    Nothing was sent. Set ``region`` or ``endpoint_url``.
    """


class EndpointNotFoundError(EndpointResolutionError, LookupError):
    """An endpoint resolver does not know the region.

    Nothing was sent. Custom resolvers raise it so that the next resolver is tried;
    callers see it only if no resolver is left.
    """


class RetryCapacityNotAvailableError(SageMakerRuntimeError):
    """The service throttled this endpoint, and the client-side limit is reached.

    Raised in retry mode ``adaptive`` with ``adaptive_wait=False``, instead of waiting.
    Nothing was sent, and the call is not retried. Lower the rate, or call again later.
    """

    counts_as_attempt = False


class CallRefusedError(SageMakerRuntimeError):
    """A middleware of ``resilience/`` refused the call, to protect the endpoint.

    The attempt that it refused was not sent; ``attempts`` counts those before it. It is
    not retried. Call again later, or send the request elsewhere.
    """

    counts_as_attempt = False
    endpoint_name: str | None = None
    """The endpoint that the call would have invoked."""


class BudgetExceededError(CallRefusedError):
    """A budget has no calls or no seconds left.

    If the seconds of the budget ended during the call, it was cancelled, and
    ``may_have_executed`` reports whether the model may have run. Otherwise nothing was
    sent.
    """

    resource: Literal["calls", "seconds"] = "calls"
    """What is used up."""
    limit: float = 0.0
    """The size of the budget, in calls or in seconds."""


class CircuitOpenError(CallRefusedError):
    """The endpoint has failed too often, and is not called for some time.

    ``retry_after`` has the seconds until the next probe: one call that is sent to find
    out whether the endpoint has recovered. It is 0 while a probe is in flight.
    """


class ConcurrencyLimitError(CallRefusedError):
    """Too many calls of the endpoint are in flight, and too many wait, or too long.

    The limit follows the throttles and the latency of the endpoint. Make fewer calls at
    a time, or add instances to the endpoint.
    """

    limit: int = 0
    """The number of calls that could be in flight."""
    waiting: int = 0
    """The number of calls that waited for one of them to end."""


class RequestAbortedError(SageMakerRuntimeError):
    """The caller aborted the request with `UnsentRequest.abort`.

    Raised where the request is awaited. It is also the error of a call of
    `Client.invoke_many` that another task cancelled. ``may_have_executed`` reports
    whether the model may have run.
    """


class ReplayBufferFullError(SageMakerRuntimeError):
    """A `ReconnectingStream` keeps too many events that were not acknowledged.

    The event was not sent. Acknowledge what the model has processed, or increase
    ``replay_bytes``.
    """


class SessionError(SageMakerRuntimeError):
    """A stateful session could not be opened or closed, or is not open."""

    session_id: str | None = None
    """The ID of the session; None if there is none."""


class SessionNotOpenedError(SessionError):
    """The response to the request for a new session has no valid session ID.

    The model has run. Check that the endpoint has a stateful model, and that
    ``opening_body`` is what it expects.
    """


class SessionNotClosedError(SessionError):
    """The response to the closing request does not confirm that the session ended.

    The model has run. The session may be open until it expires. Check that
    ``closing_body`` is what the model expects.
    """


class SessionEndedError(SessionError):
    """The session was closed or has expired, or the endpoint does not know it.

    ``reason`` says which. If the session was closed here, or has expired by the clock
    of the client, nothing was sent. If the endpoint does not know the session,
    ``__cause__`` is its response, and the instance of the session may have been
    replaced. Open a new session.
    """

    reason: Literal["closed", "expired", "unknown"] = "unknown"
    """How the session ended: it was closed, it has expired, or it does not exist."""


class TransportError(SageMakerRuntimeError):
    """The HTTP client got no response.

    ``request_sent`` reports whether any byte of the request may have left, and
    ``may_have_executed`` whether the model may have run. If it cannot have run, the
    request was retried, except where a subclass says otherwise.
    """


class ConnectError(TransportError, ConnectionError):
    """No connection could be opened: DNS, TCP or TLS failed.

    Nothing was sent, and the model has not run. The request was retried, unless the
    host name does not exist. Check the endpoint and the network.
    """

    is_retryable = True


class ConnectTimeoutError(ConnectError, TimeoutError):
    """No connection was opened within ``connect_timeout``.

    Nothing was sent, and the model has not run. The request was retried.
    """


class PoolTimeoutError(ConnectError, TimeoutError):
    """No pooled connection became free within ``pool_timeout``.

    Nothing was sent, and the model has not run. All ``max_connections`` were in use:
    raise the limit, or run fewer calls concurrently. The wait is repeated like an
    attempt, but does not count as one.
    """

    counts_as_attempt = False


class CertificateError(ConnectError):
    """The TLS certificate of the server was rejected.

    Nothing was sent, and the model has not run. It is not retried: another
    attempt would get the same certificate. Correct ``ssl_context``, or the server.
    """

    is_retryable = False


class HTTP2NotSupportedError(ConnectError):
    """The server does not speak HTTP/2, which streams in both directions need.

    Nothing was sent, and the model has not run. It is not retried. Check the port,
    which is 8443 at AWS, and the proxies in between.
    """

    is_retryable = False


class ConnectionLostError(TransportError, ConnectionError):
    """The connection was lost before the response headers were received.

    If ``request_sent`` is True, the model may have run, and the request is retried only
    with ``retry_ambiguous``. Otherwise a retry is safe, and was made.
    """


class StreamRefusedError(TransportError, ConnectionError):
    """The server refused a stream before it processed any of it.

    The model has not run. The call was retried, unless events had been sent already:
    they are not kept, and the stream must be opened again.
    """

    request_sent = True
    is_retryable = True


class RequestTimeoutError(TransportError, TimeoutError):
    """A timeout of the request or of the whole call expired.

    The message names it: ``write_timeout``, ``read_timeout``, ``stream_timeout`` or
    ``total_timeout``. If ``may_have_executed`` is True, the model may have run or may
    still be running, and the request is retried only with ``retry_ambiguous``. Raise
    the timeout, or send less.
    """


# The codes and statuses of the retry specification of the AWS SDKs.
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
    """The service responded with an error.

    Throttling and the statuses 500, 502, 503 and 504 were retried before this was
    raised. The subclasses document whether the model ran. For all others, correct the
    request if ``fault`` is ``"client"``, and call again later if it is ``"server"``.

    Args:
        message: The message of the service; may be empty.
        code: The error code of the response; the default is that of the class.
        http_status: The status of the response; the default is that of the class.
        request_id: The ID that the service assigned to the request.
        retry_after: Seconds, from ``x-amz-retry-after``.
        details: All members of the error document, by their names in JSON.
    """

    code: str = "Unknown"
    http_status: int | None = None
    request_sent = True

    def __init__(  # noqa: PLR0913 - the facts of an error response
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
        self.body = b""
        """The first 4 KiB of the response body; empty for an error in a stream."""
        self.rejects_credentials = self.code in REJECTED_CREDENTIALS_CODES
        """Whether the service rejected the credentials; other credentials may work."""
        self.is_throttle = self._is_throttle()
        self.is_retryable = self.is_throttle or self._is_transient()
        self.fault = self.fault or (
            "server" if (self.http_status or 0) >= _SERVER_ERRORS else "client"
        )
        self._set_details(details or {})

    def _set_details(self, details: Mapping[str, object]) -> None:
        """Set the attributes that only this class of errors has."""

    def _is_throttle(self) -> bool:
        # a listed code takes precedence over the status, which may be 429
        if self.code in TRANSIENT_CODES:
            return False
        return self.code in THROTTLING_CODES or self.http_status == _TOO_MANY_REQUESTS

    def _is_transient(self) -> bool:
        return self.code in TRANSIENT_CODES or self.http_status in TRANSIENT_STATUSES

    def __str__(self) -> str:
        # The name of the class is not repeated: a traceback has it already.
        has_own_code = self.code not in {type(self).code, ServiceError.code}
        facts = [self.code] if has_own_code else []
        if self.http_status:
            facts.append(f"HTTP {self.http_status}")
        if self.request_id:
            facts.append(f"request {self.request_id}")
        suffix = f" ({', '.join(facts)})" if facts else ""
        return f"{self.message or 'no message'}{suffix}"


class ValidationError(ServiceError):
    """The service rejected the request; the model has not run.

    This includes a body over the limit of the endpoint, an unknown variant or inference
    component, and an endpoint that is not in service. It is not retried. Correct the
    input.
    """

    code = "ValidationError"
    http_status = 400
    fault = "client"

    @property
    def reason(self) -> ModelErrorReason | None:
        """``model-loading`` if no instance is running yet; None otherwise.

        An inference component that was scaled to zero has no capacity until an instance
        has started. The call is then retried if ``retry_model_errors`` has this reason.
        """
        is_scaling = "no capacity to process this request" in self.message
        return "model-loading" if is_scaling else None


class InputValidationError(ValidationError):
    """The service rejected the request for a stream in both directions.

    The model has not run, and the call is not retried. Correct the input.
    """

    code = "InputValidationError"
    error_code: str | None = None
    """The code of the service for the cause, if there is one."""

    def _set_details(self, details: Mapping[str, object]) -> None:
        self.error_code = _text(details.get("ErrorCode"))


class _NeverRetriedError(ServiceError):
    """The base class of errors that are never retried, whatever their status."""

    def _is_throttle(self) -> bool:
        return False

    def _is_transient(self) -> bool:
        return False


class ModelError(_NeverRetriedError):
    """The model ran and responded with an error.

    ``reason`` says why, if that is known. The error is not retried unless
    ``retry_model_errors`` has its ``original_status_code`` or its ``reason``. See
    ``original_message``, and the log of the container at ``log_url``.
    """

    code = "ModelError"
    http_status = 424
    fault = "client"
    original_status_code: int | None = None
    """The status of the container's response. 0 means that the service stopped waiting
    for it, and that the model may still be running."""
    original_message: str | None = None
    """The body of the container's response; empty if the service could not read it."""
    log_stream_arn: str | None = None
    """The ARN of the CloudWatch log group or log stream of the container."""

    @cached_property
    def reason(self) -> ModelErrorReason | None:
        """Why the container failed, as far as its response says; None if unknown.

        It is advice, derived from ``original_status_code`` and ``original_message`` by
        known sentences of containers. `register_error_classifier` adds others.
        """
        return _reason(self.original_status_code, self.original_message or "")

    @property
    def container_name(self) -> str | None:
        """The name of the container, from the message of the service."""
        parts = _parts_of(self.message)
        return parts.container if parts else None

    @property
    def log_group(self) -> str | None:
        """The name of the CloudWatch log group of the container."""
        return self._log.group if self._log else None

    @property
    def log_stream(self) -> str | None:
        """The name of the CloudWatch log stream of the container, if it is known."""
        return self._log.stream if self._log else None

    @property
    def log_url(self) -> str | None:
        """The URL of the container's log in the AWS console of its partition."""
        return self._log.url if self._log else None

    @property
    def _log(self) -> LogLocation | None:
        from sagemaker_rt.sansio.model_error_messages import (  # noqa: PLC0415 - lazy
            find_log,
        )

        return find_log(self.log_stream_arn, self.message)

    def _set_details(self, details: Mapping[str, object]) -> None:
        status = details.get("OriginalStatusCode")
        self.original_status_code = status if isinstance(status, int) else None
        self.original_message = _text(details.get("OriginalMessage"))
        self.log_stream_arn = _text(details.get("LogStreamArn"))
        if self.original_status_code is None or self.original_message is None:
            self._set_details_from_message()
        # the service stopped waiting, and the model still runs
        self.may_have_executed = self.original_status_code == 0

    def _set_details_from_message(self) -> None:
        """Set the status and the body that are not members of the document."""
        parts = _parts_of(self.message)
        if parts is None:
            return
        if self.original_status_code is None:
            self.original_status_code = parts.status
        if self.original_message is None:
            self.original_message = parts.body


def _reason(status: int | None, body: str) -> ModelErrorReason | None:
    from sagemaker_rt.sansio.model_error_reasons import (  # noqa: PLC0415 - lazy
        model_error_reason,
    )

    return model_error_reason(status, body)


def _parts_of(message: str) -> ModelErrorMessage | None:
    from sagemaker_rt.sansio.model_error_messages import (  # noqa: PLC0415 - lazy
        read_model_error_message,
    )

    return read_model_error_message(message)


class ModelNotReadyException(ServiceError):
    """The model is being loaded and has not run.

    The request was retried for ``model_not_ready_timeout``. Call again later, or keep
    the model loaded.
    """

    code = "ModelNotReadyException"
    http_status = 429
    fault = "client"
    reason: ModelErrorReason | None = "model-loading"
    """The same for all errors of this class."""

    def _is_throttle(self) -> bool:
        return True


class ThrottlingException(ServiceError):
    """The service throttled the request; the model has not run.

    ``code`` is the code in the response, such as ``TooManyRequestsException``. Other
    responses that throttle are a status of 429 without a known code, and one of 400
    whose message is null. The request was retried. Call again later, send fewer
    requests, or use ``retry_mode="adaptive"``.
    """

    code = "ThrottlingException"
    fault = "client"

    def _is_throttle(self) -> bool:
        return True


class InternalDependencyException(_NeverRetriedError):
    """A dependency of the service failed; the model may have run.

    It is not retried. Call again if the model may run twice.
    """

    code = "InternalDependencyException"
    http_status = 530
    fault = "server"
    may_have_executed = True


class InternalFailure(ServiceError):
    """The service failed; it is unknown whether the model ran.

    The request was retried, as the error of the service advises. Call again later.
    """

    code = "InternalFailure"
    http_status = 500
    fault = "server"


class InternalServerError(InternalFailure):
    """The service failed to open a stream in both directions.

    It is unknown whether the model ran. The request was retried, unless events had been
    sent. Call again later.
    """

    code = "InternalServerError"


class ServiceUnavailable(ServiceError):
    """The service cannot handle the request now; the model has not run.

    The request was retried. Call again later, or add instances to the endpoint.
    """

    code = "ServiceUnavailable"
    http_status = 503
    fault = "server"


class ServiceUnavailableError(ServiceUnavailable):
    """The service cannot open a stream in both directions now; the model has not run.

    The request was retried, unless events had been sent. Call again later.
    """

    code = "ServiceUnavailableError"


class ModelStreamError(_NeverRetriedError):
    """The model failed while it streamed its response.

    It is not retried. The parts that were received before are valid. See ``error_code``
    and the log of the container.
    """

    code = "ModelStreamError"
    fault = "client"
    may_have_executed = True
    error_code: str | None = None
    """The code, such as ``ModelInvocationTimeExceeded`` or ``StreamBroken``."""

    @property
    def reason(self) -> ModelErrorReason | None:
        """Why the container failed, as far as the code and the message say."""
        if self.error_code == "ModelInvocationTimeExceeded":
            return "model-timeout"
        return _reason(None, self.message)

    def _set_details(self, details: Mapping[str, object]) -> None:
        self.error_code = _text(details.get("ErrorCode"))


class InternalStreamFailure(_NeverRetriedError):
    """The service failed while the model streamed its response.

    It is not retried. The parts that were received before are valid. Call again if the
    model may run twice.
    """

    code = "InternalStreamFailure"
    fault = "server"
    may_have_executed = True


class UnmodeledEventError(_NeverRetriedError):
    """The stream contains an error that is not in the service model.

    The model may have run, and the call is not retried. The parts that were
    received before are valid. See ``code`` and ``message``.
    """

    code = "UnmodeledEventError"
    may_have_executed = True


class UnknownServiceError(ServiceError):
    """The response is an error that is not in the service model; see ``code``.

    Examples are denied access and error pages of proxies. The request was
    retried if the code or status is retryable. The model has not run, except perhaps
    after a 5xx status.
    """


class S3Error(ServiceError):
    """S3 responded with an error; see ``code``, such as ``NoSuchBucket``.

    Requests for objects have no effect on a model. They were retried if the code or
    status is retryable. Correct the location, or the permissions of the credentials.
    """

    region: str | None = None
    """The region of the bucket, if the response names it."""
    host_id: str | None = None
    """The second request ID of S3, which AWS support needs as well."""
    location: str | None = None
    """The S3 URI of the object."""

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.location is None else f"{self.location}: {text}"

    def _set_details(self, details: Mapping[str, object]) -> None:
        self.region = _text(details.get("Region"))
        self.host_id = _text(details.get("HostId"))


class AsyncInferenceError(SageMakerRuntimeError):
    """An asynchronous inference failed; `body` is what the service stored about it.

    That is usually the error response of the container. The model may have run. The
    request is not repeated. Correct the input, or see the log of the container.
    """

    request_sent = True
    may_have_executed = True
    body: bytes = b""
    """The content of the failure object, at most ``max_response_bytes`` of it."""
    content_type: str | None = None
    """The MIME type of *body*."""
    location: str | None = None
    """The S3 URI of the failure object."""
    inference_id: str | None = None
    """The ID of the request."""

    @property
    def text(self) -> str:
        """The body as text; bytes that are not valid UTF-8 are replaced."""
        return self.body.decode(errors="replace")


class AsyncJobTimeoutError(SageMakerRuntimeError, TimeoutError):
    """There was no result and no failure of an asynchronous inference in time.

    The job is not cancelled: wait for its result again. If `denied` is not empty, S3
    denied access. Then the result may be there without the permission to read it.
    ``__cause__`` is the last error of a request, if there was one.
    """

    request_sent = True
    may_have_executed = True
    output_location: str | None = None
    """The S3 URI of the result."""
    failure_location: str | None = None
    """The S3 URI of the failure object; None if the service did not name it."""
    denied: tuple[str, ...] = ()
    """The locations to which S3 denied access."""


class BatchStoppedError(SageMakerRuntimeError):
    """A batch job stopped before its end; its files have all results so far.

    ``__cause__`` is what stopped it; it is None if the caller did. Correct the cause,
    and run the job again with ``resume=True``.
    """

    summary: Any = None
    """The `BatchSummary` of this run."""


class ResponseTargetError(SageMakerRuntimeError, OSError):
    """The file of ``response_target`` cannot be written.

    If ``may_have_executed`` is True, the model has run, its response is lost, and no
    part of it is left in the file. Otherwise nothing was sent. It is not retried.
    Correct the path, or free some space.
    """


class DeserializationError(SageMakerRuntimeError):
    """The response is malformed.

    The model may have run. The call is not retried; if not even the status line and the
    headers are readable, ``retry_ambiguous`` allows a retry. Check the proxies between
    this process and the service.
    """

    request_sent = True
    may_have_executed = True


class ResponseTooLargeError(DeserializationError):
    """The response is larger than ``max_response_bytes``.

    The model has run, and the rest of its response was not read. Raise the limit, or
    use the streaming operation.
    """


class TruncatedBodyError(DeserializationError, ConnectionError):
    """The connection was lost inside the response body.

    The model has run, and a part of its response is lost. It is not retried.
    """


class EventStreamError(DeserializationError):
    """The response is not a valid event stream.

    The model has run, and the call is not retried. The parts that were received
    before are valid.
    """


class CorruptMessageError(EventStreamError):
    """A message of the event stream has a wrong checksum or exceeds a limit.

    The model has run, and the call is not retried. The parts that were received
    before are valid. Something between this process and the service damages the data.
    """


class TruncatedStreamError(EventStreamError, ConnectionError):
    """The event stream ended inside a message.

    The model has run, and the call is not retried. The parts that were received
    before are valid.
    """


class OutputDecodingError(DeserializationError):
    """The text, the JSON or another format in a response is invalid.

    The model has run, and the call is not retried. What was decoded of a stream before
    the error was returned. ``output.body`` has the bytes of a whole response.
    """

    text: str = ""
    """The text of choice 0 that was decoded before the error, if text was decoded."""
    output: Any = None
    """The `InvokeEndpointOutput` that was decoded; None for a stream."""

    def set_output(self, output: Any) -> None:
        """Set the facts of the call that returned *output*, and `output` itself."""
        self.output, self.metadata = output, output.metadata
        self.operation = "InvokeEndpoint"
        self.request_id, self.http_status = output.request_id, output.http_status
        self.attempts = len(output.metadata.attempts)
        self.response = output.metadata.raw_response


class InvalidTextError(OutputDecodingError, ValueError):
    """The response is not valid UTF-8, or not valid in the charset that it names.

    The model has run. Decode with ``errors="replace"``, or read the bytes.
    """


class InvalidJSONError(OutputDecodingError, ValueError):
    """The response contains a value that is not JSON.

    The model has run. The values before it are valid.
    """

    value: str = ""
    """The first characters of the invalid value."""


class LineTooLongError(OutputDecodingError):
    """A line, an event or a JSON value of the response is too long.

    The model has run. Raise the limit that the method takes, or read the bytes.
    """

    limit: int = 0
    """The limit, in bytes."""

    @classmethod
    def over(cls, limit: int) -> Self:
        """Return the error for a limit, in bytes."""
        error = cls(f"a line or value is longer than the limit of {limit} bytes")
        error.limit = limit
        return error


class IncompleteOutputError(OutputDecodingError):
    """The output of a model ended before its end mark, or inside a value.

    The connection ended cleanly, and the model has run. The container may have stopped,
    or a proxy may have cut the output. The text before the end is valid.
    """


class UnknownFormatError(OutputDecodingError):
    """The output of a model has none of the known formats of text streams.

    The model has run. Name the format, register one, or read the values with
    ``iter_json``. Raised by ``iter_sse`` for an output that is not one of events.
    """


class ContainerStreamError(OutputDecodingError):
    """The container reported an error inside its output.

    The response began as a success, and the model has run. The text before the error is
    valid, and incomplete. It is not retried.
    """

    message: str | None = None
    """The message of the container; None if it has none."""
    error_type: str | None = None
    """The type of the error, in the words of the container."""
    error_code: str | int | None = None
    """The code of the error, often an HTTP status."""
    raw: object = None
    """The JSON value that contains the error."""

    @cached_property
    def reason(self) -> ModelErrorReason | None:
        """Why the container failed, like `ModelError.reason`; None if unknown."""
        import json  # noqa: PLC0415 - few errors need it

        error = {"message": self.message, "type": self.error_type}
        return _reason(None, json.dumps({"error": {**error, "code": self.error_code}}))

    @classmethod
    def reported(
        cls,
        message: str | None,
        *,
        error_type: str | None = None,
        error_code: str | int | None = None,
        raw: object = None,
    ) -> Self:
        """Return the error that a container reported."""
        kind = error_type or error_code or "no type"
        text = message or "no message"
        error = cls(f"the container reported an error ({kind}): {text}")
        error.message, error.raw = message, raw
        error.error_type, error.error_code = error_type, error_code
        return error


def _text(value: object) -> str | None:
    # error documents are not trusted to follow the service model
    return value if isinstance(value, str) else None

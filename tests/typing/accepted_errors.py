"""The attributes of errors, and their types."""

from __future__ import annotations

from typing import Literal, assert_type

from sagemaker_rt import (
    AttemptResult,
    CertificateError,
    Client,
    ClientStateError,
    ComponentError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ContainerStreamError,
    CorruptMessageError,
    CredentialsError,
    DeserializationError,
    DuplicateMiddlewareError,
    EndpointNotFoundError,
    EndpointResolutionError,
    ErrorClassifier,
    EventStreamError,
    InternalDependencyException,
    InternalFailure,
    InternalStreamFailure,
    Metadata,
    ModelError,
    ModelErrorReason,
    ModelNotReadyException,
    ModelStreamError,
    OptionsError,
    ParamValidationError,
    PoolTimeoutError,
    ProfileNotFoundError,
    RequestAbortedError,
    RequestTimeoutError,
    Response,
    ResponseTargetError,
    ResponseTooLargeError,
    RetryCapacityNotAvailableError,
    SageMakerRuntimeError,
    SerializationError,
    ServiceError,
    ServiceUnavailable,
    SessionEndedError,
    SessionError,
    SessionNotClosedError,
    SessionNotOpenedError,
    SharedConfigError,
    StackError,
    ThrottlingException,
    TransportError,
    TruncatedBodyError,
    TruncatedStreamError,
    UnknownMiddlewareError,
    UnknownServiceError,
    UnmodeledEventError,
    ValidationError,
    register_error_classifier,
)

BEFORE: tuple[type[SageMakerRuntimeError], ...] = (
    OptionsError,
    SharedConfigError,
    ProfileNotFoundError,
    StackError,
    DuplicateMiddlewareError,
    UnknownMiddlewareError,
    ClientStateError,
    ComponentError,
    ParamValidationError,
    SerializationError,
    CredentialsError,
    EndpointResolutionError,
    EndpointNotFoundError,
    RetryCapacityNotAvailableError,
    RequestAbortedError,
)
OF_SESSIONS: tuple[type[SessionError], ...] = (
    SessionNotOpenedError,
    SessionNotClosedError,
    SessionEndedError,
)
WITHOUT_AN_ANSWER: tuple[type[TransportError], ...] = (
    ConnectError,
    ConnectTimeoutError,
    PoolTimeoutError,
    CertificateError,
    ConnectionLostError,
    RequestTimeoutError,
)
ANSWERED: tuple[type[ServiceError], ...] = (
    ValidationError,
    ModelError,
    ModelNotReadyException,
    ThrottlingException,
    InternalFailure,
    InternalDependencyException,
    ServiceUnavailable,
    ModelStreamError,
    InternalStreamFailure,
    UnmodeledEventError,
    UnknownServiceError,
)
BROKEN: tuple[type[DeserializationError], ...] = (
    ResponseTooLargeError,
    TruncatedBodyError,
    EventStreamError,
    CorruptMessageError,
    TruncatedStreamError,
)


def read_attributes(error: SageMakerRuntimeError) -> None:
    """Read the attributes of all errors."""
    assert_type(error.operation, str | None)
    assert_type(error.request_id, str | None)
    assert_type(error.http_status, int | None)
    assert_type(error.attempts, int)
    assert_type(error.metadata, Metadata)
    assert_type(error.response, Response | None)
    assert_type(error.request_sent, bool)
    assert_type(error.may_have_executed, bool)
    assert_type(error.is_retryable, bool)
    assert_type(error.is_throttle, bool)
    assert_type(error.retry_after, float | None)
    assert_type(error.fault, Literal["client", "server"] | None)
    assert_type(error.metadata.attempts, tuple[AttemptResult, ...])
    assert_type(error.metadata.attempts[0].error, SageMakerRuntimeError | None)


def read_session_attributes(error: SessionError) -> None:
    """Read the attributes of errors of sessions."""
    assert_type(error.session_id, str | None)
    if isinstance(error, SessionEndedError):
        assert_type(error.reason, Literal["closed", "expired", "unknown"])


def read_service_attributes(error: ServiceError) -> None:
    """Read the attributes of service errors."""
    assert_type(error.code, str)
    assert_type(error.message, str)
    if isinstance(error, ModelError):
        assert_type(error.original_status_code, int | None)
        assert_type(error.original_message, str | None)
        assert_type(error.log_stream_arn, str | None)
        assert_type(error.reason, ModelErrorReason | None)
        assert_type(error.container_name, str | None)
        assert_type(error.log_group, str | None)
        assert_type(error.log_stream, str | None)
        assert_type(error.log_url, str | None)
    if isinstance(error, ModelStreamError):
        assert_type(error.error_code, str | None)
    assert_type(error.body, bytes)


def read_reasons(
    error: ValidationError
    | ModelNotReadyException
    | ModelStreamError
    | ContainerStreamError,
) -> None:
    """Read the reasons of other errors that a container may cause."""
    assert_type(error.reason, ModelErrorReason | None)


def classify(status: int | None, body: str) -> ModelErrorReason | None:
    """Recognize an error of a custom container."""
    return "bad-payload" if status == 418 and "tea" in body else None


CLASSIFIER: ErrorClassifier = classify
register_error_classifier(classify)


async def handle_errors(client: Client) -> str | None:
    """Handle errors, the specific ones first."""
    try:
        await client.invoke_endpoint(endpoint_name="m", body=b"")
    except ParamValidationError as error:
        return ", ".join(error.problems)
    except ModelError as error:
        return error.original_message
    except (ModelNotReadyException, ServiceUnavailable) as error:
        return f"{error.code} after {error.attempts}, in {error.retry_after}"
    except WITHOUT_AN_ANSWER as error:
        return str(error.request_sent)
    except (*ANSWERED, *BROKEN, *BEFORE) as error:
        return error.request_id
    return None


async def handle_builtin_errors(client: Client) -> str | None:
    """Handle errors by their builtin base classes."""
    try:
        await client.invoke_endpoint(endpoint_name="m", body=b"")
    except TimeoutError as error:
        return "a timeout" if isinstance(error, TransportError) else None
    except ResponseTargetError as error:
        return error.strerror
    return None


def create_errors() -> list[SageMakerRuntimeError]:
    """Create errors, as test doubles do."""
    failure = ModelError(
        "it failed", request_id="r", details={"OriginalStatusCode": 500}
    )
    return [
        failure,
        ServiceError("slow down", code="ThrottlingException", http_status=400),
        ParamValidationError("two things are wrong", ["one", "two"]),
        ConnectError("no route"),
    ]

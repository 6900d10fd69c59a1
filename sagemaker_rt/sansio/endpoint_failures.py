"""What the result of a request says about the health of its endpoint."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import (
    CallRefusedError,
    CredentialsError,
    DeserializationError,
    EndpointResolutionError,
    ModelError,
    OutputDecodingError,
    PoolTimeoutError,
    RequestTimeoutError,
    ResponseTooLargeError,
    RetryCapacityNotAvailableError,
    ServiceError,
    TransportError,
    ValidationError,
)

__all__ = ["blames_endpoint", "may_run_elsewhere"]

# Raised before anything is sent, for reasons that another target may not have.
_ONLY_HERE: Final = (
    CallRefusedError,
    CredentialsError,
    EndpointResolutionError,
    RetryCapacityNotAvailableError,
)
# The service stopped waiting for the container (0), or a proxy in it did. A status of
# 500 is not among them: it may be due to the input.
_OVERLOADED_CONTAINER: Final = frozenset({0, 502, 503, 504})


def blames_endpoint(error: BaseException | None) -> bool | None:
    """Return whether a request that ended with *error* failed because of the endpoint.

    None means that the result says nothing: the request was cancelled or not sent, the
    error is the caller's, or the service throttled. Throttling says that there are too
    many requests, not that they fail.
    """
    if error is None or isinstance(error, OutputDecodingError | ResponseTooLargeError):
        return False
    if isinstance(error, ServiceError):
        return _is_failure(error)
    if isinstance(error, RequestTimeoutError) and not error.request_sent:
        return None  # total_timeout expired before the request
    if isinstance(error, PoolTimeoutError):  # all connections are in use here
        return None
    return True if isinstance(error, TransportError | DeserializationError) else None


def _is_failure(error: ServiceError) -> bool | None:
    if error.is_throttle:
        return None
    if isinstance(error, ModelError):
        return error.original_status_code in _OVERLOADED_CONTAINER
    return error.fault == "server"


def may_run_elsewhere(error: BaseException, *, retry_ambiguous: bool = False) -> bool:
    """Return whether a call that ended with *error* may be made at another endpoint.

    The model must not have run, unless *retry_ambiguous* is True, and the reason for
    the error must be one that the other endpoint may not have.
    """
    if isinstance(error, ModelError):  # the model has run, or may still be running
        return False
    if not _may_be_only_here(error):
        return False
    # also if nothing was sent at last: an earlier attempt may have run the model
    return retry_ambiguous or not getattr(error, "may_have_executed", True)


def _may_be_only_here(error: BaseException) -> bool:
    if isinstance(error, (*_ONLY_HERE, PoolTimeoutError)) or blames_endpoint(error):
        return True
    return isinstance(error, ServiceError) and _is_of_this_endpoint(error)


def _is_of_this_endpoint(error: ServiceError) -> bool:
    is_missing = isinstance(error, ValidationError) and error.message.startswith(
        "Endpoint "
    )
    return error.is_throttle or error.rejects_credentials or is_missing

"""What the result of a request says about the health of its endpoint."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import (
    DeserializationError,
    ModelError,
    OutputDecodingError,
    PoolTimeoutError,
    RequestTimeoutError,
    ResponseTooLargeError,
    ServiceError,
    TransportError,
)

__all__ = ["blames_endpoint"]

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

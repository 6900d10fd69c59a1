"""What a span tells of a call or an attempt; needs opentelemetry-api.

Nothing of a body, of custom attributes or of credentials is among it.
"""

from __future__ import annotations

from opentelemetry.trace import Span, Status, StatusCode

from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError

__all__ = ["fail", "name_of", "succeed"]


def succeed(span: Span, *, request_id: str | None, http_status: int | None) -> None:
    """Tell *span* what the service answered, if it did."""
    if request_id is not None:
        span.set_attribute("aws.request_id", request_id)
    if http_status is not None:
        span.set_attribute("http.response.status_code", http_status)


def fail(span: Span, error: BaseException) -> None:
    """Tell *span* that it ended with *error*, which may be a cancellation."""
    if isinstance(error, SageMakerRuntimeError):
        succeed(span, request_id=error.request_id, http_status=error.http_status)
    name = name_of(error)
    span.set_attribute("error.type", name)
    span.record_exception(error)
    span.set_status(Status(StatusCode.ERROR, name))


def name_of(error: BaseException) -> str:
    """Return the code that the service gave *error*, else its type."""
    return error.code if isinstance(error, ServiceError) else type(error).__name__

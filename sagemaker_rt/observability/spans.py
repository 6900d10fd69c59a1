"""What spans record of calls and attempts; needs opentelemetry-api.

Bodies, custom attributes and credentials are never recorded. Exceptions of tracers and
spans are logged and suppressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from traceback import format_exception
from typing import TypeAlias

from opentelemetry.trace import (
    INVALID_SPAN,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
)

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.observability.instruments import error_type
from sagemaker_rt.observability.provider_errors import suppress_provider_errors

__all__ = [
    "AttributeValue",
    "end_span",
    "record_error",
    "record_response",
    "set_attributes",
    "start_span",
]

AttributeValue: TypeAlias = str | int | float


def start_span(
    tracer: Tracer,
    name: str,
    attributes: Mapping[str, AttributeValue],
    *,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Span:
    """Start a span. If *tracer* fails, return one that records nothing."""
    with suppress_provider_errors("start a span"):
        return tracer.start_span(name, kind=kind, attributes=attributes)
    return INVALID_SPAN


def end_span(span: Span) -> None:
    """End *span*."""
    with suppress_provider_errors("end a span"):
        span.end()


def set_attributes(span: Span, attributes: Mapping[str, AttributeValue]) -> None:
    """Set further *attributes* on *span*."""
    with suppress_provider_errors("set span attributes"):
        for name, value in attributes.items():
            span.set_attribute(name, value)


def record_response(
    span: Span, *, request_id: str | None, http_status: int | None
) -> None:
    """Set the request id and the status on *span*; None is left out."""
    facts = {"aws.request_id": request_id, "http.response.status_code": http_status}
    set_attributes(
        span, {name: fact for name, fact in facts.items() if fact is not None}
    )


def record_error(span: Span, error: BaseException) -> None:
    """Record on *span* that it failed with *error*; also for a cancellation.

    The text of an error that is not a `SageMakerRuntimeError`, and that of every cause,
    may contain a secret. Only the type of the former is recorded, and no causes.
    """
    name = error_type(error)
    set_attributes(span, {"error.type": name})
    with suppress_provider_errors("record an error on a span"):
        span.set_status(Status(StatusCode.ERROR, name))
    if not isinstance(error, SageMakerRuntimeError):
        return
    record_response(span, request_id=error.request_id, http_status=error.http_status)
    with suppress_provider_errors("record an error on a span"):
        # chain=False: causes may be foreign errors
        stack = "".join(format_exception(error, chain=False))
        span.record_exception(error, {"exception.stacktrace": stack})

"""What a span tells of a call or an attempt; needs opentelemetry-api.

Nothing of a body, of custom attributes or of credentials is among it. Nothing here
raises what a tracer or a span does.
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

from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.observability.provider_errors import suppress_provider_errors

__all__ = ["AttributeValue", "begin", "end", "fail", "name_of", "succeed", "tell"]

AttributeValue: TypeAlias = str | int | float


def begin(
    tracer: Tracer,
    name: str,
    attributes: Mapping[str, AttributeValue],
    *,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Span:
    """Return a span of *tracer*, or one that is told to nobody."""
    with suppress_provider_errors("start a span"):
        return tracer.start_span(name, kind=kind, attributes=attributes)
    return INVALID_SPAN


def end(span: Span) -> None:
    """End *span*."""
    with suppress_provider_errors("end a span"):
        span.end()


def tell(span: Span, attributes: Mapping[str, AttributeValue]) -> None:
    """Give *span* further *attributes*."""
    with suppress_provider_errors("set span attributes"):
        for name, value in attributes.items():
            span.set_attribute(name, value)


def succeed(span: Span, *, request_id: str | None, http_status: int | None) -> None:
    """Tell *span* what the service answered, if it did."""
    facts = {"aws.request_id": request_id, "http.response.status_code": http_status}
    tell(span, {name: fact for name, fact in facts.items() if fact is not None})


def fail(span: Span, error: BaseException) -> None:
    """Tell *span* that it ended with *error*, which may be a cancellation.

    Of errors that are not this library's, and of causes, it is not known whether their
    text tells a secret: they have a name alone.
    """
    name = name_of(error)
    tell(span, {"error.type": name})
    with suppress_provider_errors("record an error on a span"):
        span.set_status(Status(StatusCode.ERROR, name))
    if not isinstance(error, SageMakerRuntimeError):
        return
    succeed(span, request_id=error.request_id, http_status=error.http_status)
    with suppress_provider_errors("record an error on a span"):
        stack = "".join(format_exception(error, chain=False))
        span.record_exception(error, {"exception.stacktrace": stack})


def name_of(error: BaseException) -> str:
    """Return the code that the service gave *error*, else its type."""
    return error.code if isinstance(error, ServiceError) else type(error).__name__

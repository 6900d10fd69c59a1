"""What the middleware ``Retry`` does to the errors of attempts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sagemaker_rt.context import AttemptResult
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import Request

__all__ = ["add_past", "copy_facts", "drop_tracebacks", "is_attempt", "is_elsewhere"]

_FACTS: Final = (
    "attempts",
    "http_status",
    "may_have_executed",
    "metadata",
    "request_id",
    "request_sent",
    "response",
)


def is_attempt(error: SageMakerRuntimeError | None) -> bool:
    """Return whether a result with *error* counts as an attempt."""
    return error is None or error.counts_as_attempt


def is_elsewhere(request: Request, failed: Request | None) -> bool:
    """Return whether *request* is for another host than *failed*."""
    if failed is None or request.endpoint is None or failed.endpoint is None:
        return False
    return request.endpoint.host != failed.endpoint.host


def copy_facts(source: SageMakerRuntimeError, target: SageMakerRuntimeError) -> None:
    """Copy what is known of the failed attempt."""
    for name in _FACTS:
        setattr(target, name, getattr(source, name))


def add_past(error: SageMakerRuntimeError, past: Iterable[AttemptResult]) -> None:
    """Write on *error* what the attempts before it may have done."""
    for attempt in past:
        failure = attempt.error
        error.request_sent |= failure is None or failure.request_sent
        error.may_have_executed |= failure is None or failure.may_have_executed


def drop_tracebacks(error: BaseException | None) -> None:
    """Drop the tracebacks of *error* and its causes.

    The records of the attempts keep the error. The frames of its traceback would keep
    the request of the attempt, with its body and signature, alive for as long.
    """
    # not along __context__, which may be an exception of the application
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__

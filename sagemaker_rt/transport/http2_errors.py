"""The errors of a stream in both directions that did not reach its end."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import (
    ConnectionLostError,
    SageMakerRuntimeError,
    TruncatedBodyError,
)
from sagemaker_rt.sansio.stream_deadlines import Due, Limit
from sagemaker_rt.transport.error_mapping import timeout_error
from sagemaker_rt.transport.request_stage import Stage

__all__ = ["expired_error", "lost_error"]

_STAGES: Final = {Limit.RESPONSE: Stage.HEAD, Limit.WRITE: Stage.WRITE}


def lost_error(
    reason: str, *, host: str, has_response: bool, cause: Exception | None = None
) -> SageMakerRuntimeError:
    """Return the error of a stream that was cut.

    Args:
        has_response: Whether the response headers were received.
    """
    if has_response:
        message = f"stream from {host} was cut before its end: {reason}"
        error: SageMakerRuntimeError = TruncatedBodyError(message)
    else:
        message = f"connection to {host} was lost before the response headers: {reason}"
        error = ConnectionLostError(message)
    error.request_sent = error.may_have_executed = True
    error.__cause__ = cause
    return error


def expired_error(due: Due, *, host: str, has_response: bool) -> SageMakerRuntimeError:
    """Return the error of a limit that was exceeded.

    Args:
        has_response: Whether the response headers were received.
    """
    assert due.limit is not None  # noqa: S101 - the caller checks it
    stage = _STAGES.get(due.limit, Stage.BODY if has_response else Stage.HEAD)
    return timeout_error(stage, due.seconds, host=host, option=due.limit.value)

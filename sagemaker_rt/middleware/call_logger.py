"""Initialize: log one record per call; its text is formatted here.

With a `LogFormatter` on the handler, the text is formatted from the record's attributes
instead, in ``observability/log_formatter.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Final

import attrs

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.http import FileBody
from sagemaker_rt.observability.logger_errors import wrap_logger_errors
from sagemaker_rt.sansio.redaction import printable
from sagemaker_rt.stack import Handler, InitializeInput, Output

__all__ = ["CallLogger"]

_CLIENT: Final = "SageMakerRuntime"
_FILTERED: Final = "[FILTERED]"


class CallLogger:
    """Log one record per call to *logger*, at *level*.

    The duration is the time that the caller waits; for a stream, until the response
    headers are received. Cancelled calls are not logged. The attributes of the record
    are:

    * ``client_class`` and ``operation``: ``SageMakerRuntime`` and ``InvokeEndpoint``
    * ``http_status`` and ``request_id``: None without a response
    * ``duration`` in seconds, and ``retries``
    * ``request_size`` in bytes: None if it is not known
    * ``request_params``: the members that are set; sensitive values are filtered
    * ``error_class`` and ``error_message``: None for a successful call

    If the application's record factory sets an attribute of the same name, that one is
    kept.

    Args:
        time: Returns seconds of a monotonic clock.
    """

    def __init__(
        self,
        logger: logging.Logger,
        level: int,
        *,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self._logger: Final = logger
        self._level: Final = level
        self._time: Final = time

    async def __call__(
        self, ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
    ) -> Output:
        started_at = self._time()
        try:
            output = await next(ctx, input)
        except Exception as error:
            self._log(ctx, input.params, _error_facts(error), started_at)
            raise
        self._log(ctx, input.params, _success_facts(output.metadata), started_at)
        return output

    def _log(
        self, ctx: Context, params: object, facts: dict[str, object], started_at: float
    ) -> None:
        duration = self._time() - started_at
        facts |= {
            "client_class": _CLIENT,
            "operation": ctx.operation,
            "duration": duration,
            "request_params": _visible_params(params),
            "request_size": _size(getattr(params, "body", None)),
        }
        result = facts["error_class"] or f"HTTP {facts['http_status']}"
        with wrap_logger_errors(self._logger):
            self._logger.log(
                self._level,
                "%s: %s in %.6f s, %d retries, request id %s",
                ctx.operation,
                printable(str(result)),
                duration,
                facts["retries"],
                printable(str(facts["request_id"])),
                extra=_extra(facts),
            )


def _extra(facts: dict[str, object]) -> dict[str, object]:
    """Return *facts* without attributes that the application's record factory sets."""
    # logging raises KeyError for an extra attribute that the record has already
    if logging.getLogRecordFactory() is logging.LogRecord:
        return facts
    taken = vars(logging.makeLogRecord({}))
    return {name: fact for name, fact in facts.items() if name not in taken}


def _success_facts(metadata: Metadata) -> dict[str, object]:
    return {
        "http_status": metadata.http_status,
        "request_id": metadata.request_id,
        "retries": max(0, len(metadata.attempts) - 1),
        "error_class": None,
        "error_message": None,
    }


def _error_facts(error: Exception) -> dict[str, object]:
    if not isinstance(error, SageMakerRuntimeError):
        # the text of a foreign error may contain a secret
        return {**_success_facts(Metadata()), "error_class": type(error).__name__}
    name, message = type(error).__name__, str(error)
    if isinstance(error, ServiceError):
        # the text has status and request id, which are separate attributes
        name, message = error.code, error.message
    return {
        "http_status": error.http_status,
        "request_id": error.request_id,
        "retries": max(0, error.attempts - 1),
        "error_class": name,
        "error_message": message,
    }


def _visible_params(params: object) -> dict[str, object]:
    """Return the members of *params* that are set; sensitive values are filtered."""
    kind: type = type(params)
    if not attrs.has(kind):
        return {}
    members = [(field, getattr(params, field.name)) for field in attrs.fields(kind)]
    return {
        field.name: value if field.repr is True else _FILTERED
        for field, value in members
        if value is not None
    }


def _size(body: object) -> int | None:
    if isinstance(body, str):
        return len(body.encode())
    if isinstance(body, FileBody):
        return len(body)
    if hasattr(body, "read"):  # also an mmap, which is sent from its current position
        return None
    try:
        return memoryview(body).nbytes  # type: ignore[arg-type] # may have no buffer
    except (BufferError, TypeError, ValueError):
        return None

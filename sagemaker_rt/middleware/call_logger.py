"""Initialize: write one line of each call, with the facts beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Final

import attrs

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.http import FileBody
from sagemaker_rt.sansio.redaction import printable
from sagemaker_rt.stack import Handler, InitializeInput, Output

__all__ = ["CallLogger"]

_CLIENT: Final = "SageMakerRuntime"
_FILTERED: Final = "[FILTERED]"


class CallLogger:
    """Log one record of each call to *logger*, at *level*.

    It stands around all else, so that its time is what the caller waits for: of a
    stream, until it begins. There is none of a call that was cancelled. The record has
    the facts as attributes:

    * ``client_class`` and ``operation``, ``SageMakerRuntime`` and ``InvokeEndpoint``
    * ``http_status`` and ``request_id``, None where the service did not answer
    * ``duration`` in seconds, and ``retries``
    * ``request_size`` in bytes, None where it is not known, as of a file
    * ``request_params``, the members that are set, without those that are sensitive
    * ``error_class`` and ``error_message``, None where all went well

    An attribute that the application's record factory sets stays the application's.

    Args:
        time: Seconds.
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
        started = self._time()
        try:
            output = await next(ctx, input)
        except Exception as error:
            self._log(ctx, input.params, _facts_of(error), started)
            raise
        self._log(ctx, input.params, _facts(output.metadata), started)
        return output

    def _log(
        self, ctx: Context, params: object, facts: dict[str, object], started: float
    ) -> None:
        duration = self._time() - started
        facts |= {
            "client_class": _CLIENT,
            "operation": ctx.operation,
            "duration": duration,
            "request_params": _shown(params),
            "request_size": _size(getattr(params, "body", None)),
        }
        self._logger.log(
            self._level,
            "%s: %s in %.6f s, %d retries, request id %s",
            ctx.operation,
            printable(str(facts["error_class"] or f"HTTP {facts['http_status']}")),
            duration,
            facts["retries"],
            printable(str(facts["request_id"])),
            extra=_free(facts),
        )


def _free(facts: dict[str, object]) -> dict[str, object]:
    """Return *facts* without those whose names a record of the application's has."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        return facts
    taken = vars(logging.makeLogRecord({}))
    return {name: fact for name, fact in facts.items() if name not in taken}


def _facts(metadata: Metadata) -> dict[str, object]:
    return {
        "http_status": metadata.http_status,
        "request_id": metadata.request_id,
        "retries": max(0, len(metadata.attempts) - 1),
        "error_class": None,
        "error_message": None,
    }


def _facts_of(error: Exception) -> dict[str, object]:
    if not isinstance(error, SageMakerRuntimeError):
        # of others it is not known whether their text tells a secret
        return {**_facts(Metadata()), "error_class": type(error).__name__}
    name, message = type(error).__name__, str(error)
    if isinstance(error, ServiceError):
        name, message = error.code, error.message
    return {
        "http_status": error.http_status,
        "request_id": error.request_id,
        "retries": max(0, error.attempts - 1),
        "error_class": name,
        "error_message": message,
    }


def _shown(params: object) -> dict[str, object]:
    """Return the members of *params* that are set; what no repr shows is filtered."""
    kind: type = type(params)
    if not attrs.has(kind):
        return {}
    members = [(field, getattr(params, field.name)) for field in attrs.fields(kind)]
    return {
        field.name: value if field.repr else _FILTERED
        for field, value in members
        if value is not None
    }


def _size(body: object) -> int | None:
    if isinstance(body, str):
        return len(body.encode())
    if isinstance(body, (bytes, bytearray, FileBody)):
        return len(body)
    return body.nbytes if isinstance(body, memoryview) else None

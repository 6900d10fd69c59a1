"""Writes the facts of a call on what leaves it: its output, or its exception.

The facts come up in the metadata of outputs and errors. A middleware may lose them: it
may answer with a new output, or raise a new exception. What is missing then comes from
the last exchange of the call.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    REQUEST_ID,
    LastExchange,
    Metadata,
)
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.sansio.attempt_errors import add_past
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.stack import Output
from sagemaker_rt.step_inputs import require_output

__all__ = ["describe_exception", "with_facts"]

_MISSING: Final = object()


def describe_exception(
    exception: Exception,
    operation: str,
    exchange: LastExchange | None = None,
    *,
    service: str = SERVICE_ID,
) -> None:
    """Write the facts of the call on *exception*, which leaves it.

    An exception that is not one of this library gets a note only.

    Args:
        exchange: The last exchange of the call; None if the call did not start.
        service: The service that has the operation.
    """
    if not isinstance(exception, SageMakerRuntimeError):
        _add_note(exception, f"{service} {operation}")
        return
    # an error of another call, which a middleware made, has the facts of that one
    if exception.operation is not None:
        return
    exception.operation = operation
    if exchange is not None and exchange.metadata is not None:
        _write_exchange(exception, exchange)


def with_facts(output: Output, exchange: LastExchange) -> Output:
    """Return *output* with all facts of the call in the metadata of its result.

    A result that a middleware supplied is copied, and not changed: it may be the result
    of other calls too.

    Raises:
        StackError: A middleware returned something else than an output.
    """
    if not isinstance(output, Output):  # else the call would cost time
        require_output(output)
    metadata, result = output.metadata, output.result
    own = getattr(result, "metadata", None)
    is_complete = HTTP_STATUS in metadata and ATTEMPTS in metadata
    if own is metadata and is_complete:
        return output
    facts = Metadata()
    if not is_complete and exchange.metadata is not None:
        facts.update(_facts_of(exchange, exchange.metadata))
    if isinstance(own, Metadata):
        facts.update(own)
    facts.update(metadata)
    return Output(_with_metadata(result, own, facts), output.response, facts)


def _with_metadata(result: Any, own: object, facts: Metadata) -> object:
    """Return *result*, or a copy of it, with *facts* as its metadata."""
    if not isinstance(own, Metadata):
        return result
    if all(own.get(key, _MISSING) is fact for key, fact in facts.items()):
        return result
    if attrs.has(type(result)):
        return attrs.evolve(result, metadata=facts)
    from sagemaker_rt.streaming.response_stream import ResponseStream  # noqa: PLC0415 - needed by streams only

    if isinstance(result, ResponseStream):  # which is read once, by one call
        own.update(facts)
    return result


def _write_exchange(error: SageMakerRuntimeError, exchange: LastExchange) -> None:
    """Write the facts of *exchange* on *error* that it does not have."""
    is_of_attempt = ATTEMPTS in error.metadata
    facts = _facts_of(exchange, exchange.metadata or Metadata())
    for key, fact in facts.items():
        error.metadata.setdefault(key, fact)
    response = exchange.response
    if response is not None and error.response is None:
        error.response = response
        error.request_sent = True
        if 200 <= response.status < 300:  # noqa: PLR2004 - the class of success
            error.may_have_executed = True
    if error.http_status is None:
        error.http_status = facts.http_status
    if error.request_id is None:
        error.request_id = facts.request_id
    if ATTEMPTS not in error.metadata:  # Retry is not in the stack
        error.attempts = exchange.count
    elif not is_of_attempt:
        _write_attempts(error)


def _write_attempts(error: SageMakerRuntimeError) -> None:
    """Write on *error* what the attempts before it may have done."""
    attempts = error.metadata.attempts
    error.attempts = len(attempts)
    add_past(error, attempts)


def _facts_of(exchange: LastExchange, metadata: Metadata) -> Metadata:
    """Return *metadata*, with the status and request id of the response."""
    response = exchange.response
    if response is not None:
        metadata.setdefault(HTTP_STATUS, response.status)
        id = request_id(response.headers.lower)
        if id is not None:
            metadata.setdefault(REQUEST_ID, id)
    return metadata


def _add_note(exception: Exception, note: str) -> None:
    # an exception that is raised more than once keeps one note
    if note not in getattr(exception, "__notes__", ()):
        exception.add_note(note)

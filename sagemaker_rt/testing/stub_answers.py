"""The answers that `Stubs` accept, and their conversion into responses."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard

from sagemaker_rt.errors import (
    InternalStreamFailure,
    ModelStreamError,
    OptionsError,
    ServiceError,
    UnknownServiceError,
    UnmodeledEventError,
)
from sagemaker_rt.operations import MODELLED_ERRORS, Operation
from sagemaker_rt.shapes import PayloadPart, UnknownEvent
from sagemaker_rt.testing.http_stub import HTTPStub
from sagemaker_rt.testing.response_encoding import (
    DEFAULT_MESSAGE,
    Output,
    StreamEvent,
    encode_error,
    encode_output,
    new_exception,
)
from sagemaker_rt.testing.stub_outputs import make_output
from sagemaker_rt.testing.stub_request import StubRequest

__all__ = [
    "FixedAnswer",
    "Reply",
    "StubAnswer",
    "StubFunction",
    "as_list",
    "is_function",
    "to_reply",
]

FixedAnswer: TypeAlias = (
    Output
    | Mapping[str, object]
    | str
    | BaseException
    | type[BaseException]
    | HTTPStub
    | Sequence[StreamEvent]
)
"""An output or a dictionary of its members; an error, its class or its code; an HTTP
response; or a list of the events of a stream."""
StubFunction: TypeAlias = Callable[[StubRequest], FixedAnswer | Awaitable[FixedAnswer]]
"""A function or an async function that returns the answer to a request."""
StubAnswer: TypeAlias = FixedAnswer | StubFunction
"""The answer to a request, or a function that returns it."""
Reply: TypeAlias = HTTPStub | BaseException
"""A response, or the exception that `Stubs.send` raises."""

_EVENTS: Final = "body"  # member of the output that holds the events
_STREAM_ERRORS: Final = (ModelStreamError, InternalStreamFailure, UnmodeledEventError)
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def is_function(answer: object) -> TypeGuard[StubFunction]:
    """Return whether *answer* is a function, and not an exception class."""
    return callable(answer) and not isinstance(answer, type)


def as_list(operation: Operation, answers: object) -> Sequence[object]:
    """Return *answers*, one or several, as a list.

    For a streaming operation, a list that contains an event is one answer.
    """
    if not isinstance(answers, (list, tuple)):
        return [answers]
    event = (bytes, PayloadPart, UnknownEvent)
    is_events = operation.is_stream and any(isinstance(a, event) for a in answers)
    return [answers] if is_events else answers


def to_reply(operation: Operation, answer: object) -> Reply:
    """Convert *answer* to a request of *operation* into a response or an exception.

    Raises:
        OptionsError: *answer* is not valid for *operation*.
        ParamValidationError: A dictionary has a key that is not a member of the output.
    """
    if isinstance(answer, str):
        answer = _error_with_code(answer)
    elif isinstance(answer, type) and issubclass(answer, BaseException):
        answer = new_exception(answer)
    if isinstance(answer, HTTPStub):
        return answer
    if isinstance(answer, BaseException):
        return _from_error(operation, answer)
    if isinstance(answer, Mapping):
        return _from_members(operation, answer)
    if isinstance(answer, Output) and isinstance(answer, operation.output):
        return encode_output(answer)
    if operation.is_stream and isinstance(answer, (list, tuple)):
        return encode_output(make_output(operation, {}), answer)
    events = ", a list of events" if operation.is_stream else ""
    message = (
        f"an answer of {operation.name} must be {operation.output.__name__}, a "
        f"dictionary of its members, an error or its code, an HTTPStub{events} or a "
        f"function, not {type(answer).__name__}"
    )
    raise OptionsError(message)


def _from_members(operation: Operation, members: Mapping[str, object]) -> HTTPStub:
    """Return the response with *members*, which may include the events of a stream."""
    events: object = ()
    if operation.is_stream:
        members = dict(members)
        events = members.pop(_EVENTS, ())
    if not isinstance(events, (list, tuple)):
        message = f"body must be a list of events, not {type(events).__name__}"
        raise OptionsError(message)
    return encode_output(make_output(operation, members), events)


def _from_error(operation: Operation, error: BaseException) -> Reply:
    """Return a service error as a response, and other exceptions unchanged."""
    if not isinstance(error, ServiceError):
        return error
    # the service sends these as events only
    if operation.is_stream and isinstance(error, _STREAM_ERRORS):
        return encode_output(make_output(operation, {}), [error])
    return encode_error(error)


def _error_with_code(code: str) -> ServiceError:
    """Return the error with *code*; an `UnknownServiceError` if it is not modeled."""
    if not _CODE.fullmatch(code):
        message = f"{code!r} is not an error code, such as ThrottlingException"
        raise OptionsError(message)
    modeled = MODELLED_ERRORS.get(code.lower())
    if modeled is None:
        return UnknownServiceError(DEFAULT_MESSAGE, code=code)
    return modeled(DEFAULT_MESSAGE)

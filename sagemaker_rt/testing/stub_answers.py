"""What stubs are told to answer, and what an HTTP client has for it."""

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
    MESSAGE,
    Output,
    StreamEvent,
    encode_error,
    encode_output,
    exception_of,
)
from sagemaker_rt.testing.stub_outputs import make_output
from sagemaker_rt.testing.stub_request import StubRequest

__all__ = [
    "FixedAnswer",
    "Reply",
    "StubAnswer",
    "StubFunction",
    "is_function",
    "listed",
    "reply_to",
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
"""An output, or a dictionary of its members; an error's code, class or instance; a
whole response; or the events of a stream."""
StubFunction: TypeAlias = Callable[[StubRequest], FixedAnswer | Awaitable[FixedAnswer]]
"""Plain or async, it is asked for the answer to a request."""
StubAnswer: TypeAlias = FixedAnswer | StubFunction
"""What a request is answered with, at once or by asking."""
Reply: TypeAlias = HTTPStub | BaseException
"""A response, or what is raised instead of one."""

_EVENTS: Final = "body"  # what the model calls the member that the events are
_IN_STREAMS: Final = (ModelStreamError, InternalStreamFailure, UnmodeledEventError)
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def is_function(answer: object) -> TypeGuard[StubFunction]:
    """Tell whether *answer* is asked for, and not there yet."""
    return callable(answer) and not isinstance(answer, type)


def listed(operation: Operation, given: object) -> Sequence[object]:
    """Return *given*, one answer or a list of them, as a list of answers."""
    if not isinstance(given, (list, tuple)):
        return [given]
    parts = (bytes, PayloadPart, UnknownEvent)
    is_events = operation.is_stream and any(isinstance(e, parts) for e in given)
    return [given] if is_events else given


def reply_to(operation: Operation, answer: object) -> Reply:
    """Return what an HTTP client has for *answer* to a request of *operation*.

    Raises:
        OptionsError: It is no answer of *operation*.
        ParamValidationError: A dictionary has no members of the output.
    """
    if isinstance(answer, str):
        answer = _error_named(answer)
    elif isinstance(answer, type) and issubclass(answer, BaseException):
        answer = exception_of(answer)
    if isinstance(answer, HTTPStub):
        return answer
    if isinstance(answer, BaseException):
        return _of_error(operation, answer)
    if isinstance(answer, Mapping):
        return _of_members(operation, answer)
    if isinstance(answer, Output) and isinstance(answer, operation.output):
        return encode_output(answer)
    if operation.is_stream and isinstance(answer, (list, tuple)):
        return encode_output(make_output(operation, {}), answer)
    events = ", a list of events" if operation.is_stream else ""
    message = (
        f"{operation.name} is answered with {operation.output.__name__}, a dictionary "
        f"of its members, an error or its code, an HTTPStub{events} or a function, "
        f"not {type(answer).__name__}"
    )
    raise OptionsError(message)


def _of_members(operation: Operation, members: Mapping[str, object]) -> HTTPStub:
    events: object = ()
    if operation.is_stream:
        members = dict(members)
        events = members.pop(_EVENTS, ())
    if not isinstance(events, (list, tuple)):
        message = f"body must be a list of events: {type(events).__name__}"
        raise OptionsError(message)
    return encode_output(make_output(operation, members), events)


def _of_error(operation: Operation, error: BaseException) -> Reply:
    """Return *error* as the service tells it, if it is the service's."""
    if not isinstance(error, ServiceError):
        return error
    if operation.is_stream and isinstance(error, _IN_STREAMS):
        return encode_output(make_output(operation, {}), [error])
    return encode_error(error)


def _error_named(code: str) -> ServiceError:
    """Return the error of *code*, be it one that the model does not know."""
    if not _CODE.fullmatch(code):
        message = f"an error's code is one word, such as ThrottlingException: {code!r}"
        raise OptionsError(message)
    kind = MODELLED_ERRORS.get(code.lower())
    return UnknownServiceError(MESSAGE, code=code) if kind is None else kind(MESSAGE)

"""Functions for the events of a stream, by the kind of event."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import TypeAlias, TypeVar

from sagemaker_rt.errors import (
    InternalStreamFailure,
    ModelStreamError,
    SageMakerRuntimeError,
    UnmodeledEventError,
)
from sagemaker_rt.shapes import PayloadPart, UnknownEvent

__all__ = ["ErrorEvent", "ResponseStreamHandler", "require_handler"]

R = TypeVar("R")

ErrorEvent: TypeAlias = ModelStreamError | InternalStreamFailure | UnmodeledEventError
"""An error that is told by an event of the stream."""

_EVENTS = (
    PayloadPart,
    UnknownEvent,
    ModelStreamError,
    InternalStreamFailure,
    UnmodeledEventError,
)


class ResponseStreamHandler:
    """What is called with the events of a stream, as they come.

    ::

        handler = ResponseStreamHandler()


        @handler.on_payload_part
        async def show(part: PayloadPart) -> None: ...


        await client.invoke_endpoint_with_response_stream(...).handle(handler)

    Each ``on_…`` takes a function of one argument, plain or async, and returns it, so
    that it may stand as a decorator. Functions are called in the order in which they
    were given here, and awaited before more of the stream is read. One handler may
    serve any number of streams.

    An error is raised after the functions that ask for it were called: to hear of it is
    not to handle it. What a function raises itself closes the stream, and comes out.
    """

    def __init__(self) -> None:
        self._functions: list[tuple[tuple[type, ...], Callable[..., object]]] = []

    def on_payload_part(
        self, function: Callable[[PayloadPart], R]
    ) -> Callable[[PayloadPart], R]:
        """Call *function* with each part of the answer."""
        return self._add(function, PayloadPart)

    def on_unknown_event(
        self, function: Callable[[UnknownEvent], R]
    ) -> Callable[[UnknownEvent], R]:
        """Call *function* with each event that is newer than this library."""
        return self._add(function, UnknownEvent)

    def on_model_stream_error(
        self, function: Callable[[ModelStreamError], R]
    ) -> Callable[[ModelStreamError], R]:
        """Call *function* if the model fails on the way."""
        return self._add(function, ModelStreamError)

    def on_internal_stream_failure(
        self, function: Callable[[InternalStreamFailure], R]
    ) -> Callable[[InternalStreamFailure], R]:
        """Call *function* if the service fails on the way."""
        return self._add(function, InternalStreamFailure)

    def on_event(
        self, function: Callable[[PayloadPart | UnknownEvent | ErrorEvent], R]
    ) -> Callable[[PayloadPart | UnknownEvent | ErrorEvent], R]:
        """Call *function* with each event, those that are errors among them."""
        return self._add(function, *_EVENTS)

    def on_error(
        self, function: Callable[[SageMakerRuntimeError], R]
    ) -> Callable[[SageMakerRuntimeError], R]:
        """Call *function* with what ends the stream early, be it an event or not."""
        return self._add(function, SageMakerRuntimeError)

    async def dispatch(self, event: object) -> None:
        """Call the functions that ask for *event*, an event or an error."""
        for kinds, function in tuple(self._functions):
            if isinstance(event, kinds):
                result = function(event)
                if isawaitable(result):
                    await result

    def _add(self, function: Callable[..., R], *kinds: type) -> Callable[..., R]:
        if not callable(function):
            message = f"a handler of events is a function of one event: {function!r}"
            raise TypeError(message)
        self._functions.append((kinds, function))
        return function


def require_handler(handler: object) -> None:
    """Raise TypeError unless *handler* is a `ResponseStreamHandler`."""
    if not isinstance(handler, ResponseStreamHandler):
        message = (
            f"handle() takes a ResponseStreamHandler: {handler!r}; make one, and give "
            "your function to its on_payload_part, on_event or on_error"
        )
        raise TypeError(message)

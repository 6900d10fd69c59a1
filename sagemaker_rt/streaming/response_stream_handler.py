"""Functions that are called with the events of a stream, by type of event."""

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
from sagemaker_rt.sansio.callables import is_generator
from sagemaker_rt.shapes import PayloadPart, UnknownEvent

__all__ = ["ErrorEvent", "ResponseStreamHandler", "require_handler"]

R = TypeVar("R")

ErrorEvent: TypeAlias = ModelStreamError | InternalStreamFailure | UnmodeledEventError
"""An error that the service sends as an event of the stream."""

_ALL_EVENTS = (
    PayloadPart,
    UnknownEvent,
    ModelStreamError,
    InternalStreamFailure,
    UnmodeledEventError,
)


class ResponseStreamHandler:
    """Calls functions with the events of a stream, as they are received.

    ::

        handler = ResponseStreamHandler()


        @handler.on_payload_part
        async def show(part: PayloadPart) -> None: ...


        await client.invoke_endpoint_with_response_stream(...).handle(handler)

    Each ``on_…`` method takes a function of one argument, plain or async. It returns
    the function, so that it can be used as a decorator. Functions are called in the
    order in which they were added. The next event is read when they have returned. One
    handler can be used for any number of streams.

    Errors are still raised after the functions for them were called. An exception in a
    function closes the stream, and propagates.
    """

    def __init__(self) -> None:
        self._functions: list[tuple[tuple[type, ...], Callable[..., object]]] = []

    def on_payload_part(
        self, function: Callable[[PayloadPart], R]
    ) -> Callable[[PayloadPart], R]:
        """Call *function* with each part of the response."""
        return self._add(function, PayloadPart)

    def on_unknown_event(
        self, function: Callable[[UnknownEvent], R]
    ) -> Callable[[UnknownEvent], R]:
        """Call *function* with each event of a type that this library does not know."""
        return self._add(function, UnknownEvent)

    def on_model_stream_error(
        self, function: Callable[[ModelStreamError], R]
    ) -> Callable[[ModelStreamError], R]:
        """Call *function* if the model fails during the stream."""
        return self._add(function, ModelStreamError)

    def on_internal_stream_failure(
        self, function: Callable[[InternalStreamFailure], R]
    ) -> Callable[[InternalStreamFailure], R]:
        """Call *function* if the service fails during the stream."""
        return self._add(function, InternalStreamFailure)

    def on_event(
        self, function: Callable[[PayloadPart | UnknownEvent | ErrorEvent], R]
    ) -> Callable[[PayloadPart | UnknownEvent | ErrorEvent], R]:
        """Call *function* with each event, including errors that are events."""
        return self._add(function, *_ALL_EVENTS)

    def on_error(
        self, function: Callable[[SageMakerRuntimeError], R]
    ) -> Callable[[SageMakerRuntimeError], R]:
        """Call *function* with any error of the stream, including lost connections."""
        return self._add(function, SageMakerRuntimeError)

    async def dispatch(self, event: object) -> None:
        """Call the functions for *event*, which is an event or an error."""
        for types, function in tuple(self._functions):
            if isinstance(event, types):
                result = function(event)
                if isawaitable(result):
                    await result

    def _add(self, function: Callable[..., R], *types: type) -> Callable[..., R]:
        if not callable(function) or is_generator(function):
            message = (
                f"{function!r} is not a plain or async function; pass one with one "
                "parameter"
            )
            raise TypeError(message)
        self._functions.append((types, function))
        return function


def require_handler(handler: object) -> None:
    """Raise TypeError unless *handler* is a `ResponseStreamHandler`."""
    if not isinstance(handler, ResponseStreamHandler):
        message = (
            f"{handler!r} is not a ResponseStreamHandler; create one, and add your "
            "function by its on_payload_part, on_event or on_error"
        )
        raise TypeError(message)

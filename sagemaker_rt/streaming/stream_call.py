"""The call of a stream operation, which is awaited or used in ``async with``."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Never

from sagemaker_rt.operations import INVOKE_ENDPOINT_WITH_RESPONSE_STREAM
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.response_stream_handler import (
    ResponseStreamHandler,
    require_handler,
)

__all__ = ["StreamCall"]


class StreamCall(Coroutine[Any, Any, ResponseStream]):
    """The call of a stream operation: use it in ``async with``, or await it, once."""

    def __init__(self, call: Coroutine[Any, Any, ResponseStream]) -> None:
        self._call = call
        self._stream: ResponseStream  # set by __aenter__

    def __await__(self) -> Generator[Any, Any, ResponseStream]:
        return self._call.__await__()

    def send(self, value: Any, /) -> Any:
        """Resume the call, as with any coroutine."""
        return self._call.send(value)

    def throw(self, *args: Any) -> Any:
        """Raise an exception in the call, as with any coroutine."""
        return self._call.throw(*args)

    def close(self) -> None:
        """Close the call, as with any coroutine."""
        self._call.close()

    async def handle(
        self, handler: ResponseStreamHandler
    ) -> InvokeEndpointWithResponseStreamOutput:
        """Make the call, call *handler* with each event, and return the output.

        Raises:
            SageMakerRuntimeError: By the call, or by reading the stream. The handler is
                only called with the latter.
            TypeError: *handler* is not a `ResponseStreamHandler`. Nothing was sent.
        """
        try:
            require_handler(handler)
        except TypeError:
            self.close()
            raise
        async with self as stream:
            return await stream.handle(handler)

    if not TYPE_CHECKING:  # type checkers refuse to iterate over a call

        def __aiter__(self) -> Never:
            """Raise TypeError: the call must be made first."""
            self.close()
            message = (
                "a call of a stream operation is not iterable; write `async with call "
                "as stream:` and iterate over the stream, or `stream = await call`"
            )
            raise TypeError(message)

    def __repr__(self) -> str:
        name = INVOKE_ENDPOINT_WITH_RESPONSE_STREAM.name
        return f"<StreamCall of {name}: await it, or use it in `async with`>"

    async def __aenter__(self) -> ResponseStream:
        self._stream = await self._call
        return self._stream

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stream.aclose()

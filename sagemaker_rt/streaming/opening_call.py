"""The call that opens a stream in both directions, which runs in a task.

The task ends with the response headers, or with the error of the last attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError, StackError
from sagemaker_rt.http import Response
from sagemaker_rt.shapes import InvokeEndpointWithBidirectionalStreamOutput
from sagemaker_rt.step_inputs import Output
from sagemaker_rt.streaming.stream_link import StreamLink

__all__ = ["OpeningCall"]


class OpeningCall:
    """Runs *call*, whose attempts use *link*."""

    def __init__(
        self, call: Coroutine[Any, Any, Output], link: StreamLink, *, operation: str
    ) -> None:
        self.link: Final = link
        self.is_closed = False
        """Whether the stream was closed."""
        self._operation: Final = operation
        self._loop: Final = asyncio.get_running_loop()
        self._task: Final = self._loop.create_task(call, name=operation)
        self._task.add_done_callback(self._done)

    @property
    def is_loop_closed(self) -> bool:
        """Whether the event loop was closed, and the connection is unusable."""
        return self._loop.is_closed()

    def require_loop(self) -> None:
        """Require the event loop in which the stream was opened.

        Raises:
            ClientStateError: Another event loop runs.
        """
        if asyncio.get_running_loop() is not self._loop:
            message = "the stream belongs to another event loop; use it there"
            raise ClientStateError(message)

    async def started(self) -> None:
        """Wait until an attempt has sent its headers.

        Raises:
            SageMakerRuntimeError: The call failed before.
        """
        while self.link.connection is None and not self._task.done():
            await self.link.changed()
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise the error of the call, or that of a stream that was closed."""
        if self.is_closed:
            message = "the stream was closed"
            raise ClientStateError(message)
        if self._task.done():
            self._task.result()

    @property
    def has_response(self) -> bool:
        """Whether the call has succeeded."""
        return self._task.done() and not self._has_failed()

    async def response(self) -> Response:
        """Wait for the response.

        Raises:
            SageMakerRuntimeError: The call failed, or the stream was closed.
            StackError: A middleware responded without a request.
        """
        response = (await self._output()).response
        if response is None:
            message = "a middleware responded without a request: no stream was opened"
            raise StackError(message)
        return response

    async def output(self) -> InvokeEndpointWithBidirectionalStreamOutput:
        """Wait for the output of the operation.

        Raises:
            SageMakerRuntimeError: The call failed, or the stream was closed.
            StackError: A middleware returned another result.
        """
        result = (await self._output()).result
        if isinstance(result, InvokeEndpointWithBidirectionalStreamOutput):
            return result
        message = (
            f"a middleware returned {type(result).__name__} as the result of "
            f"{self._operation}"
        )
        raise StackError(message)

    async def _output(self) -> Output:
        if not self._task.done():
            # unlike `await`, this does not cancel the task with its caller
            await asyncio.wait([self._task])
        if self._task.cancelled():
            self.raise_failure()
        return self._task.result()

    def describe(self, error: SageMakerRuntimeError) -> None:
        """Write the facts of the call on *error*, which ended the stream."""
        if error.operation is not None or not self.has_response:
            return
        output = self._task.result()
        metadata = output.metadata
        error.operation = self._operation
        error.request_sent = error.may_have_executed = True
        error.is_retryable = False
        metadata.update(error.metadata)
        error.response, error.metadata = output.response, metadata
        error.http_status = metadata.http_status
        error.request_id = metadata.request_id
        error.attempts = len(metadata.attempts)

    def close(self) -> None:
        """Close the connection, and cancel the call if it runs; it does not wait."""
        if self.is_closed:
            return
        self.is_closed = True
        if not self._loop.is_closed():  # else neither can be used
            self._task.cancel()
            if self.link.connection is not None:
                self.link.connection.close()
            self.link.wake()

    def close_from_any_thread(self) -> None:
        """Close the connection, if the event loop is not closed."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)

    async def ended(self) -> None:
        """Wait until the task has ended, after `close`."""
        if not self._task.done():
            await asyncio.wait([self._task])

    def _has_failed(self) -> bool:
        return self._task.cancelled() or self._task.exception() is not None

    def _done(self, _: object) -> None:
        self._has_failed()  # marks the exception as retrieved: it may have no reader
        self.link.wake()

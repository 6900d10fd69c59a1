"""Two requests for one call: the first response counts, and the other is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from sagemaker_rt.context import Key
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.stack import Output
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["HEDGED", "Race"]

HEDGED: Key[bool] = Key("hedged")
"""In the metadata of an output, if two requests were sent: whether it is the response
to the second one."""

StartSecond: TypeAlias = Callable[[], asyncio.Task[Output] | None]
"""Starts the second request; returns None if there must be none."""


class Race:
    """One call with a second request if the first one is slow.

    The first request runs in the task of the caller, so that a call without a second
    request needs no task. If the second one wins, the first one is cancelled as by
    `asyncio.timeout`.
    """

    def __init__(self, start_second: StartSecond) -> None:
        self._start_second: Final = start_second
        self._second: asyncio.Task[Output] | None = None
        self._first: asyncio.Timeout | None = None
        """Cancels the first request; None when it has ended."""

    async def run(self, first: Awaitable[Output], delay: float) -> Output:
        """Return the first response.

        Nothing of the other request is left when this returns or raises.

        Args:
            delay: Seconds until the second request is started.

        Raises:
            SageMakerRuntimeError: Both requests failed; it is the error of the first.
        """
        timer = asyncio.get_running_loop().call_later(delay, self._start)
        try:
            output = await self._run_both(first, timer)
        except BaseException:
            timer.cancel()
            await self._end_second()
            raise
        timer.cancel()
        try:
            await self._end_second()
        except BaseException:  # a cancellation; nobody gets the output
            await _close(output)
            raise
        return output

    async def _run_both(
        self, first: Awaitable[Output], timer: asyncio.TimerHandle
    ) -> Output:
        try:
            return await self._run_first(first)
        except (SageMakerRuntimeError, TimeoutError) as error:
            timer.cancel()
            output = await self._output_of_second(error)
            if output is None:
                raise
            return output

    async def _run_first(self, first: Awaitable[Output]) -> Output:
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._first = limit
                output = await first
        finally:
            self._first = None
        if self._second is not None:
            output.metadata[HEDGED] = False
        return output

    async def _output_of_second(self, error: Exception) -> Output | None:
        """Return the second response, if there is one; *error* ended the first."""
        second = self._second
        if second is None or _is_of_caller(error):
            return None
        await asyncio.wait([second])
        if not _has_succeeded(second):
            return None
        self._second = None  # it is the result, and not to be discarded
        output = second.result()
        output.metadata[HEDGED] = True
        return output

    async def _end_second(self) -> None:
        """Cancel the second request, and wait for its end; its response is closed."""
        second = self._second
        if second is None:
            return
        second.cancel()
        try:
            await end_of(second)
        finally:
            if _has_succeeded(second):
                await _close(second.result())

    def _start(self) -> None:
        self._second = self._start_second()
        if self._second is not None:
            self._second.add_done_callback(self._end_first)

    def _end_first(self, second: asyncio.Task[Output]) -> None:
        if self._first is not None and _has_succeeded(second):
            self._first.reschedule(0.0)  # in the past: it expires at once


def _has_succeeded(task: asyncio.Task[Output]) -> bool:
    return not task.cancelled() and task.exception() is None


def _is_of_caller(error: Exception) -> bool:
    """Return whether an equal request would fail in the same way."""
    if not isinstance(error, ServiceError):
        return False
    return error.fault == "client" and not error.is_retryable


async def _close(output: Output) -> None:
    if isinstance(output.result, ResponseStream):
        await output.result.aclose()

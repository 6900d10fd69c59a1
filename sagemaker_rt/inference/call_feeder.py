"""The tasks of many calls.

One task takes inputs from their iterable, and starts a task for each of them while a
`ResultBuffer` has room. The consumer takes results from the buffer, which makes room.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
)
from enum import Enum
from typing import Any, Generic, TypeVar

from sagemaker_rt.errors import ClientStateError, RequestAbortedError
from sagemaker_rt.inference.call_results import CallProgress, CallResult, OnError
from sagemaker_rt.inference.task_end import end_of
from sagemaker_rt.sansio.result_buffer import ResultBuffer

__all__ = ["CallFeeder"]

I = TypeVar("I")
O = TypeVar("O")


class _End(Enum):
    END = "end"


class CallFeeder(Generic[I, O]):
    """Calls *function* with each input, and holds results until they are taken.

    No task refers to the object that users iterate over, so that the garbage collector
    finds it if they drop it.

    Args:
        on_progress: Is called after each call; its exceptions end the iteration.
        total: The number of inputs, if it is known.
    """

    def __init__(  # noqa: PLR0913 - all of them are arguments of `call_many`
        self,
        function: Callable[[I], Awaitable[O]],
        inputs: Iterator[I] | AsyncIterator[I],
        buffer: ResultBuffer[CallResult[I, O]],
        *,
        on_error: OnError,
        on_progress: Callable[[CallProgress], object] | None,
        total: int | None,
    ) -> None:
        self._function = function
        self._inputs = inputs
        self._buffer = buffer
        self._on_error = on_error
        self._on_progress = on_progress
        self._total = total
        self._done = self._failed = 0
        self._feeding: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()
        # what the feeding task and the consumer wait for
        self._room: asyncio.Future[None] | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._takes_inputs = True
        self._is_closed = False
        # raised after the results of all inputs that were taken before
        self._failure: BaseException | None = None
        self._end: BaseException = ClientStateError(
            "the calls were cancelled before their end; read all results first"
        )

    @property
    def is_running(self) -> bool:
        """Whether tasks of this object may exist."""
        return self._feeding is not None and not self._is_closed

    @property
    def state(self) -> str:
        """A word for a repr."""
        if self._is_closed:
            return "closed"
        return "not started" if self._feeding is None else "running"

    async def next(self) -> CallResult[I, O]:
        """Return the next result.

        A cancelled wait loses nothing.

        Raises:
            StopAsyncIteration: All results were returned.
            ClientStateError: Another task waits for a result, or the calls were
                cancelled.
            BaseException: A call failed, or the iterable of inputs.
        """
        if self._arrival is not None:
            message = "another task waits for a result; only one can wait at a time"
            raise ClientStateError(message)  # does not affect the other task
        while not self._is_closed:
            if self._feeding is None:
                self._feeding = asyncio.create_task(self._feed())
            if (result := self._buffer.pop()) is not None:
                self._wake_feeding_task()
                if result.error is None or not self._ends(result.error):
                    return result
                result.error.add_note(f"raised by the call of input {result.index}")
                await self._finish(result.error)
            elif not self._takes_inputs and not self._buffer.in_flight:
                await self._finish(self._failure or StopAsyncIteration())
            else:
                await self._wait_for_arrival()
        raise self._end

    async def close(self) -> None:
        """Cancel all tasks, and wait for their end; then close generators of inputs.

        A caller that is cancelled still waits for the end of the tasks.

        Raises:
            Exception: The generator of inputs raised it while it was closed.
        """
        self._is_closed, self._takes_inputs = True, False
        self._wake_consumer()
        current = asyncio.current_task()  # a call may close the calls
        tasks = [t for t in (self._feeding, *self._calls) if t and t is not current]
        for task in tasks:
            task.cancel()
        failure, self._failure = self._failure, None
        try:
            await end_of(*tasks)
            if self._failure is not None and self._failure is not failure:
                raise self._failure
        finally:
            # taken out, so that only one of several concurrent calls closes it
            inputs, self._inputs = self._inputs, iter(())
            await _close_generator(inputs)

    def cancel(self) -> None:
        """Cancel all tasks without waiting for their end; call it in any thread."""
        for task in (self._feeding, *self._calls):
            loop = None if task is None else task.get_loop()
            if task is not None and loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)

    async def _finish(self, end: BaseException) -> None:
        """Let each further read raise *end*."""
        self._end = end
        await self.close()

    async def _wait_for_arrival(self) -> None:
        self._arrival = asyncio.get_running_loop().create_future()
        try:
            await self._arrival
        finally:
            self._arrival = None

    async def _feed(self) -> None:
        """Take inputs while there is room, and start a call for each."""
        try:
            while await self._has_room():
                if isinstance(self._inputs, AsyncIterator):
                    input = await anext(self._inputs, _End.END)
                else:
                    input = next(self._inputs, _End.END)
                if isinstance(input, _End) or not self._takes_inputs:
                    return
                call = asyncio.create_task(self._call(self._buffer.start(), input))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)
        except asyncio.CancelledError as error:
            if self._is_closed:
                raise
            self._failure = error
        except BaseException as error:  # noqa: BLE001 - raised to the consumer
            self._failure = _visible(error)
            _raise_if_ends_loop(error)
        finally:
            self._takes_inputs = False
            self._wake_consumer()

    async def _has_room(self) -> bool:
        """Wait for room, and return whether to take another input."""
        while self._takes_inputs and not self._buffer.has_room:
            self._room = asyncio.get_running_loop().create_future()
            try:
                await self._room
            finally:
                self._room = None
        return self._takes_inputs

    async def _call(self, index: int, input: I) -> None:
        """Call the function, and store the result."""
        try:
            result = CallResult[I, O](index, input, await self._function(input))
        except asyncio.CancelledError as error:
            if self._is_closed:
                raise
            result = CallResult(index, input, error=_aborted(error))
        except BaseException as error:  # noqa: BLE001 - reported in the result
            _raise_if_ends_loop(error)
            self._store(CallResult(index, input, error=_visible(error)))
            return
        finally:
            del input  # a traceback with local variables would show it
        self._store(result)

    def _store(self, result: CallResult[I, O]) -> None:
        self._done += 1
        is_delivered = True
        if result.error is not None:
            self._failed += 1
            is_end = self._ends(result.error)
            is_delivered = is_end or self._on_error != "skip"
            if is_end:
                self._takes_inputs = False
        self._buffer.finish(result.index, result if is_delivered else None)
        try:
            self._report()
        except BaseException as error:  # noqa: BLE001 - raised to the consumer
            self._failure, self._takes_inputs = _visible(error), False
            _raise_if_ends_loop(error)
        finally:
            self._wake_feeding_task()
            if self._buffer.is_ready or not self._buffer.in_flight:
                self._wake_consumer()

    def _ends(self, error: BaseException) -> bool:
        """Return whether the *error* of a call is raised to the consumer."""
        # pytest.fail, for example, raises an exception that is not an Exception
        return self._on_error == "raise" or not isinstance(error, Exception)

    def _report(self) -> None:
        if self._on_progress is not None:
            in_flight = self._buffer.in_flight
            self._on_progress(
                CallProgress(self._done, self._failed, in_flight, self._total)
            )

    def _wake_feeding_task(self) -> None:
        if self._buffer.has_room or not self._takes_inputs:
            _resolve(self._room)

    def _wake_consumer(self) -> None:
        _resolve(self._arrival)


def _resolve(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


def _raise_if_ends_loop(error: BaseException) -> None:
    # the last one is thrown into tasks that are garbage-collected
    if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
        raise error


def _visible(error: BaseException) -> Any:
    """Return *error*, which must not look like the end of the iteration."""
    if not isinstance(error, StopAsyncIteration):
        return error
    visible = RuntimeError("a function or an iterable raised StopAsyncIteration")
    visible.__cause__ = error
    return visible


def _aborted(cause: BaseException) -> RequestAbortedError:
    """Return the error for a call that was cancelled by another task."""
    error = RequestAbortedError("the call was cancelled")
    error.request_sent = error.may_have_executed = True  # what was sent is not known
    error.__cause__ = cause
    return error


async def _close_generator(inputs: object) -> None:
    # other iterators, such as files, belong to the caller
    if isinstance(inputs, AsyncGenerator):
        await inputs.aclose()
    elif isinstance(inputs, Generator):
        inputs.close()

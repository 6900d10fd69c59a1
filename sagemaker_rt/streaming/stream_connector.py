"""Opens the connections of a `ReconnectingStream`, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Final, TypeAlias

from attrs import define, field

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError
from sagemaker_rt.sansio.backoff import backoff
from sagemaker_rt.sansio.component_calls import call_component
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream

__all__ = ["Connect", "Setup", "ShouldReconnect", "StreamConnector"]

Connect: TypeAlias = Callable[[], Awaitable[BidirectionalStream]]
"""Opens a stream, such as
``lambda: client.invoke_endpoint_with_bidirectional_stream(endpoint_name="m")``."""
Setup: TypeAlias = Callable[[BidirectionalStream], Awaitable[object]]
"""Prepares a stream that was opened, for example by sending a configuration."""
ShouldReconnect: TypeAlias = Callable[[SageMakerRuntimeError], bool]
"""Returns whether a stream continues on another connection after an error."""

_EXPECTED: Final = {
    "connect": "a call of invoke_endpoint_with_bidirectional_stream",
    "setup": "an awaitable, as an async function does",
}
_BASE_DELAY: Final = 0.5
_STABLE_SECONDS: Final = 60.0


@define(eq=False)
class StreamConnector:
    """Opens connections, and counts those that failed consecutively."""

    _connect: Connect
    _setup: Setup | None
    _should_reconnect: ShouldReconnect
    _max_attempts: int
    _sleep: Callable[[float], Awaitable[object]]
    _chance: Callable[[], float]
    _failures: int = field(default=0, init=False)
    _opened_at: float = field(default=inf, init=False)

    async def open(self) -> BidirectionalStream:
        """Open a connection, and prepare it.

        Raises:
            ComponentError: A function of the caller returned something else than
                `Connect` or `Setup` returns.
            SageMakerRuntimeError: It was not opened.
            Exception: The function of the caller raised it.
        """
        stream = await _awaited("connect", self._connect, self._connect())
        if not isinstance(stream, BidirectionalStream):
            error = _wrong_result("connect", self._connect, stream)
            raise error
        try:
            if self._setup is not None:
                await _awaited("setup", self._setup, self._setup(stream))
        except BaseException:
            stream.abort()
            raise
        self._opened_at = asyncio.get_running_loop().time()
        return stream

    async def reopen(self, error: SageMakerRuntimeError) -> BidirectionalStream:
        """Open a connection after *error*, with delays and a limit of attempts.

        Raises:
            SageMakerRuntimeError: The last error.
        """
        if asyncio.get_running_loop().time() - self._opened_at >= _STABLE_SECONDS:
            self._failures = 0
        while self._failures < self._max_attempts:
            delay = backoff(self._failures, chance=self._chance(), base=_BASE_DELAY)
            self._failures += 1
            await self._sleep(delay)
            try:
                return await self.open()
            except SageMakerRuntimeError as failure:
                if not self.allows(failure):
                    raise
                error = failure
        error.add_note(f"after {self._failures} attempts to reconnect")
        raise error

    def received(self) -> None:
        """Record that the connection is in use, so that failures count anew."""
        self._failures = 0

    def allows(self, error: SageMakerRuntimeError) -> bool:
        """Return whether to reconnect after *error*.

        Raises:
            ComponentError: The function of the caller raised an exception.
        """
        return bool(call_component("should_reconnect", self._should_reconnect, error))


async def _awaited(name: str, function: object, result: object) -> object:
    """Await *result*, which *function* has returned."""
    if not isinstance(result, Awaitable):
        raise _wrong_result(name, function, result)
    return await result


def _wrong_result(name: str, function: object, result: object) -> ComponentError:
    problem = f"returned {type(result).__name__}; it must return {_EXPECTED[name]}"
    return ComponentError.from_result(name, function, problem)

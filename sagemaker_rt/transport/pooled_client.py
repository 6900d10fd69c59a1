"""What the HTTP clients of this library share: when their pools are made and closed."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Generic, Protocol, Self, TypeVar

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.transport.bound_pool import BoundPool, Closable

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["PooledClient", "SSLContextLoader"]


class SSLContextLoader(Protocol):
    """An async function that returns a TLS context, such as one read from files."""

    async def __call__(self) -> SSLContext | None:
        """Return the context; None stands for the default one."""


P = TypeVar("P", bound=Closable)


class PooledClient(ABC, Generic[P]):
    """A client whose pool is bound to the event loop and process of its first request.

    Once that loop is closed, the client can be used in another one. It is closed by
    `aclose`, or when the event loop shuts down its asynchronous generators, as
    `asyncio.run` does.

    Args:
        process_id: Returns the id of the current process, to detect a fork.
    """

    wrap_exceptions: Final = False  # its exceptions are typed already

    def __init__(self, process_id: Callable[[], int]) -> None:
        self._process_id = process_id
        self._bound: BoundPool[P] | None = None
        self._is_closed = False

    @abstractmethod
    def _new_pool(self, loop: asyncio.AbstractEventLoop) -> P:
        """Return a new pool for *loop*."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections, and end the calls in progress; idempotent.

        In a forked process, nothing is closed, because the connections belong to the
        parent process.

        Raises:
            ClientStateError: The client is bound to another event loop that is not
                closed.
        """
        bound = self._bound
        if bound is None or bound.process_id != self._process_id():
            self._is_closed = True
            return
        bound.require_loop(asyncio.get_running_loop())
        self._is_closed = True
        self._bound = None
        await bound.close()

    def _usable_pool(self) -> BoundPool[P] | None:
        """Return the pool; None unless it is bound to this event loop and process."""
        bound = self._bound
        if (
            bound is None
            or bound.loop is not asyncio.get_running_loop()
            or bound.process_id != self._process_id()
        ):
            return None
        return bound

    async def _bind_pool(self) -> BoundPool[P]:
        """Return a new pool for the running event loop, if that is allowed."""
        previous, loop = self._bound, asyncio.get_running_loop()
        if self._is_closed:
            message = "the HTTP client is closed; create a new one"
            raise ClientStateError(message)
        process_id = self._process_id()
        if previous is not None:
            previous.require_process(process_id)
            previous.require_loop(loop)
        self._bound = bound = BoundPool(loop, process_id, self._new_pool(loop))
        await bound.open()
        if previous is not None:
            await previous.close()
        return bound

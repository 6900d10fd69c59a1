"""The opening of a stream or session, in ``async with``."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, TypeVar

__all__ = ["Opening"]

T_co = TypeVar("T_co", bound=AbstractAsyncContextManager[Any], covariant=True)


class Opening(Awaitable[T_co]):
    """The opening of a stream or session: use it in ``async with``, or await it, once.

    The end of the block closes what was opened. After awaiting it, call ``aclose``.
    """

    def __init__(self, opening: Coroutine[Any, Any, T_co]) -> None:
        self._opening = opening
        self._opened: AbstractAsyncContextManager[Any]  # set by __aenter__

    def __await__(self) -> Generator[Any, Any, T_co]:
        return self._opening.__await__()

    async def __aenter__(self) -> T_co:
        self._opened = opened = await self._opening
        return opened

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._opened.__aexit__(exc_type, exc, traceback)

    def __repr__(self) -> str:
        return "<Opening: await it, or use it in `async with`>"

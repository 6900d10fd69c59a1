"""The opening of a stream in both directions, in ``async with``."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Generator
from types import TracebackType
from typing import Any

from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream

__all__ = ["BidirectionalCall"]


class BidirectionalCall(Awaitable[BidirectionalStream]):
    """The opening of a stream: use it in ``async with``, or await it, once.

    An awaited stream must be closed with `BidirectionalStream.aclose`.
    """

    def __init__(self, opening: Coroutine[Any, Any, BidirectionalStream]) -> None:
        self._opening = opening
        self._stream: BidirectionalStream  # set by __aenter__

    def __await__(self) -> Generator[Any, Any, BidirectionalStream]:
        return self._opening.__await__()

    async def __aenter__(self) -> BidirectionalStream:
        self._stream = await self._opening
        return self._stream

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stream.__aexit__(exc_type, exc, traceback)

    def __repr__(self) -> str:
        return "<BidirectionalCall: await it, or use it in `async with`>"

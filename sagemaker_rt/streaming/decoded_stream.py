"""Iterators of what a decoder makes of the bytes of a stream."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, MutableSequence
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

from sagemaker_rt.errors import OutputDecodingError
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.text_deltas import TextDelta

__all__ = ["DecodedStream", "Decoder", "DecodingFailed", "DeltaStream"]

T = TypeVar("T")
DecodingFailed: TypeAlias = Callable[[OutputDecodingError], Awaitable[None]]
"""Takes an error of the decoder before it is raised, and closes the stream."""


class Decoder(Protocol[T]):
    """Decodes bytes in any chunks; appends what it decodes to a list."""

    def feed(self, data: bytes, items: MutableSequence[T], /) -> None:
        """Append the items that *data* completes."""

    def close(self, items: MutableSequence[T], /) -> None:
        """Append the items that the end of the stream completes."""


class DecodedStream(AsyncIterator[T], Generic[T]):
    """The items that *decoder* makes of *chunks*.

    Items before an error are yielded first. Each read after an error raises it again. A
    cancelled read loses nothing: the next read continues.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        decoder: Decoder[T],
        when_failed: DecodingFailed,
    ) -> None:
        self._chunks = chunks
        self._decoder = decoder
        self._when_failed = when_failed
        self._items: deque[T] = deque()
        self._error: OutputDecodingError | None = None
        self._is_at_end = False

    async def __anext__(self) -> T:
        items = self._items
        while not items:
            if self._error is not None:
                await self._when_failed(self._error)
                raise self._error
            if self._is_at_end:
                raise StopAsyncIteration
            chunk = b""
            try:
                chunk = await self._chunks.__anext__()
            except StopAsyncIteration:
                self._is_at_end = True
            try:
                if self._is_at_end:
                    self._decoder.close(items)
                else:
                    self._decoder.feed(chunk, items)
            except OutputDecodingError as error:
                self._error = error
        return items.popleft()


class DeltaStream(DecodedStream[TextDelta]):
    """The text deltas of a stream."""

    _decoder: DeltaDecoder

    @property
    def ended(self) -> Literal["done", "open"] | None:
        """How the output ended; None before its end, and after an error.

        ``done`` if the end mark of its format was received, ``open`` if the format has
        none, so that a cut output looks complete.
        """
        return self._decoder.ended

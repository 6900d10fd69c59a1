"""Iterators of what a decoder makes of the bytes of a stream."""

from __future__ import annotations

from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    MutableSequence,
    Sequence,
)
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from sagemaker_rt.errors import OutputDecodingError
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.text_deltas import TextDelta, Usage

__all__ = ["DecodedStream", "Decoder", "DeltaStream", "PartSource"]

T = TypeVar("T")


class Decoder(Protocol[T]):
    """Decodes bytes in any chunks; appends what it decodes to a list."""

    def feed(self, data: bytes, items: MutableSequence[T], /) -> None:
        """Append the items that *data* completes."""

    def close(self, items: MutableSequence[T], /) -> None:
        """Append the items that the end of the stream completes."""


class PartSource(NamedTuple):
    """The functions of a stream whose parts are decoded."""

    begin: Callable[[object], None]
    """Called with the iterator before it reads parts; raises `ClientStateError` if
    another one may hold items."""
    next_parts: Callable[[], Awaitable[Sequence[bytes]]]
    """Returns the next parts; raises StopAsyncIteration at the end of the stream."""
    text_decoded: Callable[[], None]
    """Called when the first text was decoded."""
    decoded: Callable[[OutputDecodingError | None], Awaitable[None]]
    """Called when the stream was decoded to its end, or before an error is raised."""


class DecodedStream(AsyncIterator[T], Generic[T]):
    """The items that *decoder* makes of the parts of *source*.

    Parts that were received together are decoded together, unless the items depend on
    the parts: then *joins_parts* is False.

    Items before an error are yielded first. Each read after an error raises it again. A
    cancelled read loses nothing: the next read continues.
    """

    def __init__(
        self, source: PartSource, decoder: Decoder[T], *, joins_parts: bool = True
    ) -> None:
        self._source = source
        self._decoder = decoder
        self._joins_parts = joins_parts
        self._items: deque[T] = deque()
        self._error: OutputDecodingError | None = None
        self._is_at_end = False
        self._has_text = False

    async def __anext__(self) -> T:
        items = self._items
        while not items:
            if self._error is not None:
                await self._source.decoded(self._error)
                raise self._error
            if self._is_at_end:
                await self._source.decoded(None)
                raise StopAsyncIteration
            parts: Sequence[bytes] = ()
            self._source.begin(self)
            try:
                parts = await self._source.next_parts()
            except StopAsyncIteration:
                self._is_at_end = True
            self._decode(parts)
            if not self._has_text and any(map(self._is_text, items)):
                self._has_text = True
                self._source.text_decoded()
        return items.popleft()

    def _decode(self, parts: Sequence[bytes]) -> None:
        """Append the items of *parts*; keep an error, to be raised after them."""
        if self._joins_parts and len(parts) > 1:
            parts = (b"".join(parts),)
        try:
            for part in parts:
                self._decoder.feed(part, self._items)
            if self._is_at_end:
                self._decoder.close(self._items)
        except OutputDecodingError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - that of a custom decoder
            failure = OutputDecodingError.from_component(
                "decoder", self._decoder, error
            )
            failure.__cause__ = error
            self._error = failure

    def _is_text(self, item: T) -> bool:
        return item != ""  # which is an empty line


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

    @property
    def usage(self) -> Usage | None:
        """The numbers of tokens, as last reported; None if there were none."""
        return self._decoder.usage

    def _is_text(self, item: TextDelta) -> bool:
        return item.text != ""

"""Ways to split an input, and what a decoder makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from sagemaker_rt.errors import OutputDecodingError

__all__ = ["Decoded", "decode", "decode_all_splits", "splits"]


class Decoder(Protocol):
    """A decoder that appends to a list of the caller's."""

    def feed(self, data: bytes, results: list[Any], /) -> None:
        """Decode *data*."""

    def close(self, results: list[Any], /) -> None:
        """Decode the end of the input."""


class Decoded(NamedTuple):
    """The results of a decoder, and the type of the error that ended it."""

    results: list[Any]
    error: type[OutputDecodingError] | None = None


def splits(data: bytes) -> Iterator[list[bytes]]:
    """Yield *data* whole, in two at every byte, and byte by byte."""
    for position in range(len(data) + 1):
        yield [data[:position], data[position:]]
    yield [bytes([byte]) for byte in data]


def decode(decoder: Decoder, chunks: list[bytes]) -> Decoded:
    """Return what *decoder* makes of *chunks*."""
    results: list[Any] = []
    try:
        for chunk in chunks:
            decoder.feed(chunk, results)
        decoder.close(results)
    except OutputDecodingError as error:
        return Decoded(results, type(error))
    return Decoded(results)


def decode_all_splits(new: Callable[[], Decoder], data: bytes) -> Decoded:
    """Decode *data* by new decoders, and require the same results for every split."""
    whole = decode(new(), [data])
    for chunks in splits(data):
        assert whole == decode(new(), chunks), chunks
    return whole

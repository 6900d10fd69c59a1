from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.errors import (
    ContainerStreamError,
    InvalidTextError,
    OutputDecodingError,
    TruncatedStreamError,
)
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.text_decoding import LineDecoder
from sagemaker_rt.streaming.decoded_stream import DecodedStream, DeltaStream


class Chunks(AsyncIterator[bytes]):
    """Yields *chunks*; an exception is raised, None waits for `may_go_on`."""

    def __init__(self, *chunks: bytes | Exception | None) -> None:
        self.chunks = list(chunks)
        self.may_go_on = asyncio.Event()

    async def __anext__(self) -> bytes:
        while self.chunks and self.chunks[0] is None:
            await self.may_go_on.wait()
            self.chunks.pop(0)
        if not self.chunks:
            raise StopAsyncIteration
        chunk = self.chunks.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        assert chunk is not None
        return chunk


class Failures:
    """Remembers the errors of a decoder."""

    def __init__(self) -> None:
        self.errors: list[OutputDecodingError] = []

    async def __call__(self, error: OutputDecodingError) -> None:
        self.errors.append(error)


def lines_of(
    *chunks: bytes | Exception | None,
) -> tuple[DecodedStream[str], Chunks, Failures]:
    source, failures = Chunks(*chunks), Failures()
    return DecodedStream(source, LineDecoder(), failures), source, failures


async def test_items_are_those_of_the_decoder() -> None:
    lines, _, failures = lines_of(b"a\nb", b"c\n\n", b"d")

    assert [line async for line in lines] == ["a", "bc", "", "d"]
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(lines)
    assert failures.errors == []


async def test_items_before_an_error_are_yielded_first() -> None:
    lines, _, failures = lines_of(b"a\nb\n\xff\nc\n")

    assert [await anext(lines), await anext(lines)] == ["a", "b"]
    assert failures.errors == []
    for _ in range(2):
        with pytest.raises(InvalidTextError) as caught:
            await anext(lines)
    assert failures.errors == [caught.value] * 2


async def test_an_error_at_the_end_is_raised() -> None:
    lines, _, _ = lines_of(b"a\n\xc3")

    assert await anext(lines) == "a"
    with pytest.raises(InvalidTextError):
        await anext(lines)


async def test_errors_of_the_chunks_propagate_after_the_items() -> None:
    lines, _, failures = lines_of(b"a\nb", TruncatedStreamError("cut"))

    assert await anext(lines) == "a"
    with pytest.raises(TruncatedStreamError):
        await anext(lines)
    assert failures.errors == []


async def test_a_cancelled_read_loses_nothing() -> None:
    lines, source, _ = lines_of(b"a\nb", None, b"c\n")
    assert await anext(lines) == "a"
    reading = asyncio.ensure_future(anext(lines))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait((reading,))

    source.may_go_on.set()

    assert [line async for line in lines] == ["bc"]


@pytest.mark.parametrize(
    ("data", "ended"),
    [
        (b'{"token":{"text":"a"},"generated_text":"a"}', "done"),
        (b'{"outputs":["a"]}', "open"),
    ],
)
async def test_the_end_of_deltas_is_known(data: bytes, ended: str) -> None:
    deltas = DeltaStream(Chunks(data), DeltaDecoder(), Failures())

    before = deltas.ended
    texts = [delta.text async for delta in deltas]

    assert (before, texts, deltas.ended) == (None, ["a"], ended)


async def test_an_error_of_a_container_has_the_text_before_it() -> None:
    chunks = Chunks(b'{"token":{"text":"a"}}', b'{"error":"m"}')
    deltas = DeltaStream(chunks, DeltaDecoder(), Failures())

    assert (await anext(deltas)).text == "a"
    with pytest.raises(ContainerStreamError) as caught:
        await anext(deltas)
    assert (caught.value.text, deltas.ended) == ("a", None)

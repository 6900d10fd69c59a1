from __future__ import annotations

import asyncio
import json

import pytest

from sagemaker_rt.errors import (
    ContainerStreamError,
    InvalidTextError,
    OutputDecodingError,
    TruncatedStreamError,
)
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.text_decoding import LineDecoder
from sagemaker_rt.sansio.text_deltas import Usage
from sagemaker_rt.streaming.decoded_stream import (
    DecodedStream,
    DeltaStream,
    PartSource,
)


class Source:
    """Returns *parts*; an exception is raised, None waits for `may_go_on`."""

    def __init__(self, *parts: bytes | list[bytes] | Exception | None) -> None:
        self.parts = list(parts)
        self.may_go_on = asyncio.Event()
        self.ends: list[OutputDecodingError | None] = []
        self.texts = 0
        self.readers: set[object] = set()
        begin = self.readers.add
        self.functions = PartSource(
            begin, self.next_parts, self.text_decoded, self.decoded
        )

    async def next_parts(self) -> list[bytes]:
        while self.parts and self.parts[0] is None:
            await self.may_go_on.wait()
            self.parts.pop(0)
        if not self.parts:
            raise StopAsyncIteration
        part = self.parts.pop(0)
        if isinstance(part, Exception):
            raise part
        assert part is not None
        return part if isinstance(part, list) else [part]

    def text_decoded(self) -> None:
        self.texts += 1

    async def decoded(self, error: OutputDecodingError | None) -> None:
        self.ends.append(error)


def lines_of(
    *parts: bytes | list[bytes] | Exception | None,
) -> tuple[DecodedStream[str], Source]:
    source = Source(*parts)
    return DecodedStream(source.functions, LineDecoder()), source


def deltas_of(*parts: bytes) -> tuple[DeltaStream, Source]:
    source = Source(*parts)
    return DeltaStream(source.functions, DeltaDecoder()), source


async def test_items_are_those_of_the_decoder() -> None:
    lines, source = lines_of(b"a\nb", b"c\n\n", b"d")

    assert [line async for line in lines] == ["a", "bc", "", "d"]
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(lines)
    assert set(source.ends) == {None}


async def test_parts_that_were_received_together_are_decoded_together() -> None:
    lines, source = lines_of([b"a\nb", b"c\n", b"d"], [b"e\n"])

    assert await anext(lines) == "a"
    assert len(source.parts) == 1
    assert [line async for line in lines] == ["bc", "de"]


async def test_items_before_an_error_are_yielded_first() -> None:
    lines, source = lines_of([b"a\n", b"b\n\xff\nc\n", b"d\n"])

    assert [await anext(lines), await anext(lines)] == ["a", "b"]
    assert source.ends == []
    for _ in range(2):
        with pytest.raises(InvalidTextError) as caught:
            await anext(lines)
    assert source.ends == [caught.value] * 2


async def test_an_error_at_the_end_is_raised() -> None:
    lines, source = lines_of(b"a\n\xc3")

    assert await anext(lines) == "a"
    with pytest.raises(InvalidTextError) as caught:
        await anext(lines)
    assert source.ends == [caught.value]


async def test_errors_of_the_parts_propagate_after_the_items() -> None:
    lines, source = lines_of(b"a\nb", TruncatedStreamError("cut"))

    assert await anext(lines) == "a"
    with pytest.raises(TruncatedStreamError):
        await anext(lines)
    assert source.ends == []


async def test_a_cancelled_read_loses_nothing() -> None:
    lines, source = lines_of(b"a\nb", None, b"c\n")
    assert await anext(lines) == "a"
    reading = asyncio.ensure_future(anext(lines))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait((reading,))

    source.may_go_on.set()

    assert [line async for line in lines] == ["bc"]


async def test_the_first_text_is_noted_once() -> None:
    lines, source = lines_of(b"\n", b"a\nb\n", b"c\n")

    assert await anext(lines) == ""
    assert source.texts == 0
    assert [line async for line in lines] == ["a", "b", "c"]
    assert source.texts == 1


async def test_the_first_text_of_deltas_is_not_reasoning() -> None:
    values = [{"delta": {"reasoning": "r"}}, {"delta": {"content": "a"}}]
    parts = (json.dumps({"choices": [value]}).encode() + b"\n" for value in values)
    deltas, source = deltas_of(*parts)

    assert (await anext(deltas)).reasoning == "r"
    assert source.texts == 0
    assert (await anext(deltas)).text == "a"
    assert source.texts == 1


@pytest.mark.parametrize(
    ("data", "ended"),
    [
        (b'{"token":{"text":"a"},"generated_text":"a"}', "done"),
        (b'{"outputs":["a"]}', "open"),
    ],
)
async def test_the_end_of_deltas_is_known(data: bytes, ended: str) -> None:
    deltas, _ = deltas_of(data)

    before = deltas.ended
    texts = [delta.text async for delta in deltas]

    assert (before, texts, deltas.ended) == (None, ["a"], ended)


async def test_the_usage_of_deltas_is_the_last_that_was_reported() -> None:
    first = b'{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}'
    last = b'{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}'
    deltas, _ = deltas_of(first, last)

    assert deltas.usage is None
    await anext(deltas)
    assert Usage(1) == deltas.usage
    await anext(deltas)
    assert Usage(1, 2) == deltas.usage


async def test_an_error_of_a_container_has_the_text_before_it() -> None:
    deltas, _ = deltas_of(b'{"token":{"text":"a"}}', b'{"error":"m"}')

    assert (await anext(deltas)).text == "a"
    with pytest.raises(ContainerStreamError) as caught:
        await anext(deltas)
    assert (caught.value.text, deltas.ended) == ("a", None)

"""Measures the CPU time of decoding the parts of a stream to text.

A stream is read from memory, in chunks as from a socket. A part has 20 bytes, about the
size of a token: text, or a whole server-sent event.

Run::

    python benchmarks/text_decoding.py [--quick] [--only VARIANT,…]

Columns:

* ``CPU µs/part``: CPU time of a part
* ``parts/s``: throughput
* ``÷ frames``: CPU time divided by that of decoding the frames alone
* ``p10 to p90``: spread of this ratio

Below the table is the CPU time of each variant beyond that of decoding the frames.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any, Final

import comparison
import event_stream
import measured_process

_KIB: Final = 1024
_PARTS: Final = 2000
_TEXT: Final = b"x" * 20
_EVENT: Final = b'data: {"a":"hello"}\n\n'
_GOAL: Final = 2.0  # microseconds


def frames(part: str, chunk: int) -> None:
    """Measure the decoding of frames alone."""
    decoder_class = import_module("sagemaker_rt.sansio.eventstream").EventStreamDecoder
    chunks = _chunks(part, chunk)

    def call() -> None:
        decoder = decoder_class()
        for data in chunks:
            for message in decoder.feed(data):
                len(message.payload)
        decoder.close()

    measured_process.measure_sequential(call)


async def iter_bytes(part: str, chunk: int) -> None:
    """Measure the reading of parts."""
    await _measure(lambda stream: stream.iter_bytes(), part, chunk)


async def iter_text(part: str, chunk: int) -> None:
    """Measure text."""
    await _measure(lambda stream: stream.iter_text(), part, chunk)


async def iter_sse(part: str, chunk: int) -> None:
    """Measure server-sent events."""
    await _measure(lambda stream: stream.iter_sse(), part, chunk)


async def iter_json(part: str, chunk: int) -> None:
    """Measure the JSON in server-sent events."""
    await _measure(lambda stream: stream.iter_json(), part, chunk)


async def _measure(
    read: Callable[[Any], AsyncIterator[Any]], part: str, chunk: int
) -> None:
    package = import_module("sagemaker_rt")
    stream_class = import_module("sagemaker_rt.streaming.response_stream")
    chunks = _chunks(part, chunk)

    async def call() -> None:
        response = package.Response(200, package.Headers(), _Body(chunks))
        stream = stream_class.ResponseStream(
            package.InvokeEndpointWithResponseStreamOutput(),
            response,
            operation="InvokeEndpointWithResponseStream",
            known_errors={},
        )
        async for item in read(stream):
            len(item)

    await measured_process.measure_concurrent(call, 1)


class _Body:
    """The body of a response in memory, as the transport delivers it."""

    is_cancel_safe: Final = True

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)

    def iter_chunks(self) -> _Body:
        return self

    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        for chunk in self._chunks:
            return chunk
        raise StopAsyncIteration

    def release(self) -> None:
        """Release nothing."""


def _chunks(part: str, chunk: int) -> list[bytes]:
    frame = event_stream.payload_part({"text": _TEXT, "event": _EVENT}[part])
    stream, size = frame * _PARTS, chunk or len(frame)
    return [stream[i : i + size] for i in range(0, len(stream), size)]


def main() -> None:
    """Print a table for each kind of parts and size of chunks."""
    settings = comparison.settings(__doc__)
    for title, part, chunk, names in (
        ("Text, in chunks of 64 KiB", "text", 64 * _KIB, ("bytes", "text")),
        ("Events, in chunks of 64 KiB", "event", 64 * _KIB, ("bytes", "sse", "json")),
        ("Events, a part in each chunk", "event", 0, ("bytes", "sse", "json")),
    ):
        arguments = {"part": part, "chunk": chunk}
        variants = [
            comparison.Variant(name, name, "sagemaker_rt", arguments)
            for name in ("frames", *(f"iter_{name}" for name in names))
        ]
        costs = comparison.compare(title, variants, settings, unit="part", units=_PARTS)
        frames = costs.pop("frames", None)
        base = frames.cpu if frames else 0.0
        for name, cost in costs.items():
            print(f"{name} beyond frames: {(cost.cpu - base) * 1e6:.2f} µs")
    print(f"\nGoal for iter_text and iter_sse, in chunks of 64 KiB: ≤ {_GOAL} µs")


if __name__ == "__main__":
    measured_process.start(main, frames, iter_bytes, iter_text, iter_sse, iter_json)

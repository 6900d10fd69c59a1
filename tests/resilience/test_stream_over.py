from __future__ import annotations

import asyncio
import gc

import pytest

from sagemaker_rt import InternalStreamFailure
from sagemaker_rt.resilience.stream_over import when_over
from sagemaker_rt.streaming.stream_link import StreamLink
from sagemaker_rt.testing import fake_event_stream


class Calls:
    """A function that counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


async def test_the_function_is_called_when_the_stream_ends() -> None:
    called, stream = Calls(), fake_event_stream([b"a"])
    when_over(stream, called)
    before = called.count

    await stream.aclose()
    del stream
    gc.collect()
    await asyncio.sleep(0)

    assert (0, 1) == (before, called.count)


async def test_an_error_of_the_stream_is_its_end() -> None:
    called = Calls()
    stream = fake_event_stream([b"a"], error=InternalStreamFailure("it broke"))
    when_over(stream, called)

    with pytest.raises(InternalStreamFailure):
        [event async for event in stream]

    assert 1 == called.count


async def test_a_stream_that_has_ended_is_over_at_once() -> None:
    called, stream = Calls(), fake_event_stream([b"a"])
    await stream.aclose()

    when_over(stream, called)

    assert 1 == called.count


async def test_a_dropped_stream_is_over_at_the_next_turn_of_the_loop() -> None:
    called = Calls()
    when_over(fake_event_stream([b"a"]), called)
    when_over(StreamLink(), called)

    gc.collect()
    before = called.count
    await asyncio.sleep(0)

    assert (0, 2) == (before, called.count)


def test_a_stream_that_is_dropped_after_its_loop_is_over() -> None:
    called, streams = Calls(), [fake_event_stream([b"a"])]

    async def wait() -> None:
        when_over(streams[0], called)

    asyncio.run(wait())
    streams.clear()
    gc.collect()

    assert 1 == called.count

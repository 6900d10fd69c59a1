from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import pytest

from sagemaker_rt.errors import (
    ConnectionLostError,
    IncompleteOutputError,
    ModelStreamError,
)
from sagemaker_rt.observability.generation_metrics import GenerationMetrics
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamInput
from tests.doubles import ManualClock
from tests.recording import RecordingMeterProvider
from tests.streaming.bodies import Body, failure, frame, part, stream_of

INPUT: Final = InvokeEndpointWithResponseStreamInput(endpoint_name="llm", body=b"")
OF_CALL: Final = {
    "gen_ai.operation.name": "generate_content",
    "gen_ai.provider.name": "aws.sagemaker",
    "gen_ai.request.model": "llm",
}
DURATION: Final = "gen_ai.client.operation.duration"
FIRST_CHUNK: Final = "gen_ai.client.operation.time_to_first_chunk"
OUTPUT_CHUNK: Final = "gen_ai.client.operation.time_per_output_chunk"
TOKENS: Final = "gen_ai.client.token.usage"


def chunk(text: str, **members: Any) -> bytes:
    """Return a part that is an event of a chat."""
    choice = {"delta": {"content": text}, "finish_reason": members.pop("end", None)}
    return part(f"data: {json.dumps({'choices': [choice], **members})}\n\n".encode())


class Watched:
    """The metrics of a stream, whose call began 1.5 seconds ago."""

    def __init__(self, *chunks: bytes | BaseException | None) -> None:
        self.provider = RecordingMeterProvider()
        self.time = ManualClock()
        self.metrics = GenerationMetrics(self.provider.get_meter("x"), self.time)
        self.stream = stream_of(Body(*chunks), content_type=None)
        self.metrics.watch(self.time(), INPUT, self.stream)
        self.time.advance(1.5)


def test_the_units_and_buckets_are_those_of_the_conventions() -> None:
    provider = Watched().provider

    seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28]
    seconds += [2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384]
    tokens += [65536, 262144, 1048576, 4194304, 16777216, 67108864]
    assert provider.units == {
        DURATION: "s",
        FIRST_CHUNK: "s",
        OUTPUT_CHUNK: "s",
        TOKENS: "{token}",
    }
    for name in (DURATION, FIRST_CHUNK, OUTPUT_CHUNK):
        assert seconds == list(provider.bounds[name] or ())
    assert tokens == list(provider.bounds[TOKENS] or ())


async def test_the_times_of_parts_are_recorded() -> None:
    novelty = frame(b"odd", message_type="event", event_type="Novelty")
    watched = Watched(novelty, part(b"a"), part(b"b") + part(b"c"))

    async for _ in watched.stream:
        watched.time.advance(0.25)

    assert [
        (FIRST_CHUNK, 1.75, OF_CALL),
        (OUTPUT_CHUNK, 0.25, OF_CALL),
        (OUTPUT_CHUNK, 0.0, OF_CALL),
        (DURATION, 2.5, OF_CALL),
    ] == watched.provider.points


async def test_the_tokens_are_those_that_were_last_reported() -> None:
    watched = Watched(
        chunk("a", usage={"prompt_tokens": 7, "completion_tokens": 1}),
        chunk("b", end="stop", usage={"prompt_tokens": 7, "completion_tokens": 2}),
    )

    texts = [delta.text async for delta in watched.stream.iter_deltas()]

    assert ["a", "b"] == texts
    assert [
        (TOKENS, 7, {**OF_CALL, "gen_ai.token.type": "input"}),
        (TOKENS, 2, {**OF_CALL, "gen_ai.token.type": "output"}),
        (DURATION, 1.5, OF_CALL),
    ] == watched.provider.points[2:]


async def test_tokens_that_the_end_of_the_stream_shows_are_recorded() -> None:
    last = b'data: {"choices":[],"usage":{"completion_tokens":3}}'
    watched = Watched(chunk("a", end="stop"), part(last))

    async for _ in watched.stream.iter_deltas():
        pass

    assert [3] == watched.provider.amounts(TOKENS)
    assert 1 == len(watched.provider.amounts(DURATION))


async def test_the_tokens_of_a_stream_that_is_left_early_are_recorded() -> None:
    watched = Watched(chunk("a", usage={"completion_tokens": 1}), None)

    async with watched.stream as stream:
        await anext(stream.iter_deltas())

    assert [1] == watched.provider.amounts(TOKENS)
    assert [(DURATION, 1.5, OF_CALL)] == watched.provider.points[-1:]


@pytest.mark.parametrize(
    ("chunks", "error"),
    [
        ([part(b"a"), failure("ModelStreamError")], ModelStreamError),
        ([chunk("a")], IncompleteOutputError),
    ],
)
async def test_an_error_of_a_stream_has_a_type(
    chunks: list[bytes], error: type[Exception]
) -> None:
    watched = Watched(*chunks)

    with pytest.raises(error):
        async for _ in watched.stream.iter_deltas():
            pass

    attributes = {**OF_CALL, "error.type": error.__name__}
    assert (DURATION, 1.5, attributes) == watched.provider.points[-1]


@pytest.mark.parametrize("error", [ConnectionLostError("x"), asyncio.CancelledError()])
def test_a_call_that_fails_before_its_stream_has_a_duration(
    error: BaseException,
) -> None:
    watched = Watched()

    watched.metrics.record_failure(watched.time() - 2.0, INPUT, error)

    attributes = {**OF_CALL, "error.type": type(error).__name__}
    assert [(DURATION, 2.0, attributes)] == watched.provider.points


@pytest.mark.parametrize(
    ("params", "model"),
    [
        (
            InvokeEndpointWithResponseStreamInput(
                endpoint_name="llm", body=b"", inference_component_name="adapter"
            ),
            "adapter",
        ),
        (object(), None),
    ],
)
def test_the_model_is_the_component_or_the_endpoint(
    params: object, model: str | None
) -> None:
    watched = Watched()

    watched.metrics.record_failure(0.0, params, KeyError())

    (_, _, attributes) = watched.provider.points[0]
    assert model == attributes.get("gen_ai.request.model")

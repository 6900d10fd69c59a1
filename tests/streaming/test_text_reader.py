from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    ContainerStreamError,
    InvalidJSONError,
    InvalidTextError,
    LineTooLongError,
    ParamValidationError,
)
from sagemaker_rt.sansio.server_sent_events import ServerSentEvent
from sagemaker_rt.sansio.text_deltas import DeltaFormat, TextDelta
from sagemaker_rt.shapes import PayloadPart
from sagemaker_rt.streaming import text_reader
from sagemaker_rt.streaming.text_reader import register_delta_format
from tests.streaming.bodies import Body, part, stream_of

EVENTS = (
    'data: {"token":{"text":"é"}}\n\n'
    'data: {"token":{"text":"b"},"generated_text":"éb"}\n\n'
).encode()
LINES = "é\nb\r\nc".encode()


def bodies(data: bytes) -> Iterator[Body]:
    """Yield bodies of two parts, split at every byte of *data*."""
    for cut in range(len(data) + 1):
        yield Body(part(data[:cut]) + part(data[cut:]))


async def test_text_is_read_wherever_it_is_split() -> None:
    for body in bodies(LINES):
        stream = stream_of(body)
        assert "".join([text async for text in stream.iter_text()]) == LINES.decode()
    for body in bodies(LINES):
        assert await stream_of(body).read_text() == LINES.decode()


async def test_lines_are_read_wherever_they_are_split() -> None:
    for body in bodies(LINES):
        lines = [line async for line in stream_of(body).iter_lines()]
        assert lines == ["é", "b", "c"]


async def test_events_are_read_wherever_they_are_split() -> None:
    for body in bodies(b"data: a\n\nevent: e\r\ndata: b\r\n\r\n"):
        events = [event async for event in stream_of(body).iter_sse()]
        assert events == [ServerSentEvent(data="a"), ServerSentEvent("e", "b")]


async def test_json_values_are_read_wherever_they_are_split() -> None:
    for body in bodies(b'{"a":1}\n{"b":2}[3]'):
        values = [value async for value in stream_of(body).iter_json()]
        assert values == [{"a": 1}, {"b": 2}, 3]


async def test_deltas_are_read_wherever_they_are_split() -> None:
    for body in bodies(EVENTS):
        deltas = stream_of(body).iter_deltas("tgi")
        assert [delta.text async for delta in deltas] == ["é", "b"]
        assert deltas.ended == "done"


async def test_invalid_text_can_be_replaced() -> None:
    def stream() -> Any:
        return stream_of(Body(part(b"a\xff\n\n")))

    assert await stream().read_text("replace") == "a\ufffd\n\n"
    assert [line async for line in stream().iter_lines("replace")] == ["a\ufffd", ""]
    event = [
        one
        async for one in stream_of(Body(part(b"data: \xff\n\n"))).iter_sse("replace")
    ]
    assert event == [ServerSentEvent(data="\ufffd")]


async def test_the_text_before_an_error_is_kept() -> None:
    with pytest.raises(InvalidTextError) as caught:
        await stream_of(Body(part(b"a"), part(b"b\xff"))).read_text()

    assert caught.value.text == "ab"


@pytest.mark.parametrize(
    ("data", "read", "error"),
    [
        (b"\xff", lambda s: s.iter_text(), InvalidTextError),
        (b"abcd", lambda s: s.iter_lines(max_line_bytes=3), LineTooLongError),
        (b"data: abcd", lambda s: s.iter_sse(max_event_bytes=3), LineTooLongError),
        (b'{"a', lambda s: s.iter_json(max_value_bytes=2), LineTooLongError),
        (b"hello", lambda s: s.iter_json(), InvalidJSONError),
        (b'{"error":"m"}', lambda s: s.iter_deltas("tgi"), ContainerStreamError),
    ],
)
async def test_an_error_closes_the_stream_and_has_the_facts_of_the_call(
    data: bytes, read: Any, error: Any
) -> None:
    body = Body(part(data), None)
    if error is InvalidJSONError:
        body = Body(part(data))
    stream = stream_of(body)

    with pytest.raises(error) as caught:
        await anext(read(stream))

    assert caught.value.operation == "InvokeEndpointWithResponseStream"
    assert caught.value.may_have_executed
    assert stream.error is caught.value
    assert (body.releases, body.is_reader_done) == (1, True)
    with pytest.raises(error):
        await anext(stream)


async def test_a_stream_that_was_closed_early_is_not_a_clean_end() -> None:
    async with stream_of(Body(part(b"a\nb"), None)) as stream:
        lines = stream.iter_lines()
        assert await anext(lines) == "a"

    with pytest.raises(ClientStateError):
        await anext(lines)


async def test_mapped_events_are_decoded() -> None:
    stream = stream_of(Body(part(b"a"), part(b"b")))
    stream.map_events(lambda event: PayloadPart(event.bytes.upper()))  # type: ignore[union-attr] # all are parts

    assert await stream.read_text() == "AB"


def test_an_unknown_format_is_refused_before_reading() -> None:
    with pytest.raises(ParamValidationError, match="'tgi'"):
        stream_of(Body()).iter_deltas("tgii")
    with pytest.raises(ParamValidationError, match="openai-responses"):
        stream_of(Body()).iter_deltas("nonsense")


class Words(DeltaFormat):
    """A format of the test."""

    name = "words"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "word" in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        self.is_finished = True
        yield TextDelta(value["word"], raw=value)


async def test_formats_can_be_registered() -> None:
    def body() -> Body:
        return Body(part(b'{"word":"a"}'))

    given = [d.text async for d in stream_of(body()).iter_deltas(Words)]
    register_delta_format(Words)
    try:
        named = [d.text async for d in stream_of(body()).iter_deltas("words")]
    finally:
        del text_reader._formats["words"]

    assert (given, named) == (["a"], ["a"])

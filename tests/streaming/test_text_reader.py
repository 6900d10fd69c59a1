from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final, cast

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    ContainerStreamError,
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    LineTooLongError,
    ModelStreamError,
    OutputDecodingError,
    ParamValidationError,
)
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.openai_events import OpenAIEventEncoder
from sagemaker_rt.sansio.server_sent_events import ServerSentEvent
from sagemaker_rt.sansio.stream_timing import STREAM_TIMING, StreamTiming
from sagemaker_rt.sansio.text_decoding import LineDecoder
from sagemaker_rt.sansio.text_deltas import DeltaFormat, TextDelta, Usage
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput, PayloadPart
from sagemaker_rt.streaming import text_reader
from sagemaker_rt.streaming.heartbeat import with_heartbeat
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.text_reader import register_delta_format
from tests.doubles import ManualClock
from tests.streaming.bodies import Body, Slow, failure, frame, part, stream_of

EVENTS = (
    'data: {"token":{"text":"é"}}\n\n'
    'data: {"token":{"text":"b"},"generated_text":"éb"}\n\n'
).encode()
LINES = "é\nb\r\nc".encode()


READERS = ["iter_bytes", "iter_text", "iter_lines", "iter_sse", "iter_json"]


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


async def test_a_custom_decoder_reads_the_parts() -> None:
    stream = stream_of(Body(part(b"a\nb"), part(b"c")))

    lines = [line async for line in stream.iter_decoded(LineDecoder())]

    assert ["a", "bc"] == lines
    assert stream.usage is None


async def test_a_custom_decoder_may_report_usage() -> None:
    chunk = b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}\n'
    stream = stream_of(Body(part(chunk)))

    await anext(stream.iter_decoded(OpenAIEventEncoder()))

    assert Usage(1, 2) == stream.usage


async def test_an_error_of_a_custom_decoder_closes_the_stream() -> None:
    stream = stream_of(Body(part(b"\xff\n")))

    with pytest.raises(InvalidTextError) as caught:
        await anext(stream.iter_decoded(LineDecoder()))

    assert caught.value is stream.error


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


def timed(*chunks: bytes) -> tuple[ResponseStream, ManualClock]:
    """Return a stream whose clock advances by a second before each chunk."""
    time = ManualClock()

    class Ticking(Body):
        async def iter_chunks(self) -> AsyncIterator[bytes]:
            for chunk in chunks:
                time.advance(1.0)
                yield chunk

    stream = ResponseStream(
        InvokeEndpointWithResponseStreamOutput(),
        Response(200, Headers(), Ticking()),
        operation="InvokeEndpointWithResponseStream",
        known_errors=MODELLED_ERRORS,
        timing=StreamTiming(time),
    )
    return stream, time


async def test_the_times_of_the_first_part_and_the_first_text_are_known() -> None:
    chunks = [b": ping\n\n", b"data: {", b'"outputs":["a"]}\n\n', b"\n"]
    stream, _ = timed(*map(part, chunks))

    async for _delta in stream.iter_deltas():
        pass

    timing = stream.metadata[STREAM_TIMING]
    assert (1.0, 3.0) == (timing.time_to_first_part, timing.time_to_first_text)
    assert (3, 1.0, 1.0, 1.0) == (
        timing.gap_count,
        timing.gap_min,
        timing.gap_mean,
        timing.gap_max,
    )


async def test_an_error_has_the_times_of_its_stream() -> None:
    stream, _ = timed(part(b"a"), failure("ModelStreamError"))

    with pytest.raises(ModelStreamError) as caught:
        await stream.read_text()

    timing = caught.value.metadata[STREAM_TIMING]
    assert (1.0, 1.0) == (timing.time_to_first_part, timing.time_to_first_text)


async def test_parts_have_no_first_text() -> None:
    stream, _ = timed(part(b"a"), part(b"b"))

    assert [b"a", b"b"] == [chunk async for chunk in stream.iter_bytes()]
    assert (1.0, None) == (
        stream.timing.time_to_first_part,
        stream.timing.time_to_first_text,
    )


def watched(*chunks: bytes | None) -> tuple[ResponseStream, list[object], Body]:
    """Return a stream, and the errors with which it ended."""
    body, ends = Body(*chunks), list[object]()
    stream = stream_of(body, content_type=None)
    stream.when_ended(lambda _, error: ends.append(error))
    return stream, ends, body


async def test_an_output_that_lacks_its_end_has_failed() -> None:
    """Its bytes have an end, so that only the decoder knows."""
    stream, ends, body = watched(part(b'{"token":{"text":"a"}}'))
    deltas = stream.iter_deltas()

    assert "a" == (await anext(deltas)).text
    with pytest.raises(IncompleteOutputError) as caught:
        await anext(deltas)

    assert [caught.value] == ends
    assert caught.value is stream.error
    assert 1 == body.releases
    with pytest.raises(IncompleteOutputError):
        await anext(stream)
    await stream.aclose()
    assert [caught.value] == ends


async def test_a_decoded_stream_ends_once() -> None:
    stream, ends, body = watched(part(b"a\nb"))

    assert ["a", "b"] == [line async for line in stream.iter_lines()]
    await stream.aclose()

    assert [None] == ends
    assert 1 == body.releases


async def test_a_decoded_stream_that_is_left_early_ends_when_it_is_closed() -> None:
    stream, ends, body = watched(part(b"a\nb"))
    lines = stream.iter_lines()
    await anext(lines)
    await anext(lines)
    assert ([], 1) == (ends, body.releases)

    await stream.aclose()

    assert [None] == ends


async def test_parts_that_were_received_together_are_decoded_in_their_order() -> None:
    odd = frame(b"odd", message_type="event", event_type="Novelty")
    body = Body(part(b"a\n") + part(b"b\n") + odd + part(b"c\n"), part(b"d"))

    lines = [line async for line in stream_of(body).iter_lines()]

    assert ["a", "b", "c", "d"] == lines


async def test_parts_before_an_error_are_decoded_first() -> None:
    body = Body(part(b"a\n") + part(b"b\n") + failure("ModelStreamError"))
    lines = stream_of(body).iter_lines()

    assert ["a", "b"] == [await anext(lines), await anext(lines)]
    with pytest.raises(ModelStreamError):
        await anext(lines)


async def test_the_usage_is_known_if_deltas_are_read() -> None:
    usage = b'{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}'
    stream = stream_of(Body(part(usage)), content_type=None)

    assert stream.usage is None
    assert [Usage(1)] == [delta.usage async for delta in stream.iter_deltas()]
    assert Usage(1) == stream.usage


READS: Final[dict[str, Callable[[ResponseStream], AsyncIterator[Any]]]] = {
    "parts": lambda stream: stream.iter_bytes(),
    "text": lambda stream: stream.iter_text(),
    "lines": lambda stream: stream.iter_lines(),
    "events": lambda stream: stream.iter_sse(),
    "values": lambda stream: stream.iter_json(),
    "deltas": lambda stream: stream.iter_deltas(),
    "heartbeats": lambda stream: with_heartbeat(stream.iter_deltas(), 60),
}


async def all_of(items: AsyncIterator[Any], body: Slow) -> list[Any]:
    """Return *items*; before each chunk of *body* arrives, a read is cancelled."""
    found: list[Any] = []
    while True:
        reading = asyncio.ensure_future(anext(items))
        for _ in range(10):  # more than a read needs that does not wait for a chunk
            await asyncio.sleep(0)
        if not reading.done():
            reading.cancel()
            await asyncio.wait((reading,))
            body.has_more.set()
        elif isinstance(reading.exception(), StopAsyncIteration):
            return found
        else:
            found.append(reading.result())


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("is_generator", [True, False])
async def test_a_cancelled_read_of_any_kind_loses_nothing(
    read: Callable[[ResponseStream], AsyncIterator[Any]], is_generator: bool
) -> None:
    chunks = [part(EVENTS[:9]), part(EVENTS[9:30]) + part(EVENTS[30:50])]
    chunks.append(part(EVENTS[50:]))
    whole = [item async for item in read(stream_of(Body(*chunks), content_type=None))]

    body = Slow(chunks, is_generator=is_generator)
    found = await all_of(read(stream_of(body, content_type=None)), body)

    assert whole == found


async def test_the_text_continues_after_a_cancelled_call() -> None:
    body = Slow([part(b"a\xc3"), part(b"\xa9"), part(b"b")], is_generator=True)
    stream = stream_of(body)

    for _ in range(3):
        reading = asyncio.ensure_future(stream.read_text())
        body.has_more.set()
        for _ in range(10):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait((reading,))
    body.has_more.set()

    assert "aéb" == await stream.read_text()
    assert "" == await stream.read_text()


@pytest.mark.parametrize("read", [*READERS, "events"])
async def test_what_another_iterator_holds_is_not_lost(read: str) -> None:
    def reader() -> Any:
        return stream if read == "events" else getattr(stream, read)()

    stream = stream_of(Body(part(b'{"text":"a"}\n') * 3))
    lines = stream.iter_lines()
    assert '{"text":"a"}' == await anext(lines)

    with pytest.raises(ClientStateError, match="another iterator"):
        await anext(reader())

    assert ['{"text":"a"}'] * 2 == [line async for line in lines]
    with pytest.raises(StopAsyncIteration):
        await anext(reader())


async def test_parts_may_be_read_before_text() -> None:
    stream = stream_of(Body(part(b"a"), part(b"b") + part(b"c")))

    assert b"a" == await anext(stream.iter_bytes())
    assert "bc" == await stream.read_text()


async def test_after_an_error_any_iterator_raises_it() -> None:
    stream = stream_of(Body(part(b"a\n"), failure("ModelStreamError")))
    lines = stream.iter_lines()

    assert "a" == await anext(lines)
    for reader in (lines, stream.iter_text(), stream):
        with pytest.raises(ModelStreamError):
            await anext(reader)


@pytest.mark.parametrize(
    "read",
    [
        lambda s: s.iter_text("ignore"),
        lambda s: s.iter_lines(None),
        lambda s: s.iter_sse("surrogateescape"),
        lambda s: s.iter_lines(max_line_bytes=0),
        lambda s: s.iter_sse(max_event_bytes=True),
        lambda s: s.iter_json(max_value_bytes=1.5),
        lambda s: s.iter_deltas(max_value_bytes="1"),
        lambda s: s.iter_deltas(1),
        lambda s: s.iter_deltas(DeltaFormat),
        lambda s: s.iter_decoded(b""),
        lambda _: register_delta_format(cast("Any", int)),
    ],
)
def test_an_invalid_argument_is_an_error_before_reading(read: Any) -> None:
    with pytest.raises(ParamValidationError):
        read(stream_of(Body()))


def test_a_format_needs_a_name() -> None:
    class Nameless(DeltaFormat):
        @classmethod
        def recognizes(cls, value: Mapping[str, Any]) -> bool:
            return bool(value)

        def read(self, value: Mapping[str, Any]) -> list[TextDelta]:
            return [TextDelta(str(value))]

    with pytest.raises(ParamValidationError, match="Nameless"):
        register_delta_format(Nameless)


async def test_an_exception_of_a_decoder_is_raised_after_the_items_before_it() -> None:
    class Broken:
        def feed(self, data: bytes, items: Any) -> None:
            items.append(data)
            if data == b"b":
                raise KeyError(data)

        def close(self, items: Any) -> None:
            raise AssertionError

    stream = stream_of(Body(part(b"a"), part(b"b"), part(b"c")))
    items = stream.iter_decoded(Broken())

    assert [b"a", b"b"] == [await anext(items), await anext(items)]
    for _ in range(2):
        with pytest.raises(
            OutputDecodingError, match="Broken raised KeyError"
        ) as caught:
            await anext(items)
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value is stream.error

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    REQUEST_ID,
    AttemptResult,
    Metadata,
)
from sagemaker_rt.errors import (
    ClientStateError,
    CorruptMessageError,
    InternalStreamFailure,
    ModelStreamError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceUnavailable,
    TruncatedStreamError,
    UnmodeledEventError,
)
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream_headers import HeaderValue
from sagemaker_rt.shapes import (
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
    UnknownEvent,
)
from sagemaker_rt.streaming.event_functions import Event
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.response_stream_handler import ResponseStreamHandler
from tests.streaming.bodies import (
    BORDERS,
    EVENTS,
    OPERATION,
    WHOLE,
    Body,
    Slow,
    corrupt,
    failure,
    frame,
    part,
    stream_of,
    watching,
)


async def read(body: Body) -> tuple[list[Event], SageMakerRuntimeError | None]:
    """Return the events of *body*, and the error that ended them."""
    stream, events = stream_of(body), list[Event]()
    try:
        async for event in stream:
            events.append(event)
    except SageMakerRuntimeError as error:
        return events, error
    return events, None


async def error_of(*chunks: bytes | BaseException) -> SageMakerRuntimeError:
    """Return the error that *chunks* cause; check that the stream was released once."""
    body = Body(*chunks)
    _, error = await read(body)
    assert error is not None
    assert (1, True) == (body.releases, body.is_reader_done)
    return error


async def test_events_are_the_same_wherever_the_body_is_cut(
    subtests: pytest.Subtests,
) -> None:
    for cut in range(len(WHOLE) + 1):
        with subtests.test(cut=cut):
            body = Body(WHOLE[:cut], WHOLE[cut:])

            assert (list(EVENTS), None) == await read(body)
            assert (1, True) == (body.releases, body.is_reader_done)


async def test_events_are_decoded_from_single_bytes() -> None:
    single = [bytes([byte]) for byte in WHOLE]

    assert (list(EVENTS), None) == await read(Body(*single))


@given(cuts=st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_events_are_the_same_in_any_chunks(cuts: list[int]) -> None:
    ends = [*sorted(cuts), len(WHOLE)]
    chunks = [WHOLE[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    async def scenario() -> tuple[list[Event], SageMakerRuntimeError | None]:
        return await read(Body(*chunks))

    assert (list(EVENTS), None) == asyncio.run(scenario())


async def test_a_stream_that_ends_inside_a_frame_yields_the_complete_events(
    subtests: pytest.Subtests,
) -> None:
    for end in range(len(WHOLE)):
        with subtests.test(end=end):
            whole_frames = sum(border <= end for border in BORDERS[1:])
            body = Body(WHOLE[:end])

            events, error = await read(body)

            assert list(EVENTS[:whole_frames]) == events
            assert (end not in BORDERS) == isinstance(error, TruncatedStreamError)
            assert 1 == body.releases


async def test_a_stream_without_a_frame_has_no_events() -> None:
    assert ([], None) == await read(Body())


async def test_events_before_an_invalid_frame_are_yielded_first() -> None:
    """The error is raised at once, although the connection stays open and silent."""
    body = Body(part(b"one") + part(b"two") + corrupt(b"three"), None)

    events, error = await read(body)

    assert [PayloadPart(b"one"), PayloadPart(b"two")] == events
    assert isinstance(error, CorruptMessageError)
    assert (1, True) == (body.releases, body.is_reader_done)


async def test_events_before_a_lost_connection_are_yielded_first() -> None:
    lost = RequestTimeoutError("silence")
    body = Body(part(b"one") + part(b"two")[:9], lost)

    assert ([PayloadPart(b"one")], lost) == await read(body)
    assert 1 == body.releases


async def test_events_before_an_error_event_are_yielded_first() -> None:
    body = Body(part(b"one") + failure("ModelStreamError") + part(b"late"))

    events, error = await read(body)

    assert [PayloadPart(b"one")] == events
    assert ModelStreamError is type(error)


async def test_a_model_error_has_code_and_message() -> None:
    payload = b'{"Message": "too slow", "ErrorCode": "ModelInvocationTimeExceeded"}'

    error = await error_of(failure("ModelStreamError", payload))

    assert isinstance(error, ModelStreamError)
    assert ("too slow", "ModelInvocationTimeExceeded") == (
        error.message,
        error.error_code,
    )


async def test_a_service_failure_has_its_own_type() -> None:
    error = await error_of(failure("InternalStreamFailure"))

    assert InternalStreamFailure is type(error)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (failure("Novelty", b'{"message": "new"}'), "new (Novelty, HTTP 200)"),
        (failure("Novelty", b"<html>"), "<html> (Novelty, HTTP 200)"),
        (
            frame(message_type="error", error_code="E", error_message="why"),
            "why (E, HTTP 200)",
        ),
        (
            frame(message_type="exception"),
            "no message (HTTP 200)",
        ),
        (frame(message_type="error"), "no message (HTTP 200)"),
    ],
)
async def test_unmodeled_errors_keep_their_code_and_message(
    message: bytes, expected: str
) -> None:
    error = await error_of(message)

    assert isinstance(error, UnmodeledEventError)
    error.http_status = 200
    assert expected == str(error)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({}, None), ({"message_type": "novelty"}, "novelty"), ({"message_type": 1}, 1)],
)
async def test_a_message_must_have_a_known_message_type(
    headers: dict[str, HeaderValue], kind: object
) -> None:
    error = await error_of(frame(b"x", **headers))

    assert isinstance(error, CorruptMessageError)
    assert repr(kind) in str(error)


@pytest.mark.parametrize(
    "headers",
    [
        {"message_type": "event"},
        {"message_type": "event", "event_type": 1},
        {"message_type": "event", "event_type": b"PayloadPart"},
        {"message_type": "event", "event_type": True},
    ],
)
async def test_an_event_must_have_a_type_that_is_a_string(
    headers: dict[str, HeaderValue],
) -> None:
    error = await error_of(frame(b"x", **headers))

    assert isinstance(error, CorruptMessageError)


@pytest.mark.parametrize(
    "cause",
    [
        failure("ModelStreamError"),
        failure("ServiceUnavailable"),
        frame(message_type="error"),
        frame(),
        corrupt(b"x"),
        part(b"x")[:-1],
        RequestTimeoutError("silence"),
    ],
)
async def test_an_error_has_the_facts_of_the_call(
    cause: bytes | BaseException,
) -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200
    metadata[REQUEST_ID] = "r-1"
    metadata[ATTEMPTS] = (
        AttemptResult(1, ServiceUnavailable(), 0.1),
        AttemptResult(2, None, None),
    )
    body = Body(cause)
    stream = stream_of(body, metadata)

    with pytest.raises(SageMakerRuntimeError) as caught:
        await anext(stream)

    error = caught.value
    assert (OPERATION, "r-1", 200, 2) == (
        error.operation,
        error.request_id,
        error.http_status,
        error.attempts,
    )
    assert error.metadata is metadata
    assert error.response is not None
    assert error.response.body is body
    assert (True, True, False) == (
        error.request_sent,
        error.may_have_executed,
        error.is_retryable,
    )


async def test_other_errors_have_a_note_about_the_response() -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200

    with pytest.raises(CorruptMessageError) as caught:
        await anext(stream_of(Body(frame()), metadata))

    assert ["response: HTTP 200, request id unknown"] == caught.value.__notes__


async def test_service_errors_have_no_such_note() -> None:
    error = await error_of(failure("ModelStreamError"))

    assert not hasattr(error, "__notes__")


@pytest.mark.parametrize("chunks", [[], [part(b"x")]])
async def test_reading_after_the_end_stops_again(chunks: list[bytes]) -> None:
    body = Body(*chunks)
    stream = stream_of(body)
    _ = [event async for event in stream]

    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
    await stream.aclose()

    assert 1 == body.releases


@pytest.mark.parametrize(
    "chunks",
    [[part(b"x"), corrupt(b"y")], [b"cut"], [failure("ModelStreamError")], [OSError()]],
)
async def test_reading_after_an_error_raises_it_again(chunks: list[bytes]) -> None:
    body = Body(*chunks)
    stream = stream_of(body)
    with pytest.raises((SageMakerRuntimeError, OSError)) as caught:
        _ = [event async for event in stream]

    for read_again in (anext(stream), anext(stream.iter_bytes())):
        with pytest.raises(type(caught.value)) as again:
            await read_again
        assert again.value is caught.value
    await stream.aclose()

    assert stream.error is caught.value
    assert 1 == body.releases


async def test_reading_after_closing_before_the_end_is_an_error() -> None:
    """A web framework reads a stream that its caller's ``async with`` has closed."""
    async with stream_of(Body(part(b"one"), part(b"two"))) as stream:
        parts = stream.iter_bytes()
        assert b"one" == await anext(parts)

    for read_late in (anext(parts), anext(stream), stream.handle(watching([]))):
        with pytest.raises(ClientStateError, match="closed before its end"):
            await read_late


async def test_events_that_were_received_are_not_read_after_closing() -> None:
    async with stream_of(Body(WHOLE)) as stream:
        await anext(stream)

    with pytest.raises(ClientStateError):
        await anext(stream)


async def test_leaving_early_releases_the_connection_without_reading() -> None:
    body = Body(part(b"one") + part(b"two"), AssertionError())

    async with stream_of(body) as stream:
        assert PayloadPart(b"one") == await anext(stream)

    assert (1, True) == (body.releases, body.is_reader_done)


async def test_an_exception_in_the_block_releases_the_connection() -> None:
    body = Body(part(b"one"), None)

    async def use() -> None:
        async with stream_of(body) as stream:
            async for _ in stream:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await use()
    assert (1, True) == (body.releases, body.is_reader_done)


async def test_a_stream_can_be_closed_before_it_is_read() -> None:
    body = Body(part(b"one"))
    stream = stream_of(body)

    await stream.aclose()
    await stream.aclose()

    assert 1 == body.releases


async def read_with_cancelled_reads(body: Slow) -> list[Event]:
    """Read *body*; cancel a read before each chunk arrives."""
    stream, events = stream_of(body), list[Event]()
    while True:
        reading = asyncio.ensure_future(anext(stream))
        for _ in range(6):  # more than a read needs that does not wait for a chunk
            await asyncio.sleep(0)
        if not reading.done():
            reading.cancel()
            await asyncio.wait((reading,))
            body.has_more.set()
        elif isinstance(reading.exception(), StopAsyncIteration):
            return events
        else:
            events.append(reading.result())


@pytest.mark.parametrize("is_generator", [True, False])
async def test_a_cancelled_read_loses_nothing(
    subtests: pytest.Subtests, is_generator: bool
) -> None:
    for cut in range(len(WHOLE) + 1):
        with subtests.test(cut=cut):
            chunks = [chunk for chunk in (WHOLE[:cut], WHOLE[cut:]) if chunk]
            body = Slow(chunks, is_generator=is_generator)

            assert list(EVENTS) == await read_with_cancelled_reads(body)
            assert 1 == body.releases


async def test_a_read_that_times_out_loses_nothing() -> None:
    body = Slow([part(b"one")], is_generator=True)

    async with stream_of(body) as stream:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(stream), 0)
        body.has_more.set()

        assert PayloadPart(b"one") == await anext(stream)
        assert stream.error is None


@pytest.mark.parametrize("is_generator", [True, False])
async def test_closing_after_a_cancelled_read_leaves_no_task(
    is_generator: bool,
) -> None:
    body = Slow([part(b"one")], is_generator=is_generator)
    before = asyncio.all_tasks()

    async with stream_of(body) as stream:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0)

    assert before == asyncio.all_tasks()
    assert 1 == body.releases


async def test_when_ended_is_called_once() -> None:
    stream, ends = stream_of(Body(WHOLE[:9], WHOLE[9:])), list[BaseException | None]()
    stream.when_ended(lambda _, error: ends.append(error))
    stream.when_ended(lambda _, error: ends.append(error))

    events = [event async for event in stream]
    await stream.aclose()

    assert [None, None] == ends
    assert (len(events), len(WHOLE)) == (stream.events_read, stream.bytes_read)


async def test_when_ended_is_called_at_once_after_the_end() -> None:
    closed, failed = (
        stream_of(Body(part(b"one"), failure("ModelStreamError"))) for _ in range(2)
    )
    await closed.aclose()
    with suppress(ModelStreamError):
        [event async for event in failed]
    ends = list[BaseException | None]()

    closed.when_ended(lambda _, error: ends.append(error))
    failed.when_ended(lambda _, error: ends.append(error))

    assert [None, failed.error] == ends
    assert isinstance(failed.error, ModelStreamError)


async def test_when_ended_is_called_for_a_stream_left_early() -> None:
    stream, ends = stream_of(Body(part(b"one"), None)), list[BaseException | None]()
    stream.when_ended(lambda _, error: ends.append(error))

    async with stream:
        await anext(stream)
        before = list(ends)

    assert ([], [None]) == (before, ends)


async def test_when_ended_gets_an_error_with_the_facts_of_the_call() -> None:
    metadata = Metadata({REQUEST_ID: "r-1"})
    stream = stream_of(Body(part(b"one"), failure("ModelStreamError")), metadata)
    ends: list[object] = []
    stream.when_ended(
        lambda stream, error: ends.append((stream, getattr(error, "request_id", None)))
    )

    with suppress(ModelStreamError):
        async for _ in stream:
            pass

    assert [(stream, "r-1")] == ends


async def test_when_ended_is_not_called_by_a_cancelled_read() -> None:
    body, ends = Body(None), list[BaseException | None]()
    stream = stream_of(body)
    stream.when_ended(lambda _, error: ends.append(error))
    reader = asyncio.ensure_future(anext(stream))
    await body.is_waiting.wait()

    reader.cancel()
    await asyncio.wait([reader])

    before = list(ends)
    await stream.aclose()
    assert ([], [None]) == (before, ends)


async def test_an_exception_of_when_read_ends_the_stream() -> None:
    stream = stream_of(Body(part(b"one"), part(b"two")))
    failure_of_function = ZeroDivisionError()

    def fail(messages: object) -> None:
        raise failure_of_function

    stream.when_read(fail)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await anext(stream)
    assert stream.error is failure_of_function


async def test_when_read_gets_frames_before_their_events_are_yielded() -> None:
    stream, seen = stream_of(Body(part(b"one") + part(b"two"), part(b"three"))), []
    stream.when_read(lambda messages: seen.append([m.payload for m in messages]))

    first = await anext(stream)
    before = list(seen)
    rest = [event async for event in stream]

    assert [[b"one", b"two"]] == before
    assert [[b"one", b"two"], [b"three"]] == seen
    assert (PayloadPart(b"one"), 2) == (first, len(rest))


async def test_a_second_reader_is_refused_and_the_first_continues() -> None:
    body = Body(None, part(b"never"))
    stream = stream_of(body)
    first = asyncio.ensure_future(anext(stream))
    await body.is_waiting.wait()

    with pytest.raises(ClientStateError, match="another task"):
        await anext(stream)

    assert not first.done()
    assert 0 == body.releases
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first


async def test_a_stream_can_be_closed_while_another_task_reads() -> None:
    body = Body(None)
    stream = stream_of(body)
    reader = asyncio.ensure_future(anext(stream))
    await body.is_waiting.wait()

    await stream.aclose()

    assert 1 == body.releases
    reader.cancel()  # a real connection would have ended the wait
    await asyncio.wait([reader])
    assert 1 == body.releases


class Iterator:
    """A body that is an iterator, not a generator."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.releases = 0

    def read_nowait(self) -> bytes | None:
        return None

    async def read(self, limit: int) -> bytes:
        raise AssertionError

    def iter_chunks(self) -> Iterator:
        return self

    def __aiter__(self) -> Iterator:
        return self

    async def __anext__(self) -> bytes:
        if not self.chunks:
            raise StopAsyncIteration
        return self.chunks.pop(0)

    def release(self) -> None:
        self.releases += 1


async def test_a_body_need_not_be_a_generator() -> None:
    body = Iterator(WHOLE)
    stream = ResponseStream(
        InvokeEndpointWithResponseStreamOutput(),
        Response(200, Headers(), body),
        operation=OPERATION,
        known_errors=MODELLED_ERRORS,
    )

    async with stream:
        assert list(EVENTS) == [event async for event in stream]

    assert 1 == body.releases


async def test_a_stream_has_the_attributes_of_its_output() -> None:
    metadata = Metadata()
    metadata[HTTP_STATUS] = 200
    metadata[REQUEST_ID] = "r-1"

    stream = stream_of(Body(), metadata)

    assert ("text/plain", "blue", "a=b") == (
        stream.content_type,
        stream.invoked_production_variant,
        stream.custom_attributes,
    )
    assert (200, "r-1") == (stream.http_status, stream.request_id)
    assert stream.metadata is metadata
    assert stream.output.metadata is metadata


async def test_a_repr_has_the_operation_and_no_content() -> None:
    stream = stream_of(Body())
    before = repr(stream)

    await stream.aclose()

    assert f"<ResponseStream of {OPERATION}, open>" == before
    assert f"<ResponseStream of {OPERATION}, closed>" == repr(stream)


async def test_parts_are_bytes_wherever_the_body_is_cut(
    subtests: pytest.Subtests,
) -> None:
    for cut in range(0, len(WHOLE) + 1, 7):
        with subtests.test(cut=cut):
            body = Body(WHOLE[:cut], WHOLE[cut:])

            parts = [chunk async for chunk in stream_of(body).iter_bytes()]

            assert [b"one", b"", b"three"] == parts
            assert (1, True) == (body.releases, body.is_reader_done)


async def test_leaving_parts_does_not_close_the_stream() -> None:
    stream = stream_of(Body(WHOLE))

    async for chunk in stream.iter_bytes():
        assert b"one" == chunk
        break

    assert list(EVENTS[1:]) == [event async for event in stream.events()]


async def test_parts_raise_the_errors_of_the_stream() -> None:
    parts = stream_of(Body(part(b"one"), failure("ModelStreamError"))).iter_bytes()

    assert b"one" == await anext(parts)
    with pytest.raises(ModelStreamError):
        await anext(parts)


def test_the_events_of_the_model_have_names() -> None:
    expected = ("payload_part", "model_stream_error", "internal_stream_failure")

    assert expected == ResponseStream.event_types


@pytest.mark.parametrize(
    "chunks",
    [
        [failure("ModelStreamError")],
        [part(b"one"), failure("Novelty")],
        [part(b"one")[:-1]],
        [corrupt(b"one")],
        [RequestTimeoutError("silent")],
    ],
    ids=["a failure", "a novelty", "cut", "corrupt", "silent"],
)
async def test_the_error_that_ended_a_stream_is_an_attribute(
    chunks: list[bytes | BaseException],
) -> None:
    stream = stream_of(Body(*chunks))
    assert stream.error is None

    with pytest.raises(SageMakerRuntimeError) as caught:
        _ = [event async for event in stream]

    assert caught.value is stream.error


async def test_a_stream_without_error_has_no_error_attribute() -> None:
    whole, left = stream_of(Body(WHOLE)), stream_of(Body(WHOLE, None))

    _ = [event async for event in whole]
    async with left:
        await anext(left)

    assert (None, None) == (whole.error, left.error)


async def test_a_handler_gets_all_events_wherever_the_body_is_cut(
    subtests: pytest.Subtests,
) -> None:
    for cut in range(0, len(WHOLE) + 1, 7):
        with subtests.test(cut=cut):
            body, seen = Body(WHOLE[:cut], WHOLE[cut:]), list[object]()
            stream = stream_of(body)

            output = await stream.handle(watching(seen))

            assert list(EVENTS) == seen
            assert output is stream.output
            assert (1, True) == (body.releases, body.is_reader_done)


async def test_the_next_event_is_read_after_the_function_returned() -> None:
    body, read, log = Body(part(b"one"), part(b"two")), list[int](), list[object]()
    stream, handler = stream_of(body), ResponseStreamHandler()

    @handler.on_payload_part
    async def note(event: PayloadPart) -> None:
        log.append(("begun", event.bytes))
        await asyncio.sleep(0)
        read.append(stream.events_read)
        log.append(("done", event.bytes))

    await stream.handle(handler)

    assert [1, 2] == read
    assert [(s, b) for b in (b"one", b"two") for s in ("begun", "done")] == log


async def test_a_handler_gets_an_error_that_is_raised_too() -> None:
    stream = stream_of(Body(part(b"one"), failure("ModelStreamError")))
    seen, handler = list[object](), ResponseStreamHandler()
    handler.on_model_stream_error(seen.append)
    handler.on_error(seen.append)

    with pytest.raises(ModelStreamError) as caught:
        await stream.handle(handler)

    assert [caught.value, caught.value] == seen


async def test_an_exception_in_a_function_is_not_an_error_of_the_stream() -> None:
    body, seen = Body(part(b"one"), None), list[object]()
    stream, handler = stream_of(body), ResponseStreamHandler()
    handler.on_error(seen.append)

    @handler.on_payload_part
    def fail(event: PayloadPart) -> None:
        raise ServiceUnavailable

    with pytest.raises(ServiceUnavailable):
        await stream.handle(handler)

    assert [] == seen
    assert stream.error is None
    assert (1, True) == (body.releases, body.is_reader_done)


async def test_cancelling_a_function_closes_the_stream() -> None:
    body, handler = Body(part(b"one"), None), ResponseStreamHandler()
    stream, begun = stream_of(body), asyncio.Event()

    @handler.on_payload_part
    async def hang(event: PayloadPart) -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(stream.handle(handler))
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert (1, True) == (body.releases, body.is_reader_done)


async def test_refusing_another_object_than_a_handler_leaves_the_stream_open() -> None:
    stream = stream_of(Body(WHOLE))

    with pytest.raises(TypeError, match="ResponseStreamHandler"):
        await stream.handle(print)  # type: ignore[arg-type] # must be refused

    assert list(EVENTS) == [event async for event in stream]


def shout(event: Event) -> Event:
    return PayloadPart(event.bytes.upper()) if isinstance(event, PayloadPart) else event


async def drop_unknown(event: Event) -> Event | None:
    await asyncio.sleep(0)
    return None if isinstance(event, UnknownEvent) else event


async def test_mapped_events_are_read_in_every_way() -> None:
    def mapped() -> ResponseStream:
        stream = stream_of(Body(WHOLE))
        stream.map_events(shout)
        stream.map_events(drop_unknown)
        return stream

    seen: list[object] = []
    await mapped().handle(watching(seen))

    assert [b"ONE", b"", b"THREE"] == [chunk async for chunk in mapped().iter_bytes()]
    expected = [PayloadPart(b"ONE"), PayloadPart(b""), PayloadPart(b"THREE")]
    assert expected == [event async for event in mapped()]
    assert expected == [event async for event in mapped().events()]
    assert expected == seen


async def test_map_functions_are_called_in_their_order_until_one_drops_the_event() -> (
    None
):
    stream, seen = stream_of(Body(part(b"one"))), list[object]()
    stream.map_events(shout)
    stream.map_events(seen.append)  # returns None
    stream.map_events(seen.append)

    assert [] == [event async for event in stream]
    assert [PayloadPart(b"ONE")] == seen


async def test_errors_of_the_service_are_not_mapped() -> None:
    stream, seen = stream_of(Body(failure("ModelStreamError"))), list[object]()
    stream.map_events(seen.append)

    with pytest.raises(ModelStreamError):
        await anext(stream)
    assert [] == seen


@pytest.mark.parametrize("result", [b"text", ZeroDivisionError()])
async def test_a_failure_of_a_map_function_ends_the_stream(result: object) -> None:
    body = Body(part(b"one"), part(b"two"))
    stream = stream_of(body)

    def replace(event: Event) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    stream.map_events(replace)

    for _ in range(2):
        with pytest.raises((TypeError, ZeroDivisionError)) as caught:
            await anext(stream)
        assert stream.error is caught.value
    assert (1, True) == (body.releases, body.is_reader_done)


async def read_in_a_map_function(
    stream: ResponseStream,
) -> tuple[asyncio.Future[Event], asyncio.Event]:
    """Begin a read; return it, and the event for which its map function waits."""
    has_begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def wait(event: Event) -> Event:
        has_begun.set()
        await may_go_on.wait()
        return event

    stream.map_events(wait)
    reading = asyncio.ensure_future(anext(stream))
    await has_begun.wait()
    return reading, may_go_on


async def test_a_read_that_is_cancelled_in_a_map_function_loses_nothing() -> None:
    stream = stream_of(Body(part(b"one")))
    reading, may_go_on = await read_in_a_map_function(stream)
    reading.cancel()
    await asyncio.wait((reading,))
    may_go_on.set()

    assert [PayloadPart(b"one")] == [event async for event in stream]


async def test_a_second_reader_is_refused_during_a_map_function() -> None:
    stream = stream_of(Body(part(b"one")))
    reading, may_go_on = await read_in_a_map_function(stream)

    with pytest.raises(ClientStateError, match="another task"):
        await anext(stream)
    may_go_on.set()
    assert PayloadPart(b"one") == await reading


async def test_a_stream_can_be_closed_during_a_map_function() -> None:
    stream = stream_of(Body(WHOLE))
    reading, may_go_on = await read_in_a_map_function(stream)

    await stream.aclose()
    may_go_on.set()

    with pytest.raises(ClientStateError, match="closed before its end"):
        await reading
    assert stream.error is None


async def test_a_function_that_fails_at_the_end_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    stream = stream_of(Slow([part(b"one")], is_generator=True))

    def fail(stream: ResponseStream, error: BaseException | None) -> None:
        raise ZeroDivisionError

    stream.when_ended(fail)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(stream), 0)

    with pytest.raises(ZeroDivisionError):
        await stream.aclose()

    assert before == asyncio.all_tasks()


async def test_map_events_refuses_what_is_not_a_function() -> None:
    with pytest.raises(TypeError, match="42"):
        stream_of(Body()).map_events(42)  # type: ignore[arg-type] # must be refused

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt import errors
from sagemaker_rt.shapes import PayloadPart, UnknownEvent
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.testing.fake_stream import fake_event_stream
from sagemaker_rt.testing.response_encoding import StreamEvent

EVENTS: list[StreamEvent] = [
    b"one",
    PayloadPart(b"two"),
    UnknownEvent("New", {":message-type": "event", ":event-type": "New"}, b"raw"),
    b"",
]
DECODED = [PayloadPart(b"one"), *EVENTS[1:3], PayloadPart(b"")]


async def read(stream: ResponseStream) -> tuple[list[object], str | None]:
    """Return the events, and the name of the exception that ended them."""
    seen: list[object] = []
    try:
        async with stream:
            async for event in stream:
                seen.append(event)  # noqa: PERF401 - events before an exception count
    except Exception as error:  # noqa: BLE001 - a test may use any
        return seen, type(error).__name__
    return seen, None


async def test_the_chunk_size_does_not_change_the_events(
    subtests: pytest.Subtests,
) -> None:
    for chunk_size in [None, *range(1, 200), 1 << 20]:
        with subtests.test(chunk_size=chunk_size):
            stream = fake_event_stream(EVENTS, chunk_size=chunk_size)

            assert (DECODED, None) == await read(stream)


@pytest.mark.parametrize("chunk_size", [None, 1, 7, 100, 1000])
@pytest.mark.parametrize(
    "error",
    [
        errors.ModelStreamError("late"),
        errors.InternalStreamFailure("broken"),
        errors.TruncatedBodyError("cut"),
        OSError("odd"),
    ],
)
async def test_a_stream_may_end_with_an_error(
    error: Exception, chunk_size: int | None
) -> None:
    stream = fake_event_stream([b"one"], error=error, chunk_size=chunk_size)

    assert ([PayloadPart(b"one")], type(error).__name__) == await read(stream)


async def test_an_exception_among_the_events_ends_the_stream() -> None:
    events: list[StreamEvent] = [b"one", errors.TruncatedBodyError("cut"), b"never"]

    outcome = await read(fake_event_stream(events, chunk_size=5))

    assert ([PayloadPart(b"one")], "TruncatedBodyError") == outcome


async def test_a_stream_may_be_empty() -> None:
    assert ([], None) == await read(fake_event_stream([]))


async def test_a_stream_has_the_attributes_of_a_response() -> None:
    stream = fake_event_stream([b"one"], content_type="text/plain")

    assert ("text/plain", 200, "stubbed-request-id") == (
        stream.content_type,
        stream.http_status,
        stream.request_id,
    )
    assert "<ResponseStream of InvokeEndpointWithResponseStream, open>" == repr(stream)
    await stream.aclose()


def test_a_stream_can_be_created_without_an_event_loop() -> None:
    assert "application/octet-stream" == fake_event_stream([b"a"]).content_type


@pytest.mark.parametrize("chunk_size", [0, -1, 1.5, "3", True])
def test_an_invalid_chunk_size_is_rejected(chunk_size: Any) -> None:
    with pytest.raises(errors.OptionsError) as caught:
        fake_event_stream([], chunk_size=chunk_size)

    assert f"chunk_size {chunk_size!r}" in str(caught.value)


def test_events_must_be_iterable() -> None:
    events: Any = None

    with pytest.raises(errors.OptionsError, match="None"):
        fake_event_stream(events)


def test_an_invalid_event_is_rejected() -> None:
    with pytest.raises(errors.OptionsError, match="not str"):
        fake_event_stream(["text"])  # type: ignore[list-item] # what is tested

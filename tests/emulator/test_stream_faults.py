"""The faults of streams."""

from __future__ import annotations

import pytest

from sagemaker_rt.emulator.http2_stream import Http2Stream, StreamLost
from sagemaker_rt.emulator.stream_faults import (
    StreamFault,
    StreamFaultKind,
    StreamInterrupted,
    interrupt,
)
from tests.emulator.stream_connections import Recorded

KIND = StreamFaultKind


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        (KIND.REFUSE, [("reset", 7)]),
        (KIND.RESET, [("reset", 2)]),
        (KIND.GOAWAY_UNPROCESSED, [("goaway", 0, 0)]),
        (KIND.GOAWAY_THEN_CLOSE, [("goaway", 1, 2), ("disconnect", False)]),
        (KIND.END_OF_FILE, [("disconnect", False)]),
        (KIND.CUT_EVENT, ["end"]),
    ],
)
async def test_a_fault_ends_the_stream(
    kind: StreamFaultKind, calls: list[object]
) -> None:
    connection = Recorded()

    with pytest.raises(StreamInterrupted):
        await interrupt(Http2Stream(connection, 1, {}), StreamFault(kind), b"abcd")
    assert calls == connection.calls
    assert (b"ab" if kind is KIND.CUT_EVENT else b"") == connection.data


@pytest.mark.parametrize("kind", [KIND.GRACEFUL_GOAWAY, KIND.STALL])
async def test_the_stream_goes_on_after_some_faults(kind: StreamFaultKind) -> None:
    stream = Http2Stream(Recorded(), 1, {})
    await interrupt(stream, StreamFault(kind), b"")

    assert (kind is KIND.STALL) != stream.reads_input


@pytest.mark.parametrize("kind", [KIND.NO_RESPONSE, KIND.SILENCE])
async def test_silence_lasts_until_the_client_has_gone(kind: StreamFaultKind) -> None:
    stream = Http2Stream(Recorded(), 1, {})
    stream.lose()

    with pytest.raises(StreamLost):
        await interrupt(stream, StreamFault(kind), b"")


def test_some_faults_are_before_the_headers() -> None:
    assert StreamFault(KIND.REFUSE).is_before_headers
    assert not StreamFault(KIND.RESET, 3).is_before_headers

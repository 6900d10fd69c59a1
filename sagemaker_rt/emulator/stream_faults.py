"""Faults of streams in both directions."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from attrs import frozen

from sagemaker_rt.emulator.http2_stream import Http2Stream
from sagemaker_rt.sansio.eventstream import encode_message

__all__ = [
    "StreamFault",
    "StreamFaultKind",
    "StreamInterrupted",
    "interrupt",
    "refuse_events",
]

# RFC 9113, section 7
_NO_ERROR, _INTERNAL_ERROR, _REFUSED_STREAM = 0, 2, 7


class StreamFaultKind(Enum):
    """What happens to a stream."""

    REFUSE = auto()
    """RST_STREAM with REFUSED_STREAM, before the response headers."""
    GOAWAY_UNPROCESSED = auto()
    """GOAWAY with a last stream before this one, before the response headers."""
    NO_RESPONSE = auto()
    """The request is accepted, and no response is sent."""
    RESET = auto()
    """RST_STREAM with INTERNAL_ERROR."""
    GOAWAY_THEN_CLOSE = auto()
    """GOAWAY, and the end of the connection."""
    GRACEFUL_GOAWAY = auto()
    """GOAWAY with NO_ERROR; the stream continues to its end."""
    END_OF_FILE = auto()
    """The end of the connection, without a frame before it."""
    CUT_EVENT = auto()
    """The end of the stream inside an event."""
    STALL = auto()
    """Events are not read any more, so that the window of the client is used up."""
    REFUSE_EVENTS = auto()
    """The error of an event whose signature is wrong, and the end of the stream."""
    SILENCE = auto()
    """No further event is sent, and the stream is not ended."""


_RESETS: Final = {
    StreamFaultKind.REFUSE: _REFUSED_STREAM,
    StreamFaultKind.RESET: _INTERNAL_ERROR,
}
_CONTINUED: Final = frozenset({StreamFaultKind.GRACEFUL_GOAWAY, StreamFaultKind.STALL})
_BEFORE_HEADERS: Final = frozenset(
    {
        StreamFaultKind.REFUSE,
        StreamFaultKind.GOAWAY_UNPROCESSED,
        StreamFaultKind.NO_RESPONSE,
    }
)


@frozen
class StreamFault:
    """A fault of one stream in both directions."""

    kind: StreamFaultKind
    after: int = 0
    """Number of events that are sent before it."""
    seconds: float | None = None
    """Seconds after the response headers at which it happens, in place of *after*. The
    service closes streams after 30 minutes, for example."""

    @property
    def is_continued(self) -> bool:
        """Whether the stream goes on after it."""
        return self.kind in _CONTINUED

    @property
    def is_before_headers(self) -> bool:
        """Whether it happens before the response headers."""
        return self.kind in _BEFORE_HEADERS


class StreamInterrupted(Exception):  # noqa: N818 - control flow inside the emulator
    """The stream has ended by a fault."""


async def interrupt(stream: Http2Stream, fault: StreamFault, next_event: bytes) -> None:
    """Inject *fault*; return if the stream continues.

    Args:
        next_event: The event that would be sent.

    Raises:
        StreamInterrupted: The stream has ended, or will not continue.
    """
    connection, kind = stream.connection, fault.kind
    if kind is StreamFaultKind.GRACEFUL_GOAWAY:
        connection.write_goaway(stream.id, _NO_ERROR)
        return
    if kind is StreamFaultKind.STALL:
        stream.reads_input = False
        return
    if kind in _RESETS:
        stream.reset(_RESETS[kind])
    elif kind is StreamFaultKind.GOAWAY_UNPROCESSED:
        connection.write_goaway(0, _NO_ERROR)
    elif kind is StreamFaultKind.GOAWAY_THEN_CLOSE:
        connection.write_goaway(stream.id, _INTERNAL_ERROR)
        connection.disconnect(abort=False)
    elif kind is StreamFaultKind.END_OF_FILE:
        connection.disconnect(abort=False)
    elif kind is StreamFaultKind.REFUSE_EVENTS:
        await refuse_events(stream, "the signature of the event is wrong")
    elif kind is StreamFaultKind.CUT_EVENT:
        await stream.send(next_event[: len(next_event) // 2])
        stream.end()
    else:  # NO_RESPONSE, SILENCE
        await _say_nothing(stream, fault)
    raise StreamInterrupted


async def refuse_events(stream: Http2Stream, reason: str) -> None:
    """End *stream* with the error of events that are invalid, or wrongly signed."""
    headers = {
        ":message-type": "error",
        ":error-code": "InvalidSignatureException",
        ":error-message": reason,
    }
    await stream.send(encode_message(headers))
    stream.end()


async def _say_nothing(stream: Http2Stream, fault: StreamFault) -> None:
    """Wait until the client has gone, which raises `StreamLost`."""
    is_read = fault.kind is StreamFaultKind.SILENCE and fault.seconds is None
    while not is_read and await stream.receive() is not None:
        pass  # nothing else reads the events
    await stream.until_lost()

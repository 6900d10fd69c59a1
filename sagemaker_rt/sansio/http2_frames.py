"""HTTP/2 frames, as they are checked before an HTTP/2 library parses them.

The library `h2` closes its connection when it receives GOAWAY, also for streams that
the server goes on with. Therefore these frames are taken out here::

    bytes ──▶ whole frames ──┬──▶ bytes for the library
                             └──▶ GoAway

A peer can also occupy this process with frames that cost it little. Their numbers are
limited, as is the size of header blocks.
"""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from sagemaker_rt.errors import DeserializationError

__all__ = ["MAX_FRAME", "MAX_HEADER_BLOCK", "FrameFilter", "GoAway"]

MAX_FRAME: Final = 16_384
"""The maximum size of a frame, which is the default of HTTP/2, in bytes."""
MAX_HEADER_BLOCK: Final = 64 * 1024
"""The maximum size of an encoded header block, in bytes."""

_MAX_CONTINUATIONS: Final = 32
_MAX_CONTROL_FRAMES: Final = 1000
_WINDOW: Final = 10.0  # seconds in which control frames are counted
_HEADER_SIZE: Final = 9
_GOAWAY_SIZE: Final = 8
_STREAM_ID: Final = 0x7FFF_FFFF

# RFC 9113, section 6
_DATA, _HEADERS, _GOAWAY, _WINDOW_UPDATE, _CONTINUATION = 0, 1, 7, 8, 9
_END_STREAM: Final = 0x1


@frozen
class GoAway:
    """The server accepts no further streams, or is about to close the connection."""

    last_stream_id: int
    """The last stream that is processed; later ones were not."""
    error_code: int
    """The reason; 0 for none."""
    debug: bytes = field(default=b"", repr=False)
    """Text for diagnosis."""


class FrameFilter:
    """Splits the bytes of a connection at frames, and checks each frame.

    Args:
        preface: Bytes before the first frame, which are passed on: 24 for a server.
    """

    def __init__(self, *, preface: int = 0) -> None:
        self._preface = preface
        self._buffer = b""
        self._block = 0  # bytes of the header block so far
        self._continuations = 0
        self._control_frames = 0
        self._counted_since = 0.0
        self.goaways: Final[list[GoAway]] = []
        """The GOAWAY frames that were taken out; the owner clears the list."""

    def feed(self, data: bytes, *, now: float) -> bytes:
        """Return the bytes of the whole frames in *data*, without GOAWAY.

        Args:
            now: Seconds of a monotonic clock.

        Raises:
            DeserializationError: A frame exceeds a limit. The connection must be
                closed: the start of the next frame is unknown.
        """
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        start = kept = min(self._preface, len(data))
        pieces = [data[:start]]
        self._preface -= start
        stop = len(data)
        while stop - start >= _HEADER_SIZE:
            length = int.from_bytes(data[start : start + 3])
            if length > MAX_FRAME:
                message = f"HTTP/2 frame of {length} bytes exceeds {MAX_FRAME}"
                raise DeserializationError(message)
            end = start + _HEADER_SIZE + length
            if end > stop:
                break
            kind, flags = data[start + 3], data[start + 4]
            if kind == _GOAWAY:
                pieces.append(data[kept:start])
                self._take_goaway(data[start + _HEADER_SIZE : end])
                kept = end
            elif kind != _DATA or not length:
                self._check(kind, flags, length, now)
            start = end
        self._buffer = data[start:]
        pieces.append(data[kept:start])
        return b"".join(pieces)

    def _check(self, kind: int, flags: int, length: int, now: float) -> None:
        if kind in {_HEADERS, _CONTINUATION}:
            self._check_block(length, is_continued=kind == _CONTINUATION)
        elif kind == _DATA and flags & _END_STREAM:
            return
        elif kind != _WINDOW_UPDATE:  # which a peer sends for each frame that it reads
            self._count(now)

    def _check_block(self, length: int, *, is_continued: bool) -> None:
        self._block = self._block + length if is_continued else length
        self._continuations = self._continuations + 1 if is_continued else 0
        if self._block > MAX_HEADER_BLOCK or self._continuations > _MAX_CONTINUATIONS:
            message = (
                f"HTTP/2 header block of {self._block} bytes in "
                f"{self._continuations + 1} frames exceeds the limit"
            )
            raise DeserializationError(message)

    def _count(self, now: float) -> None:
        if now - self._counted_since >= _WINDOW:
            self._counted_since = now
            self._control_frames = 0
        self._control_frames += 1
        if self._control_frames > _MAX_CONTROL_FRAMES:
            message = (
                f"more than {_MAX_CONTROL_FRAMES} HTTP/2 control frames in "
                f"{_WINDOW:g} s"
            )
            raise DeserializationError(message)

    def _take_goaway(self, payload: bytes) -> None:
        if len(payload) < _GOAWAY_SIZE:
            message = "HTTP/2 frame GOAWAY is too short"
            raise DeserializationError(message)
        self.goaways.append(
            GoAway(
                int.from_bytes(payload[:4]) & _STREAM_ID,
                int.from_bytes(payload[4:8]),
                payload[8:],
            )
        )

"""The framing of event streams, ``application/vnd.amazon.eventstream``.

A stream is a sequence of frames, and a frame carries one message::

    frame     prelude, headers, payload, checksum (4 bytes)
    prelude   length of the frame (4), length of its headers (4), checksum (4)
    headers   as in `eventstream_headers`

Numbers are big-endian. A checksum is the CRC-32 of all bytes before it in the frame.
The meaning of a message (``:message-type``) is not handled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Final, NoReturn
from zlib import crc32

from attrs import define, field

from sagemaker_rt.errors import (
    CorruptMessageError,
    EventStreamError,
    SerializationError,
    TruncatedStreamError,
)
from sagemaker_rt.sansio.eventstream_headers import (
    HeaderValue,
    decode_headers,
    encode_headers,
)

__all__ = [
    "EventStreamDecoder",
    "Message",
    "MessageRun",
    "encode_frame",
    "encode_message",
    "messages_of",
]


@define
class Message:
    """The content of one frame; the receiver may change it."""

    headers: dict[str, HeaderValue]
    payload: bytes = field(repr=False)


@define(eq=False)
class MessageRun:
    """Consecutive messages with the same headers, which the receiver must not change.

    Most messages of a stream have the same headers, so that few objects are made.
    """

    headers: dict[str, HeaderValue]
    payloads: list[bytes] = field(repr=False)


def messages_of(runs: Iterable[MessageRun]) -> list[Message]:
    """Return the messages of *runs*, each with its own copy of the headers."""
    return [
        Message(run.headers.copy(), payload) for run in runs for payload in run.payloads
    ]


_MAX_PAYLOAD: Final = 24 * 1024 * 1024
_MAX_HEADERS: Final = 128 * 1024
_LENGTHS: Final = Struct("!II")
_PRELUDE: Final = Struct("!III")
_PRELUDE_SIZE: Final = 12
_FRAMING_SIZE: Final = 16
# Most frames of a stream have the prelude of an earlier frame. The cache is large
# enough for the token sizes of a text, and takes at most about 400 KB.
_MAX_CACHED_PRELUDES: Final = 256
_MAX_CACHED_HEADERS: Final = 1024


class EventStreamDecoder:
    """Decodes the bytes of one stream, in chunks of any size, to messages.

    Both checksums of each frame are verified. The lengths of a frame are checked
    against *max_payload* and *max_headers*, in bytes, before its content is buffered.
    The start of the next frame is unknown after a corrupt one, so a decoder that has
    raised an error raises it again at each later call.
    """

    def __init__(
        self, max_payload: int = _MAX_PAYLOAD, max_headers: int = _MAX_HEADERS
    ) -> None:
        self._max_payload = max_payload
        self._max_headers = max_headers
        self._buffer = bytearray()
        self._needed = _PRELUDE_SIZE
        self._preludes: dict[bytes, _Prelude] = {}
        self._block = b""
        self._headers: dict[str, HeaderValue] = {}
        self._is_closed = False
        self._failure: tuple[type[EventStreamError], str] | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """Return the messages that are complete with *data*, in order.

        Raises:
            EventStreamError: As by `feed_runs`.
        """
        return messages_of(self.feed_runs(data))

    def feed_runs(self, data: bytes | bytearray | memoryview) -> list[MessageRun]:
        """Return the messages that are complete with *data*, in order.

        Messages before a corrupt frame are returned; the next call of this method or
        `close` then raises the error. *data* is copied, so the caller may reuse its
        buffer.

        Raises:
            CorruptMessageError: A checksum or length of a frame is wrong, a limit is
                exceeded, or the headers violate the specification.
            EventStreamError: The decoder is closed.
        """
        self.raise_failure()
        if self._is_closed:
            message = "the decoder is closed; use a new decoder for each stream"
            raise EventStreamError(message)
        data = bytes(data)
        if len(self._buffer) + len(data) < self._needed:
            self._buffer += data
            return []
        if self._buffer:
            data = b"".join((self._buffer, data))
            self._buffer.clear()
        runs: list[MessageRun] = []
        try:
            self._decode(data, runs)
        except CorruptMessageError as error:
            # Stored as text: each raise needs a new object, which callers annotate.
            self._failure = CorruptMessageError, str(error)
            if not runs:
                raise
        return runs

    def close(self) -> None:
        """Signal the end of the stream; a second call has no effect.

        Raises:
            CorruptMessageError: The last `feed` found a corrupt frame.
            TruncatedStreamError: The last frame is incomplete.
        """
        if self._buffer:
            where = f"byte {len(self._buffer)} of at least {self._needed}"
            message = f"the stream ended inside a frame, at {where}"
            self._failure = TruncatedStreamError, message
        self.raise_failure()
        self._is_closed = True

    def raise_failure(self) -> None:
        """Raise the error of a corrupt frame after those that were returned, if any."""
        if self._failure is not None:
            error, message = self._failure
            raise error(message)

    def _decode(self, data: bytes, runs: list[MessageRun]) -> None:
        """Append the messages of the complete frames in *data*, and buffer the rest."""
        start, stop = 0, len(data)
        self._needed = _PRELUDE_SIZE
        preludes = self._preludes
        run_block: bytes | None = None
        payloads: list[bytes] = []  # of the run with the headers *run_block*
        while stop - start >= _PRELUDE_SIZE:
            raw = data[start : start + _PRELUDE_SIZE]
            prelude = preludes.get(raw) or self._read_prelude(raw)
            end = start + prelude.length
            if end > stop:
                self._needed = prelude.length
                break
            # One call of unpack_from is faster than slicing three times.
            block, payload, checksum = prelude.rest.unpack_from(data, start)
            if block != prelude.block:
                prelude.set_block(block)
            computed = crc32(payload, prelude.checksum)
            if computed != checksum:
                _raise_checksum_error("message", checksum, computed)
            if block != run_block:
                if block != self._block:
                    self._block, self._headers = block, decode_headers(block)
                run_block, payloads = block, []
                runs.append(MessageRun(self._headers, payloads))
            payloads.append(payload)
            start = end
        self._buffer += data[start:]

    def _read_prelude(self, raw: bytes) -> _Prelude:
        """Return the prelude for the bytes *raw*, after checking them."""
        length, headers, checksum = _PRELUDE.unpack(raw)
        computed = crc32(raw[: _LENGTHS.size])
        if computed != checksum:
            _raise_checksum_error("prelude", checksum, computed)
        payload = length - headers - _FRAMING_SIZE
        if payload < 0:
            least = headers + _FRAMING_SIZE
            message = (
                f"a frame of {length} bytes is too short; it needs at least {least}"
            )
            raise CorruptMessageError(message)
        # Before anything is buffered: a frame may declare up to 4 GiB.
        _check_size("headers", headers, self._max_headers, CorruptMessageError)
        _check_size("payload", payload, self._max_payload, CorruptMessageError)
        rest = Struct(f"!{_PRELUDE_SIZE}x{headers}s{payload}sI")
        prelude = _Prelude(length, rest, crc32(raw), crc32(raw))
        if headers <= _MAX_CACHED_HEADERS:
            # A full cache is rare, so it is cleared instead of tracking its order.
            if len(self._preludes) == _MAX_CACHED_PRELUDES:
                self._preludes.clear()
            self._preludes[raw] = prelude
        return prelude


@define(eq=False)
class _Prelude:
    """A prelude, with the checksum of a frame up to its payload.

    Consecutive frames usually have the same headers. Keeping the checksum of the last
    headers saves computing it for each frame.
    """

    length: int
    rest: Struct  # unpacks headers, payload and checksum
    prelude_checksum: int
    checksum: int  # of the prelude and *block*
    block: bytes = b""

    def set_block(self, block: bytes) -> None:
        """Set the encoded headers that are expected after this prelude."""
        self.block = block
        self.checksum = crc32(block, self.prelude_checksum)


def _raise_checksum_error(part: str, checksum: int, computed: int) -> NoReturn:
    message = f"{part} checksum {checksum:#010x} should be {computed:#010x}"
    raise CorruptMessageError(message)


def _check_size(part: str, size: int, limit: int, error: type[Exception]) -> None:
    if size > limit:
        message = f"{part} of {size} bytes exceed the limit of {limit}"
        raise error(message)


def encode_message(
    headers: Mapping[str, HeaderValue], payload: bytes | bytearray | memoryview = b""
) -> bytes:
    """Return the frame that carries *headers* and *payload*.

    Raises:
        SerializationError: A name, a value or the whole frame exceeds the format.
    """
    return encode_frame(encode_headers(headers), bytes(payload))


def encode_frame(block: bytes, payload: bytes) -> bytes:
    """Return the frame that carries the encoded headers *block*, and *payload*.

    Raises:
        SerializationError: *block* or *payload* exceeds the format.
    """
    headers, size = len(block), len(payload)
    if headers > _MAX_HEADERS or size > _MAX_PAYLOAD:
        _check_size("headers", headers, _MAX_HEADERS, SerializationError)
        _check_size("payload", size, _MAX_PAYLOAD, SerializationError)
    lengths = _LENGTHS.pack(headers + size + _FRAMING_SIZE, headers)
    # the payload may be large: it is copied once
    head = lengths + crc32(lengths).to_bytes(4) + block
    return b"".join((head, payload, crc32(payload, crc32(head)).to_bytes(4)))

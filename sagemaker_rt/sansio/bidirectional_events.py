"""The events of a stream in both directions, and the messages that they are parts of.

An event is one frame of the WebSocket between the service and the container::

    event     :message-type, :event-type, DataType, CompletionState, P, :content-type
    message   PARTIAL, PARTIAL, …, COMPLETE   the parts of one message
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidTextError,
    ParamValidationError,
    ResponseTooLargeError,
)
from sagemaker_rt.sansio.eventstream import encode_frame
from sagemaker_rt.sansio.eventstream_headers import HeaderValue, encode_headers
from sagemaker_rt.sansio.response_events import PAYLOAD_PART

__all__ = [
    "BINARY",
    "COMPLETE",
    "PARTIAL",
    "UTF8",
    "MessageJoiner",
    "content_of",
    "encode_event",
]

UTF8: Final = "UTF8"
"""The data type of text."""
BINARY: Final = "BINARY"
"""The data type of bytes, which is the default."""
PARTIAL: Final = "PARTIAL"
"""The completion state of an event that more events of its message follow."""
COMPLETE: Final = "COMPLETE"
"""The completion state of the last event of a message, which is the default."""

_CONTENT_TYPE: Final = "application/octet-stream"
_ALLOWED: Final = {
    "data_type": (None, UTF8, BINARY),
    "completion_state": (None, PARTIAL, COMPLETE),
}


def encode_event(
    payload: bytes | None,
    *,
    data_type: str | None = None,
    completion_state: str | None = None,
    padding: str | None = None,
) -> bytes:
    """Return the frame of an event, without its signature.

    Args:
        payload: The content: bytes or any buffer.

    Raises:
        ParamValidationError: An argument has a value or type that the service rejects.
        SerializationError: The event is too large.
    """
    if not (payload is None or isinstance(payload, bytes)):
        payload = content_of(payload)
    # padding differs in each event, so a cache would hold on to it
    encode = _block if padding is None else _encode_block
    try:
        block = encode(data_type, completion_state, payload is not None, padding)
    except TypeError:  # the cache cannot hash an argument, whose type is invalid
        block = _encode_block(data_type, completion_state, payload is not None, padding)
    return encode_frame(block, payload or b"")


def content_of(payload: object) -> bytes | None:
    """Return the content of an event as bytes; a buffer is copied.

    Raises:
        ParamValidationError: It is not a buffer.
    """
    if payload is None or isinstance(payload, bytes):
        return payload
    try:
        return memoryview(payload).tobytes()  # type: ignore[arg-type] # else TypeError
    except TypeError:
        problem = f"bytes must be bytes or a buffer, not {type(payload).__name__}"
        raise ParamValidationError(problem, [problem]) from None


def _encode_block(
    data_type: str | None,
    completion_state: str | None,
    has_bytes: bool,  # noqa: FBT001 - a key of the cache
    padding: str | None,
) -> bytes:
    """Return the encoded headers of an event, in the order of AWS's Python client."""
    for name, value in (
        ("data_type", data_type),
        ("completion_state", completion_state),
    ):
        if not (value is None or isinstance(value, str)) or value not in _ALLOWED[name]:
            problem = f"{name} must be one of {_ALLOWED[name][1:]}, not {value!r}"
            raise ParamValidationError(problem, [problem])
    if not (padding is None or isinstance(padding, str)):
        problem = f"p must be a str, not {type(padding).__name__}"
        raise ParamValidationError(problem, [problem])
    headers: dict[str, HeaderValue | None] = {
        ":message-type": "event",
        ":event-type": PAYLOAD_PART,
        "DataType": data_type,
        "CompletionState": completion_state,
        "P": padding,
        ":content-type": _CONTENT_TYPE if has_bytes else None,
    }
    return encode_headers({n: v for n, v in headers.items() if v is not None})


_block = lru_cache(32)(_encode_block)


class MessageJoiner:
    """Joins events to messages; the data type of the first event is that of all.

    Args:
        max_bytes: The maximum size of a message.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes: Final = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._is_text = False

    def feed(
        self, payload: bytes, *, is_text: bool, is_complete: bool
    ) -> str | bytes | None:
        """Return the message that an event completes; None if more events follow.

        Raises:
            InvalidTextError: The message is text, and is not UTF-8.
            ResponseTooLargeError: The message is too large.
        """
        if not self._parts:
            self._is_text = is_text
        self._parts.append(payload)
        self._size += len(payload)
        if self._size > self._max_bytes:
            message = f"a message is larger than {self._max_bytes} bytes"
            raise ResponseTooLargeError(message)
        if not is_complete:
            return None
        joined = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        if not self._is_text:
            return joined
        try:
            return joined.decode()
        except UnicodeDecodeError as error:
            message = f"a text message is not UTF-8 at byte {error.start}"
            raise InvalidTextError(message) from error

    def close(self) -> None:
        """Signal the end of the stream.

        Raises:
            IncompleteOutputError: The last message is incomplete.
        """
        if self._parts:
            message = "the stream ended inside a message"
            raise IncompleteOutputError(message)

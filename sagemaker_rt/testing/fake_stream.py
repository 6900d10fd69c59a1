"""A streamed answer out of memory, for tests of code that reads one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sagemaker_rt.context import HTTP_STATUS, REQUEST_ID, Metadata
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    MODELLED_ERRORS,
)
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.testing import response_encoding
from sagemaker_rt.testing.http_stub import HTTPStub, Piece
from sagemaker_rt.testing.response_encoding import StreamEvent, encode_output

__all__ = ["fake_event_stream"]


def fake_event_stream(
    events: Iterable[StreamEvent],
    *,
    error: BaseException | None = None,
    chunk_size: int | None = None,
    content_type: str | None = "application/octet-stream",
) -> ResponseStream:
    """Return a real stream of *events*, which are encoded, cut up and decoded again.

    Args:
        events: Bytes stand for a `PayloadPart`; `ModelStreamError` and its like come as
            the service sends them, and other exceptions break the stream.
        error: What the stream ends with, as if it were the last of *events*.
        chunk_size: How many bytes arrive at once, across the borders of events; None
            is one event.
        content_type: What the stream says of itself.

    Raises:
        OptionsError: One of *events* is none, or *chunk_size* is no int from 1.
    """
    if chunk_size is not None and not _is_size(chunk_size):
        message = f"chunk_size must be an int of at least 1: {chunk_size!r}"
        raise OptionsError(message)
    if not isinstance(events, Iterable):
        message = f"events must be iterable: {events!r}"
        raise OptionsError(message)
    metadata = Metadata({HTTP_STATUS: 200, REQUEST_ID: response_encoding.REQUEST_ID})
    output = InvokeEndpointWithResponseStreamOutput(
        content_type=content_type, metadata=metadata
    )
    stub = encode_output(output, events if error is None else (*events, error))
    if chunk_size is not None:
        stub = HTTPStub(stub.status, stub.headers, _cut(stub.body, chunk_size))
    return ResponseStream(
        output,
        stub.response(),
        operation=INVOKE_ENDPOINT_WITH_RESPONSE_STREAM.name,
        known_errors=MODELLED_ERRORS,
    )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _cut(pieces: Iterable[Piece], size: int) -> Iterator[Piece]:
    """Yield the bytes of *pieces* in chunks of *size*, exceptions in their places."""
    rest = b""
    for piece in pieces:
        if isinstance(piece, BaseException):
            yield from _chunks(rest, size)
            rest = b""
            yield piece
        else:
            rest += piece
    yield from _chunks(rest, size)


def _chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))

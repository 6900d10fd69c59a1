"""`fake_event_stream`: a `ResponseStream` without a client."""

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
    """Return a stream that decodes *events* from memory.

    The events are encoded first, so that the stream runs its real decoder.

    Args:
        events: Bytes are a `PayloadPart`. Service errors such as `ModelStreamError` are
            exception events; other exceptions are raised while reading.
        error: An exception at the end of the stream, like a last item of *events*.
        chunk_size: Number of bytes in each read, across the boundaries of events; None
            reads one event at a time.
        content_type: MIME type of the parts.

    Raises:
        OptionsError: One of *events* is invalid, or *chunk_size* is not a positive int.
    """
    if chunk_size is not None and not _is_size(chunk_size):
        message = f"chunk_size {chunk_size!r} must be an int of at least 1"
        raise OptionsError(message)
    if not isinstance(events, Iterable):
        message = f"events {events!r} must be iterable"
        raise OptionsError(message)
    metadata = Metadata({HTTP_STATUS: 200, REQUEST_ID: response_encoding.REQUEST_ID})
    output = InvokeEndpointWithResponseStreamOutput(
        content_type=content_type, metadata=metadata
    )
    stub = encode_output(output, events if error is None else (*events, error))
    if chunk_size is not None:
        stub = HTTPStub(stub.status, stub.headers, _rechunk(stub.body, chunk_size))
    return ResponseStream(
        output,
        stub.response(),
        operation=INVOKE_ENDPOINT_WITH_RESPONSE_STREAM.name,
        known_errors=MODELLED_ERRORS,
    )


def _is_size(value: object) -> bool:
    # bool is a subclass of int
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _rechunk(pieces: Iterable[Piece], size: int) -> Iterator[Piece]:
    """Yield the bytes of *pieces* in chunks of *size*; exceptions stay in place."""
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

"""The body of a response over HTTP/2."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import ResponseTooLargeError
from sagemaker_rt.transport.http2_body import Http2Body


class Pieces:
    """A source of pieces, which records whether it was closed."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.is_closed = False

    async def receive(self) -> bytes | None:
        return self.pieces.pop(0) if self.pieces else None

    def take_rest(self) -> bytes | None:
        return b"".join(self.pieces) or None

    def close(self) -> None:
        self.is_closed = True


async def test_a_body_is_read_in_pieces_or_whole() -> None:
    assert [b"a", b"b"] == [
        piece async for piece in Http2Body(Pieces(b"a", b"b")).iter_chunks()
    ]
    assert b"ab" == await Http2Body(Pieces(b"a", b"b")).read(2)
    assert b"ab" == Http2Body(Pieces(b"a", b"b")).read_nowait()


async def test_a_body_is_limited() -> None:
    with pytest.raises(ResponseTooLargeError):
        await Http2Body(Pieces(b"a", b"b")).read(1)


def test_releasing_closes_the_connection() -> None:
    pieces = Pieces()
    Http2Body(pieces).release()

    assert pieces.is_closed

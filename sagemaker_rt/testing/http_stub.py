"""A response that is here already: its head, and its body in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, TypeAlias

from attrs import Attribute, field, frozen

from sagemaker_rt.errors import (
    OptionsError,
    ResponseTooLargeError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.options.checks import positive

__all__ = ["HTTPStub", "MemoryBody", "Piece", "fresh"]

Piece: TypeAlias = bytes | BaseException
"""A part of a body, or what is raised in its place."""


def _pieces(body: bytes | bytearray | str | Iterable[Piece]) -> tuple[Piece, ...]:
    if isinstance(body, str):
        return (body.encode(),)
    if isinstance(body, (bytes, bytearray)):
        return (bytes(body),)
    if isinstance(body, Iterable):
        pieces = tuple(body)
        if all(isinstance(piece, (bytes, BaseException)) for piece in pieces):
            return pieces
    message = f"body must be bytes, text, or bytes and exceptions in order: {body!r}"
    raise OptionsError(message)


def _are_headers(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str) for pair in value.items() for text in pair
    ):
        message = f"{attribute.name} must be a mapping from text to text"
        raise OptionsError(message)


@frozen
class HTTPStub:
    """A response as it would come over the wire; nothing is added to it.

    Raises:
        OptionsError: *status*, *headers* or *body* cannot be.
    """

    status: int = field(default=200, validator=positive)
    headers: Mapping[str, str] = field(factory=dict, validator=_are_headers, repr=False)
    body: tuple[Piece, ...] = field(default=(), converter=_pieces, repr=False)
    """Given as bytes, as text, or in pieces, as it arrives. An exception among the
    pieces is raised where it stands."""

    def response(self) -> Response:
        """Return it as what an HTTP client returns."""
        return Response(self.status, Headers(self.headers), MemoryBody(self.body))


class MemoryBody:
    """The body of a response, as an `http.ResponseBody` without a connection."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces

    def read_nowait(self) -> bytes | None:
        """Return the whole body; None if it does not come to its end."""
        chunks = [piece for piece in self._pieces if isinstance(piece, bytes)]
        return b"".join(chunks) if len(chunks) == len(self._pieces) else None

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
        """
        whole = b"".join([chunk async for chunk in self.iter_chunks()])
        if len(whole) > limit:
            message = f"response body exceeds {limit} bytes"
            raise ResponseTooLargeError(message)
        return whole

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces, and raise where one is an exception."""
        for piece in self._pieces:
            if isinstance(piece, BaseException):
                raise fresh(piece)
            yield piece

    def release(self) -> None:
        """Do nothing: there is no connection to give back."""


def fresh(error: BaseException) -> BaseException:
    """Return what to raise for *error*, which may be raised again another time.

    Of this library's errors that is a copy, since calls write on them.
    """
    return copy(error) if isinstance(error, SageMakerRuntimeError) else error

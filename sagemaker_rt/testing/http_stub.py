"""An HTTP response in memory."""

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

__all__ = ["HTTPStub", "MemoryBody", "Piece", "copy_to_raise"]

Piece: TypeAlias = bytes | BaseException
"""Part of a body, or an exception that is raised at its position."""


def _pieces(body: bytes | bytearray | str | Iterable[Piece]) -> tuple[Piece, ...]:
    if isinstance(body, str):
        return (body.encode(),)
    if isinstance(body, (bytes, bytearray)):
        return (bytes(body),)
    if isinstance(body, Iterable):
        pieces = tuple(body)
        if all(isinstance(piece, (bytes, BaseException)) for piece in pieces):
            return pieces
    message = (
        f"body {body!r} must be bytes, str, or an iterable of bytes and exceptions"
    )
    raise OptionsError(message)


def _check_headers(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str) for pair in value.items() for text in pair
    ):
        message = f"{attribute.name} must be a mapping from str to str"
        raise OptionsError(message)


@frozen
class HTTPStub:
    """An HTTP response, without any additions.

    Raises:
        OptionsError: *status*, *headers* or *body* is invalid.
    """

    status: int = field(default=200, validator=positive)
    headers: Mapping[str, str] = field(
        factory=dict, validator=_check_headers, repr=False
    )
    body: tuple[Piece, ...] = field(default=(), converter=_pieces, repr=False)
    """Set as bytes, as str, or as an iterable of the pieces in which it arrives. An
    exception among the pieces is raised when the client reads it."""

    def response(self) -> Response:
        """Return a new `Response`, as an `HTTPClient` returns it."""
        return Response(self.status, Headers(self.headers), MemoryBody(self.body))


class MemoryBody:
    """A response body without a connection; implements `http.ResponseBody`."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces

    def read_nowait(self) -> bytes | None:
        """Return the whole body, or None if it contains an exception."""
        # None makes the caller read asynchronously, which raises the exception
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
        """Yield the pieces, and raise those that are exceptions."""
        for piece in self._pieces:
            if isinstance(piece, BaseException):
                raise copy_to_raise(piece)
            yield piece

    def release(self) -> None:
        """Do nothing: stubs open no connections."""


def copy_to_raise(error: BaseException) -> BaseException:
    """Return the exception to raise for *error*, which a stub may raise repeatedly.

    Errors of this library are copied, since a call adds its attributes to them.
    """
    return copy(error) if isinstance(error, SageMakerRuntimeError) else error

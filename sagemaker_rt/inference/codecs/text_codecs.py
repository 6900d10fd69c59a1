"""Codecs of text, and of bytes that are not interpreted."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.sansio.body_decoding import decode_body_as_text
from sagemaker_rt.sansio.request_body import buffer_of

__all__ = ["RawCodec", "TextCodec"]


@frozen
class TextCodec:
    """Text: a `str`, sent as UTF-8.

    Responses of any type are accepted. Text is decoded in the charset of its content
    type.
    """

    content_type: str = "text/plain"
    accept: str = "*/*"

    def encode(self, value: Any, /) -> bytes:
        """Return *value* in UTF-8.

        Raises:
            SerializationError: It is not a `str`, or has a lone surrogate.
        """
        if not isinstance(value, str):
            message = f"value is of type {type(value).__name__}; text must be a str"
            raise SerializationError(message)
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            message = f"value has a lone surrogate at {error.start}"
            raise SerializationError(message) from error

    def decode(self, body: bytes, content_type: str | None, /) -> str:
        """Return *body* as text.

        Raises:
            InvalidTextError: It is not valid in its charset.
        """
        return decode_body_as_text(body, content_type)


@frozen
class RawCodec:
    """Bytes, which are sent and returned as they are.

    Responses of any type are accepted.
    """

    content_type: str = "application/octet-stream"
    accept: str = "*/*"

    def encode(self, value: Any, /) -> bytes:
        """Return the bytes of *value*, which has a C-contiguous buffer.

        Raises:
            SerializationError: It has no such buffer.
        """
        if isinstance(value, bytes):
            return value
        view = buffer_of(value)
        if view is None:
            message = f"value is of type {type(value).__name__}; it must be bytes-like"
            raise SerializationError(message)
        return view.tobytes()

    def decode(self, body: bytes, _: str | None, /) -> bytes:
        """Return *body* itself."""
        return body

"""Decoding of a whole body as text or JSON, by its content type."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Any, Final

from sagemaker_rt.errors import InvalidTextError
from sagemaker_rt.sansio.content_types import charset_of
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.text_decoding import decode_text

__all__ = ["decode_body_as_json", "decode_body_as_text"]

_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})  # ASCII is a subset


def decode_body_as_text(body: bytes, content_type: str | None = None) -> str:
    """Return *body* as text, in the charset of its content type.

    Raises:
        InvalidTextError: The body is not valid in its charset, or Python does not know
            the charset.
    """
    charset = charset_of(content_type)
    if charset in _UTF_8:
        return decode_text(body)
    try:
        return body.decode(charset)
    except LookupError as error:
        message = f"the charset {charset!r} of the body is unknown"
        raise InvalidTextError(message) from error
    except ValueError as error:
        message = f"the body is not valid in its charset, {charset}"
        raise InvalidTextError(message) from error


def decode_body_as_json(body: bytes, content_type: str | None = None) -> Any:
    """Return the JSON value in *body*, as `parse_json`.

    A byte order mark is ignored.

    Raises:
        InvalidJSONError: The body is not one JSON value.
        InvalidTextError: As `decode_body_as_text`.
    """
    if charset_of(content_type) in _UTF_8:
        return parse_json(body.removeprefix(BOM_UTF8))
    return parse_json(decode_body_as_text(body, content_type).removeprefix("\ufeff"))

"""What happens to bodies on their way."""

from __future__ import annotations

from io import TextIOBase
from os import PathLike
from typing import Any, Final, Literal, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.interfaces import OnChunkReceived, OnChunkSent, ResponseTarget
from sagemaker_rt.options.checks import is_callable, one_of

__all__ = [
    "BodyOptions",
    "RequestCompressionMode",
]

RequestCompressionMode: TypeAlias = Literal["none", "gzip"]

_MINIMA: Final = range(10_485_760 + 1)  # as in the AWS SDKs


def _check_target(_: object, __: object, value: Any) -> None:
    is_text = isinstance(value, TextIOBase)
    is_writer = callable(getattr(value, "write", None)) and not is_text
    if (
        isinstance(value, (str, PathLike))
        or is_writer
        or (not is_text and callable(value))
    ):
        return
    advice = "; open it in binary mode" if is_text else ""
    message = (
        "response_target must be a path, an object with a method write() that takes "
        f"bytes, or a function of a chunk: {value!r}{advice}"
    )
    raise OptionsError(message)


def _check_minimum(_: object, attribute: Attribute[Any], value: object) -> None:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int or value not in _MINIMA:
        message = f"{attribute.name} must be an int from 0 to {_MINIMA[-1]}: {value!r}"
        raise OptionsError(message)


@frozen(kw_only=True)
class BodyOptions:
    """What happens to bodies on their way; all of it is off by default."""

    on_chunk_sent: OnChunkSent | None = field(
        default=None, validator=optional(is_callable)
    )
    """Called after each 64 KiB of a request with the chunk, the bytes sent so far, and
    the bytes of the whole body; plain or async. Each attempt begins at 0 again. What it
    raises ends the call, comes out as it is, and is not followed by another attempt. An
    *http_client* of your own finds it in ``Request.on_chunk_sent``."""
    on_chunk_received: OnChunkReceived | None = field(
        default=None, validator=optional(is_callable)
    )
    """Called with each chunk of a good answer, the bytes received so far, and the bytes
    of the whole, or None where the answer does not say how many there are. For a
    stream, chunks are as they come off the connection, frames and all. Otherwise it is
    as *on_chunk_sent*."""
    response_target: ResponseTarget | None = field(
        default=None, validator=optional(_check_target)
    )
    """Where a good answer of InvokeEndpoint is written as it comes, instead of into
    memory: ``output.body`` is empty, and *max_response_bytes* does not apply.

    A path has the answer once it is whole, in the place of a file that was there, with
    the mode of that; until then, the answer is in a file beside it, which is removed if
    anything goes wrong. A writer is an object with ``write``, plain or async, that
    takes bytes, and may return how many it took: the rest is given to it again. An open
    file is written in a thread, and stays its owner's to close. A function gets each
    chunk, and may be plain or async. Errors go nowhere but into exceptions. Once an
    answer has begun, the request is not repeated, and what a writer or a function
    raises comes out as it is."""
    request_compression: RequestCompressionMode = field(
        default="none", validator=one_of("none", "gzip")
    )
    """``gzip`` compresses bodies, files excepted, and sends ``Content-Encoding: gzip``.
    It is for containers that know gzip when they see it: the service does not undo it,
    and need not pass the header on."""
    min_compression_bytes: int = field(default=10_240, validator=_check_minimum)
    """Smaller bodies are not compressed; from 0 to 10,485,760."""

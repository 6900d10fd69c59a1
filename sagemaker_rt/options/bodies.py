"""Options for request and response bodies."""

from __future__ import annotations

from io import TextIOBase
from os import PathLike
from typing import Any, Final, Literal, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.interfaces import OnChunkReceived, OnChunkSent, ResponseTarget
from sagemaker_rt.options.checks import is_callback, one_of
from sagemaker_rt.sansio.callables import is_generator

__all__ = ["BodyOptions", "RequestCompressionMode"]

RequestCompressionMode: TypeAlias = Literal["none", "gzip"]

# the upper limit of request_min_compression_size_bytes in the AWS SDKs
_MAX_MIN_COMPRESSION_BYTES: Final = 10_485_760


def _check_target(_: object, __: object, value: Any) -> None:
    is_text = isinstance(value, TextIOBase)
    is_writer = callable(getattr(value, "write", None)) and not is_text
    if (
        isinstance(value, (str, PathLike))
        or is_writer
        or (not is_text and callable(value) and not is_generator(value))
    ):
        return
    advice = "; open it in binary mode" if is_text else ""
    message = (
        "response_target must be a path, an object with a method write(bytes), or a "
        f"function of a chunk: {value!r}{advice}"
    )
    raise OptionsError(message)


def _check_minimum(_: object, attribute: Attribute[Any], value: object) -> None:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int or value not in range(_MAX_MIN_COMPRESSION_BYTES + 1):
        expected = f"an int from 0 to {_MAX_MIN_COMPRESSION_BYTES}"
        message = f"{attribute.name} must be {expected}: {value!r}"
        raise OptionsError(message)


@frozen(kw_only=True, eq=False, repr=False)
class BodyOptions(FrozenValue):
    """Options for request and response bodies; all are off by default."""

    on_chunk_sent: OnChunkSent | None = field(
        default=None, validator=optional(is_callback)
    )
    """A plain or async function, called after each 64 KiB of a request body with the
    chunk, the bytes sent so far and the size of the body. Each attempt starts at 0.

    An exception of the function ends the call without a retry, and is raised unchanged.
    A custom *http_client* finds the function in ``Request.on_chunk_sent``."""
    on_chunk_received: OnChunkReceived | None = field(
        default=None, validator=optional(is_callback)
    )
    """A function like *on_chunk_sent*, called with each chunk of a successful response,
    the bytes received so far, and the size of the body, or None if it is unknown. The
    chunks of a stream include the framing of its events."""
    response_target: ResponseTarget | None = field(
        default=None, validator=optional(_check_target)
    )
    """A path, a writer or a function that receives the body of a successful response of
    InvokeEndpoint. ``output.body`` is then empty, and *max_response_bytes* does not
    apply.

    * A path: the body is written to a temporary file in the same folder. When it is
      complete, it replaces the file at the path, and keeps that file's mode. After an
      error the temporary file is removed.
    * A writer: an object with a plain or async method ``write(bytes)``. If it returns a
      smaller number of bytes than it got, the rest is written again. An open file is
      written in a thread; the caller closes it.
    * A plain or async function: called with each chunk.

    Bodies of error responses are not written. The request is not retried once a
    response has begun. An exception of a writer or function is raised unchanged."""
    request_compression: RequestCompressionMode = field(
        default="none", validator=one_of("none", "gzip")
    )
    """``gzip`` compresses request bodies, but not files, and sends ``Content-Encoding:
    gzip``. The model's container must detect gzip: SageMaker does not decompress
    bodies, and may remove the header."""
    min_compression_bytes: int = field(default=10_240, validator=_check_minimum)
    """The size in bytes from which bodies are compressed, from 0 to 10,485,760."""

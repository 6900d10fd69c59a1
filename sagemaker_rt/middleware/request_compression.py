"""Build: compress large request bodies with gzip."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.blocking import run_in_thread
from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["RequestCompression"]

# bytes; smaller bodies are compressed on the thread of the event loop
_THREAD_THRESHOLD: Final = 256 * 1024
_LEVEL: Final = 6  # the default of zlib: higher levels cost much and save little


class RequestCompression:
    """Compress bodies of at least *min_bytes*, and add gzip to ``Content-Encoding``.

    The model's container must decompress the body: SageMaker passes it on as it is. The
    body is compressed once for all attempts. Files are not compressed, because that
    would read them into memory. An empty body stays empty.
    """

    def __init__(self, min_bytes: int) -> None:
        self._min_bytes = min_bytes

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        body = input.request.body
        if not isinstance(body, bytes) or len(body) < max(self._min_bytes, 1):
            return next(ctx, input)
        lower = input.request.headers.lower
        encoding = lower.get("content-encoding")
        lower["content-encoding"] = f"{encoding}, gzip" if encoding else "gzip"
        if len(body) >= _THREAD_THRESHOLD:
            return _in_thread(ctx, input, next, body)
        input.request.body = _compressed(body)
        return next(ctx, input)


async def _in_thread(
    ctx: Context, input: BuildInput, next: Handler[BuildInput], body: bytes
) -> Output:
    input.request.body = await run_in_thread(_compressed, body)
    return await next(ctx, input)


def _compressed(body: bytes) -> bytes:
    # mtime=0: without a timestamp, equal bodies give equal bytes
    return gzip.compress(body, _LEVEL, mtime=0)

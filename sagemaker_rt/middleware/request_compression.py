"""Build: make large bodies smaller, for containers that take them so."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["RequestCompression"]

_THREAD_FROM: Final = 256 * 1024  # bytes; what is smaller is compressed at once
_LEVEL: Final = 6  # zlib's own default: the next three cost much, and give little


class RequestCompression:
    """Compress a body of *min_bytes* and more by gzip, and say so in Content-Encoding.

    It is compressed once, for all attempts, to the same bytes each time. A file is sent
    as it is: it would have to be read into memory whole. No body stays none.
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
        before = lower.get("content-encoding")
        lower["content-encoding"] = f"{before}, gzip" if before else "gzip"
        if len(body) >= _THREAD_FROM:
            return _in_thread(ctx, input, next, body)
        input.request.body = _compressed(body)
        return next(ctx, input)


async def _in_thread(
    ctx: Context, input: BuildInput, next: Handler[BuildInput], body: bytes
) -> Output:
    loop = asyncio.get_running_loop()
    input.request.body = await loop.run_in_executor(None, _compressed, body)
    return await next(ctx, input)


def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)

"""Build: hash the body once, for the signatures of all attempts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from hashlib import sha256
from threading import Event
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Body
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["ComputePayloadHash"]

# 25 MB hashed on the loop's thread stop it for tens of milliseconds
_THREAD_FROM: Final = 256 * 1024
_LAST_READ: Final = 1.0  # seconds that a cancelled call gives a thread to let a file go


class ComputePayloadHash:
    """Set the request's `payload_hash`.

    Bodies of 256 KiB and more, and files, are hashed in a thread. A middleware that
    changes the body must come before this one.
    """

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Awaitable[Output]:
        body = input.request.body
        if isinstance(body, bytes) and len(body) < _THREAD_FROM:
            input.request.payload_hash = sha256(body).hexdigest()
            return next(ctx, input)
        return self._in_thread(ctx, input, next)

    async def _in_thread(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        is_over = Event()
        loop = asyncio.get_running_loop()
        hashing = loop.run_in_executor(None, _digest, input.request.body, is_over)
        try:
            input.request.payload_hash = await asyncio.shield(hashing)
        finally:
            is_over.set()
            if not hashing.done():  # the caller may want the file, and where it stood
                await asyncio.wait((hashing,), timeout=_LAST_READ)
        return await next(ctx, input)


def _digest(body: Body, is_over: Event) -> str:
    if isinstance(body, bytes):
        return sha256(body).hexdigest()
    state = sha256()
    try:
        for chunk in body.chunks():
            state.update(chunk)
            if is_over.is_set():
                break
    except (OSError, ValueError) as error:
        message = f"the body's file cannot be read: {error}"
        raise SerializationError(message) from error
    return state.hexdigest()

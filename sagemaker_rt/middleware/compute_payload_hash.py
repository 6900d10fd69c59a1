"""Build: hash the body once, for the signatures of all attempts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from hashlib import sha256
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Body
from sagemaker_rt.stack import BuildInput, Handler, Output

__all__ = ["ComputePayloadHash"]

# 25 MB hashed on the loop's thread stop it for tens of milliseconds
_THREAD_FROM: Final = 256 * 1024


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
        digest = await asyncio.to_thread(_digest, input.request.body)
        input.request.payload_hash = digest
        return await next(ctx, input)


def _digest(body: Body) -> str:
    if isinstance(body, bytes):
        return sha256(body).hexdigest()
    state = sha256()
    try:
        for chunk in body.chunks():
            state.update(chunk)
    except (OSError, ValueError) as error:
        message = f"the body's file cannot be read: {error}"
        raise SerializationError(message) from error
    return state.hexdigest()

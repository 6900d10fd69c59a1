"""Build: compute the SHA-256 of the body once, for the signatures of all attempts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from hashlib import sha256
from threading import Event
from typing import Final

from sagemaker_rt.blocking import run_in_thread
from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.errors import SerializationError
from sagemaker_rt.http import Body
from sagemaker_rt.stack import BuildInput, Handler, Output
from sagemaker_rt.streaming.threads import wait_for_thread

__all__ = ["ComputePayloadHash"]

# hashing 25 MB would block the event loop for tens of milliseconds
_THREAD_THRESHOLD: Final = 256 * 1024  # bytes
# seconds that a cancelled call waits for the thread to stop reading the file
_STOP_TIMEOUT: Final = 1.0


class ComputePayloadHash(BoundMiddleware[BuildInput]):
    """Set `payload_hash` on the request.

    Files, and bodies of at least 256 KiB, are hashed in a thread. A middleware that
    changes the body must be placed before this one.

    Raises:
        SerializationError: The file cannot be read.
    """

    def bind(self, next: Handler[BuildInput]) -> Handler[BuildInput]:
        def handle(ctx: Context, input: BuildInput) -> Awaitable[Output]:
            request = input.request
            body = request.body
            if isinstance(body, bytes) and len(body) < _THREAD_THRESHOLD:
                request.payload_hash = sha256(body).hexdigest()
                return next(ctx, input)
            return self._in_thread(ctx, input, next)

        return handle

    async def _in_thread(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        is_cancelled = Event()
        hashing = run_in_thread(_digest, input.request.body, is_cancelled)
        try:
            # shielded: cancelling the future would not stop the thread
            input.request.payload_hash = await asyncio.shield(hashing)
        finally:
            is_cancelled.set()
            if not hashing.done():  # the caller may use the file again at once
                await wait_for_thread(hashing, limit=_STOP_TIMEOUT)
        return await next(ctx, input)


def _digest(body: Body, is_cancelled: Event) -> str:
    if isinstance(body, bytes):
        return sha256(body).hexdigest()
    state = sha256()
    try:
        for chunk in body.chunks():
            state.update(chunk)
            if is_cancelled.is_set():
                break
    except (OSError, ValueError) as error:
        message = f"body file cannot be read: {error}"
        raise SerializationError(message) from error
    return state.hexdigest()

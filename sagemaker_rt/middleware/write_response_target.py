"""Deserialize: write a successful response body to the ``response_target``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import AsyncGeneratorType
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ResponseTargetError
from sagemaker_rt.http import ResponseBody
from sagemaker_rt.interfaces import ResponseTarget
from sagemaker_rt.stack import DeserializeInput, Handler, Output
from sagemaker_rt.streaming.response_target import Target, target_of

__all__ = ["WriteResponseTarget"]

_SUCCESS: Final = range(200, 300)


class WriteResponseTarget:
    """Write the body of a 2xx response to *target*, instead of into memory.

    Reading the body writes it, chunk by chunk, and returns nothing. Error responses are
    not written. An exception of a target that is a function, or an object with
    ``write``, propagates unchanged.

    Raises:
        ResponseTargetError: The target's file cannot be created; nothing was sent.
    """

    def __init__(self, target: ResponseTarget) -> None:
        self._target = target_of(target)

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        # before sending: a model should not run if its response cannot be stored
        try:
            await self._target.check()
        except ResponseTargetError as error:
            error.counts_as_attempt = False
            raise
        output = await next(ctx, input)
        response = output.response
        if response is not None and response.status in _SUCCESS:
            response.body = _WrittenBody(response.body, self._target)
        return output


class _WrittenBody:
    """The response body *body*, which `read` writes to *target*."""

    def __init__(self, body: ResponseBody, target: Target) -> None:
        self._body = body
        self._target = target

    def read_nowait(self) -> bytes | None:
        """Return None: writing to the target may have to wait."""
        return None

    async def read(self, limit: int) -> bytes:  # noqa: ARG002 - nothing is held in memory
        """Write the whole body to the target, and return ``b""``."""
        chunks = self._body.iter_chunks()
        try:
            await self._target.write(chunks)
        except ResponseTargetError as error:
            error.request_sent = error.may_have_executed = True
            raise
        finally:
            if isinstance(chunks, AsyncGeneratorType):
                await chunks.aclose()
        return b""

    def iter_chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives."""
        return self._body.iter_chunks()

    def release(self) -> None:
        """Release the connection; it is closed if the body was not read to its end."""
        self._body.release()

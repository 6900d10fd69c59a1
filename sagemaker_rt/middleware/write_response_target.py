"""Deserialize: let a good answer go where the caller wants it, as it comes."""

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

_OK: Final = range(200, 300)


class WriteResponseTarget:
    """Make of a good answer's body one that is empty when it has been read.

    Whoever reads it has it written to *target*. Errors are left as they are.

    Raises:
        ResponseTargetError: The target's file cannot be made; nothing was sent.
    """

    def __init__(self, target: ResponseTarget) -> None:
        self._target = target_of(target)

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        try:
            await self._target.check()
        except ResponseTargetError as error:
            error.counts_as_attempt = False
            raise
        output = await next(ctx, input)
        response = output.response
        if response is not None and response.status in _OK:
            response.body = _Passing(response.body, self._target)
        return output


class _Passing:
    """A body that is written to *target* by being read, however large it is."""

    def __init__(self, body: ResponseBody, target: Target) -> None:
        self._body = body
        self._target = target

    def read_nowait(self) -> bytes | None:
        """Return None: the target may have to be waited for."""
        return None

    async def read(self, limit: int) -> bytes:  # noqa: ARG002 - memory holds none of it
        """Write all of the body, and return nothing of it."""
        chunks = self._body.iter_chunks()
        try:
            await self._target.take(chunks)
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
        """Give the connection back if the body was read to its end, else abort it."""
        self._body.release()

"""Finalize: let the caller's own scheme prove who sends the attempt."""

from __future__ import annotations

import asyncio

from sagemaker_rt.context import Context
from sagemaker_rt.errors import RequestTimeoutError
from sagemaker_rt.interfaces import HTTPAuthScheme
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["SchemeSigning"]


class SchemeSigning:
    """Ask *scheme* who calls, and have it sign; stands where `Signing` would.

    It is asked in every attempt, and keeps what it wants to keep.

    Raises:
        RequestTimeoutError: There was no identity before the call's deadline; nothing
            was sent.
    """

    id = "Signing"

    def __init__(self, scheme: HTTPAuthScheme) -> None:
        self._scheme = scheme

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        limit = asyncio.timeout_at(ctx.deadline)
        try:
            async with limit:
                identity = await self._scheme.retrieve_identity()
                pending = self._scheme.sign(input.request, identity)
                if pending is not None:
                    await pending
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"the call's total time is over: {self._scheme.id} did not answer"
            raise RequestTimeoutError(message) from error
        return await next(ctx, input)

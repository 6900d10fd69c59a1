"""Finalize: fetch the credentials of the attempt."""

from __future__ import annotations

from collections.abc import Awaitable

from sagemaker_rt.context import CREDENTIALS, Context
from sagemaker_rt.interfaces import CredentialsStore
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["GetIdentity"]


class GetIdentity:
    """Ask *store* in every attempt, so that a refreshed set takes effect.

    Raises:
        CredentialsError: It has none.
    """

    def __init__(self, store: CredentialsStore) -> None:
        self._store = store

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        credentials = self._store.peek()
        if credentials is None:
            return self._retrieve(ctx, input, next)
        return next(ctx.with_value(CREDENTIALS, credentials), input)

    async def _retrieve(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        credentials = await self._store.retrieve()
        return await next(ctx.with_value(CREDENTIALS, credentials), input)

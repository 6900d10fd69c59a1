"""Finalize: fetch the credentials of the attempt."""

from __future__ import annotations

from sagemaker_rt.context import CREDENTIALS, Context
from sagemaker_rt.interfaces import CredentialsProvider
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["GetIdentity"]


class GetIdentity:
    """Ask *provider* in every attempt, so that a refreshed set takes effect.

    Raises:
        CredentialsError: It has none.
    """

    def __init__(self, provider: CredentialsProvider) -> None:
        self._provider = provider

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        credentials = await self._provider.retrieve()
        return await next(ctx.with_value(CREDENTIALS, credentials), input)

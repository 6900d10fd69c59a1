"""Finalize: retrieve the credentials, or the bearer token, of each attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, Generic, TypeVar

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context, Key
from sagemaker_rt.errors import CredentialsError, RequestTimeoutError, ServiceError
from sagemaker_rt.interfaces import IdentityStore
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["GetIdentity"]

I = TypeVar("I")


class GetIdentity(BoundMiddleware[FinalizeInput], Generic[I]):
    """Pass the identity of *store* down, under *key* of the context.

    It is retrieved again in each attempt, so that retries use renewed credentials. If
    the service rejects them, they are renewed once per call. If the renewal returns
    others, the error is marked as retryable.

    Raises:
        CredentialsError: The store has no credentials, or its provider failed.
        RequestTimeoutError: ``total_timeout`` expired first; nothing was sent.
    """

    duration_metric: Final = DurationMetric(
        "client.call.auth.resolve_identity_duration", "before_next"
    )

    def __init__(self, store: IdentityStore[I], key: Key[I]) -> None:
        self.store: Final = store
        """The cache of the identity."""
        self._key = key

    def bind(self, next: Handler[FinalizeInput]) -> Handler[FinalizeInput]:
        store, key = self.store, self._key

        def handle(ctx: Context, input: FinalizeInput) -> Awaitable[Output]:
            # static credentials need no coroutine: they are known and never renewed
            identity = store.peek()
            if identity is None or store.can_renew:
                return self._handle(ctx, input, next, identity)
            return next(ctx.with_value(key, identity), input)

        return handle

    async def _handle(
        self,
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
        identity: I | None,
    ) -> Output:
        if identity is None:
            identity = await self._retrieve(ctx)
        try:
            return await next(ctx.with_value(self._key, identity), input)
        except ServiceError as error:
            if error.rejects_credentials and not _was_renewed(ctx):
                await self._renew(identity, error, ctx)
            raise

    async def _retrieve(self, ctx: Context) -> I:
        limit = asyncio.timeout_at(ctx.deadline)
        try:
            async with limit:
                return await self.store.retrieve()
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = "total_timeout expired while retrieving credentials"
            raise RequestTimeoutError(message) from error

    async def _renew(self, rejected: I, error: ServiceError, ctx: Context) -> None:
        try:
            async with asyncio.timeout_at(ctx.deadline):
                renewed = await self.store.renew(rejected)
        except (CredentialsError, TimeoutError) as failure:
            reason = str(failure) or type(failure).__name__
            # the rejection by the service remains the error of the attempt
            error.add_note(f"credentials were not renewed: {reason}")
        else:
            # with the same credentials, a retry would be rejected again
            error.is_retryable = renewed is not None


def _was_renewed(ctx: Context) -> bool:
    """Return whether the service rejected the credentials of an earlier attempt."""
    return any(
        isinstance(attempt.error, ServiceError) and attempt.error.rejects_credentials
        for attempt in ctx.past
    )

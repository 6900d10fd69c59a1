"""Finalize: fetch the credentials of the attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, Generic, TypeVar

from sagemaker_rt.context import Context, Key
from sagemaker_rt.errors import CredentialsError, RequestTimeoutError, ServiceError
from sagemaker_rt.interfaces import IdentityStore
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["GetIdentity"]

I = TypeVar("I")


class GetIdentity(Generic[I]):
    """Ask *store* in every attempt, so that a refreshed set takes effect.

    What it has is passed down under *key*.

    A set that the service refuses is renewed once in a call. If that gives another key,
    the error is marked as one that another attempt may mend.

    Raises:
        CredentialsError: It has none.
        RequestTimeoutError: It had none before the call's deadline; nothing was sent.
    """

    duration_metric: Final = DurationMetric(
        "client.call.auth.resolve_identity_duration", "before_next"
    )

    def __init__(self, store: IdentityStore[I], key: Key[I]) -> None:
        self._store = store
        self._key = key

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        credentials = self._store.peek()
        if credentials is None or self._store.can_renew:
            return self._handle(ctx, input, next, credentials)
        return next(ctx.with_value(self._key, credentials), input)

    async def _handle(
        self,
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
        credentials: I | None,
    ) -> Output:
        if credentials is None:
            credentials = await self._retrieve(ctx)
        try:
            return await next(ctx.with_value(self._key, credentials), input)
        except ServiceError as error:
            if error.rejects_credentials and not _was_renewed(ctx):
                await self._renew(credentials, error, ctx)
            raise

    async def _retrieve(self, ctx: Context) -> I:
        limit = asyncio.timeout_at(ctx.deadline)
        try:
            async with limit:
                return await self._store.retrieve()
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = "the call's total time is over: no credentials came so far"
            raise RequestTimeoutError(message) from error

    async def _renew(self, rejected: I, error: ServiceError, ctx: Context) -> None:
        try:
            async with asyncio.timeout_at(ctx.deadline):
                renewed = await self._store.renew(rejected)
        except (CredentialsError, TimeoutError) as failure:
            reason = str(failure) or type(failure).__name__
            error.add_note(f"the credentials could not be renewed: {reason}")
        else:
            error.is_retryable = renewed is not None


def _was_renewed(ctx: Context) -> bool:
    """Tell whether an attempt before this one had its credentials refused."""
    return any(
        isinstance(attempt.error, ServiceError) and attempt.error.rejects_credentials
        for attempt in ctx.past
    )

"""Finalize: authenticate each attempt by a custom `HTTPAuthScheme`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ComponentError,
    CredentialsError,
    RequestTimeoutError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.interfaces import HTTPAuthScheme
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["CustomSchemeSigning"]

_OPTION: Final = "auth_schemes"


class CustomSchemeSigning:
    """Retrieve the identity of *scheme* and sign; takes the place of `Signing`.

    Both are done in each attempt. The scheme caches its identity itself, if needed.

    Raises:
        CredentialsError: The scheme raised an exception while retrieving the identity.
        ComponentError: It raised an exception while signing.
        RequestTimeoutError: ``total_timeout`` expired first; nothing was sent.
    """

    id = "Signing"

    def __init__(self, scheme: HTTPAuthScheme) -> None:
        self._scheme = scheme

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        # the scheme does not know the deadline of the call
        limit = asyncio.timeout_at(ctx.deadline)
        try:
            async with limit:
                await self._sign(input.request)
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"total_timeout expired in the auth scheme {self._scheme.id!r}"
            raise RequestTimeoutError(message) from error
        return await next(ctx, input)

    async def _sign(self, request: Request) -> None:
        try:
            retrieving: object = self._scheme.retrieve_identity()
            if not isinstance(retrieving, Awaitable):
                problem = "has retrieve_identity() that is not async; use async def"
                raise CredentialsError.from_result(_OPTION, self._scheme, problem)  # noqa: TRY301 - beside what it checks
            identity = await retrieving
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise CredentialsError.from_component(
                _OPTION, self._scheme, error
            ) from error
        try:
            pending: object = self._scheme.sign(request, identity)
            if isinstance(pending, Awaitable):
                await pending
            elif pending is not None:
                problem = (
                    f"returned {type(pending).__name__}; sign() must change the "
                    "request and return None, or be async"
                )
                raise ComponentError.from_result(_OPTION, self._scheme, problem)  # noqa: TRY301 - beside what it checks
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise ComponentError.from_component(_OPTION, self._scheme, error) from error

"""Finalize: pass the authentication scheme down to the signing middleware."""

from __future__ import annotations

from collections.abc import Awaitable

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import AUTH_SCHEME, Context
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["ResolveAuthScheme"]


class ResolveAuthScheme(BoundMiddleware[FinalizeInput]):
    """Set `AUTH_SCHEME`; the scheme is chosen when the stack is built."""

    def __init__(self, scheme: AuthScheme) -> None:
        self._scheme = scheme

    def bind(self, next: Handler[FinalizeInput]) -> Handler[FinalizeInput]:
        scheme = self._scheme

        def handle(ctx: Context, input: FinalizeInput) -> Awaitable[Output]:
            return next(ctx.with_value(AUTH_SCHEME, scheme), input)

        return handle

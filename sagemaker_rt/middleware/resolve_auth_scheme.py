"""Finalize: pass the authentication scheme down to the signing middleware."""

from __future__ import annotations

from collections.abc import Awaitable

from sagemaker_rt.context import AUTH_SCHEME, Context
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["ResolveAuthScheme"]


class ResolveAuthScheme:
    """Set `AUTH_SCHEME`; the scheme is chosen when the stack is built."""

    def __init__(self, scheme: AuthScheme) -> None:
        self._scheme = scheme

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        return next(ctx.with_value(AUTH_SCHEME, self._scheme), input)

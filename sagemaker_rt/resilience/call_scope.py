"""What equal requests have in common besides their content: endpoint and caller."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, TypeAlias

from sagemaker_rt.context import Context
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.interfaces import IdentityStore
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.middleware.resolve_endpoint_v2 import ResolveEndpointV2
from sagemaker_rt.resilience.failover_targets import TARGET_INDEX, AuthenticateAtTarget
from sagemaker_rt.stack import Stack

__all__ = ["CallScope", "Scope"]

Scope: TypeAlias = tuple[Hashable, Hashable]
"""The endpoint and the caller."""

_Identities: TypeAlias = AuthenticateAtTarget | GetIdentity[Any] | None
_Latest: TypeAlias = tuple[IdentityStore[Any], Credentials | Token, Scope]
"""Where the identity of the latest call is from, the identity, and the scope."""


class CallScope:
    """Finds the endpoint and the caller of the calls of one stack.

    The stack is looked at when the first call is made, since other edits may follow.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack: Final = stack
        self._latest: _Latest | None = None

    def of(
        self, ctx: Context, request: Request
    ) -> Scope | Coroutine[Any, Any, Scope | None]:
        """Return a value that is equal for calls to one endpoint by one caller.

        If the credentials have to be retrieved first, it is a coroutine that returns
        the value. It returns None if they are not available.
        """
        endpoint, latest = request.endpoint, self._latest
        if endpoint is None and latest is not None:
            store, known, scope = latest
            if store.peek() is known:
                return scope
        where: Hashable = self._endpoints if endpoint is None else endpoint.url
        getting: Any = self._identities
        if isinstance(getting, AuthenticateAtTarget):
            of_target = getting.of_targets[ctx.get(TARGET_INDEX, 0)]
            getting = _unwrapped(of_target or getting.of_client)
        if not isinstance(getting, GetIdentity):
            # anonymous, or a custom scheme that knows the caller: it is this stack's
            return where, self
        identity = getting.store.peek()
        if identity is None:
            return _retrieved(where, getting.store, ctx)
        scope = where, _key_of(identity)
        if endpoint is None and getting is self._identities:
            self._latest = getting.store, identity, scope
        return scope

    @cached_property
    def _identities(self) -> _Identities:
        step = self._stack.finalize
        if "GetIdentity" not in step:
            return None
        found: _Identities = _unwrapped(step.get("GetIdentity"))
        return found

    @cached_property
    def _endpoints(self) -> Hashable:
        step = self._stack.finalize
        found = _unwrapped(step.get("ResolveEndpointV2"))
        return found.endpoints.key if isinstance(found, ResolveEndpointV2) else self


def _unwrapped(middleware: Any) -> Any:
    """Return *middleware* without the one that measures it."""
    return getattr(middleware, "middleware", middleware)


def _key_of(identity: Credentials | Token) -> str:
    if isinstance(identity, Credentials):
        return identity.access_key_id
    return sha256(identity.token.encode()).hexdigest()  # it is secret


async def _retrieved(
    where: Hashable, store: IdentityStore[Any], ctx: Context
) -> Scope | None:
    try:
        async with asyncio.timeout_at(ctx.deadline):
            return where, _key_of(await store.retrieve())
    except (CredentialsError, TimeoutError):
        return None

"""The targets of a fail-over, and the middleware that sends a request to one."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from time import time
from typing import Final

from attrs import evolve, field, frozen

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import AUTH_SCHEME, CREDENTIALS, Context, Key
from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.endpoint_resolvers import AttemptEndpoints
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import CredentialsProvider, CredentialsStore
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.sansio.auth_schemes import SIGV4
from sagemaker_rt.sansio.redaction import without_user_info
from sagemaker_rt.stack import (
    FinalizeInput,
    Handler,
    Middleware,
    Output,
    SerializeInput,
)

__all__ = [
    "TARGET_INDEX",
    "AuthenticateAtTarget",
    "FailoverTarget",
    "ResolveTarget",
    "credentials_store",
]

TARGET_INDEX: Key[int] = Key("target_index")
"""In the context: the number of the target that the call is made at."""


@frozen(kw_only=True)
class FailoverTarget:
    """Where a call may go; what is None is that of the client and of the call."""

    region: str | None = None
    """The region, with its endpoint unless *endpoint_url* is set."""
    endpoint_name: str | None = None
    """The name of the SageMaker endpoint there."""
    endpoint_url: str | None = field(default=None, repr=without_user_info)
    """The URL of the service."""
    credentials: Credentials | CredentialsProvider | None = None
    """The credentials, such as those of a role in another account."""


def credentials_store(target: FailoverTarget) -> CredentialsStore | None:
    """Return the cache of the credentials of *target*; None without any."""
    credentials = target.credentials
    if credentials is None:
        return None
    if isinstance(credentials, Credentials):
        return StaticCredentials(credentials)
    return CredentialsCache(credentials, time)


class ResolveTarget(BoundMiddleware[SerializeInput]):
    """Serialize: set the endpoint of the target that the call is made at.

    Args:
        endpoints: Resolves the endpoint of the client.
        targets: The targets, by number.
    """

    def __init__(
        self, endpoints: AttemptEndpoints, targets: Sequence[FailoverTarget]
    ) -> None:
        self._endpoints: Final = tuple(_endpoints_of(t, endpoints) for t in targets)
        self._regions: Final = tuple(target.region for target in targets)

    def bind(self, next: Handler[SerializeInput]) -> Handler[SerializeInput]:
        """Set the endpoint, which a custom resolver may have to wait for."""
        all_endpoints = self._endpoints

        def resolve(ctx: Context, input: SerializeInput) -> Awaitable[Output]:
            index = ctx.get(TARGET_INDEX, 0)
            endpoints = all_endpoints[index]
            if endpoints is None:
                return next(ctx, input)
            found = endpoints.fixed or endpoints.resolve(ctx.endpoint_name, 1, None)
            if isinstance(found, Endpoint):
                input.request.endpoint = self._signed_for(index, found)
                return next(ctx, input)
            return self._wait(found, ctx, input, next)

        return resolve

    async def _wait(
        self,
        pending: Awaitable[Endpoint],
        ctx: Context,
        input: SerializeInput,
        next: Handler[SerializeInput],
    ) -> Output:
        index = ctx.get(TARGET_INDEX, 0)
        input.request.endpoint = self._signed_for(index, await pending)
        return await next(ctx, input)

    def _signed_for(self, index: int, endpoint: Endpoint) -> Endpoint:
        region = self._regions[index]
        if region is None or endpoint.signing_region is not None:
            return endpoint
        return evolve(endpoint, signing_region=region)


class AuthenticateAtTarget:
    """Finalize: retrieve the credentials of the target, or else those of the client.

    Args:
        of_client: The middleware that retrieves those of the client.
        stores: The credentials of the targets, by number.

    Raises:
        OptionsError: The target has credentials, and the call is not signed by SigV4.
    """

    def __init__(
        self,
        of_client: Middleware[FinalizeInput],
        stores: Sequence[CredentialsStore | None],
    ) -> None:
        self.of_client: Final = of_client
        self.of_targets: Final = tuple(
            None if store is None else GetIdentity(store, CREDENTIALS)
            for store in stores
        )
        """The middlewares that retrieve those of the targets."""

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        """Pass the credentials down, under their key of the context."""
        of_target = self.of_targets[ctx.get(TARGET_INDEX, 0)]
        if of_target is None:
            return self.of_client(ctx, input, next)
        scheme = ctx.get(AUTH_SCHEME)
        if scheme is None or scheme.id != SIGV4:
            message = "a FailoverTarget with credentials needs calls signed by SigV4"
            raise OptionsError(message)
        return of_target(ctx, input, next)


def _endpoints_of(
    target: FailoverTarget, endpoints: AttemptEndpoints
) -> AttemptEndpoints | None:
    if target.region is None and target.endpoint_url is None:
        return None
    return endpoints.elsewhere(region=target.region, endpoint_url=target.endpoint_url)

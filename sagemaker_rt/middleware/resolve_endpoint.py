"""Serialize: ask a resolver of the first generation where the call goes."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import endpoint_resolver_function, require_endpoint
from sagemaker_rt.errors import EndpointNotFoundError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import EndpointResolver, EndpointResolverFunction
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.sansio.endpoints import EndpointResolverOptions, without_tls
from sagemaker_rt.stack import Handler, Output, SerializeInput

__all__ = ["ResolveEndpoint"]


class ResolveEndpoint:
    """Set the request's endpoint once, for all attempts; usable in any stack.

    Where the resolver raises `EndpointNotFoundError`, the request stays as it is, and
    ``ResolveEndpointV2`` decides.

    Args:
        resolver: An `EndpointResolver`, or a function ``(region, options)``; either
            may be async.
        region: What the resolver is asked for; None becomes the empty string.

    Raises:
        OptionsError: *resolver* is neither.
        EndpointResolutionError: What the resolver returned is no `Endpoint`.
    """

    id: Final = "ResolveEndpoint"
    duration_metric: Final = DurationMetric(
        "client.call.resolve_endpoint_duration", "before_next"
    )

    def __init__(
        self,
        resolver: EndpointResolver | EndpointResolverFunction,
        options: EndpointResolverOptions,
        *,
        region: str | None,
    ) -> None:
        self.resolver: Final = resolver
        self.options: Final = options
        self.region: Final = region
        self._ask = endpoint_resolver_function(resolver)

    async def __call__(
        self, ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
    ) -> Output:
        endpoint = await self._resolve()
        if endpoint is not None:
            input.request.endpoint = endpoint
            # ResolveEndpointV2 writes them too, but need not be in this stack
            input.request.headers.update(endpoint.headers)
        return await next(ctx, input)

    async def _resolve(self) -> Endpoint | None:
        """Return where to send; None where the resolver does not know."""
        try:
            found = self._ask(self.region or "", self.options)
            if isinstance(found, Awaitable):
                found = await found
        except EndpointNotFoundError:
            return None
        endpoint = require_endpoint(found)
        return without_tls(endpoint) if self.options.disable_https else endpoint

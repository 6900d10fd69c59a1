"""Finalize: resolve the endpoint of each attempt by ``endpoint_resolver_v2``."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import AttemptEndpoints
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import EndpointResolverV2
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["ResolveEndpointV2"]


class ResolveEndpointV2(BoundMiddleware[FinalizeInput]):
    """Set the endpoint of the request, and write the endpoint's headers.

    The resolver is called in each attempt, so that a retry may go to another endpoint.
    An endpoint that was set by `ResolveEndpoint` or by other middleware is kept.

    Raises:
        EndpointResolutionError: The resolver has no endpoint, raised another exception,
            or did not return an `Endpoint`.
    """

    id: Final = "ResolveEndpointV2"
    duration_metric: Final = DurationMetric(
        "client.call.resolve_endpoint_duration", "before_next"
    )

    def __init__(
        self, resolver: EndpointResolverV2, parameters: EndpointParameters
    ) -> None:
        self.endpoints: Final = AttemptEndpoints(resolver, parameters)
        """Calls the resolver."""

    def bind(self, next: Handler[FinalizeInput]) -> Handler[FinalizeInput]:
        endpoints = self.endpoints

        def handle(ctx: Context, input: FinalizeInput) -> Awaitable[Output]:
            request = input.request
            # other middleware may have set it
            endpoint = request.endpoint or endpoints.fixed
            if endpoint is None:
                past = ctx.past
                last_error = past[-1].error if past else None
                found = endpoints.resolve(ctx.endpoint_name, ctx.attempt, last_error)
                if not isinstance(found, Endpoint):
                    return self._wait(found, ctx, input, next)
                endpoint = found
            request.endpoint = endpoint
            if endpoint.headers:
                request.headers.update(endpoint.headers)
            return next(ctx, input)

        return handle

    async def _wait(
        self,
        pending: Awaitable[Endpoint],
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> Output:
        """Wait for an async resolver, then continue."""
        input.request.endpoint = endpoint = await pending
        input.request.headers.update(endpoint.headers)
        return await next(ctx, input)

"""Finalize: ask a resolver of the second generation where the attempt goes."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import require_endpoint
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.interfaces import EndpointResolverV2
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.sansio.endpoints import EndpointParameters, without_tls
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["ResolveEndpointV2"]


class ResolveEndpointV2:
    """Set the attempt's endpoint, and write the endpoint's headers on the request.

    *resolver* is asked in every attempt, so that the next one may go elsewhere; a
    request that has an endpoint already keeps it.

    Raises:
        EndpointResolutionError: The resolver knows no endpoint, or returned none.
    """

    id: Final = "ResolveEndpointV2"
    duration_metric: Final = DurationMetric(
        "client.call.resolve_endpoint_duration", "before_next"
    )

    def __init__(
        self, resolver: EndpointResolverV2, parameters: EndpointParameters
    ) -> None:
        self._resolver = resolver
        self._parameters = parameters

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        request = input.request
        if request.endpoint is None:
            found = self._resolver.resolve_endpoint(self._parameters)
            # the usual answer first: to ask an abstract class takes its time
            if not isinstance(found, Endpoint) and isinstance(found, Awaitable):
                return self._resolved(found, ctx, input, next)
            self._settle(request, found)
        elif request.endpoint.headers:
            request.headers.update(request.endpoint.headers)
        return next(ctx, input)

    async def _resolved(
        self,
        pending: Awaitable[Endpoint],
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> Output:
        """Go on when a resolver that waits has found an endpoint."""
        self._settle(input.request, await pending)
        return await next(ctx, input)

    def _settle(self, request: Request, found: object) -> None:
        endpoint = require_endpoint(found)
        if self._parameters.disable_https:
            endpoint = without_tls(endpoint)
        request.endpoint = endpoint
        if endpoint.headers:
            request.headers.update(endpoint.headers)

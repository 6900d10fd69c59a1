"""Finalize: ask a resolver of the second generation where the attempt goes."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.context import ENDPOINT, Context
from sagemaker_rt.endpoint_resolvers import require_endpoint
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import EndpointResolverV2
from sagemaker_rt.sansio.endpoints import EndpointParameters, without_tls
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["ResolveEndpointV2"]


class ResolveEndpointV2:
    """Set the attempt's endpoint, and write the endpoint's headers on the request.

    *resolver* is asked in every attempt, so that the next one may go elsewhere; a
    request that has an endpoint already keeps it. Either way the output's metadata
    says where the attempt went.

    Raises:
        EndpointResolutionError: The resolver knows no endpoint, or returned none.
    """

    id: Final = "ResolveEndpointV2"

    def __init__(
        self, resolver: EndpointResolverV2, parameters: EndpointParameters
    ) -> None:
        self._resolver = resolver
        self._parameters = parameters

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        request = input.request
        endpoint = request.endpoint
        if endpoint is None:
            endpoint = request.endpoint = await self._resolve()
        if endpoint.headers:
            request.headers.update(endpoint.headers)
        output = await next(ctx, input)
        output.metadata[ENDPOINT] = endpoint
        return output

    async def _resolve(self) -> Endpoint:
        found = await self._resolver.resolve_endpoint(self._parameters)
        endpoint = require_endpoint(found)
        return without_tls(endpoint) if self._parameters.disable_https else endpoint

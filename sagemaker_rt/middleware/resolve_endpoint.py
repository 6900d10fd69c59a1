"""Serialize: resolve the endpoint by ``endpoint_resolver``, Go's first generation."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from attrs import evolve

from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import endpoint_resolver_function, require_endpoint
from sagemaker_rt.errors import (
    EndpointNotFoundError,
    EndpointResolutionError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import EndpointResolver, EndpointResolverFunction
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from sagemaker_rt.sansio.endpoints import without_tls
from sagemaker_rt.stack import Handler, Output, SerializeInput

__all__ = ["ResolveEndpoint"]

_OPTION: Final = "endpoint_resolver"


class ResolveEndpoint:
    """Set the endpoint of the request once, for all attempts.

    If the resolver raises `EndpointNotFoundError`, ``ResolveEndpointV2`` resolves the
    endpoint. This middleware may be used in any stack.

    Args:
        resolver: An `EndpointResolver`, or a function ``(region, options)``; either
            may be async.
        region: Passed to the resolver; None becomes the empty string.

    Raises:
        OptionsError: *resolver* is neither of the two.
        EndpointResolutionError: The resolver raised an exception, or did not return an
            `Endpoint`.
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
        self._function = endpoint_resolver_function(resolver)

    async def __call__(
        self, ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
    ) -> Output:
        endpoint = await self._resolve(ctx.endpoint_name)
        if endpoint is not None:
            input.request.endpoint = endpoint
            # ResolveEndpointV2 writes them too, but need not be in this stack
            input.request.headers.update(endpoint.headers)
        return await next(ctx, input)

    async def _resolve(self, endpoint_name: str | None) -> Endpoint | None:
        """Return the endpoint; None if the resolver does not know the region."""
        try:
            options = evolve(self.options, endpoint_name=endpoint_name)
            found = self._function(self.region or "", options)
            if isinstance(found, Awaitable):
                found = await found
        except EndpointNotFoundError:
            return None
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise EndpointResolutionError.from_component(
                _OPTION, self.resolver, error
            ) from error
        endpoint = require_endpoint(found, _OPTION)
        return without_tls(endpoint) if self.options.disable_https else endpoint

"""Finalize: resolve the endpoint of each attempt by ``endpoint_resolver_v2``."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import require_endpoint
from sagemaker_rt.errors import EndpointResolutionError, SageMakerRuntimeError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.interfaces import EndpointResolverV2
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.sansio.endpoints import EndpointParameters, without_tls
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["ResolveEndpointV2"]


class ResolveEndpointV2:
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
        self._resolver = resolver
        self._parameters = parameters

    def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        request = input.request
        if request.endpoint is None:
            try:
                found = self._resolver.resolve_endpoint(self._parameters)
            except SageMakerRuntimeError:
                raise
            except Exception as error:
                raise self._wrapped(error) from error
            # Endpoint first: isinstance is slow for abstract classes
            if not isinstance(found, Endpoint) and isinstance(found, Awaitable):
                return self._wait(found, ctx, input, next)
            self._set_endpoint(request, found)
        # an endpoint that other middleware has set
        elif request.endpoint.headers:
            request.headers.update(request.endpoint.headers)
        return next(ctx, input)

    async def _wait(
        self,
        pending: Awaitable[Endpoint],
        ctx: Context,
        input: FinalizeInput,
        next: Handler[FinalizeInput],
    ) -> Output:
        """Wait for an async resolver, then continue."""
        try:
            found = await pending
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._wrapped(error) from error
        self._set_endpoint(input.request, found)
        return await next(ctx, input)

    def _wrapped(self, error: Exception) -> EndpointResolutionError:
        return EndpointResolutionError.from_component(
            "endpoint_resolver_v2", self._resolver, error
        )

    def _set_endpoint(self, request: Request, found: object) -> None:
        endpoint = require_endpoint(found)
        if self._parameters.disable_https:
            endpoint = without_tls(endpoint)
        request.endpoint = endpoint
        if endpoint.headers:
            request.headers.update(endpoint.headers)

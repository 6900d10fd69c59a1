"""The default endpoint resolvers of both generations.

They can be replaced: see `EndpointResolver` and `EndpointResolverV2`. Results are
cached, so that equal parameters lead to the same `Endpoint` object.
"""

from __future__ import annotations

from collections.abc import Awaitable, Hashable, Mapping
from functools import lru_cache
from typing import Final

from attrs import astuple, evolve, frozen

from sagemaker_rt.errors import (
    EndpointNotFoundError,
    EndpointResolutionError,
    OptionsError,
    SageMakerRuntimeError,
)
from sagemaker_rt.frozen_value import FrozenValue, ShownValue
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import (
    EndpointResolver,
    EndpointResolverFunction,
    EndpointResolverV2,
)
from sagemaker_rt.sansio.endpoint_parameters import (
    EndpointParameters,
    EndpointResolverOptions,
)
from sagemaker_rt.sansio.endpoints import (
    normalize_region,
    require_encryption,
    resolve_endpoint,
    without_tls,
)

__all__ = [
    "AttemptEndpoints",
    "DefaultEndpointResolver",
    "DefaultEndpointResolverV2",
    "endpoint_resolver_from_url",
    "endpoint_resolver_function",
    "require_endpoint",
]


_OPTION_V2: Final = "endpoint_resolver_v2"


@frozen(eq=False, repr=False)
class DefaultEndpointResolverV2(FrozenValue):
    """Resolves endpoints by the rule set of SageMaker Runtime."""

    def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        """Return the endpoint for *parameters*.

        Raises:
            EndpointResolutionError: The parameters conflict with each other, or have
                neither a region nor a URL.
        """
        if parameters.last_failure is not None:  # the cache would keep it
            parameters = evolve(parameters, last_failure=None)
        return _cached_endpoint(parameters)


@frozen(eq=False, repr=False)
class DefaultEndpointResolver(FrozenValue):
    """Resolves endpoints by the same rule set, for the first generation of options."""

    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        """Return the endpoint for *region*.

        Raises:
            EndpointNotFoundError: The rule set has no endpoint for the arguments.
        """
        try:
            return _cached_endpoint(
                EndpointParameters(
                    region=region or options.resolved_region,
                    use_fips=options.use_fips,
                    use_dualstack=options.use_dualstack,
                    disable_https=options.disable_https,
                )
            )
        except EndpointResolutionError as error:
            raise EndpointNotFoundError(*error.args) from error


class AttemptEndpoints:
    """Calls a resolver of the second generation, which may be custom, in each attempt.

    Args:
        resolver: An `EndpointResolverV2`; its method may be async.
        parameters: The parameters of all calls with the same options.
    """

    def __init__(
        self, resolver: EndpointResolverV2, parameters: EndpointParameters
    ) -> None:
        self._resolver = resolver
        self._parameters = parameters
        # the rules of the service do not depend on the attempt
        self._depends_on_attempt = type(resolver) is not DefaultEndpointResolverV2
        self.fixed: Endpoint | None = None
        """The endpoint of all attempts, once it is known; None if they may differ."""

    @property
    def key(self) -> Hashable:
        """A value that is equal for equal endpoints."""
        if self._depends_on_attempt:  # a custom resolver may decide by anything
            return self
        # a tuple takes less time to hash than the parameters
        return astuple(
            self._parameters, recurse=False, filter=lambda member, _: bool(member.eq)
        )

    def elsewhere(
        self, *, region: str | None, endpoint_url: str | None
    ) -> AttemptEndpoints:
        """Return the endpoints of another region or URL, by the same resolver.

        Args:
            region: The region; None for that of these parameters.
            endpoint_url: The URL, which calls to *region* are signed for; None for the
                endpoint of the region.
        """
        return AttemptEndpoints(
            self._resolver,
            evolve(
                self._parameters,
                region=region or self._parameters.region,
                endpoint_url=endpoint_url,
            ),
        )

    def resolve(
        self,
        endpoint_name: str | None,
        attempt: int,
        last_failure: SageMakerRuntimeError | None,
    ) -> Endpoint | Awaitable[Endpoint]:
        """Return the endpoint of an attempt, or a coroutine that returns it.

        Raises:
            EndpointResolutionError: The resolver has no endpoint, raised another
                exception, or did not return an `Endpoint`.
        """
        parameters = self._parameters
        if self._depends_on_attempt:
            parameters = evolve(
                parameters,
                endpoint_name=endpoint_name,
                attempt=attempt,
                last_failure=last_failure,
            )
        try:
            found = self._resolver.resolve_endpoint(parameters)
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._wrapped(error) from error
        if not self._depends_on_attempt:
            self.fixed = endpoint = self._checked(found)
            return endpoint
        # Endpoint first: isinstance is slow for abstract classes
        if not isinstance(found, Endpoint) and isinstance(found, Awaitable):
            return self._wait(found)
        return self._checked(found)

    async def _wait(self, pending: Awaitable[Endpoint]) -> Endpoint:
        try:
            found = await pending
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._wrapped(error) from error
        return self._checked(found)

    def _wrapped(self, error: Exception) -> EndpointResolutionError:
        return EndpointResolutionError.from_component(_OPTION_V2, self._resolver, error)

    def _checked(self, found: object) -> Endpoint:
        endpoint = require_endpoint(found, _OPTION_V2)
        return without_tls(endpoint) if self._parameters.disable_https else endpoint


def endpoint_resolver_function(
    resolver: EndpointResolver | EndpointResolverFunction,
) -> EndpointResolverFunction:
    """Return *resolver*, or its method ``resolve_endpoint``, as a function.

    Raises:
        OptionsError: *resolver* has no such method and is not callable.
    """
    method: EndpointResolverFunction | None = getattr(
        resolver, "resolve_endpoint", None
    )
    if method is not None:
        return method
    if callable(resolver):
        return resolver
    message = (
        f"endpoint_resolver must be a function (region, options) -> Endpoint, or an "
        f"object with resolve_endpoint, not {type(resolver).__name__}"
    )
    raise OptionsError(message)


def endpoint_resolver_from_url(  # noqa: PLR0913 - the fields of an endpoint
    url: str,
    *,
    signing_name: str | None = None,
    signing_region: str | None = None,
    partition_id: str | None = None,
    source: str = "custom",
    hostname_immutable: bool = False,
    allow_insecure: bool = False,
) -> EndpointResolver:
    """Return a resolver that resolves all regions to *url*.

    Args:
        url: The endpoint URL; its path is a prefix of the request path.
        signing_name: The service name in the signature; None for the default.
        signing_region: The region in the signature; None for the region to resolve.
        partition_id: The ID of the AWS partition, for information only.
        source: The origin of the endpoint, for information only.
        hostname_immutable: Whether ``disable_https`` leaves the URL unchanged.
        allow_insecure: Whether an ``http`` URL may point to another machine.

    Raises:
        EndpointResolutionError: *url* is invalid or insecure.
    """
    endpoint = Endpoint(
        url,
        signing_name=signing_name,
        signing_region=signing_region,
        partition_id=partition_id,
        source=source,
        hostname_immutable=hostname_immutable,
    )
    require_encryption(endpoint, allow_insecure=allow_insecure)
    return _FixedEndpointResolver(endpoint)


def require_endpoint(result: object, component: str | None = None) -> Endpoint:
    """Return *result*, which a custom resolver returned.

    Args:
        component: The option that sets the resolver, if it is known.

    Raises:
        EndpointResolutionError: It is not an `Endpoint`, or has headers that cannot be
            sent.
    """
    if isinstance(result, Endpoint):
        if result.headers:
            _require_headers(result.headers, component)
        return result
    # the value is not shown: a URL may contain a password
    message = (
        "the endpoint resolver must return an Endpoint or raise "
        f"EndpointNotFoundError, not return {type(result).__name__}"
    )
    raise _error(message, component)


def _require_headers(headers: object, component: str | None) -> None:
    if isinstance(headers, Mapping) and all(
        isinstance(text, str) and text.isascii() and text.isprintable()
        for item in headers.items()
        for text in item
    ):
        return
    message = "the headers of an Endpoint must be a mapping of printable ASCII text"
    raise _error(message, component)


def _error(message: str, component: str | None) -> EndpointResolutionError:
    error = EndpointResolutionError(message)
    error.component = component
    return error


@frozen(eq=False, repr=False)
class _FixedEndpointResolver(ShownValue):
    """Resolves all regions to one endpoint."""

    endpoint: Endpoint

    def resolve_endpoint(
        self,
        region: str,
        options: EndpointResolverOptions,  # noqa: ARG002 - required by EndpointResolver
    ) -> Endpoint:
        if self.endpoint.signing_region is not None or not region:
            return self.endpoint
        return _with_signing_region(self, region)


# large enough for one process with clients in all regions
@lru_cache(maxsize=64)
def _cached_endpoint(parameters: EndpointParameters) -> Endpoint:
    endpoint = resolve_endpoint(
        parameters.region,
        use_fips=parameters.use_fips,
        use_dualstack=parameters.use_dualstack,
        endpoint_url=parameters.endpoint_url,
        allow_insecure=parameters.allow_insecure,
        port=parameters.port,
        is_http2=parameters.is_http2,
    )
    return without_tls(endpoint) if parameters.disable_https else endpoint


@lru_cache(maxsize=64)
def _with_signing_region(resolver: _FixedEndpointResolver, region: str) -> Endpoint:
    return evolve(resolver.endpoint, signing_region=normalize_region(region)[0])

"""The endpoint resolvers that come with this library, of both generations.

Any object with the right `resolve_endpoint` can take their place, and for the first
generation any function; a region or a set of parameters that was asked for before is
answered with the same `Endpoint`.
"""

from __future__ import annotations

from functools import lru_cache

from attrs import evolve, frozen

from sagemaker_rt.errors import (
    EndpointNotFoundError,
    EndpointResolutionError,
    OptionsError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import EndpointResolver, EndpointResolverFunction
from sagemaker_rt.sansio.endpoints import (
    EndpointParameters,
    EndpointResolverOptions,
    normalize_region,
    require_encryption,
    resolve_endpoint,
    without_tls,
)

__all__ = [
    "DefaultEndpointResolver",
    "DefaultEndpointResolverV2",
    "endpoint_resolver_from_url",
    "endpoint_resolver_function",
    "require_endpoint",
]


@frozen
class DefaultEndpointResolverV2:
    """Resolves by the rules of SageMaker Runtime; all of them are equal."""

    def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        """Return where to send.

        Raises:
            EndpointResolutionError: The parameters contradict each other, or name
                neither region nor URL.
        """
        return _by_rules(parameters)


@frozen
class DefaultEndpointResolver:
    """Resolves by the same rules, in the first generation's terms."""

    def resolve_endpoint(
        self, region: str, options: EndpointResolverOptions
    ) -> Endpoint:
        """Return where to send.

        Raises:
            EndpointNotFoundError: There is no such endpoint in *region*.
        """
        try:
            return _by_rules(
                EndpointParameters(
                    region=region or options.resolved_region,
                    use_fips=options.use_fips,
                    use_dualstack=options.use_dualstack,
                    disable_https=options.disable_https,
                )
            )
        except EndpointResolutionError as error:
            raise EndpointNotFoundError(*error.args) from error


def endpoint_resolver_function(
    resolver: EndpointResolver | EndpointResolverFunction,
) -> EndpointResolverFunction:
    """Return *resolver* as the function ``(region, options)`` that it is or has.

    Raises:
        OptionsError: It neither is nor has one.
    """
    own: EndpointResolverFunction | None = getattr(resolver, "resolve_endpoint", None)
    if own is not None:
        return own
    if callable(resolver):
        return resolver
    message = (
        f"{type(resolver).__name__} is no endpoint resolver; give a function "
        "(region, options) -> Endpoint, or an object with resolve_endpoint"
    )
    raise OptionsError(message)


def endpoint_resolver_from_url(  # noqa: PLR0913 - what an endpoint consists of
    url: str,
    *,
    signing_name: str | None = None,
    signing_region: str | None = None,
    partition_id: str | None = None,
    source: str = "custom",
    hostname_immutable: bool = False,
    allow_insecure: bool = False,
) -> EndpointResolver:
    """Return a resolver that sends every region's requests to *url*.

    Args:
        signing_region: The region to sign for; None is the one asked for.
        hostname_immutable: Whether the scheme must stay, even with ``disable_https``.
        allow_insecure: Whether *url* may be ``http`` to another machine.

    Raises:
        EndpointResolutionError: *url* cannot be an endpoint's.
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
    return _Everywhere(endpoint)


def require_endpoint(found: object) -> Endpoint:
    """Return *found*, which a caller's resolver returned.

    Raises:
        EndpointResolutionError: It is no `Endpoint`.
    """
    if isinstance(found, Endpoint):
        return found
    message = (
        f"the endpoint resolver returned {type(found).__name__}; "
        "it should return an Endpoint, or raise EndpointNotFoundError"
    )
    raise EndpointResolutionError(message)


@frozen(eq=False)
class _Everywhere:
    """Sends every region's requests to one place."""

    endpoint: Endpoint

    def resolve_endpoint(
        self,
        region: str,
        options: EndpointResolverOptions,  # noqa: ARG002 - of the interface
    ) -> Endpoint:
        if self.endpoint.signing_region is not None or not region:
            return self.endpoint
        return _signed_for(self, region)


# Both hold what a process with clients in many regions asks for in turn.
@lru_cache(maxsize=64)
def _by_rules(parameters: EndpointParameters) -> Endpoint:
    endpoint = resolve_endpoint(
        parameters.region,
        use_fips=parameters.use_fips,
        use_dualstack=parameters.use_dualstack,
        endpoint_url=parameters.endpoint_url,
        allow_insecure=parameters.allow_insecure,
        port=parameters.port,
    )
    return without_tls(endpoint) if parameters.disable_https else endpoint


@lru_cache(maxsize=64)
def _signed_for(resolver: _Everywhere, region: str) -> Endpoint:
    return evolve(resolver.endpoint, signing_region=normalize_region(region)[0])

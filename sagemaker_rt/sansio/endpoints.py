"""Where requests go: partitions, and the endpoint rules of SageMaker Runtime."""

from __future__ import annotations

from attrs import frozen

__all__ = ["EndpointParameters", "EndpointResolverOptions"]


@frozen(kw_only=True)
class EndpointParameters:
    """What an endpoint is resolved from."""

    region: str | None = None
    use_fips: bool = False
    use_dualstack: bool = False
    endpoint_url: str | None = None
    """A URL that the caller gave; it is used as it is."""


@frozen(kw_only=True)
class EndpointResolverOptions:
    """What the first generation of resolvers is told beside the region."""

    disable_https: bool = False
    use_dualstack: bool = False
    use_fips: bool = False
    resolved_region: str | None = None
    """The region without a ``fips`` prefix or suffix."""
    log_deprecated: bool = False

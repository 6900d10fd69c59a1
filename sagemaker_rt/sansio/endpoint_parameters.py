"""The input of endpoint resolvers, of both generations."""

from __future__ import annotations

from attrs import field, frozen

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.sansio.endpoints import KeepPrefixes
from sagemaker_rt.sansio.redaction import without_user_info

__all__ = ["EndpointParameters", "EndpointResolverOptions"]


@frozen(kw_only=True, cache_hash=True)
class EndpointParameters:
    """The input of an endpoint resolver of the second generation."""

    region: str | None = None
    use_fips: bool = False
    use_dualstack: bool = False
    endpoint_url: str | KeepPrefixes | None = field(
        default=None, repr=without_user_info
    )
    """A custom URL; it is used unchanged."""
    allow_insecure: bool = False
    """Whether *endpoint_url* may use ``http`` for a host other than this machine."""
    disable_https: bool = False
    """Whether the scheme of the endpoint is changed to ``http``, for any host."""
    port: int | None = None
    """The port of the service's or local endpoint; None is the default port."""
    is_http2: bool = False
    """Whether the call is a stream in both directions, which has other endpoints."""
    endpoint_name: str | None = field(default=None, eq=False)
    """The SageMaker endpoint of the call; None outside a call. Like the next two, it
    does not count when parameters are compared."""
    attempt: int = field(default=1, eq=False)
    """The number of the attempt, from 1."""
    last_failure: SageMakerRuntimeError | None = field(default=None, eq=False)
    """The error of the attempt before; None in the first."""


@frozen(kw_only=True, eq=False, repr=False)
class EndpointResolverOptions(FrozenValue):
    """The input of an endpoint resolver of the first generation, besides the region."""

    disable_https: bool = False
    use_dualstack: bool = False
    use_fips: bool = False
    resolved_region: str | None = None
    """The region without a ``fips`` prefix or suffix."""
    log_deprecated: bool = False
    endpoint_name: str | None = field(default=None, eq=False)
    """The SageMaker endpoint of the call; None outside a call."""

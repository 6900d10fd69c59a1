"""Where requests go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.interfaces import (
    EndpointResolver,
    EndpointResolverFunction,
    EndpointResolverV2,
)
from sagemaker_rt.options.checks import has_method, instance_of, is_bool, positive
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.sansio.endpoints import KeepPrefixes

__all__ = [
    "EndpointOptions",
]


def _is_endpoint_resolver(_: object, __: object, value: Any) -> None:
    from sagemaker_rt.endpoint_resolvers import (  # noqa: PLC0415 - if there is one
        endpoint_resolver_function,
    )

    endpoint_resolver_function(value)


def _is_endpoint_url(
    instance: object, attribute: Attribute[Any], value: object
) -> None:
    if isinstance(value, str):
        return
    from sagemaker_rt.sansio.endpoints import KeepPrefixes  # noqa: PLC0415 - as above

    instance_of(str, KeepPrefixes)(instance, attribute, value)


@frozen(kw_only=True)
class EndpointOptions:
    """Where requests go; the region is an option of its own."""

    endpoint_url: str | KeepPrefixes | None = field(
        default=None,
        validator=optional(_is_endpoint_url),
        repr=without_user_info,
    )
    """A URL to use instead of the region's; a path prefix in it is kept."""
    allow_insecure: bool = field(default=False, validator=is_bool)
    """Whether *endpoint_url* may be ``http`` to another machine."""
    use_fips_endpoint: bool | None = field(default=None, validator=optional(is_bool))
    use_dualstack_endpoint: bool | None = field(
        default=None, validator=optional(is_bool)
    )
    """Whether the host has IPv6 addresses as well."""
    use_ssl: bool = field(default=True, validator=is_bool)
    """False turns the endpoint's scheme into ``http``."""
    port: int | None = field(default=None, validator=optional(positive))
    ignore_configured_endpoint_urls: bool | None = field(
        default=None, validator=optional(is_bool)
    )
    """Whether endpoint URLs in the environment do not count."""
    endpoint_resolver: EndpointResolver | EndpointResolverFunction | None = field(
        default=None, validator=optional(_is_endpoint_resolver)
    )
    """First generation: asked first, by the middleware ``ResolveEndpoint``."""
    endpoint_resolver_v2: EndpointResolverV2 | None = field(
        default=None, validator=optional(has_method("resolve_endpoint"))
    )
    """Second generation: the service's rules, unless you give your own."""

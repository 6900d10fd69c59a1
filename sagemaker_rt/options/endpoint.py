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
from sagemaker_rt.options.setting import Setting
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.sansio.endpoints import KeepPrefixes

__all__ = [
    "EndpointOptions",
    "with_allow_insecure",
    "with_endpoint_resolver",
    "with_endpoint_resolver_v2",
    "with_endpoint_url",
    "with_ignore_configured_endpoint_urls",
    "with_port",
    "with_use_dualstack_endpoint",
    "with_use_fips_endpoint",
    "with_use_ssl",
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


def with_endpoint_url(endpoint_url: str | KeepPrefixes) -> Setting:
    """Send to *endpoint_url*, whatever the region; its path prefix is kept."""
    return Setting("endpoint_url", endpoint_url)


def with_allow_insecure(allow_insecure: bool = True) -> Setting:  # noqa: FBT001, FBT002 - a switch
    """Allow an ``http`` endpoint URL to another machine."""
    return Setting("allow_insecure", allow_insecure)


def with_use_fips_endpoint(use_fips_endpoint: bool = True) -> Setting:  # noqa: FBT001, FBT002 - a switch
    """Send to the region's FIPS endpoint."""
    return Setting("use_fips_endpoint", use_fips_endpoint)


def with_use_dualstack_endpoint(use_dualstack_endpoint: bool = True) -> Setting:  # noqa: FBT001, FBT002 - a switch
    """Send to the region's endpoint with IPv6 addresses."""
    return Setting("use_dualstack_endpoint", use_dualstack_endpoint)


def with_use_ssl(use_ssl: bool) -> Setting:  # noqa: FBT001 - a switch
    """Use ``http`` if False; meant for servers on this machine."""
    return Setting("use_ssl", use_ssl)


def with_port(port: int) -> Setting:
    """Send to another port than the scheme's."""
    return Setting("port", port)


def with_ignore_configured_endpoint_urls(
    ignore_configured_endpoint_urls: bool = True,  # noqa: FBT001, FBT002 - a switch
) -> Setting:
    """Leave endpoint URLs in the environment out of account."""
    return Setting("ignore_configured_endpoint_urls", ignore_configured_endpoint_urls)


def with_endpoint_resolver(
    endpoint_resolver: EndpointResolver | EndpointResolverFunction,
) -> Setting:
    """Ask *endpoint_resolver* first: an object, or a function, plain or async."""
    return Setting("endpoint_resolver", endpoint_resolver)


def with_endpoint_resolver_v2(endpoint_resolver_v2: EndpointResolverV2) -> Setting:
    """Resolve endpoints by *endpoint_resolver_v2* instead of the service's rules."""
    return Setting("endpoint_resolver_v2", endpoint_resolver_v2)

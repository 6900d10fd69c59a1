"""Options for the endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import Attribute, field, frozen
from attrs.validators import optional

from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.interfaces import (
    EndpointResolver,
    EndpointResolverFunction,
    EndpointResolverV2,
)
from sagemaker_rt.options.checks import has_method, instance_of, is_bool, positive
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from sagemaker_rt.sansio.endpoints import KeepPrefixes

__all__ = ["EndpointOptions"]


def _is_endpoint_resolver(_: object, __: object, value: Any) -> None:
    from sagemaker_rt.endpoint_resolvers import (  # noqa: PLC0415 - rarely needed
        endpoint_resolver_function,
    )

    endpoint_resolver_function(value)


def _is_endpoint_url(
    instance: object, attribute: Attribute[Any], value: object
) -> None:
    if isinstance(value, str):
        return
    from sagemaker_rt.sansio.endpoints import KeepPrefixes  # noqa: PLC0415 - rarely needed

    instance_of(str, KeepPrefixes)(instance, attribute, value)


@frozen(kw_only=True, eq=False, repr=False)
class EndpointOptions(FrozenValue):
    """Options for the endpoint. See also ``region``."""

    endpoint_url: str | KeepPrefixes | None = field(
        default=None,
        validator=optional(_is_endpoint_url),
        repr=without_user_info,
    )
    """The URL of the endpoint; the default follows from the region. A path prefix in it
    is kept."""
    allow_insecure: bool = field(default=False, validator=is_bool)
    """Whether *endpoint_url* may use ``http`` to a host other than this machine."""
    use_fips_endpoint: bool | None = field(default=None, validator=optional(is_bool))
    """Whether to use the endpoint with FIPS 140 cryptography. Unset means no."""
    use_dualstack_endpoint: bool | None = field(
        default=None, validator=optional(is_bool)
    )
    """Whether to use the endpoint with IPv6 and IPv4 addresses. Unset means no."""
    use_ssl: bool = field(default=True, validator=is_bool)
    """Whether to use ``https``; False changes the scheme of the endpoint to
    ``http``."""
    port: int | None = field(default=None, validator=optional(positive))
    """The port of the endpoint; the default is that of the URL or its scheme."""
    ignore_configured_endpoint_urls: bool | None = field(
        default=None, validator=optional(is_bool)
    )
    """Whether endpoint URLs in the environment and the shared files are ignored. Unset
    means no."""
    endpoint_resolver: EndpointResolver | EndpointResolverFunction | None = field(
        default=None, validator=optional(_is_endpoint_resolver)
    )
    """A resolver of Go's first generation: an object, or a plain or async function. The
    middleware ``ResolveEndpoint`` calls it before *endpoint_resolver_v2*."""
    endpoint_resolver_v2: EndpointResolverV2 | None = field(
        default=None, validator=optional(has_method("resolve_endpoint"))
    )
    """A resolver of Go's second generation; the default applies the rules of the
    service."""

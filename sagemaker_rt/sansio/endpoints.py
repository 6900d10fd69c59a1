"""Where requests go: partitions, and the endpoint rules of SageMaker Runtime.

::

    endpoint_url ───────────────────────▶ as it is, but with neither FIPS nor dualstack
    region ──▶ partition ──▶ its suffix ▶ https://runtime.sagemaker.{region}.{suffix}
    neither ────────────────────────────▶ EndpointResolutionError
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.redaction import without_user_info

__all__ = [
    "LOCAL",
    "PARTITIONS",
    "EndpointParameters",
    "EndpointResolverOptions",
    "KeepPrefixes",
    "Partition",
    "normalize_region",
    "partition_of",
    "require_encryption",
    "resolve_endpoint",
    "without_tls",
]

LOCAL: Final = "local"
"""The region that stands for a server on this machine."""
# SageMaker's own containers listen on that port
_LOCAL_PORT: Final = 8080
_LOCAL_SIGNING_REGION: Final = "us-east-1"


@frozen
class KeepPrefixes:
    """An endpoint URL of which only the end is the caller's.

    ``KeepPrefixes("example.com")`` stands for
    ``https://runtime.sagemaker.{region}.example.com``.

    Raises:
        EndpointResolutionError: *host* is not ``host[:port]``.
    """

    host: str

    def __attrs_post_init__(self) -> None:
        endpoint = Endpoint(f"https://{self.host}")
        if "/" in self.host or endpoint.host.startswith("["):
            message = f"{self.host!r} cannot end a host name; give host[:port]"
            raise EndpointResolutionError(message)


@frozen(kw_only=True, cache_hash=True)
class EndpointParameters:
    """What an endpoint is resolved from."""

    region: str | None = None
    use_fips: bool = False
    use_dualstack: bool = False
    endpoint_url: str | KeepPrefixes | None = field(
        default=None, repr=without_user_info
    )
    """A URL that the caller gave; it is used as it is."""
    allow_insecure: bool = False
    """Whether *endpoint_url* may be ``http`` to another machine."""
    disable_https: bool = False
    """Whether the endpoint's scheme becomes ``http``, to whichever machine."""
    port: int | None = None
    """The port of the service's endpoint, or of the local one; None is the usual."""


@frozen(kw_only=True)
class EndpointResolverOptions:
    """What the first generation of resolvers is told beside the region."""

    disable_https: bool = False
    use_dualstack: bool = False
    use_fips: bool = False
    resolved_region: str | None = None
    """The region without a ``fips`` prefix or suffix."""
    log_deprecated: bool = False


@frozen
class Partition:
    """A group of regions that share their accounts and the end of their host names."""

    id: str
    dns_suffix: str
    dualstack_suffix: str
    region_pattern: str
    """What its regions look like, those to come among them."""
    has_global_region: bool = True
    """Whether ``{id}-global``, which does not look like that, is one of them."""
    supports_fips: bool = True
    supports_dualstack: bool = True


PARTITIONS: Final = (
    Partition(
        "aws", "amazonaws.com", "api.aws", r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+"
    ),
    Partition(
        "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", r"cn-\w+-\d+"
    ),
    Partition(
        "aws-eusc",
        "amazonaws.eu",
        "api.amazonwebservices.eu",
        r"eusc-(de)-\w+-\d+",
        has_global_region=False,
    ),
    Partition("aws-iso", "c2s.ic.gov", "api.aws.ic.gov", r"us-iso-\w+-\d+"),
    Partition("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", r"us-isob-\w+-\d+"),
    Partition(
        "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", r"eu-isoe-\w+-\d+"
    ),
    Partition("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", r"us-isof-\w+-\d+"),
    Partition("aws-us-gov", "amazonaws.com", "api.aws", r"us-gov-\w+-\d+"),
)
_AWS: Final = PARTITIONS[0]

_SERVICE: Final = "runtime.sagemaker"
_FIPS: Final = "runtime.sagemaker-fips"
# where FIPS without dualstack has a name of its own
_OWN_FIPS: Final = {"aws": "runtime-fips.sagemaker", "aws-us-gov": "runtime.sagemaker"}
# by use_fips and use_dualstack, in the words of the service's rule set
_UNSUPPORTED: Final = {
    (True, True): "FIPS and DualStack are enabled, "
    "but this partition does not support one or both",
    (True, False): "FIPS is enabled but this partition does not support FIPS",
    (False, True): "DualStack is enabled but this partition does not support DualStack",
}
_HOST_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_MAX_PORT: Final = 65_535
_MISSING_REGION: Final = (
    "Invalid Configuration: Missing Region; give region='us-east-1', say, "
    "or set AWS_REGION or the region of your profile"
)


def partition_of(region: str) -> Partition:
    """Return the partition that *region* belongs to; ``aws`` for an unknown one."""
    for partition in PARTITIONS:
        if partition.has_global_region and region == f"{partition.id}-global":
            return partition
        if re.fullmatch(partition.region_pattern, region, re.ASCII):
            return partition
    return _AWS


def normalize_region(region: str) -> tuple[str, bool]:
    """Return *region* without ``fips``, and whether that was a part of it.

    ``fips-us-east-1`` and ``us-east-1-fips`` are older names for the FIPS endpoint of
    ``us-east-1``.

    Raises:
        EndpointResolutionError: *region* could not be a label of a host name.
    """
    kept = "-".join(part for part in region.split("-") if part != "fips")
    plain = kept or region
    if not _HOST_LABEL.fullmatch(plain):
        message = (
            f"region {region!r} is not a host label; "
            "give letters, digits and hyphens, such as 'us-east-1'"
        )
        raise EndpointResolutionError(message)
    return plain, plain != region


def resolve_endpoint(  # noqa: PLR0913 - what an endpoint is resolved from
    region: str | None,
    *,
    use_fips: bool = False,
    use_dualstack: bool = False,
    endpoint_url: str | KeepPrefixes | None = None,
    allow_insecure: bool = False,
    port: int | None = None,
) -> Endpoint:
    """Return where requests go, by the rules of SageMaker Runtime.

    The endpoint knows the region to sign for, unless *region* is None.

    Args:
        endpoint_url: Where else to go; *region* is then for signing only.
        allow_insecure: Whether *endpoint_url* may be ``http`` to another machine.
        port: In the place of the service's 443, or of 8080 in the region ``local``.

    Raises:
        EndpointResolutionError: The arguments contradict each other, or there is
            neither region nor URL.
    """
    if region:
        region, is_fips = normalize_region(region)
        use_fips = use_fips or is_fips
    if endpoint_url is not None:
        endpoint = _custom(endpoint_url, region)
        _require_plain(endpoint, port, use_fips=use_fips, use_dualstack=use_dualstack)
        require_encryption(endpoint, allow_insecure=allow_insecure)
        return endpoint
    if not region:
        raise EndpointResolutionError(_MISSING_REGION)
    if region == LOCAL:
        return _local(port, is_plain=not (use_fips or use_dualstack))
    partition = partition_of(region)
    host = _host(partition, region, use_fips=use_fips, use_dualstack=use_dualstack)
    return Endpoint(
        f"https://{host}{_suffix(port)}",
        signing_region=region,
        partition_id=partition.id,
    )


def require_encryption(endpoint: Endpoint, *, allow_insecure: bool) -> None:
    """Refuse an *endpoint* that is ``http`` and not on this machine.

    Raises:
        EndpointResolutionError: It is, and *allow_insecure* does not let it pass.
    """
    if allow_insecure or endpoint.url.startswith("https:"):
        return
    host = urlsplit(endpoint.url).hostname or ""
    if not _is_loopback(host):
        message = (
            f"endpoint URL {endpoint.url!r} is not encrypted, and {host!r} is not this "
            "machine; use https, or allow_insecure=True"
        )
        raise EndpointResolutionError(message)


def without_tls(endpoint: Endpoint) -> Endpoint:
    """Return *endpoint* with the scheme ``http``, unless its host is immutable.

    A port that the URL names stays; one that it does not name becomes 80.
    """
    if endpoint.hostname_immutable or endpoint.url.startswith("http:"):
        return endpoint
    return evolve(endpoint, url=endpoint.url.replace("https", "http", 1))


def _custom(url: str | KeepPrefixes, region: str | None) -> Endpoint:
    """Return the endpoint at the caller's *url*."""
    if isinstance(url, KeepPrefixes):
        if not region:
            raise EndpointResolutionError(_MISSING_REGION)
        url = f"https://{_SERVICE}.{region}.{url.host}"
    signing_region = _LOCAL_SIGNING_REGION if region == LOCAL else region
    return Endpoint(url, signing_region=signing_region or None, source="custom")


def _require_plain(
    endpoint: Endpoint, port: int | None, *, use_fips: bool, use_dualstack: bool
) -> None:
    """Refuse what would change the host or port of the caller's own URL."""
    if use_fips:
        variant, option = "FIPS", "use_fips"
    elif use_dualstack:
        variant, option = "Dualstack", "use_dualstack"
    elif port is not None:
        variant, option = "port", "port"
    else:
        return
    message = (
        f"Invalid Configuration: {variant} and custom endpoint are not supported; "
        f"leave {option} out, or the endpoint URL {endpoint.url!r}"
    )
    raise EndpointResolutionError(message)


def _local(port: int | None, *, is_plain: bool) -> Endpoint:
    """Return the endpoint on this machine."""
    if not is_plain:
        message = (
            f"region {LOCAL!r} has no FIPS and no dualstack endpoint; "
            "leave use_fips and use_dualstack out"
        )
        raise EndpointResolutionError(message)
    suffix = _suffix(_LOCAL_PORT if port is None else port)
    return Endpoint(f"http://localhost{suffix}", signing_region=_LOCAL_SIGNING_REGION)


def _host(
    partition: Partition, region: str, *, use_fips: bool, use_dualstack: bool
) -> str:
    """Return the name of the service's host in *region*."""
    is_supported = (partition.supports_fips or not use_fips) and (
        partition.supports_dualstack or not use_dualstack
    )
    if not is_supported:
        message = (
            f"{_UNSUPPORTED[use_fips, use_dualstack]}: region {region!r} is in "
            f"partition {partition.id!r}; leave the option out"
        )
        raise EndpointResolutionError(message)
    if use_dualstack:
        name = _FIPS if use_fips else _SERVICE
        return f"{name}.{region}.{partition.dualstack_suffix}"
    name = _OWN_FIPS.get(partition.id, _FIPS) if use_fips else _SERVICE
    return f"{name}.{region}.{partition.dns_suffix}"


def _suffix(port: int | None) -> str:
    """Return what *port* adds to a host."""
    if port is None:
        return ""
    if not 1 <= port <= _MAX_PORT:
        message = f"port {port!r} is no TCP port; give 1 to {_MAX_PORT}"
        raise EndpointResolutionError(message)
    return f":{port}"


def _is_loopback(host: str) -> bool:
    """Tell whether *host* can be nobody else's; a name but ``localhost`` could be."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

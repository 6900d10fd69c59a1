"""Endpoint rules of SageMaker Runtime, and the partitions of AWS.

::

    endpoint_url ───────────────────────▶ unchanged; excludes FIPS and dualstack
    region ──▶ partition ──▶ DNS suffix ▶ https://runtime.sagemaker.{region}.{suffix}
    neither ────────────────────────────▶ EndpointResolutionError

The rules are those of the endpoint rule set of the service (``endpoint-rule-set-1`` and
``partitions`` in botocore).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from attrs import evolve, frozen

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.http2_endpoints import (
    HTTP2_FIPS_PREFIX,
    http2_port,
    require_http2_port,
)
from sagemaker_rt.sansio.region_names import suggest_region

__all__ = [
    "LOCAL",
    "PARTITIONS",
    "KeepPrefixes",
    "Partition",
    "normalize_region",
    "partition_of",
    "require_encryption",
    "resolve_endpoint",
    "without_tls",
]

LOCAL: Final = "local"
"""The name of a region for a server on this machine."""
# the port on which SageMaker containers listen
_LOCAL_PORT: Final = 8080
_LOCAL_SIGNING_REGION: Final = "us-east-1"


@frozen(eq=False, repr=False)
class KeepPrefixes(FrozenValue):
    """A custom end of the host name, after the prefixes of the service.

    ``KeepPrefixes("example.com")`` stands for the endpoint URL
    ``https://runtime.sagemaker.{region}.example.com``.

    Raises:
        EndpointResolutionError: *host* does not have the form ``host[:port]``.
    """

    host: str

    def __attrs_post_init__(self) -> None:
        endpoint = Endpoint(f"https://{self.host}")
        if "/" in self.host or endpoint.host.startswith("["):
            message = f"{self.host!r} cannot be the end of a host name; use host[:port]"
            raise EndpointResolutionError(message)


class Partition(NamedTuple):
    """A group of regions with common accounts and a common DNS suffix."""

    id: str
    dns_suffix: str
    dualstack_suffix: str
    region_pattern: str
    """Matches the names of its regions, including future ones."""
    has_global_region: bool = True
    """Whether ``{id}-global`` is one of its regions, although it does not match."""
    supports_fips: bool = True
    supports_dualstack: bool = True


# botocore: partitions.json; the conformance tests compare them
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

_HOST_PREFIX: Final = "runtime.sagemaker"
_FIPS_PREFIX: Final = "runtime.sagemaker-fips"
# partitions whose FIPS prefix differs if dualstack is off
_FIPS_PREFIXES: Final = {
    "aws": "runtime-fips.sagemaker",
    "aws-us-gov": "runtime.sagemaker",
}
# by use_fips and use_dualstack, with the error messages of the rule set
_UNSUPPORTED: Final = {
    (True, True): "FIPS and DualStack are enabled, "
    "but this partition does not support one or both",
    (True, False): "FIPS is enabled but this partition does not support FIPS",
    (False, True): "DualStack is enabled but this partition does not support DualStack",
}
_HOST_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_MAX_PORT: Final = 65_535
_MISSING_REGION: Final = (
    "Invalid Configuration: Missing Region; set region='us-east-1', for example, "
    "or AWS_REGION, or region in the profile"
)


def partition_of(region: str) -> Partition:
    """Return the partition of *region*; ``aws`` for an unknown region."""
    for partition in PARTITIONS:
        if partition.has_global_region and region == f"{partition.id}-global":
            return partition
        if re.fullmatch(partition.region_pattern, region, re.ASCII):
            return partition
    return _AWS


def normalize_region(region: str) -> tuple[str, bool]:
    """Return *region* without ``fips``, and whether it contained ``fips``.

    ``fips-us-east-1`` and ``us-east-1-fips`` are old names of the FIPS endpoint of
    ``us-east-1``.

    Raises:
        EndpointResolutionError: *region* is a zone, or is not a valid label of a host
            name: ``example.com#`` would change the host.
    """
    plain = "-".join(part for part in region.split("-") if part != "fips") or region
    if (likely := suggest_region(plain)) is not None:
        message = f"region {region!r} is not a region; did you mean {likely!r}?"
        raise EndpointResolutionError(message)
    if not _HOST_LABEL.fullmatch(plain):
        message = (
            f"region {region!r} is not a host label; "
            "use letters, digits and hyphens, such as 'us-east-1'"
        )
        raise EndpointResolutionError(message)
    return plain, plain != region


def resolve_endpoint(  # noqa: PLR0913 - the input of the rule set
    region: str | None,
    *,
    use_fips: bool = False,
    use_dualstack: bool = False,
    endpoint_url: str | KeepPrefixes | None = None,
    allow_insecure: bool = False,
    port: int | None = None,
    is_http2: bool = False,
) -> Endpoint:
    """Return the endpoint by the rules of SageMaker Runtime.

    The endpoint has a signing region, unless *region* is None.

    Args:
        endpoint_url: A custom URL; *region* is then the signing region only.
        allow_insecure: Whether *endpoint_url* may use ``http`` for a host other than
            this machine.
        port: Replaces port 443, or 8443 for HTTP/2, or 8080 in the region ``local``.
        is_http2: Whether the rules are those of SageMaker Runtime HTTP2.

    Raises:
        EndpointResolutionError: The arguments contradict each other, or neither region
            nor URL is set.
    """
    if region:
        region, is_fips = normalize_region(region)
        use_fips = use_fips or is_fips
    if endpoint_url is not None:
        # As the rule set demands; botocore ignores FIPS and dualstack silently here.
        endpoint = _custom_endpoint(endpoint_url, region)
        _reject_variants(endpoint, port, use_fips=use_fips, use_dualstack=use_dualstack)
        require_encryption(endpoint, allow_insecure=allow_insecure)
        if is_http2:
            require_http2_port(endpoint)
        return endpoint
    if not region:
        raise EndpointResolutionError(_MISSING_REGION)
    if region == LOCAL:
        return _local_endpoint(port, has_variant=use_fips or use_dualstack)
    partition = partition_of(region)
    http2 = http2_port(partition.id) if is_http2 else None
    host = _host(
        partition,
        region,
        use_fips=use_fips,
        use_dualstack=use_dualstack,
        fips_prefix=None if http2 is None else HTTP2_FIPS_PREFIX,
    )
    port = http2 if port is None else port
    return Endpoint(
        f"https://{host}{_port_suffix(port)}",
        signing_region=region,
        partition_id=partition.id,
    )


def require_encryption(endpoint: Endpoint, *, allow_insecure: bool) -> None:
    """Reject ``http`` for a host other than this machine.

    Raises:
        EndpointResolutionError: *endpoint* uses ``http``, its host is not a loopback
            address, and *allow_insecure* is False.
    """
    if allow_insecure or endpoint.url.startswith("https:"):
        return
    host = urlsplit(endpoint.url).hostname or ""
    if not _is_loopback(host):
        message = (
            f"endpoint URL {endpoint.url!r} is not encrypted, and {host!r} is not this "
            "machine; use https, or set allow_insecure=True"
        )
        raise EndpointResolutionError(message)


def without_tls(endpoint: Endpoint) -> Endpoint:
    """Return *endpoint* with the scheme ``http``, unless its host is immutable.

    An explicit port stays. The default port changes from 443 to 80.
    """
    if endpoint.hostname_immutable or endpoint.url.startswith("http:"):
        return endpoint
    # Only the first match is the scheme; a host or path may contain "https" too.
    return evolve(endpoint, url=endpoint.url.replace("https", "http", 1))


def _custom_endpoint(url: str | KeepPrefixes, region: str | None) -> Endpoint:
    if isinstance(url, KeepPrefixes):
        if not region:
            raise EndpointResolutionError(_MISSING_REGION)
        url = f"https://{_HOST_PREFIX}.{region}.{url.host}"
    # "local" is not an AWS region, but a signature needs one.
    signing_region = _LOCAL_SIGNING_REGION if region == LOCAL else region
    return Endpoint(url, signing_region=signing_region or None, source="custom")


def _reject_variants(
    endpoint: Endpoint, port: int | None, *, use_fips: bool, use_dualstack: bool
) -> None:
    """Reject options that would change the host or port of a custom URL."""
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
        f"remove {option} or the endpoint URL {endpoint.url!r}"
    )
    raise EndpointResolutionError(message)


def _local_endpoint(port: int | None, *, has_variant: bool) -> Endpoint:
    if has_variant:
        message = (
            f"region {LOCAL!r} has no FIPS and no dualstack endpoint; "
            "remove use_fips and use_dualstack"
        )
        raise EndpointResolutionError(message)
    suffix = _port_suffix(_LOCAL_PORT if port is None else port)
    return Endpoint(f"http://localhost{suffix}", signing_region=_LOCAL_SIGNING_REGION)


def _host(
    partition: Partition,
    region: str,
    *,
    use_fips: bool,
    use_dualstack: bool,
    fips_prefix: str | None = None,
) -> str:
    """Return the host name of the service in *region*.

    Args:
        fips_prefix: The start of all names for FIPS; by default, that of the partition.
    """
    is_supported = (partition.supports_fips or not use_fips) and (
        partition.supports_dualstack or not use_dualstack
    )
    if not is_supported:
        message = (
            f"{_UNSUPPORTED[use_fips, use_dualstack]}: region {region!r} is in "
            f"partition {partition.id!r}; remove the option"
        )
        raise EndpointResolutionError(message)
    suffix = partition.dualstack_suffix if use_dualstack else partition.dns_suffix
    prefix = _HOST_PREFIX
    if use_fips:
        default = _FIPS_PREFIX
        if not use_dualstack:
            default = _FIPS_PREFIXES.get(partition.id, _FIPS_PREFIX)
        prefix = fips_prefix or default
    return f"{prefix}.{region}.{suffix}"


def _port_suffix(port: int | None) -> str:
    if port is None:
        return ""
    if not 1 <= port <= _MAX_PORT:
        message = f"port {port!r} is not a TCP port; use 1 to {_MAX_PORT}"
        raise EndpointResolutionError(message)
    return f":{port}"


def _is_loopback(host: str) -> bool:
    """Return whether *host* is certainly this machine.

    Of names, only ``localhost`` is: other names are resolved, to any address.
    """
    if host.removesuffix(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

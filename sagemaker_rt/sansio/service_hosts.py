"""Host names of the services that issue credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sagemaker_rt.sansio.endpoints import normalize_region, partition_of

__all__ = ["service_host", "sign_in_host"]

_COGNITO: Final = "cognito-identity"
# In these regions the FIPS endpoint of Cognito is dual-stack.
_COGNITO_FIPS_REGIONS: Final = frozenset(
    {"us-east-1", "us-east-2", "us-west-1", "us-west-2"}
)
# after {region}.signin., by partition; other services have other suffixes
_SIGN_IN_SUFFIXES: Final[Mapping[str, str]] = {
    "aws": "aws.amazon.com",
    "aws-cn": "amazonaws.cn",
    "aws-eusc": "amazonaws-eusc.eu",
    "aws-iso": "c2shome.ic.gov",
    "aws-iso-b": "sc2shome.sgov.gov",
    "aws-iso-e": "csphome.adc-e.uk",
    "aws-iso-f": "csphome.hci.ic.gov",
    "aws-us-gov": "amazonaws-us-gov.com",
}


def service_host(
    prefix: str,
    region: str,
    *,
    use_fips: bool = False,
    use_dualstack: bool = False,
) -> str:
    """Return the host of a service, by the endpoint rules in botocore's data.

    Args:
        prefix: The part of the host before the region, such as ``sts``.
        region: The region; ``fips-us-east-1`` also selects FIPS.

    Raises:
        EndpointResolutionError: The region is not a host label.
    """
    region, is_fips_region = normalize_region(region)
    use_fips = use_fips or is_fips_region
    partition = partition_of(region)
    if prefix == _COGNITO and partition.id == "aws":
        # its usual endpoint is dual-stack
        use_dualstack = (
            use_dualstack and use_fips and region not in _COGNITO_FIPS_REGIONS
        )
    # the usual endpoints of GovCloud are FIPS endpoints
    is_fips_anyway = partition.id == "aws-us-gov" and prefix != _COGNITO
    if use_fips and (use_dualstack or not is_fips_anyway):
        prefix = f"{prefix}-fips"
    suffix = partition.dualstack_suffix if use_dualstack else partition.dns_suffix
    return f"{prefix}.{region}.{suffix}"


def sign_in_host(
    region: str, *, use_fips: bool = False, use_dualstack: bool = False
) -> str:
    """Return the host of the sign-in service, by its endpoint rules.

    Args:
        region: The region; ``fips-us-east-1`` also selects FIPS.

    Raises:
        EndpointResolutionError: The region is not a host label.
    """
    plain, is_fips_region = normalize_region(region)
    use_fips = use_fips or is_fips_region
    partition = partition_of(plain)
    suffix = _SIGN_IN_SUFFIXES[partition.id]
    if not use_fips and not use_dualstack:
        return f"{plain}.signin.{suffix}"
    if partition.id == "aws-us-gov" and not use_dualstack:
        of_region = "" if plain == "us-gov-west-1" else f"{plain}."
        return f"{of_region}signin-fips.{suffix}"
    return service_host("signin", plain, use_fips=use_fips, use_dualstack=use_dualstack)

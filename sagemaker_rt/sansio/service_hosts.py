"""Host names of the services that issue credentials."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.sansio.endpoints import normalize_region, partition_of

__all__ = ["service_host"]

_COGNITO: Final = "cognito-identity"
# In these regions the FIPS endpoint of Cognito is dual-stack.
_COGNITO_FIPS_REGIONS: Final = frozenset(
    {"us-east-1", "us-east-2", "us-west-1", "us-west-2"}
)


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

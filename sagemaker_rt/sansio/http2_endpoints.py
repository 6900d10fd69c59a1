"""Where the rules of SageMaker Runtime HTTP2 differ from those of SageMaker Runtime.

Streams in both directions are in a second service model, whose endpoints have port 8443
and another host name for FIPS.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.http import Endpoint

__all__ = ["HTTP2_FIPS_PREFIX", "http2_port", "require_http2_port"]

HTTP2_FIPS_PREFIX: Final = "runtime-fips.sagemaker"
"""The start of the host name of FIPS endpoints, with and without dualstack."""
_PORT: Final = 8443
_PARTITIONS_WITHOUT_PORT: Final = frozenset({"aws-iso-e"})
_HTTPS_PORT: Final = 443
_HOST_OF_AWS: Final = (
    r"(?s:.*\.)?runtime(-fips)?\.sagemaker(-fips)?\..*"
    r"\.(amazonaws\.(com|com\.cn|eu)|amazonwebservices\.(com\.cn|eu)|api\.aws)\.?"
)


def http2_port(partition_id: str) -> int | None:
    """Return the port of the endpoints in a partition; None for the default of HTTPS.

    The endpoints of the partition without a port have the host names of SageMaker
    Runtime.
    """
    return None if partition_id in _PARTITIONS_WITHOUT_PORT else _PORT


def require_http2_port(endpoint: Endpoint) -> None:
    """Reject a URL of AWS with the port of SageMaker Runtime.

    That port accepts a stream in both directions, and never responds.

    Raises:
        EndpointResolutionError: The host is one of AWS, and the port is 443.
    """
    parts = urlsplit(endpoint.url)
    port = parts.port or _HTTPS_PORT
    if port == _HTTPS_PORT and re.fullmatch(_HOST_OF_AWS, parts.hostname or ""):
        message = (
            f"endpoint URL {endpoint.url!r} does not serve streams in both directions; "
            f"use port {_PORT}, or remove the URL"
        )
        raise EndpointResolutionError(message)

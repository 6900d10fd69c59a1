"""Each environment variable of botocore is read here, or omitted for a reason.

The names are those in the source of botocore.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import botocore

import sagemaker_rt
from sagemaker_rt.config.option_sources import OPTION_SOURCES

VARIABLE: Final = re.compile(r"""['"]((?:AWS|BOTOCORE)_[A-Z0-9_]+)['"]""")

OMITTED: Final = {
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "endpoints of this service have no account id",
    "AWS_CREDENTIAL_FILE": "the format before the shared files",
    "AWS_DATA_PATH": "no service models are loaded",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "no operation has a host prefix",
    "AWS_DISABLE_REQUEST_COMPRESSION": "compression is enabled in code",
    "AWS_EC2_METADATA_V1_DISABLED": "version 1 of the protocol is not supported",
    "AWS_ENDPOINT_DISCOVERY_ENABLED": "the service has no endpoint discovery",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "no operation has checksums",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "compression is enabled in code",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "no operation has checksums",
    "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH": "applies to S3",
    "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS": "applies to S3",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "applies to S3",
    "AWS_S3_USE_ARN_REGION": "applies to S3",
    "AWS_SIGV4A_SIGNING_REGION_SET": "the service does not support SigV4a",
    "AWS_STS_REGIONAL_ENDPOINTS": "the STS endpoint is that of the region",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "plugins of botocore",
    "BOTOCORE_TCP_KEEPALIVE": "keep-alive is set in code",
}
"""Variables that do not apply here, with the reason."""


def names_in(package: str, pattern: re.Pattern[str]) -> set[str]:
    files = Path(package).parent.rglob("*.py")
    return {name for file in files for name in pattern.findall(file.read_text("utf-8"))}


def test_each_variable_is_read_or_omitted_for_a_reason() -> None:
    of_botocore = names_in(botocore.__file__, VARIABLE)
    of_package = names_in(sagemaker_rt.__file__, VARIABLE)
    of_package |= {"AWS_ENDPOINT_URL_"}  # followed by the name of a service

    assert set() == of_botocore - of_package - OMITTED.keys()
    assert set() == OMITTED.keys() - of_botocore
    assert {
        name for source in OPTION_SOURCES for name in source.variables
    } - of_package <= {
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "no_proxy",
        "NO_PROXY",
    }


def test_an_omitted_variable_is_not_read() -> None:
    assert set() == OMITTED.keys() & names_in(sagemaker_rt.__file__, VARIABLE)

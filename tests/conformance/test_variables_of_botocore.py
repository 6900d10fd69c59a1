"""What botocore looks at in the environment is read here, or has a reason not to be.

The oracle is botocore's own source: the names of variables that stand in it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import botocore

import sagemaker_rt
from sagemaker_rt.config.option_sources import OPTION_SOURCES

VARIABLE: Final = re.compile(r"""['"]((?:AWS|BOTOCORE)_[A-Z0-9_]+)['"]""")

WITHOUT: Final = {
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "no endpoint of this service has an account's id",
    "AWS_CREDENTIAL_FILE": "a format that came before the shared files",
    "AWS_DATA_PATH": "there are no models to load",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "no operation has a host prefix",
    "AWS_DISABLE_REQUEST_COMPRESSION": "requests are compressed where code says so",
    "AWS_EC2_METADATA_V1_DISABLED": "its first version is never spoken",
    "AWS_ENDPOINT_DISCOVERY_ENABLED": "there is no operation to discover endpoints by",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "no operation has checksums",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "as of AWS_DISABLE_REQUEST_COMPRESSION",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "no operation has checksums",
    "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH": "of S3",
    "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS": "of S3",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "of S3",
    "AWS_S3_USE_ARN_REGION": "of S3",
    "AWS_SIGV4A_SIGNING_REGION_SET": "the service has no signatures of that kind",
    "AWS_STS_REGIONAL_ENDPOINTS": "STS is asked in the region of the call",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "plugins of botocore's own",
    "BOTOCORE_TCP_KEEPALIVE": "connections are kept alive unless code says otherwise",
}
"""What has no meaning here, and why."""


def names_in(package: str, pattern: re.Pattern[str]) -> set[str]:
    files = Path(package).parent.rglob("*.py")
    return {name for file in files for name in pattern.findall(file.read_text("utf-8"))}


def test_every_variable_is_read_or_has_a_reason() -> None:
    theirs = names_in(botocore.__file__, VARIABLE)
    ours = names_in(sagemaker_rt.__file__, VARIABLE)
    ours |= {"AWS_ENDPOINT_URL_"}  # in which the name of a service is put

    assert set() == theirs - ours - WITHOUT.keys()
    assert set() == WITHOUT.keys() - theirs
    assert {name for source in OPTION_SOURCES for name in source.variables} - ours <= {
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "no_proxy",
        "NO_PROXY",
    }


def test_what_has_a_reason_is_not_read() -> None:
    assert set() == WITHOUT.keys() & names_in(sagemaker_rt.__file__, VARIABLE)

"""The endpoints of streams in both directions."""

from __future__ import annotations

import pytest

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.http2_endpoints import http2_port, require_http2_port


def test_the_port_is_that_of_the_partition() -> None:
    assert 8443 == http2_port("aws")
    assert http2_port("aws-iso-e") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://runtime.sagemaker.us-east-1.amazonaws.com",
        "https://runtime.sagemaker.us-east-1.amazonaws.com:443",
        "https://runtime.sagemaker.us-east-1.amazonaws.com.",
        "https://runtime-fips.sagemaker.us-east-1.api.aws",
        "https://runtime.sagemaker.cn-north-1.amazonaws.com.cn",
        "https://vpce-1-a.runtime.sagemaker.us-east-1.vpce.amazonaws.com",
    ],
)
def test_a_host_of_aws_with_the_other_port_is_refused(url: str) -> None:
    with pytest.raises(EndpointResolutionError):
        require_http2_port(Endpoint(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://runtime.sagemaker.us-east-1.amazonaws.com:8443",
        "https://runtime.sagemaker.example.com",
        "https://example.com",
        "http://localhost",
    ],
)
def test_other_urls_are_accepted(url: str) -> None:
    require_http2_port(Endpoint(url))

from __future__ import annotations

import pytest

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.sansio.service_hosts import service_host, sign_in_host


@pytest.mark.parametrize(
    ("prefix", "region", "fips", "dualstack", "host"),
    [
        ("sts", "eu-west-1", False, False, "sts.eu-west-1.amazonaws.com"),
        ("sts", "eu-west-1", True, False, "sts-fips.eu-west-1.amazonaws.com"),
        ("sts", "eu-west-1", False, True, "sts.eu-west-1.api.aws"),
        ("sts", "eu-west-1", True, True, "sts-fips.eu-west-1.api.aws"),
        ("sts", "fips-us-east-1", False, False, "sts-fips.us-east-1.amazonaws.com"),
        ("sts", "us-gov-west-1", True, False, "sts.us-gov-west-1.amazonaws.com"),
        ("sts", "us-gov-west-1", True, True, "sts-fips.us-gov-west-1.api.aws"),
        ("sts", "cn-north-1", False, False, "sts.cn-north-1.amazonaws.com.cn"),
        (
            "cognito-identity",
            "us-gov-west-1",
            True,
            False,
            "cognito-identity-fips.us-gov-west-1.amazonaws.com",
        ),
        (
            "cognito-identity",
            "us-east-1",
            True,
            True,
            "cognito-identity-fips.us-east-1.amazonaws.com",
        ),
        (
            "cognito-identity",
            "eu-west-1",
            True,
            True,
            "cognito-identity-fips.eu-west-1.api.aws",
        ),
        (
            "cognito-identity",
            "eu-west-1",
            False,
            True,
            "cognito-identity.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_the_host_of_a_service(
    prefix: str, region: str, *, fips: bool, dualstack: bool, host: str
) -> None:
    assert host == service_host(prefix, region, use_fips=fips, use_dualstack=dualstack)


def test_a_region_must_be_a_host_label() -> None:
    with pytest.raises(EndpointResolutionError):
        service_host("sts", "evil.example/")


@pytest.mark.parametrize(
    ("region", "fips", "dualstack", "host"),
    [
        ("eu-west-1", False, False, "eu-west-1.signin.aws.amazon.com"),
        ("eu-west-1", True, False, "signin-fips.eu-west-1.amazonaws.com"),
        ("eu-west-1", False, True, "signin.eu-west-1.api.aws"),
        ("eu-west-1", True, True, "signin-fips.eu-west-1.api.aws"),
        ("fips-us-east-1", False, False, "signin-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", True, False, "signin-fips.amazonaws-us-gov.com"),
        (
            "us-gov-east-1",
            True,
            False,
            "us-gov-east-1.signin-fips.amazonaws-us-gov.com",
        ),
        ("us-gov-west-1", True, True, "signin-fips.us-gov-west-1.api.aws"),
    ],
)
def test_the_host_of_the_sign_in_service(
    region: str, *, fips: bool, dualstack: bool, host: str
) -> None:
    assert host == sign_in_host(region, use_fips=fips, use_dualstack=dualstack)

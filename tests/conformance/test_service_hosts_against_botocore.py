"""Hosts of the services that issue credentials, compared with botocore's."""

from __future__ import annotations

from functools import partial
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from sagemaker_rt.sansio.service_hosts import service_host, sign_in_host

PREFIXES = {
    "sts": ("sts", "AssumeRole"),
    "sso": ("portal.sso", "GetRoleCredentials"),
    "sso-oidc": ("oidc", "CreateToken"),
    "cognito-identity": ("cognito-identity", "GetId"),
    "signin": ("signin", "CreateOAuth2Token"),
}
REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "ca-central-1",
    "us-gov-west-1",
    "us-gov-east-1",
    "cn-north-1",
    "us-iso-east-1",
)


@pytest.fixture(scope="module")
def session() -> Any:
    return botocore.session.get_session()


@pytest.mark.parametrize("service", PREFIXES)
@pytest.mark.parametrize("region", REGIONS)
def test_the_host_is_that_of_botocore(session: Any, service: str, region: str) -> None:
    prefix, operation = PREFIXES[service]
    for fips in (False, True):
        for dualstack in (False, True):
            client = session.create_client(
                service,
                region_name=region,
                aws_access_key_id="AKID",
                aws_secret_access_key="a-secret",
                config=Config(use_fips_endpoint=fips, use_dualstack_endpoint=dualstack),
            )
            endpoint = client._ruleset_resolver.construct_endpoint(
                operation_model=client.meta.service_model.operation_model(operation),
                call_args={},
                request_context={
                    "client_region": region,
                    "client_config": client.meta.config,
                },
            )

            find = (
                sign_in_host if service == "signin" else partial(service_host, prefix)
            )
            host = find(region, use_fips=fips, use_dualstack=dualstack)

            assert endpoint.url == f"https://{host}", (fips, dualstack)

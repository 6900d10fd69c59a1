"""Endpoint rules compared with botocore, for all regions that it knows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import botocore.session
import pytest
from botocore.config import Config
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

from sagemaker_rt.errors import EndpointResolutionError
from sagemaker_rt.sansio.endpoints import resolve_endpoint

SERVICE = "sagemaker-runtime"
UNKNOWN = ["moon-base-1", "us-east-99", "cn-new-7", "eusc-fr-1", "a", "0"]
URLS = [None, "https://example.com", "http://localhost:8080", "http://127.0.0.1/a/b"]

Resolve = Callable[..., str]


@pytest.fixture(scope="module")
def loader() -> botocore.loaders.Loader:
    return botocore.session.Session().get_component("data_loader")


@pytest.fixture(scope="module")
def regions(loader: botocore.loaders.Loader) -> list[str | None]:
    known = [
        region
        for partition in loader.load_data("partitions")["partitions"]
        for region in partition["regions"]
    ]
    return [*known, *UNKNOWN, None]


@pytest.fixture(scope="module")
def by_botocore(loader: botocore.loaders.Loader) -> Resolve:
    rules = loader.load_service_model(SERVICE, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, loader.load_data("partitions"))

    def resolve(
        region: str | None, *, fips: bool, dualstack: bool, url: str | None
    ) -> str:
        params = {"Region": region, "Endpoint": url}
        present = {name: value for name, value in params.items() if value is not None}
        try:
            return str(
                provider.resolve_endpoint(
                    **present, UseFIPS=fips, UseDualStack=dualstack
                ).url
            )
        except EndpointProviderError as error:
            return str(error)

    return resolve


def by_client(
    region: str | None, *, fips: bool, dualstack: bool, url: str | None
) -> str:
    try:
        return resolve_endpoint(
            region, use_fips=fips, use_dualstack=dualstack, endpoint_url=url
        ).url
    except EndpointResolutionError as error:
        return str(error).partition(";")[0]


def test_all_regions_and_variants_have_the_url_of_botocore(
    regions: list[str | None], by_botocore: Resolve
) -> None:
    parameters = list(product(regions, [False, True], [False, True], URLS))

    expected, actual = (
        {
            (region, fips, dualstack, url): resolve(
                region, fips=fips, dualstack=dualstack, url=url
            )
            for region, fips, dualstack, url in parameters
        }
        for resolve in (by_botocore, by_client)
    )

    assert expected == actual


@pytest.mark.parametrize(
    "region", ["fips-us-east-1", "us-gov-west-1-fips", "fips-cn-north-1"]
)
def test_regions_with_fips_have_the_url_of_botocore(region: str) -> None:
    client = botocore.session.Session().create_client(
        SERVICE,
        region_name=region,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(ignore_configured_endpoint_urls=True),
    )

    endpoint = resolve_endpoint(region)
    assert client.meta.endpoint_url == endpoint.url
    assert client.meta.region_name == endpoint.signing_region

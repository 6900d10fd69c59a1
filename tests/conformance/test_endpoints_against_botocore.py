"""Our endpoint rules beside botocore's, over every region that it knows."""

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
def theirs(loader: botocore.loaders.Loader) -> Resolve:
    rules = loader.load_service_model(SERVICE, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, loader.load_data("partitions"))

    def resolve(
        region: str | None, *, fips: bool, dualstack: bool, url: str | None
    ) -> str:
        given = {"Region": region, "Endpoint": url}
        present = {name: value for name, value in given.items() if value is not None}
        try:
            return str(
                provider.resolve_endpoint(
                    **present, UseFIPS=fips, UseDualStack=dualstack
                ).url
            )
        except EndpointProviderError as error:
            return str(error)

    return resolve


def ours(region: str | None, *, fips: bool, dualstack: bool, url: str | None) -> str:
    try:
        return resolve_endpoint(
            region, use_fips=fips, use_dualstack=dualstack, endpoint_url=url
        ).url
    except EndpointResolutionError as error:
        return str(error).partition(";")[0]


def test_every_region_and_variant_leads_to_the_same_url(
    regions: list[str | None], theirs: Resolve
) -> None:
    asked = list(product(regions, [False, True], [False, True], URLS))

    expected, actual = (
        {
            (region, fips, dualstack, url): resolve(
                region, fips=fips, dualstack=dualstack, url=url
            )
            for region, fips, dualstack, url in asked
        }
        for resolve in (theirs, ours)
    )

    assert expected == actual


@pytest.mark.parametrize(
    "region", ["fips-us-east-1", "us-gov-west-1-fips", "fips-cn-north-1"]
)
def test_pseudo_regions_lead_their_client_and_ours_to_the_same_url(region: str) -> None:
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

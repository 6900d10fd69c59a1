from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolver,
    DefaultEndpointResolverV2,
)
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.options.endpoint import EndpointOptions
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from sagemaker_rt.sansio.endpoints import KeepPrefixes

V1, V2 = DefaultEndpointResolver(), DefaultEndpointResolverV2()
PREFIXED = KeepPrefixes("example.com")


def everywhere(region: str, options: EndpointResolverOptions) -> Endpoint:
    return Endpoint("https://example.com")


def test_the_defaults() -> None:
    options = EndpointOptions()

    assert options.use_ssl
    assert not options.allow_insecure
    assert (None,) * 7 == (
        options.endpoint_url,
        options.use_fips_endpoint,
        options.use_dualstack_endpoint,
        options.port,
        options.ignore_configured_endpoint_urls,
        options.endpoint_resolver,
        options.endpoint_resolver_v2,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"endpoint_url": b"https://a.example"},
        {"allow_insecure": None},
        {"use_fips_endpoint": "yes"},
        {"use_dualstack_endpoint": 1},
        {"use_ssl": None},
        {"port": 0},
        {"ignore_configured_endpoint_urls": "true"},
        {"endpoint_resolver_v2": everywhere},
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        EndpointOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


def test_a_url_is_not_an_endpoint_resolver() -> None:
    fields: dict[str, Any] = {"endpoint_resolver": "https://a.example"}

    with pytest.raises(OptionsError, match="resolver"):
        EndpointOptions(**fields)

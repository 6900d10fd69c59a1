from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolver,
    DefaultEndpointResolverV2,
)
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.options import (
    Option,
    Options,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_options,
)
from sagemaker_rt.options.endpoint import EndpointOptions
from sagemaker_rt.sansio.endpoints import EndpointResolverOptions, KeepPrefixes

V1, V2 = DefaultEndpointResolver(), DefaultEndpointResolverV2()
PREFIXED = KeepPrefixes("example.com")


def everywhere(region: str, options: EndpointResolverOptions) -> Endpoint:
    return Endpoint("https://example.com")


def test_by_default_the_service_decides_and_encrypts() -> None:
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
    ("option", "name", "value"),
    [
        (
            with_options(endpoint_url="https://a.example"),
            "endpoint_url",
            "https://a.example",
        ),
        (with_options(endpoint_url=PREFIXED), "endpoint_url", PREFIXED),
        (with_options(allow_insecure=True), "allow_insecure", True),
        (with_options(use_fips_endpoint=True), "use_fips_endpoint", True),
        (with_options(use_fips_endpoint=False), "use_fips_endpoint", False),
        (with_options(use_dualstack_endpoint=True), "use_dualstack_endpoint", True),
        (with_options(use_ssl=False), "use_ssl", False),
        (with_options(port=8443), "port", 8443),
        (
            with_options(ignore_configured_endpoint_urls=True),
            "ignore_configured_endpoint_urls",
            True,
        ),
        (with_endpoint_resolver(V1), "endpoint_resolver", V1),
        (with_endpoint_resolver(everywhere), "endpoint_resolver", everywhere),
        (with_endpoint_resolver_v2(V2), "endpoint_resolver_v2", V2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_option_is_in_its_group(option: Option, name: str, value: object) -> None:
    assert value == getattr(option(Options()).endpoint, name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"endpoint_url": b"https://a.example"},
            "endpoint_url must be of type str or KeepPrefixes: b'https://a.example'",
        ),
        ({"allow_insecure": None}, "allow_insecure must be True or False: None"),
        (
            {"use_fips_endpoint": "yes"},
            "use_fips_endpoint must be True or False: 'yes'",
        ),
        (
            {"use_dualstack_endpoint": 1},
            "use_dualstack_endpoint must be True or False: 1",
        ),
        ({"use_ssl": None}, "use_ssl must be True or False: None"),
        ({"port": 0}, "port must be an int of at least 1: 0"),
        (
            {"ignore_configured_endpoint_urls": "true"},
            "ignore_configured_endpoint_urls must be True or False: 'true'",
        ),
        (
            {"endpoint_resolver": "https://a.example"},
            (
                "str is no endpoint resolver; give a function (region, options) -> "
                "Endpoint, or an object with resolve_endpoint"
            ),
        ),
        (
            {"endpoint_resolver_v2": everywhere},
            (
                "endpoint_resolver_v2 must be an object with a method "
                f"resolve_endpoint(): {everywhere!r}"
            ),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_value_that_cannot_be_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        EndpointOptions(**fields)

    assert message == str(caught.value)

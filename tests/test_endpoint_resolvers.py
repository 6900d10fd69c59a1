from __future__ import annotations

import pickle
from collections.abc import Awaitable

import pytest
from attrs import evolve

from sagemaker_rt.endpoint_resolvers import (
    AttemptEndpoints,
    DefaultEndpointResolver,
    DefaultEndpointResolverV2,
    endpoint_resolver_from_url,
    endpoint_resolver_function,
    require_endpoint,
)
from sagemaker_rt.errors import (
    EndpointNotFoundError,
    EndpointResolutionError,
    OptionsError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.interfaces import EndpointResolverV2
from sagemaker_rt.sansio.endpoint_parameters import (
    EndpointParameters,
    EndpointResolverOptions,
)

OPTIONS = EndpointResolverOptions()
CUSTOM = Endpoint("https://custom.example")


def resolved(endpoint: Endpoint | Awaitable[Endpoint]) -> Endpoint:
    """Return *endpoint*, which a plain resolver returned."""
    assert isinstance(endpoint, Endpoint)
    return endpoint


def test_parameters_are_resolved_by_the_rule_set() -> None:
    resolver: EndpointResolverV2 = DefaultEndpointResolverV2()

    endpoint = resolved(
        resolver.resolve_endpoint(
            EndpointParameters(region="us-east-1", use_fips=True, use_dualstack=True)
        )
    )

    assert "https://runtime.sagemaker-fips.us-east-1.api.aws" == endpoint.url


def test_all_parameters_are_used() -> None:
    resolver = DefaultEndpointResolverV2()
    plain = EndpointParameters(region="us-east-1")
    variants = [
        plain,
        evolve(plain, region="us-west-2"),
        evolve(plain, use_fips=True),
        evolve(plain, use_dualstack=True),
        evolve(plain, disable_https=True),
        evolve(plain, port=8443),
        evolve(plain, endpoint_url="http://example.com", allow_insecure=True),
    ]

    endpoints = [resolver.resolve_endpoint(variant) for variant in variants]

    assert [
        "https://runtime.sagemaker.us-east-1.amazonaws.com",
        "https://runtime.sagemaker.us-west-2.amazonaws.com",
        "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        "https://runtime.sagemaker.us-east-1.api.aws",
        "http://runtime.sagemaker.us-east-1.amazonaws.com",
        "https://runtime.sagemaker.us-east-1.amazonaws.com:8443",
        "http://example.com",
    ] == [endpoint.url for endpoint in endpoints]


def test_equal_parameters_lead_to_the_same_endpoint_object() -> None:
    one, other = DefaultEndpointResolverV2(), DefaultEndpointResolverV2()

    first = one.resolve_endpoint(EndpointParameters(region="eu-west-1"))
    second = other.resolve_endpoint(EndpointParameters(region="eu-west-1"))

    assert first is second


def test_conflicting_parameters_are_refused_each_time() -> None:
    resolver = DefaultEndpointResolverV2()
    parameters = EndpointParameters(use_fips=True, endpoint_url="https://example.com")

    for _ in range(2):
        with pytest.raises(EndpointResolutionError, match="FIPS"):
            resolver.resolve_endpoint(parameters)


@pytest.mark.parametrize(
    "resolver", [DefaultEndpointResolver(), DefaultEndpointResolverV2()]
)
def test_resolvers_are_hashable_and_can_be_pickled(resolver: object) -> None:
    again = pickle.loads(pickle.dumps(resolver))  # noqa: S301 - our own bytes

    assert {resolver} == {again}


@pytest.mark.parametrize(
    ("region", "options", "url"),
    [
        ("us-east-1", OPTIONS, "https://runtime.sagemaker.us-east-1.amazonaws.com"),
        (
            "us-east-1",
            EndpointResolverOptions(use_fips=True),
            "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            "us-east-1",
            EndpointResolverOptions(use_dualstack=True),
            "https://runtime.sagemaker.us-east-1.api.aws",
        ),
        (
            "us-east-1",
            EndpointResolverOptions(disable_https=True),
            "http://runtime.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            "us-east-1-fips",
            EndpointResolverOptions(resolved_region="us-east-1"),
            "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            "",
            EndpointResolverOptions(resolved_region="us-east-1"),
            "https://runtime.sagemaker.us-east-1.amazonaws.com",
        ),
    ],
)
def test_the_first_generation_uses_the_same_rule_set(
    region: str, options: EndpointResolverOptions, url: str
) -> None:
    endpoint = DefaultEndpointResolver().resolve_endpoint(region, options)

    assert url == endpoint.url


@pytest.mark.parametrize(
    ("region", "words"),
    [("", "Missing Region"), ("not a region", "not a host label")],
)
def test_an_invalid_region_is_not_found(region: str, words: str) -> None:
    with pytest.raises(EndpointNotFoundError, match=words):
        DefaultEndpointResolver().resolve_endpoint(region, OPTIONS)


def test_a_url_is_used_for_all_regions() -> None:
    resolver = endpoint_resolver_from_url("https://example.com/prefix")

    endpoints = [
        resolved(resolver.resolve_endpoint(region, OPTIONS))
        for region in ("us-east-1", "fips-eu-west-1", "")
    ]

    assert [("us-east-1"), ("eu-west-1"), None] == [e.signing_region for e in endpoints]
    assert {"https://example.com/prefix"} == {e.url for e in endpoints}
    assert {"custom"} == {e.source for e in endpoints}


def test_a_url_leads_to_the_same_endpoint_object_for_a_region() -> None:
    resolver = endpoint_resolver_from_url("https://example.com")

    first = resolver.resolve_endpoint("us-east-1", OPTIONS)
    second = resolver.resolve_endpoint("us-east-1", OPTIONS)

    assert first is second


def test_two_urls_have_different_endpoints() -> None:
    one = endpoint_resolver_from_url("https://one.example")
    other = endpoint_resolver_from_url("https://other.example")

    assert "https://one.example" == resolved(one.resolve_endpoint("r", OPTIONS)).url
    assert "https://other.example" == resolved(other.resolve_endpoint("r", OPTIONS)).url


def test_arguments_beside_the_url_are_in_the_endpoint() -> None:
    resolver = endpoint_resolver_from_url(
        "http://example.com",
        signing_name="execute-api",
        signing_region="eu-west-1",
        partition_id="aws",
        source="proxy",
        hostname_immutable=True,
        allow_insecure=True,
    )

    assert Endpoint(
        "http://example.com",
        signing_name="execute-api",
        signing_region="eu-west-1",
        partition_id="aws",
        source="proxy",
        hostname_immutable=True,
    ) == resolver.resolve_endpoint("us-east-1", OPTIONS)


@pytest.mark.parametrize(
    "url", ["http://example.com", "example.com", "https://example.com?a=b"]
)
def test_an_invalid_url_is_refused_when_the_resolver_is_created(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match="endpoint URL"):
        endpoint_resolver_from_url(url)


def test_a_url_is_not_signed_for_an_invalid_region() -> None:
    resolver = endpoint_resolver_from_url("https://example.com")

    with pytest.raises(EndpointResolutionError, match="us-east-1"):
        resolver.resolve_endpoint("us-east-1\r\nx-evil: 1", OPTIONS)


def test_a_function_is_a_resolver() -> None:
    def nowhere(region: str, options: EndpointResolverOptions) -> Endpoint:
        raise EndpointNotFoundError(region, options)

    assert endpoint_resolver_function(nowhere) is nowhere


def test_an_object_with_the_method_is_a_resolver() -> None:
    resolver = DefaultEndpointResolver()

    assert resolver.resolve_endpoint == endpoint_resolver_function(resolver)


def test_other_objects_are_refused_as_resolvers() -> None:
    with pytest.raises(OptionsError, match=r"endpoint_resolver.*not str"):
        endpoint_resolver_function("https://example.com")  # type: ignore[arg-type] # wrong


def test_an_endpoint_is_accepted_from_a_resolver() -> None:
    assert require_endpoint(CUSTOM) is CUSTOM


def test_another_result_of_a_resolver_is_refused_and_not_shown() -> None:
    with pytest.raises(EndpointResolutionError, match=r"not return str$"):
        require_endpoint("https://user:hunter2@example.com")


def test_a_subclass_of_the_default_resolver_gets_the_facts_of_each_attempt() -> None:
    attempts: list[int] = []

    class Recording(DefaultEndpointResolverV2):
        def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
            attempts.append(parameters.attempt)
            return super().resolve_endpoint(parameters)

    parameters = EndpointParameters(region="us-east-1")
    endpoints = AttemptEndpoints(Recording(), parameters)
    endpoints.resolve("model", 1, None)
    endpoints.resolve("model", 2, None)
    assert attempts == [1, 2]
    assert endpoints.fixed is None


def test_the_endpoint_of_the_default_resolver_is_known_after_the_first_attempt() -> (
    None
):
    parameters = EndpointParameters(region="us-east-1", disable_https=True)
    endpoints = AttemptEndpoints(DefaultEndpointResolverV2(), parameters)
    found = endpoints.resolve("model", 1, None)
    assert endpoints.fixed is found
    assert isinstance(found, Endpoint)
    assert found.url.startswith("http://")

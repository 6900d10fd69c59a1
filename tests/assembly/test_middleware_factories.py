from __future__ import annotations

import pytest

from sagemaker_rt.assembly.standard_stack import standard_stack
from sagemaker_rt.errors import (
    EndpointResolutionError,
    OptionsError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    Operation,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from tests.assembly.building import (
    components,
    everywhere,
    sent,
)


@pytest.mark.parametrize(
    "operation",
    [INVOKE_ENDPOINT_ASYNC, INVOKE_ENDPOINT_WITH_RESPONSE_STREAM],
    ids=lambda operation: operation.name,
)
def test_a_response_target_is_for_invoke_endpoint_only(operation: Operation) -> None:
    with pytest.raises(OptionsError, match="response_target"):
        standard_stack(operation, Options(response_target="answer"), components())


@pytest.mark.parametrize(
    ("options", "url"),
    [
        (
            Options(region="us-east-1", use_fips_endpoint=True),
            "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            Options(region="fips-us-east-1"),
            "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            Options(region="us-east-1", use_dualstack_endpoint=True),
            "https://runtime.sagemaker.us-east-1.api.aws",
        ),
        (
            Options(region="us-east-1", use_ssl=False),
            "http://runtime.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            Options(region="us-east-1", port=8443),
            "https://runtime.sagemaker.us-east-1.amazonaws.com:8443",
        ),
        (
            Options(region="us-east-1", endpoint_url="https://a.example/p/"),
            "https://a.example/p",
        ),
        (
            Options(
                region="us-east-1",
                endpoint_url="http://a.example",
                allow_insecure=True,
            ),
            "http://a.example",
        ),
        (
            Options(region="us-east-1", endpoint_resolver=everywhere),
            "https://us-east-1.example",
        ),
    ],
)
async def test_endpoint_options_set_the_url(options: Options, url: str) -> None:
    request = await sent(options, components())

    assert request.endpoint is not None
    assert url == request.endpoint.url


async def test_an_insecure_endpoint_is_refused_by_default() -> None:
    options = Options(region="us-east-1", endpoint_url="http://a.example")

    with pytest.raises(EndpointResolutionError, match=r"http://a\.example"):
        await sent(options, components())


async def test_a_v1_resolver_receives_all_options() -> None:
    calls: list[tuple[str, EndpointResolverOptions]] = []

    def resolver(region: str, options: EndpointResolverOptions) -> Endpoint:
        calls.append((region, options))
        return Endpoint("https://a.example")

    options = Options(
        region="fips-us-east-1",
        use_dualstack_endpoint=True,
        use_ssl=False,
        endpoint_resolver=resolver,
    )
    request = await sent(options, components())

    expected = EndpointResolverOptions(
        disable_https=True,
        use_dualstack=True,
        use_fips=True,
        resolved_region="us-east-1",
    )
    assert [("us-east-1", expected)] == calls
    assert request.endpoint == Endpoint("http://a.example")


def test_an_invalid_region_is_refused_when_compiled() -> None:
    options = Options(region="us east 1")

    with pytest.raises(EndpointResolutionError, match="us east 1"):
        standard_stack(INVOKE_ENDPOINT, options, components())

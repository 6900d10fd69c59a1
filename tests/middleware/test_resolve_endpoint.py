from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolver,
    endpoint_resolver_from_url,
)
from sagemaker_rt.errors import (
    EndpointNotFoundError,
    EndpointResolutionError,
    OptionsError,
)
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.interfaces import EndpointResolver, EndpointResolverFunction
from sagemaker_rt.middleware.resolve_endpoint import ResolveEndpoint
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from sagemaker_rt.stack import Output, SerializeInput, Stack
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")
OPTIONS = EndpointResolverOptions()
HERE = Endpoint("https://here.example:8443/p", headers={"X-Cell": "7"})


async def request_after(
    resolver: EndpointResolver | EndpointResolverFunction,
    options: EndpointResolverOptions = OPTIONS,
    region: str | None = "us-east-1",
) -> Request:
    """Return the request that a middleware with *resolver* passes on."""
    wire: Wire[SerializeInput] = Wire()
    middleware = ResolveEndpoint(resolver, options, region=region)

    output = await middleware(CONTEXT, SerializeInput(None, Request()), wire)

    assert output is wire.output
    return wire.inputs[0].request


async def test_a_resolver_object_is_called() -> None:
    request = await request_after(DefaultEndpointResolver())

    assert request.endpoint is not None
    assert "https://runtime.sagemaker.us-east-1.amazonaws.com" == request.endpoint.url


async def test_an_async_resolver_object_is_called() -> None:
    class Directory:
        async def resolve_endpoint(
            self, region: str, options: EndpointResolverOptions
        ) -> Endpoint:
            assert ("us-east-1", OPTIONS) == (region, options)
            return HERE

    request = await request_after(Directory())

    assert request.endpoint is HERE


async def test_a_function_is_called() -> None:
    request = await request_after(lambda region, options: HERE)

    assert request.endpoint is HERE


async def test_an_async_function_is_called() -> None:
    async def look_up(region: str, options: EndpointResolverOptions) -> Endpoint:
        assert ("eu-west-1", OPTIONS) == (region, options)
        return HERE

    request = await request_after(look_up, region="eu-west-1")

    assert request.endpoint is HERE


async def test_the_headers_of_the_endpoint_are_on_the_request() -> None:
    request = await request_after(lambda *_: HERE)

    assert {"x-cell": "7"} == request.headers


async def test_without_a_region_the_resolver_gets_an_empty_one() -> None:
    request = await request_after(
        endpoint_resolver_from_url("https://example.com"), region=None
    )

    assert Endpoint("https://example.com", source="custom") == request.endpoint


async def test_https_can_be_disabled() -> None:
    request = await request_after(
        lambda *_: HERE, EndpointResolverOptions(disable_https=True)
    )

    assert request.endpoint is not None
    assert "http://here.example:8443/p" == request.endpoint.url


async def test_https_is_kept_if_the_hostname_is_immutable() -> None:
    endpoint = Endpoint("https://here.example", hostname_immutable=True)

    request = await request_after(
        lambda *_: endpoint, EndpointResolverOptions(disable_https=True)
    )

    assert request.endpoint is endpoint


async def test_an_unknown_region_is_passed_to_the_next_resolver() -> None:
    def unknown(region: str, options: EndpointResolverOptions) -> Endpoint:
        raise EndpointNotFoundError(region)

    async def unknown_later(region: str, options: EndpointResolverOptions) -> Endpoint:
        return unknown(region, options)

    for resolver in (unknown, unknown_later):
        request = await request_after(resolver)

        assert request.endpoint is None
        assert Headers() == request.headers


async def test_any_other_error_propagates() -> None:
    def broken(region: str, options: EndpointResolverOptions) -> Endpoint:
        raise EndpointResolutionError(region)

    with pytest.raises(EndpointResolutionError, match="us-east-1"):
        await request_after(broken)


async def test_an_endpoint_error_of_next_propagates() -> None:
    """The region that was not found must not be the context of a later error."""

    async def fail(ctx: Context, input: SerializeInput) -> Output:
        raise EndpointNotFoundError(ctx.operation, input)

    middleware = ResolveEndpoint(DefaultEndpointResolver(), OPTIONS, region=None)

    with pytest.raises(EndpointNotFoundError) as caught:
        await middleware(CONTEXT, SerializeInput(None, Request()), fail)

    assert caught.value.__context__ is None


async def test_a_url_is_not_an_endpoint() -> None:
    with pytest.raises(EndpointResolutionError, match="str"):
        await request_after(lambda *_: "https://example.com")  # type: ignore[arg-type] # wrong


def test_a_url_is_not_a_resolver() -> None:
    with pytest.raises(OptionsError, match="endpoint_resolver"):
        ResolveEndpoint("https://example.com", OPTIONS, region=None)  # type: ignore[arg-type] # wrong


async def test_it_can_be_added_to_any_stack() -> None:
    stack = Stack()
    stack.serialize.add(
        ResolveEndpoint(DefaultEndpointResolver(), OPTIONS, region="us-east-1")
    )

    assert ["ResolveEndpoint"] == list(stack.serialize)


def test_its_arguments_are_attributes() -> None:
    resolver = DefaultEndpointResolver()

    middleware = ResolveEndpoint(resolver, OPTIONS, region="us-east-1")

    assert (resolver, OPTIONS, "us-east-1", "ResolveEndpoint") == (
        middleware.resolver,
        middleware.options,
        middleware.region,
        middleware.id,
    )

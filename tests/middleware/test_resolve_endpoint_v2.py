from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.endpoint_resolvers import DefaultEndpointResolverV2
from sagemaker_rt.errors import ConnectError, EndpointResolutionError
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.middleware.resolve_endpoint_v2 import ResolveEndpointV2
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.stack import FinalizeInput, Stack
from tests.doubles import Scripted, Wire

CONTEXT = Context("InvokeEndpoint")
PARAMETERS = EndpointParameters(region="us-east-1")
FIRST = Endpoint("https://first.example", headers={"X-Cell": "1"})
SECOND = Endpoint("https://second.example")


class Failover:
    """An `EndpointResolverV2` that answers in order."""

    def __init__(self, *endpoints: Endpoint) -> None:
        self.endpoints = list(endpoints)
        self.received: list[EndpointParameters] = []

    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        self.received.append(parameters)
        return self.endpoints.pop(0)


async def test_the_endpoint_is_on_the_request() -> None:
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(DefaultEndpointResolverV2(), PARAMETERS)

    output = await middleware(CONTEXT, FinalizeInput(Request()), wire)

    endpoint = wire.inputs[0].request.endpoint
    assert endpoint is not None
    assert "https://runtime.sagemaker.us-east-1.amazonaws.com" == endpoint.url
    assert output is wire.output


async def test_the_resolver_is_called_in_each_attempt() -> None:
    resolver = Failover(FIRST, SECOND)
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(resolver, PARAMETERS)
    shared = Request()

    for _ in range(2):
        await middleware(CONTEXT, FinalizeInput(shared.copy()), wire)

    assert [FIRST, SECOND] == [input.request.endpoint for input in wire.inputs]
    assert [PARAMETERS, PARAMETERS] == resolver.received


async def test_the_headers_of_the_endpoint_are_on_the_request() -> None:
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(Failover(FIRST), PARAMETERS)
    request = Request(headers=Headers({"x-cell": "0", "accept": "*/*"}))

    await middleware(CONTEXT, FinalizeInput(request), wire)

    assert {"x-cell": "1", "accept": "*/*"} == wire.inputs[0].request.headers


async def test_an_existing_endpoint_is_kept() -> None:
    resolver = Failover()
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(resolver, PARAMETERS)

    await middleware(CONTEXT, FinalizeInput(Request(endpoint=FIRST)), wire)

    assert wire.inputs[0].request.endpoint is FIRST
    assert {"x-cell": "1"} == wire.inputs[0].request.headers
    assert [] == resolver.received


@pytest.mark.parametrize(
    ("found", "url"),
    [
        (SECOND, "http://second.example"),
        (Endpoint("https://h.example", hostname_immutable=True), "https://h.example"),
    ],
)
async def test_https_can_be_disabled_for_any_resolver(
    found: Endpoint, url: str
) -> None:
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(
        Failover(found), EndpointParameters(disable_https=True)
    )

    await middleware(CONTEXT, FinalizeInput(Request()), wire)

    endpoint = wire.inputs[0].request.endpoint
    assert endpoint is not None
    assert url == endpoint.url


async def test_contradicting_parameters_are_an_error() -> None:
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(DefaultEndpointResolverV2(), EndpointParameters())

    with pytest.raises(EndpointResolutionError, match="Missing Region"):
        await middleware(CONTEXT, FinalizeInput(Request()), wire)

    assert [] == wire.inputs


async def test_an_error_of_next_propagates() -> None:
    error = ConnectError("refused")
    wire: Wire[FinalizeInput] = Scripted(error)
    middleware = ResolveEndpointV2(Failover(SECOND), PARAMETERS)
    request = Request()

    with pytest.raises(ConnectError) as caught:
        await middleware(CONTEXT, FinalizeInput(request), wire)

    assert caught.value is error
    assert request.endpoint is SECOND


async def test_a_result_that_is_not_an_endpoint_is_an_error() -> None:
    resolver = Failover("https://example.com")  # type: ignore[arg-type] # wrong
    wire: Wire[FinalizeInput] = Wire()
    middleware = ResolveEndpointV2(resolver, PARAMETERS)

    with pytest.raises(EndpointResolutionError, match="str"):
        await middleware(CONTEXT, FinalizeInput(Request()), wire)

    assert [] == wire.inputs


def test_it_can_be_added_to_finalize() -> None:
    stack = Stack()
    stack.finalize.add(ResolveEndpointV2(DefaultEndpointResolverV2(), PARAMETERS))

    assert ["ResolveEndpointV2"] == list(stack.finalize)

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagemaker_rt import (
    Credentials,
    Endpoint,
    EndpointParameters,
    OptionsError,
    StaticCredentials,
)
from sagemaker_rt.context import AUTH_SCHEME, CREDENTIALS
from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.endpoint_resolvers import AttemptEndpoints, DefaultEndpointResolverV2
from sagemaker_rt.http import Request
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.resilience.failover_targets import (
    TARGET_INDEX,
    AuthenticateAtTarget,
    FailoverTarget,
    ResolveTarget,
    credentials_store,
)
from sagemaker_rt.stack import Handler, Output, SerializeInput
from tests.doubles import CountingProvider, Wire
from tests.resilience.stacks import context, input_at

SIGNED = AuthScheme("aws.auth#sigv4")
PARAMETERS = EndpointParameters(region="us-east-1")


class Slow:
    """A custom resolver whose endpoints name no region."""

    async def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
        await asyncio.sleep(0)
        return Endpoint(str(parameters.endpoint_url or f"https://{parameters.region}"))


async def endpoint_at(target: FailoverTarget, resolver: Any = None) -> Endpoint | None:
    endpoints = AttemptEndpoints(resolver or DefaultEndpointResolverV2(), PARAMETERS)
    resolve, wire = ResolveTarget(endpoints, [target]), Wire[SerializeInput]()
    for _ in range(2):
        await resolve(context(), SerializeInput(None, Request()), wire)
    first, second = (input.request.endpoint for input in wire.inputs)
    assert first == second
    return first


async def test_the_target_of_the_client_has_the_endpoint_of_the_client() -> None:
    assert await endpoint_at(FailoverTarget(endpoint_name="other")) is None


async def test_a_region_has_its_endpoint_and_signature() -> None:
    endpoint = await endpoint_at(FailoverTarget(region="eu-west-1"))

    assert endpoint is not None
    assert "runtime.sagemaker.eu-west-1.amazonaws.com" == endpoint.host
    assert "eu-west-1" == endpoint.signing_region


@pytest.mark.parametrize(
    ("region", "signed_for"), [(None, "us-east-1"), ("eu-west-1", "eu-west-1")]
)
async def test_a_url_is_signed_for_the_region(
    region: str | None, signed_for: str
) -> None:
    endpoint = await endpoint_at(
        FailoverTarget(region=region, endpoint_url="https://a.example")
    )

    assert endpoint is not None
    assert ("a.example", signed_for) == (endpoint.host, endpoint.signing_region)


@pytest.mark.parametrize(
    ("target", "signed_for"),
    [
        (FailoverTarget(region="eu-west-1"), "eu-west-1"),
        (FailoverTarget(endpoint_url="https://a.example"), None),
    ],
)
async def test_a_custom_resolver_is_called_with_the_target(
    target: FailoverTarget, signed_for: str | None
) -> None:
    endpoint = await endpoint_at(target, Slow())

    assert endpoint is not None
    assert (target.region or "a.example", signed_for) == (
        endpoint.host,
        endpoint.signing_region,
    )


async def test_the_credentials_are_those_of_the_target_or_of_the_client() -> None:
    credentials = Credentials("AKID2", "secret")
    stores = [None, credentials_store(FailoverTarget(credentials=credentials))]
    wire = Wire[Any]()

    async def of_client(ctx: Any, input: Any, next: Handler[Any]) -> Output:
        return Output("of client")

    authenticate = AuthenticateAtTarget(of_client, stores)
    output = await authenticate(context(), input_at(), wire)
    ctx = context().with_value(TARGET_INDEX, 1).with_value(AUTH_SCHEME, SIGNED)
    await authenticate(ctx, input_at(), wire)

    assert "of client" == output.result
    assert credentials is wire.contexts[0][CREDENTIALS]


@pytest.mark.parametrize("scheme", [None, AuthScheme("smithy.api#httpBearerAuth")])
def test_credentials_of_a_target_need_a_signature(scheme: AuthScheme | None) -> None:
    store = credentials_store(FailoverTarget(credentials=Credentials("A", "b")))
    ctx = context() if scheme is None else context().with_value(AUTH_SCHEME, scheme)
    authenticate = AuthenticateAtTarget(Wire[Any](), [store])  # type: ignore[arg-type] # not called

    with pytest.raises(OptionsError, match="SigV4"):
        authenticate(ctx, input_at(), Wire[Any]())


def test_credentials_are_cached() -> None:
    static = credentials_store(FailoverTarget(credentials=Credentials("A", "b")))
    provided = credentials_store(FailoverTarget(credentials=CountingProvider()))

    assert credentials_store(FailoverTarget()) is None
    assert isinstance(static, StaticCredentials)
    assert isinstance(provided, CredentialsCache)


def test_a_target_shows_no_secret() -> None:
    target = FailoverTarget(
        endpoint_url="https://user:pw@a.example", credentials=Credentials("A", "hidden")
    )

    assert not {"hidden", "pw"} & set(repr(target).replace(":", " ").split())
    assert "hidden" not in repr(target)
    assert "pw" not in repr(target)

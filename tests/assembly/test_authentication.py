from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest
from attrs import frozen

from sagemaker_rt.assembly.authentication import Authentication
from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.client import Client
from sagemaker_rt.credentials.cache import TokenCache
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError, OptionsError
from sagemaker_rt.http import Request
from sagemaker_rt.identity import (
    AnonymousCredentials,
    AuthScheme,
    Credentials,
    Token,
)
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import AuthOptions, with_options
from sagemaker_rt.signers.sigv4 import SigV4Signer
from tests.credentials.services import read
from tests.doubles import ManualClock, ScriptedHTTPClient, response
from tests.transport.servers import Peer, reply, serve

CREDENTIALS: Final = Credentials("AKID", "a-secret")
SIGNED: Final = ["ComputePayloadHash", "ResolveAuthScheme", "GetIdentity", "Signing"]
UNHASHED: Final = ["ResolveAuthScheme", "GetIdentity", "UnsignedPayload", "Signing"]
CUSTOM: Final = ["ResolveAuthScheme", "CustomSchemeSigning"]
BEARER: Final = ["ResolveAuthScheme", "GetIdentity", "BearerSigning"]


class Tokens:
    def __init__(self) -> None:
        self.count = 0

    async def retrieve(self) -> Token:
        self.count += 1
        return Token(f"token-{self.count}")


@frozen
class Offer:
    """A resolver of authentication schemes; its repr is the same in all processes."""

    ids: tuple[str, ...]

    def __call__(self, operation: str, region: str | None) -> Sequence[AuthScheme]:
        assert ("InvokeEndpoint", "eu-west-1") == (operation, region)
        return [AuthScheme(id, "a-service", region) for id in self.ids]


def offer(*ids: str) -> Offer:
    return Offer(ids)


def of(
    *,
    given: bool = True,
    anonymous: bool = False,
    tokens: bool = False,
    **options: Any,
) -> list[str]:
    """Return the names of the authentication middleware that is included."""
    auth = Authentication(
        operation=INVOKE_ENDPOINT,
        region="eu-west-1",
        options=AuthOptions(**options),
        credentials=(
            AnonymousCredentials() if anonymous else StaticCredentials(CREDENTIALS)
        ),
        has_credentials_option=given,
        tokens=TokenCache(Tokens(), ManualClock()) if tokens else None,
        signer=SigV4Signer(),
        clock=ManualClock(),
    )
    made = (
        auth.compute_payload_hash(),
        auth.resolve_auth_scheme(),
        auth.get_identity(),
        auth.unsigned_payload(),
        auth.signing(),
    )
    return [
        type(middleware).__name__
        for middleware in made
        if not isinstance(middleware, Omitted)
    ]


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ({}, SIGNED),
        ({"given": False}, SIGNED),
        ({"payload_signing": "unsigned"}, UNHASHED),
        ({"anonymous": True, "payload_signing": "unsigned"}, []),
        ({"anonymous": True}, []),
        ({"tokens": True}, SIGNED),
        ({"tokens": True, "given": False}, BEARER),
        ({"tokens": True, "anonymous": True}, BEARER),
        ({"tokens": True, "auth_scheme_preference": ["httpBearerAuth"]}, BEARER),
        (
            {"tokens": True, "given": False, "auth_scheme_preference": ["sigv4"]},
            SIGNED,
        ),
        ({"auth_scheme_preference": ["httpBearerAuth", "sigv4"]}, SIGNED),
        ({"auth_scheme_preference": ["sigv4", "httpBearerAuth"]}, SIGNED),
        ({"auth_scheme_preference": ["httpBearerAuth", "noAuth"]}, []),
        (
            {"anonymous": True, "auth_scheme_preference": ["httpBearerAuth", "noAuth"]},
            [],
        ),
        (
            {
                "auth_scheme_resolver": offer("aws.auth#sigv4"),
                "auth_scheme_preference": ["httpBearerAuth"],
            },
            SIGNED,
        ),
        ({"auth_scheme_preference": ["noAuth"]}, []),
        ({"auth_scheme_resolver": offer("smithy.api#noAuth", "aws.auth#sigv4")}, []),
        (
            {
                "auth_scheme_resolver": offer("smithy.api#noAuth", "aws.auth#sigv4"),
                "auth_scheme_preference": ["sigv4"],
            },
            SIGNED,
        ),
    ],
    ids=str,
)
def test_the_scheme_follows_from_what_is_given(
    given: dict[str, Any], runs: list[str]
) -> None:
    assert runs == of(**given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"given": False},
        {"anonymous": True},
        {"auth_scheme_resolver": offer("aws.auth#sigv4", "smithy.api#httpBearerAuth")},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["httpBearerAuth", "smithy.api#httpBearerAuth"])
def test_a_token_is_not_replaced_by_a_signature(
    given: dict[str, Any], name: str
) -> None:
    with pytest.raises(OptionsError, match="token_provider"):
        of(**given, auth_scheme_preference=[name])


async def test_the_environment_may_ask_for_tokens() -> None:
    http_client = ScriptedHTTPClient(response())
    environ = {
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_AUTH_SCHEME_PREFERENCE": "httpBearerAuth",
    }
    options: dict[str, Any] = {"http_client": http_client, "region": "eu-west-1"}
    async with Client(environ=environ, **options) as client:
        with pytest.raises(OptionsError, match="StaticTokenProvider"):
            await client.invoke_endpoint(endpoint_name="m", body=b"")
    assert [] == http_client.requests
    environ["AWS_AUTH_SCHEME_PREFERENCE"] = "httpBearerAuth,sigv4"
    async with Client(environ=environ, **options) as client:
        await client.invoke_endpoint(endpoint_name="m", body=b"")
        explained = client.explain("InvokeEndpoint")

    (request,) = http_client.requests
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256")
    assert "httpBearerAuth: token_provider is not set; aws.auth#sigv4" in explained


def test_schemes_without_an_identity_are_an_error() -> None:
    with pytest.raises(OptionsError, match="no auth scheme can be used"):
        of(auth_scheme_resolver=offer("smithy.api#httpBearerAuth", "aws.auth#sigv4a"))


async def test_a_call_carries_a_token_over_the_wire() -> None:
    tokens = Tokens()
    authorizations: list[str] = []

    async def answer(peer: Peer) -> None:
        headers = read(server.requests[-1]).headers
        authorizations.append(headers["authorization"])
        assert "x-amz-date" not in headers
        await peer.send(reply(b"{}"))

    async with serve(answer) as server:
        url = f"http://127.0.0.1:{server.port}"
        client = Client(token_provider=tokens, endpoint_url=url, environ={})
        async with client:
            for _ in range(3):
                await client.invoke_endpoint(endpoint_name="m", body=b"")

    assert ["Bearer token-1"] * 3 == authorizations
    assert 1 == tokens.count


async def test_a_call_may_prefer_another_scheme() -> None:
    http_client = ScriptedHTTPClient(response(), response())
    client = Client(
        http_client=http_client,
        credentials=CREDENTIALS,
        token_provider=Tokens(),
        region="eu-west-1",
        environ={},
    )

    await client.invoke_endpoint(endpoint_name="m", body=b"")
    await client.invoke_endpoint(
        with_options(auth_scheme_preference=("httpBearerAuth",)),
        endpoint_name="m",
        body=b"",
    )

    kinds = [_kind(request) for request in http_client.requests]
    assert ["AWS4-HMAC-SHA256", "Bearer"] == kinds


async def test_the_environment_has_a_preference_too() -> None:
    http_client = ScriptedHTTPClient(response())
    client = Client(
        http_client=http_client,
        credentials=CREDENTIALS,
        token_provider=Tokens(),
        environ={
            "AWS_REGION": "eu-west-1",
            "AWS_AUTH_SCHEME_PREFERENCE": "httpBearerAuth, sigv4",
        },
    )

    await client.invoke_endpoint(endpoint_name="m", body=b"")

    (request,) = http_client.requests
    assert "Bearer" == _kind(request)


async def test_a_token_does_not_leave_in_the_clear() -> None:
    client = Client(
        http_client=ScriptedHTTPClient(),
        token_provider=Tokens(),
        endpoint_url="http://a.example",
        allow_insecure=True,
        environ={},
    )

    with pytest.raises(EndpointResolutionError, match="not encrypted"):
        await client.invoke_endpoint(endpoint_name="m", body=b"")


async def test_a_provider_without_a_token_says_so() -> None:
    class Empty:
        async def retrieve(self) -> Token:
            message = "log in first"
            raise CredentialsError(message)

    client = Client(
        http_client=ScriptedHTTPClient(),
        token_provider=Empty(),
        region="eu-west-1",
        environ={},
    )

    with pytest.raises(CredentialsError, match="log in first"):
        await client.invoke_endpoint(endpoint_name="m", body=b"")


def _kind(request: Request) -> str:
    return request.headers["authorization"].partition(" ")[0]


class APIKey:
    """A scheme of the caller's own."""

    id = "example.com#apiKey"

    async def retrieve_identity(self) -> str:
        return "a-key"

    def sign(self, request: Request, identity: str) -> None:
        request.headers["x-api-key"] = identity


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ({}, CUSTOM),
        ({"given": False, "tokens": True}, CUSTOM),
        ({"anonymous": True}, CUSTOM),
        ({"auth_scheme_preference": ["sigv4"]}, SIGNED),
        ({"auth_scheme_resolver": offer("aws.auth#sigv4")}, SIGNED),
        ({"auth_scheme_resolver": offer("example.com#apiKey")}, CUSTOM),
    ],
    ids=str,
)
def test_a_scheme_of_ones_own_goes_first_where_nothing_else_is_said(
    given: dict[str, Any], runs: list[str]
) -> None:
    assert runs == of(auth_schemes=[APIKey()], **given)


def test_explain_says_who_has_the_identity_of_a_custom_scheme() -> None:
    client = Client(
        auth_schemes=[APIKey()],
        auth_scheme_preference=[APIKey().id],
        payload_signing="unsigned",
        region="eu-west-1",
        environ={},
    )

    lines = client.explain("InvokeEndpoint").splitlines()

    assert "  GetIdentity: the custom scheme has the identity" in lines
    assert "  UnsignedPayload: the call is not signed by SigV4" in lines


async def test_a_call_is_signed_by_a_scheme_of_ones_own_over_the_wire() -> None:
    keys: list[str] = []

    async def answer(peer: Peer) -> None:
        headers = read(server.requests[-1]).headers
        keys.append(headers["x-api-key"])
        assert "authorization" not in headers
        await peer.send(reply(b"{}"))

    async with serve(answer) as server:
        url = f"http://127.0.0.1:{server.port}"
        client = Client(auth_schemes=[APIKey()], endpoint_url=url, environ={})
        async with client:
            await client.invoke_endpoint(endpoint_name="m", body=b"")

    assert ["a-key"] == keys

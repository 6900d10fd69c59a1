from __future__ import annotations

import pytest

from sagemaker_rt import Client
from sagemaker_rt.credentials.static import StaticCredentials, StaticTokenProvider
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials, Token
from tests.credentials.services import service

CREDENTIALS = Credentials("AKID", "a-secret", "a-token")


async def test_fixed_credentials_are_returned() -> None:
    provider = StaticCredentials(CREDENTIALS)

    assert CREDENTIALS is await provider.retrieve()
    assert CREDENTIALS is provider.peek()


def test_providers_are_compared_by_identity() -> None:
    twin = Credentials("AKID", "a-secret", "a-token")

    assert twin == CREDENTIALS
    assert StaticCredentials(CREDENTIALS) == StaticCredentials(CREDENTIALS)
    assert StaticCredentials(CREDENTIALS) != StaticCredentials(twin)
    assert 2 == len({StaticCredentials(CREDENTIALS), StaticCredentials(twin)})


def test_the_repr_hides_the_secret() -> None:
    printed = repr(StaticCredentials(CREDENTIALS))

    assert "AKID" in printed
    assert "a-secret" not in printed
    assert "a-token" not in printed


async def test_fixed_credentials_cannot_be_renewed() -> None:
    provider = StaticCredentials(CREDENTIALS)

    assert not provider.can_renew
    assert await provider.renew(CREDENTIALS) is None


@pytest.mark.parametrize("token", ["a-token", Token("a-token")], ids=["text", "Token"])
async def test_a_call_is_sent_with_a_fixed_token(token: str | Token) -> None:
    provider = StaticTokenProvider(token)
    async with service(lambda _: (200, "ok")) as server:
        client = Client(token_provider=provider, endpoint_url=server.url, environ={})
        async with client:
            await client.invoke_endpoint(endpoint_name="m", body=b"")

    assert Token("a-token") == await provider.retrieve()
    assert "Bearer a-token" == server.requests[0].headers["authorization"]
    assert "a-token" not in repr(provider)


def test_an_empty_token_is_an_error() -> None:
    with pytest.raises(CredentialsError):
        StaticTokenProvider("")

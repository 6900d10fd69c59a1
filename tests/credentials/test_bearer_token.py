from __future__ import annotations

import pytest

from sagemaker_rt.credentials.bearer_token import SageMakerBearerTokenProvider
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import TokenProvider
from sagemaker_rt.sansio.presign import generate_bearer_token
from tests.doubles import CountingProvider, ManualClock

CREDENTIALS = Credentials("AKID", "shh", "hush")


class Empty:
    async def retrieve(self) -> Credentials:
        message = "there are none"
        raise CredentialsError(message)


async def test_a_token_is_signed_at_each_call() -> None:
    clock = ManualClock()
    provider: TokenProvider = SageMakerBearerTokenProvider(
        CREDENTIALS, region="eu-west-1", expires=600, clock=clock
    )

    first = await provider.retrieve()
    clock.advance(1)
    second = await provider.retrieve()

    assert second != first
    assert second == generate_bearer_token(
        CREDENTIALS, region="eu-west-1", expires=600, signing_time=clock()
    )


async def test_the_credentials_of_a_provider_are_cached() -> None:
    source = CountingProvider()
    provider = SageMakerBearerTokenProvider(source, region="eu-west-1")

    tokens = {(await provider.retrieve()).token for _ in range(3)}

    assert source.count == 1
    assert tokens


async def test_an_error_of_the_credentials_provider_propagates() -> None:
    provider = SageMakerBearerTokenProvider(Empty(), region="eu-west-1")

    with pytest.raises(CredentialsError, match="there are none"):
        await provider.retrieve()


def test_the_repr_has_only_the_region() -> None:
    provider = SageMakerBearerTokenProvider(CREDENTIALS, region="eu-west-1")

    assert "SageMakerBearerTokenProvider(region='eu-west-1')" == repr(provider)

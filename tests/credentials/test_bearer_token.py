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


async def test_a_token_is_made_of_given_credentials_each_time() -> None:
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


async def test_a_provider_of_credentials_is_asked_once() -> None:
    source = CountingProvider()
    provider = SageMakerBearerTokenProvider(source, region="eu-west-1")

    tokens = {(await provider.retrieve()).token for _ in range(3)}

    assert source.count == 1
    assert tokens


async def test_what_a_provider_of_credentials_raises_comes_out() -> None:
    provider = SageMakerBearerTokenProvider(Empty(), region="eu-west-1")

    with pytest.raises(CredentialsError, match="there are none"):
        await provider.retrieve()


def test_a_repr_shows_the_region_alone() -> None:
    provider = SageMakerBearerTokenProvider(CREDENTIALS, region="eu-west-1")

    assert "SageMakerBearerTokenProvider(region='eu-west-1')" == repr(provider)

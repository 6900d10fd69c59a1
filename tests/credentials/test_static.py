from __future__ import annotations

from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.identity import Credentials

CREDENTIALS = Credentials("AKID", "a-secret", "a-token")


async def test_what_was_given_is_returned() -> None:
    provider = StaticCredentials(CREDENTIALS)

    assert CREDENTIALS is await provider.retrieve()
    assert CREDENTIALS is provider.peek()


def test_providers_are_told_apart_without_looking_at_the_secret() -> None:
    twin = Credentials("AKID", "a-secret", "a-token")

    assert twin == CREDENTIALS
    assert StaticCredentials(CREDENTIALS) == StaticCredentials(CREDENTIALS)
    assert StaticCredentials(CREDENTIALS) != StaticCredentials(twin)
    assert 2 == len({StaticCredentials(CREDENTIALS), StaticCredentials(twin)})


def test_no_secret_is_printed() -> None:
    printed = repr(StaticCredentials(CREDENTIALS))

    assert "AKID" in printed
    assert "a-secret" not in printed
    assert "a-token" not in printed


async def test_there_are_no_others() -> None:
    provider = StaticCredentials(CREDENTIALS)

    assert not provider.can_renew
    assert await provider.renew(CREDENTIALS) is None

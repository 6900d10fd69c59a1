from __future__ import annotations

import boto3
import botocore.session
import pytest
from botocore.exceptions import CredentialRetrievalError

from sagemaker_rt.credentials.botocore import BotocoreCredentials
from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.errors import CredentialsError
from tests.doubles import ManualClock


async def test_a_boto3_session_provides_credentials() -> None:
    session = boto3.Session("AKID", "hush", "a-token")

    found = await BotocoreCredentials(session).retrieve()

    assert ("AKID", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )


async def test_a_botocore_session_provides_credentials() -> None:
    session = botocore.session.Session()
    session.set_credentials("AKID", "hush")

    found = await BotocoreCredentials(session).retrieve()

    assert ("AKID", None) == (found.access_key_id, found.session_token)


class Counting:
    """A session that counts the calls."""

    count = 0
    access_key = ""
    secret_key = "a-secret"
    token: str | None = None

    def get_credentials(self) -> Counting:
        return self

    def get_frozen_credentials(self) -> Counting:
        self.count += 1
        self.access_key = f"AKID{self.count}"
        return self


async def test_a_session_is_called_again_after_five_minutes() -> None:
    clock, session = ManualClock(), Counting()
    cache = CredentialsCache(BotocoreCredentials(session, clock=clock), clock)

    found = []
    for seconds in (0, 299, 2):
        clock.advance(seconds)
        found.append((await cache.retrieve()).access_key_id)

    assert ["AKID1", "AKID1", "AKID2"] == found


class Nothing:
    def get_credentials(self) -> None:
        return None


class Failing:
    def get_credentials(self) -> None:
        raise CredentialRetrievalError(provider="x", error_msg="away")


@pytest.mark.parametrize(
    ("session", "message"),
    [
        (Nothing(), "has no credentials"),
        (Failing(), "CredentialRetrievalError"),
    ],
)
async def test_a_session_without_credentials_is_an_error(
    session: Nothing | Failing, message: str
) -> None:
    with pytest.raises(CredentialsError, match=message):
        await BotocoreCredentials(session).retrieve()

    assert "BotocoreCredentials()" == repr(BotocoreCredentials(session))

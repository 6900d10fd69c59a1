from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

PAIR = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "a-secret"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (PAIR, Credentials("AKID", "a-secret")),
        (
            {**PAIR, "AWS_SESSION_TOKEN": "a-token"},
            Credentials("AKID", "a-secret", "a-token"),
        ),
        (
            {**PAIR, "AWS_SECURITY_TOKEN": "older", "AWS_SESSION_TOKEN": "a-token"},
            Credentials("AKID", "a-secret", "older"),
        ),
        (
            {**PAIR, "AWS_ACCOUNT_ID": "123456789012"},
            Credentials("AKID", "a-secret", account_id="123456789012"),
        ),
        (
            {**PAIR, "AWS_CREDENTIAL_EXPIRATION": "2026-11-21T10:00:00Z"},
            Credentials(
                "AKID",
                "a-secret",
                expires_at=datetime(2026, 11, 21, 10, tzinfo=UTC),
            ),
        ),
        (
            {
                **PAIR,
                "AWS_SESSION_TOKEN": "",
                "AWS_ACCOUNT_ID": "",
                "AWS_CREDENTIAL_EXPIRATION": " ",
            },
            Credentials("AKID", "a-secret"),
        ),
    ],
    ids=["pair", "token", "older token", "account", "expiry", "empty values"],
)
async def test_credentials_are_read_from_variables(
    environ: dict[str, str], expected: Credentials
) -> None:
    assert expected == await EnvironmentCredentials(environ).retrieve()


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKID"}, "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_SECRET_ACCESS_KEY": "a-secret"}, "AWS_ACCESS_KEY_ID"),
        ({**PAIR, "AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_SESSION_TOKEN": "t"}, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ],
    ids=["neither", "no secret", "no id", "empty id", "only a token"],
)
async def test_the_missing_half_of_a_pair_is_named(
    environ: dict[str, str], missing: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        await EnvironmentCredentials(environ).retrieve()

    assert str(caught.value).startswith(f"{missing} not set in the environment")


async def test_the_environment_is_read_at_each_call() -> None:
    environ = dict(PAIR)
    provider = EnvironmentCredentials(environ)
    await provider.retrieve()

    environ["AWS_ACCESS_KEY_ID"] = "ANOTHER"

    assert Credentials("ANOTHER", "a-secret") == await provider.retrieve()


def test_the_repr_hides_the_environment() -> None:
    assert "EnvironmentCredentials()" == repr(EnvironmentCredentials(PAIR))


async def test_an_invalid_expiry_is_an_error() -> None:
    environ = {**PAIR, "AWS_CREDENTIAL_EXPIRATION": "tomorrow"}

    with pytest.raises(CredentialsError, match="AWS_CREDENTIAL_EXPIRATION"):
        await EnvironmentCredentials(environ).retrieve()

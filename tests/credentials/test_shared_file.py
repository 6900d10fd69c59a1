from __future__ import annotations

import pytest

from sagemaker_rt.credentials.shared_file import SharedFileCredentials
from sagemaker_rt.errors import CredentialsError
from tests.credentials.services import profiles

PAIR = "[a]\naws_access_key_id = AKID\naws_secret_access_key = hush\n"


def provider(keys: str) -> SharedFileCredentials:
    return SharedFileCredentials(profiles("", keys).profiles["a"], "a")


async def test_the_keys_of_a_profile_are_returned() -> None:
    found = await provider(
        PAIR + "aws_session_token = t\naws_account_id = 1\n"
    ).retrieve()

    assert ("AKID", "hush", "t", "1") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )


async def test_the_older_name_of_the_token_takes_precedence() -> None:
    tokens = "aws_session_token = t\naws_security_token = older\n"

    assert "older" == (await provider(PAIR + tokens).retrieve()).session_token


async def test_token_and_account_are_optional() -> None:
    found = await provider(PAIR).retrieve()

    assert (None, None) == (found.session_token, found.account_id)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (
            "[a]\naws_access_key_id = AKID\n",
            ["profile 'a'", "aws_secret_access_key", "credentials, line 2"],
        ),
        (
            "[a]\naws_access_key_id =\naws_secret_access_key = hush\n",
            ["profile 'a'", "aws_access_key_id", "credentials, line 3"],
        ),
        ("[a]\n", ["profile 'a'", "aws_access_key_id"]),
    ],
)
async def test_half_a_pair_is_named_with_its_line(keys: str, names: list[str]) -> None:
    with pytest.raises(CredentialsError) as caught:
        await provider(keys).retrieve()

    assert all(name in str(caught.value) for name in names)
    assert "hush" not in str(caught.value)


def test_half_a_pair_counts_as_configured() -> None:
    found = profiles(
        "", PAIR + "[b]\naws_access_key_id =\n[c]\naws_secret_access_key=x"
    )

    assert [True, False, True] == [
        SharedFileCredentials.is_configured(found.profiles[name]) for name in "abc"
    ]
    assert "SharedFileCredentials(profile='a')" == repr(provider(PAIR))

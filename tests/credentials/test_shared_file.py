from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_rt.config.config import Config
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


def provider_of(folder: Path, config: str, keys: str) -> SharedFileCredentials:
    """Write the files, and return a provider of profile ``a`` in them."""
    files = {"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": keys}
    environ = {name: str(folder / name) for name in files}
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    loaded = Config.read(profile="a", environ=environ)
    return SharedFileCredentials(loaded.provider_context().section, "a")


def rotate(folder: Path) -> None:
    for file in folder.iterdir():
        text = file.read_text().replace("AKID\n", "AKIDNEW\n")
        file.write_text(text.replace("hush", "new"))


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ("", PAIR),
        (f"[profile a]\n{PAIR[4:]}", ""),
        ("[profile a]\naws_access_key_id = AKIDOTHER\n", PAIR),
    ],
    ids=["credentials", "config", "both"],
)
async def test_the_files_are_read_again_after_the_first_retrieval(
    config: str, keys: str, tmp_path: Path
) -> None:
    provider = provider_of(tmp_path, config, keys)

    found = [await provider.retrieve()]
    rotate(tmp_path)
    found += [await provider.retrieve() for _ in range(2)]

    assert ["AKID", "AKIDNEW", "AKIDNEW"] == [one.access_key_id for one in found]
    assert ["hush", "new", "new"] == [one.secret_access_key for one in found]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[a]\n", "profile 'a' has no aws_access_key_id"),
        (b"[b]\n", "profile 'a' has no aws_access_key_id"),
        (b"[a\n", "line 1: a profile definition must end with ']'"),
        (b"\xff", "it is not valid UTF-8"),
    ],
)
async def test_a_file_without_the_keys_is_read_until_it_has_them(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    provider = provider_of(tmp_path, "", PAIR)
    file = tmp_path / "AWS_SHARED_CREDENTIALS_FILE"

    await provider.retrieve()
    file.write_bytes(content)
    with pytest.raises(CredentialsError) as caught:
        await provider.retrieve()
    file.write_text(PAIR.replace("AKID", "AKIDNEW"))
    found = await provider.retrieve()

    assert problem in str(caught.value)
    assert "AKIDNEW" == found.access_key_id


async def test_keys_that_are_not_from_a_file_stay_as_they_are() -> None:
    source = provider(PAIR)

    assert await source.retrieve() == await source.retrieve()

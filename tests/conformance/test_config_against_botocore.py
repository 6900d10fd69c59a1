"""Generated shared files, read by botocore and by this package.

Known differences are not generated: the grammar of the cross-SDK cases (comments after
values, titles without the word ``profile``), AWS_REGION, which botocore does not read,
and the refresh of credentials.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import BotoCoreError
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.errors import CredentialsError, ProfileNotFoundError
from sagemaker_rt.options import Options

PAIR = {"aws_access_key_id", "aws_secret_access_key"}
NAMES = ("default", "a", "b-1")
VALUE = st.from_regex(r"[A-Za-z0-9/+=_.:-]{1,12}", fullmatch=True)
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "region": VALUE,
        "max_attempts": st.sampled_from(["1", "7"]),
        "retry_mode": st.sampled_from(["standard", "adaptive", "legacy"]),
        "use_fips_endpoint": st.sampled_from(["true", "false"]),
        "sdk_ua_app_id": VALUE,
        "aws_access_key_id": VALUE,
        "aws_secret_access_key": VALUE,
    },
)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "aws_access_key_id": VALUE,
        "aws_secret_access_key": VALUE,
        "aws_session_token": VALUE,
    },
)
FILES = st.dictionaries(st.sampled_from(NAMES), st.tuples(CONFIG, KEYS))

pytestmark = pytest.mark.skipif(
    any(name.startswith("AWS_") for name in os.environ.keys() - {"AWS_CA_BUNDLE"}),
    reason="botocore would read the variables of this environment",
)


def write_files(
    folder: Path, files: dict[str, tuple[dict[str, str], dict[str, str]]]
) -> None:
    config, keys = [], []
    for name, (options, keys_of) in files.items():
        title = name if name == "default" else f"profile {name}"
        config += [f"[{title}]", *(f"{k} = {v}" for k, v in options.items())]
        if keys_of:
            keys += [f"[{name}]", *(f"{k}={v}" for k, v in keys_of.items())]
    (folder / "config").write_text("\n".join(config))
    (folder / "credentials").write_text("\n".join(keys))
    (folder / "credentials").chmod(0o600)


def by_botocore(folder: Path, profile: str) -> tuple[dict[str, Any], object]:
    """Return the settings and keys that botocore reads, or its exception."""
    session = botocore.session.Session(profile=profile)
    session.set_config_variable("config_file", str(folder / "config"))
    session.set_config_variable("credentials_file", str(folder / "credentials"))
    names = ("region", "max_attempts", "retry_mode", "use_fips_endpoint")
    try:
        found = {name: session.get_config_variable(name) for name in names}
        found["app_id"] = session.get_config_variable("user_agent_appid")
    except BotoCoreError as error:
        return {}, error
    try:
        keys = session.get_credentials()
    except BotoCoreError as error:
        return found, error
    frozen = None if keys is None else keys.get_frozen_credentials()
    return found, frozen and (frozen.access_key, frozen.secret_key, frozen.token)


async def by_client(folder: Path, profile: str) -> tuple[dict[str, Any], object]:
    environ = {
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    try:
        config = Config.read(profile=profile, environ=environ)
        options = config.fill(Options())
        keys = await DefaultChain(config.provider_context()).retrieve()
    except (ProfileNotFoundError, CredentialsError) as error:
        return {}, error
    found = {
        "region": options.region,
        "max_attempts": options.retry.max_attempts,
        "retry_mode": options.retry.retry_mode,
        "use_fips_endpoint": options.endpoint.use_fips_endpoint,
        "app_id": options.app_id,
    }
    return found, (keys.access_key_id, keys.secret_access_key, keys.session_token)


@given(files=FILES, profile=st.sampled_from(NAMES))
async def test_both_read_the_same_settings_and_keys(
    tmp_path: Path,
    files: dict[str, tuple[dict[str, str], dict[str, str]]],
    profile: str,
) -> None:
    write_files(tmp_path, files)
    # For a profile in both files, botocore reads the keys of one file. The cross-SDK
    # cases require the properties of both.
    config_of, keys_of = files.get(profile, ({}, {}))
    merged = {**config_of, **keys_of}
    halves = [part for part in (config_of, keys_of) if PAIR & part.keys()]
    is_complete = len(halves) == 1 and PAIR <= halves[0].keys()
    is_in_one_file = is_complete and (
        halves[0] is keys_of or "aws_session_token" not in keys_of
    )

    expected, botocore_keys = by_botocore(tmp_path, profile)
    actual, client_keys = await by_client(tmp_path, profile)

    if isinstance(client_keys, Exception):
        is_none = botocore_keys is None or isinstance(botocore_keys, Exception)
        assert is_none or not is_in_one_file
        return
    expected["retry_mode"] = config_of.get(
        "retry_mode"
    )  # botocore returns its default otherwise
    assert {name: value or None for name, value in expected.items()} == {
        name: value or None for name, value in actual.items()
    }
    if is_in_one_file:
        assert botocore_keys == client_keys
    assert isinstance(client_keys, tuple)
    assert merged["aws_access_key_id"] == client_keys[0]

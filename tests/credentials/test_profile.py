from __future__ import annotations

from typing import Final

import pytest

from sagemaker_rt.credentials.assume_role import (
    AssumeRoleCredentials,
    WebIdentityCredentials,
)
from sagemaker_rt.credentials.container import ContainerCredentials
from sagemaker_rt.credentials.environment import EnvironmentCredentials
from sagemaker_rt.credentials.instance_metadata import InstanceMetadataCredentials
from sagemaker_rt.credentials.login import LoginCredentials
from sagemaker_rt.credentials.process import ProcessCredentials
from sagemaker_rt.credentials.profile import profile_provider
from sagemaker_rt.credentials.shared_file import SharedFileCredentials
from sagemaker_rt.credentials.sso import SSOCredentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.interfaces import CredentialsProvider
from tests.credentials.services import make_context

ARN: Final = "arn:aws:iam::123456789012:role/r"
PAIR: Final = "aws_access_key_id = AKID\naws_secret_access_key = hush\n"


def provider(text: str, name: str = "a") -> CredentialsProvider | None:
    return profile_provider(name, make_context(text), None)


def role(text: str) -> AssumeRoleCredentials:
    found = provider(text)
    assert isinstance(found, AssumeRoleCredentials)
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PAIR, SharedFileCredentials),
        ("credential_process = x\n", ProcessCredentials),
        (f"role_arn = {ARN}\nweb_identity_token_file = /t\n", WebIdentityCredentials),
        (f"role_arn = {ARN}\ncredential_source = Environment\n", AssumeRoleCredentials),
        (
            "sso_account_id = 1\nsso_role_name = r\nsso_region = e\nsso_start_url = u",
            SSOCredentials,
        ),
        (f"{PAIR}credential_process = x\n", SharedFileCredentials),
        (f"{PAIR}login_session = arn:u\n", SharedFileCredentials),
        ("login_session = arn:u\ncredential_process = x\n", LoginCredentials),
        ("login_session =\n", None),
        ("region = eu-west-1\n", None),
        ("role_arn =\n", None),
    ],
)
def test_a_profile_describes_a_provider(text: str, kind: type | None) -> None:
    found = provider(f"[profile a]\n{text}")

    assert kind is None if found is None else kind is type(found)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Environment", EnvironmentCredentials),
        ("Ec2InstanceMetadata", InstanceMetadataCredentials),
        ("EcsContainer", ContainerCredentials),
    ],
)
def test_a_credential_source_is_a_provider(source: str, kind: type) -> None:
    found = role(f"[profile a]\nrole_arn = {ARN}\ncredential_source = {source}\n")

    assert kind is type(found.source)


def test_a_profile_has_all_parameters_of_a_role() -> None:
    found = role(
        f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\nrole_session_name = me\n"
        "external_id = x\nduration_seconds = 900\nmfa_serial = m\n"
        f"[profile b]\n{PAIR}"
    )

    assert (ARN, "me", "x", 900, "m") == (
        found.role_arn,
        found.session_name,
        found.external_id,
        found.duration_seconds,
        found.mfa_serial,
    )
    assert isinstance(found.source, SharedFileCredentials)


def test_a_role_may_be_assumed_with_another_role() -> None:
    found = role(
        f"[profile a]\nrole_arn = {ARN}1\nsource_profile = b\n"
        f"[profile b]\nrole_arn = {ARN}2\nsource_profile = c\n"
        "[profile c]\ncredential_process = x\n"
    )

    assert isinstance(found.source, AssumeRoleCredentials)
    assert f"{ARN}2" == found.source.role_arn
    assert isinstance(found.source.source, ProcessCredentials)


def test_a_profile_may_assume_its_role_with_its_own_keys() -> None:
    found = role(f"[profile a]\nrole_arn = {ARN}\nsource_profile = a\n{PAIR}")

    assert isinstance(found.source, SharedFileCredentials)


def test_keys_of_a_source_profile_take_precedence_over_its_role() -> None:
    found = role(
        f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n"
        f"[profile b]\nrole_arn = {ARN}\nsource_profile = a\n{PAIR}"
    )

    assert isinstance(found.source, SharedFileCredentials)


def test_a_role_may_be_assumed_with_a_login() -> None:
    found = role(
        f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n"
        "[profile b]\nlogin_session = arn:u\n"
    )

    assert isinstance(found.source, LoginCredentials)
    assert ("arn:u", "b") == (found.source.session, found.source.profile)


def test_an_sso_session_has_its_own_section() -> None:
    found = provider(
        "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
        "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = u\n"
    )

    assert isinstance(found, SSOCredentials)
    assert ("s", "1", "r", "eu-west-1", "u") == (
        found.session,
        found.account_id,
        found.role_name,
        found.sso_region,
        found.start_url,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"[profile a]\nrole_arn = {ARN}\n",
            "source_profile and credential_source",
        ),
        (
            (
                f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n"
                "credential_source = Environment\n"
            ),
            "source_profile and credential_source",
        ),
        (
            f"[profile a]\nrole_arn = {ARN}\ncredential_source = Here\n",
            "credential_source in profile 'a'",
        ),
        (
            f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n",
            "source_profile 'b' of profile 'a'",
        ),
        (
            f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n[profile b]\nx = 1\n",
            "source_profile 'b' of profile 'a'",
        ),
        (
            f"[profile a]\nrole_arn = {ARN}\nsource_profile = a\n",
            "a -> a",
        ),
        (
            (
                f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n"
                f"[profile b]\nrole_arn = {ARN}\nsource_profile = a\n"
            ),
            "a -> b -> a",
        ),
        (
            (
                f"[profile a]\nrole_arn = {ARN}\ncredential_source = Environment\n"
                "duration_seconds = long\n"
            ),
            "duration_seconds in config, line 4 .* 'long'",
        ),
        (
            (
                f"[profile a]\nrole_arn = {ARN}\ncredential_source = Environment\n"
                f"duration_seconds = {'9' * 5000}\n"
            ),
            "duration_seconds in config, line 4 .* '999",
        ),
        (
            "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n",
            r"\[sso-session s\]",
        ),
        (
            "[profile a]\nsso_session = s\nsso_account_id = 1\n[sso-session s]\n",
            "sso_role_name and sso_region and sso_start_url",
        ),
    ],
)
def test_an_invalid_profile_is_an_error(text: str, message: str) -> None:
    with pytest.raises(CredentialsError, match=message):
        provider(text)


def test_a_web_identity_without_a_role_is_an_error() -> None:
    with pytest.raises(CredentialsError, match="role_arn"):
        provider("[profile a]\nweb_identity_token_file = /t\n")

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from sagemaker_rt.credentials.assume_role import (
    AssumeRoleCredentials,
    WebIdentityCredentials,
)
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from tests.credentials.services import make_context, service
from tests.credentials.test_security_token_service import ASSUMED, ENDPOINT

ARN = "arn:aws:iam::123456789012:role/r"
SOURCE = StaticCredentials(Credentials("AKID", "a-secret"))


async def asked_of_sts(**fields: Any) -> dict[str, str]:
    """Return what STS is asked to assume a role."""
    async with service(lambda _: (200, ASSUMED)) as sts:
        provider = AssumeRoleCredentials(
            role_arn=ARN,
            source=SOURCE,
            context=make_context(**{ENDPOINT: sts.url}),
            **fields,
        )
        assert "ASIA" == (await provider.retrieve()).access_key_id
    assert "Credential=AKID/" in sts.asked[0].headers["authorization"]
    return {name: value for name, (value,) in parse_qs(sts.asked[0].body).items()}


async def test_a_role_is_assumed_with_the_sources_keys() -> None:
    assert await asked_of_sts() == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": ARN,
        "RoleSessionName": "sagemaker-rt-1700000000",
    }


async def test_all_that_a_role_may_want_is_said() -> None:
    devices: list[str] = []

    async def mfa_code(serial: str) -> str:
        devices.append(serial)
        return "123456"

    asked = await asked_of_sts(
        session_name="me",
        external_id="x",
        duration_seconds=900,
        mfa_serial="arn:mfa",
        mfa_code=mfa_code,
    )

    assert ["arn:mfa"] == devices
    assert (
        asked.items()
        >= {
            "RoleSessionName": "me",
            "ExternalId": "x",
            "DurationSeconds": "900",
            "SerialNumber": "arn:mfa",
            "TokenCode": "123456",
        }.items()
    )


async def test_a_code_may_be_had_without_waiting() -> None:
    asked = await asked_of_sts(mfa_serial="s", mfa_code=lambda _: "654321")

    assert "654321" == asked["TokenCode"]


async def test_without_anybody_to_ask_a_code_cannot_be_had() -> None:
    with pytest.raises(CredentialsError, match="wants a code of the MFA device s, and"):
        await asked_of_sts(mfa_serial="s")


async def test_a_web_identity_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    async with service(lambda _: (200, ASSUMED)) as sts:
        provider = WebIdentityCredentials(
            role_arn=ARN,
            token_file=str(file),
            session_name="me",
            context=make_context(**{ENDPOINT: sts.url}),
        )
        for token in ("one", "two\n"):
            file.write_text(token)
            await provider.retrieve()

    asked = [parse_qs(each.body) for each in sts.asked]
    assert [["one"], ["two"]] == [each["WebIdentityToken"] for each in asked]
    assert ["AssumeRoleWithWebIdentity"] == asked[0]["Action"]
    assert ([ARN], ["me"]) == (asked[0]["RoleArn"], asked[0]["RoleSessionName"])


async def test_a_token_that_is_not_there_is_named() -> None:
    provider = WebIdentityCredentials(
        role_arn=ARN, token_file="/not/there", context=make_context()
    )

    with pytest.raises(CredentialsError, match="token in /not/there cannot be read"):
        await provider.retrieve()


def test_nothing_secret_is_shown() -> None:
    role = AssumeRoleCredentials(
        role_arn=ARN, source=SOURCE, context=make_context(), external_id="hush"
    )

    assert "hush" not in repr(role)
    assert ARN in repr(role)

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


async def sent_parameters(**fields: Any) -> dict[str, str]:
    """Return the parameters of the request to STS."""
    async with service(lambda _: (200, ASSUMED)) as sts:
        provider = AssumeRoleCredentials(
            role_arn=ARN,
            source=SOURCE,
            context=make_context(**{ENDPOINT: sts.url}),
            **fields,
        )
        assert "ASIA" == (await provider.retrieve()).access_key_id
    assert "Credential=AKID/" in sts.requests[0].headers["authorization"]
    return {name: value for name, (value,) in parse_qs(sts.requests[0].body).items()}


async def test_a_role_is_assumed_with_the_keys_of_the_source() -> None:
    assert await sent_parameters() == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": ARN,
        "RoleSessionName": "sagemaker-rt-1700000000",
    }


async def test_all_parameters_of_a_role_are_sent() -> None:
    devices: list[str] = []

    async def mfa_code(serial: str) -> str:
        devices.append(serial)
        return "123456"

    sent = await sent_parameters(
        session_name="me",
        external_id="x",
        duration_seconds=900,
        mfa_serial="arn:mfa",
        mfa_code=mfa_code,
    )

    assert ["arn:mfa"] == devices
    assert (
        sent.items()
        >= {
            "RoleSessionName": "me",
            "ExternalId": "x",
            "DurationSeconds": "900",
            "SerialNumber": "arn:mfa",
            "TokenCode": "123456",
        }.items()
    )


async def test_the_mfa_callback_may_be_a_plain_function() -> None:
    sent = await sent_parameters(mfa_serial="s", mfa_code=lambda _: "654321")

    assert "654321" == sent["TokenCode"]


async def test_an_mfa_device_without_a_callback_is_an_error() -> None:
    with pytest.raises(CredentialsError, match="MFA device s"):
        await sent_parameters(mfa_serial="s")


async def test_the_web_identity_token_is_read_each_time(tmp_path: Path) -> None:
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

    sent = [parse_qs(each.body) for each in sts.requests]
    assert [["one"], ["two"]] == [each["WebIdentityToken"] for each in sent]
    assert ["AssumeRoleWithWebIdentity"] == sent[0]["Action"]
    assert ([ARN], ["me"]) == (sent[0]["RoleArn"], sent[0]["RoleSessionName"])


@pytest.mark.parametrize("path", ["~/token", "$HOME/token"])
async def test_the_path_of_a_token_file_is_expanded(path: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("web token")
    async with service(lambda _: (200, ASSUMED)) as server:
        context = make_context(AWS_ENDPOINT_URL_STS=server.url, HOME=str(tmp_path))
        await WebIdentityCredentials(
            role_arn=ARN, token_file=path, context=context
        ).retrieve()

    assert "web+token" in server.requests[0].body


async def test_a_missing_token_file_is_named() -> None:
    provider = WebIdentityCredentials(
        role_arn=ARN, token_file="/not/there", context=make_context()
    )

    with pytest.raises(CredentialsError, match="/not/there"):
        await provider.retrieve()


def test_the_repr_hides_the_external_id() -> None:
    role = AssumeRoleCredentials(
        role_arn=ARN, source=SOURCE, context=make_context(), external_id="hush"
    )

    assert "hush" not in repr(role)
    assert ARN in repr(role)

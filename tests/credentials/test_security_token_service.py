from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from sagemaker_rt.credentials.documents import Document
from sagemaker_rt.credentials.security_token_service import assume_role
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from tests.credentials.services import make_context, service
from tests.credentials.shown import shown
from tests.transport.servers import reply

ENDPOINT = "AWS_ENDPOINT_URL_STS"
ASSUMED = """
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
 <AssumeRoleResult>
  <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>
  <Credentials>
   <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>
   <SessionToken>a-token</SessionToken><Expiration>2023-11-14T22:13:20Z</Expiration>
  </Credentials>
 </AssumeRoleResult>
</AssumeRoleResponse>
"""
REFUSED = """
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
 <Error><Code>AccessDenied</Code><Message>not you</Message></Error>
</ErrorResponse>
"""


async def test_a_request_to_assume_a_role_is_signed() -> None:
    async with service(lambda _: (200, ASSUMED)) as sts:
        found = await assume_role(
            "AssumeRole",
            Document({"RoleArn": "arn:r", "RoleSessionName": "s &"}),
            make_context(**{ENDPOINT: sts.url}),
            signed_by=Credentials("AKID", "a-secret", "t"),
        )

    assert ("ASIA", "hush", "a-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    request = sts.requests[0]
    assert ("POST", "/") == (request.method, request.target)
    assert parse_qs(request.body) == {
        "Action": ["AssumeRole"],
        "Version": ["2011-06-15"],
        "RoleArn": ["arn:r"],
        "RoleSessionName": ["s &"],
    }
    scope = "Credential=AKID/20231114/eu-west-1/sts/aws4_request"
    assert scope in request.headers["authorization"]
    assert "t" == request.headers["x-amz-security-token"]


async def test_a_request_with_a_web_identity_is_not_signed() -> None:
    async with service(lambda _: (200, ASSUMED)) as sts:
        await assume_role(
            "AssumeRoleWithWebIdentity",
            Document({}),
            make_context(**{ENDPOINT: sts.url}),
        )

    assert "authorization" not in sts.requests[0].headers


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (403, REFUSED, r"STS AssumeRole .* AccessDenied \(403\): not you"),
        (500, "<x/>", r"HTTP \(500\)"),
        (200, REFUSED, "AccessKeyId and SecretAccessKey"),
        (200, "hush", "HTTP 200, expected XML"),
        (200, "", "expected XML"),
        (502, "<html>", "HTTP 502, expected XML"),
        (
            200,
            '<!DOCTYPE x [<!ENTITY a "hush">]><x>&a;</x>',
            "expected XML",
        ),
        *(
            (
                200,
                f'<?xml version="1.0" encoding="{name}"?>{ASSUMED[:-40]}',
                "expected XML",
            )
            for name in ("there-is-none", "utf-7", "rot13", "idna", "gb18030")
        ),
        (
            200,
            ASSUMED.replace("2023-11-14T22:13:20Z", "soon"),
            "the expiry",
        ),
        (200, ASSUMED.replace("ASIA", ""), "AccessKeyId"),
        (200, ASSUMED.replace("ASIA", "A&#13;&#10;B"), "AccessKeyId"),
        (
            403,
            REFUSED.replace("not you", "x-amz-security-token:hush"),
            r"x-amz-security-token:\[redacted\]",
        ),
    ],
)
async def test_an_invalid_response_is_an_error(
    status: int, body: str, message: str
) -> None:
    async with service(lambda _: (status, body)) as sts:
        with pytest.raises(CredentialsError, match=message) as caught:
            await assume_role(
                "AssumeRole", Document({}), make_context(**{ENDPOINT: sts.url})
            )

    assert "hush" not in shown(caught.value)


async def test_a_dtd_in_another_encoding_is_refused() -> None:
    text = ASSUMED.replace("ASIA", "&a;").strip()
    hidden = f'<!DOCTYPE x [<!ENTITY a "AKID">]>{text}'.encode("utf-16")

    async with service(lambda _: reply(hidden)) as sts:
        with pytest.raises(CredentialsError, match="expected XML"):
            await assume_role(
                "AssumeRole", Document({}), make_context(**{ENDPOINT: sts.url})
            )


async def test_a_parameter_with_surrogates_is_not_sent() -> None:
    parameters = Document({"RoleArn": "\udcff", "WebIdentityToken": "hush"})

    with pytest.raises(CredentialsError, match="STS X: RoleArn") as caught:
        await assume_role("X", parameters, make_context())

    assert "hush" not in shown(caught.value)

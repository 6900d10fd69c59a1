from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_rt.credentials.cognito import CognitoIdentityCredentials
from sagemaker_rt.errors import CredentialsError
from tests.credentials.services import ServiceRequest, make_context, service

FOUND = {
    "IdentityId": "eu-west-1:i",
    "Credentials": {
        "AccessKeyId": "ASIA",
        "SecretKey": "hush",
        "SessionToken": "a-token",
        "Expiration": 1_700_003_600.0,
    },
}


def cognito(request: ServiceRequest) -> tuple[int, str]:
    assert request.headers["content-type"] == "application/x-amz-json-1.1"
    return 200, json.dumps(FOUND)


def provider(url: str, **fields: Any) -> CognitoIdentityCredentials:
    context = make_context(AWS_ENDPOINT_URL_COGNITO_IDENTITY=url)
    return CognitoIdentityCredentials(region="eu-west-1", context=context, **fields)


async def test_an_identity_of_the_pool_has_credentials() -> None:
    async with service(cognito) as server:
        found = await provider(
            server.url,
            identity_pool_id="eu-west-1:p",
            logins={"accounts.example": "T"},
            custom_role_arn="arn:r",
        ).retrieve()

    assert ("ASIA", "hush", "a-token") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
    )
    assert found.expires_at is not None
    first, second = server.requests
    assert "AWSCognitoIdentityService.GetId" == first.headers["x-amz-target"]
    assert (
        "AWSCognitoIdentityService.GetCredentialsForIdentity"
        == (second.headers["x-amz-target"])
    )
    assert {
        "IdentityPoolId": "eu-west-1:p",
        "Logins": {"accounts.example": "T"},
    } == json.loads(first.body)
    assert {
        "IdentityId": "eu-west-1:i",
        "Logins": {"accounts.example": "T"},
        "CustomRoleArn": "arn:r",
    } == json.loads(second.body)


async def test_a_known_identity_is_not_requested() -> None:
    async with service(cognito) as server:
        await provider(server.url, identity_id="eu-west-1:k").retrieve()

    assert [{"IdentityId": "eu-west-1:k"}] == [
        json.loads(a.body) for a in server.requests
    ]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            400,
            {"__type": "x#NotAuthorizedException", "message": "no"},
            r"GetId: NotAuthorizedException \(400\): no",
        ),
        (500, {}, r"GetId: error \(500\)"),
        (200, {}, "IdentityId"),
        (
            200,
            {"IdentityId": "i"},
            "AccessKeyId and SecretAccessKey",
        ),
    ],
)
async def test_an_invalid_response_is_an_error(
    status: int, body: dict[str, str], message: str
) -> None:
    async with service(lambda _: (status, json.dumps(body))) as server:
        with pytest.raises(CredentialsError, match=message):
            await provider(server.url, identity_pool_id="p").retrieve()


async def test_a_pool_or_an_identity_is_required() -> None:
    with pytest.raises(CredentialsError, match="identity_pool_id"):
        await provider("http://127.0.0.1:9").retrieve()


def test_the_repr_hides_the_tokens() -> None:
    shown = repr(provider("http://x", identity_id="i", logins={"a": "hush"}))

    assert "hush" not in shown

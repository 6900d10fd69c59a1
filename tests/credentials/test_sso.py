from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from sagemaker_rt.credentials.sso import SSOCredentials
from sagemaker_rt.errors import CertificateError, CredentialsError
from sagemaker_rt.http import Endpoint
from tests.credentials.services import NOW, ServiceRequest, make_context, service
from tests.credentials.shown import shown
from tests.credentials.test_sso_token import (
    EXPIRED,
    START,
    VALID,
    refresh,
    token_file,
)
from tests.doubles import ScriptedHTTPClient

ROLE: Final[dict[str, dict[str, object]]] = {
    "roleCredentials": {
        "accessKeyId": "ASIA",
        "secretAccessKey": "hush",
        "sessionToken": "a-token",
        "expiration": 1_700_003_600_000,
    }
}


def role(**members: object) -> str:
    """Return the response of the portal with *members* replaced."""
    return json.dumps({"roleCredentials": ROLE["roleCredentials"] | members})


def portal(request: ServiceRequest) -> tuple[int, str]:
    """Return what the portal and the OIDC service return."""
    return refresh(request) if request.target == "/token" else (200, json.dumps(ROLE))


def provider(home: Path, url: str, *, session: str | None = None) -> SSOCredentials:
    environ = {"AWS_ENDPOINT_URL_SSO": url, "AWS_ENDPOINT_URL_SSO_OIDC": url}
    return SSOCredentials(
        account_id="123456789012",
        role_name="r 1",
        sso_region="eu-west-1",
        start_url=START,
        session=session,
        context=make_context(HOME=str(home), **environ),
    )


@pytest.mark.parametrize("session", [None, "s"])
async def test_the_credentials_of_a_role_are_returned(
    session: str | None, tmp_path: Path
) -> None:
    token_file(tmp_path, VALID, session=session)
    async with service(portal) as server:
        found = await provider(tmp_path, server.url, session=session).retrieve()

    assert ("ASIA", "hush", "a-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    assert NOW + 3600 == found.expires_at.timestamp()
    request = server.requests[0]
    target = "/federation/credentials?role_name=r+1&account_id=123456789012"
    assert ("GET", target) == (request.method, request.target)
    assert "T1" == request.headers["x-amz-sso_bearer_token"]


async def test_the_token_of_a_session_is_refreshed(tmp_path: Path) -> None:
    token_file(tmp_path, EXPIRED)
    async with service(portal) as server:
        await provider(tmp_path, server.url, session="s").retrieve()
        await provider(tmp_path, server.url, session="s").retrieve()

    targets = [request.target.partition("?")[0] for request in server.requests]
    assert ["/token", "/federation/credentials", "/federation/credentials"] == targets
    assert "T2" == server.requests[2].headers["x-amz-sso_bearer_token"]


async def test_without_a_login_the_error_has_the_login_command(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="run: aws sso login"):
        await provider(tmp_path, "http://127.0.0.1:9").retrieve()


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (403, "{}", "role 'r 1' in account 123456789012: HTTP 403; run: aws"),
        (200, "{}", "AccessKeyId and SecretAccessKey"),
        (200, "hush", "JSON object"),
        (
            200,
            role(expiration=10**400),
            "SSO portal: the expiry is invalid",
        ),
        (200, role(expiration=True), "SSO portal: the expiry is invalid"),
        (200, role(expiration=None), "SSO portal: the expiry is invalid"),
        (200, role(expiration=1e300), "SSO portal: the expiry is invalid"),
        (200, role(accessKeyId=7), "AccessKeyId"),
        (200, role(sessionToken="a\r\nhush"), "SessionToken"),
    ],
)
async def test_an_invalid_response_of_the_portal_is_an_error(
    status: int, body: str, message: str, tmp_path: Path
) -> None:
    token_file(tmp_path, VALID, session=None)
    async with service(lambda _: (status, body)) as server:
        with pytest.raises(CredentialsError, match=message) as caught:
            await provider(tmp_path, server.url).retrieve()

    assert not re.search("hush|a-token|'T1'", shown(caught.value))


@pytest.mark.parametrize(
    ("status", "is_refused"), [(401, True), (403, True), (404, False), (429, False)]
)
async def test_only_a_refusal_advises_to_log_in(
    status: int, is_refused: bool, tmp_path: Path
) -> None:
    token_file(tmp_path, VALID, session=None)
    async with service(lambda _: (status, "{}")) as server:
        with pytest.raises(CredentialsError, match=f"HTTP {status}") as caught:
            await provider(tmp_path, server.url).retrieve()

    assert is_refused == ("aws sso login" in str(caught.value))


async def test_the_portal_is_that_of_the_partition(tmp_path: Path) -> None:
    token_file(tmp_path, VALID)
    client = ScriptedHTTPClient(CertificateError("refused"))
    found = evolve(
        provider(tmp_path, "", session="s"),
        sso_region="cn-north-1",
        context=evolve(
            make_context(HOME=str(tmp_path)), make_http_client=lambda: client
        ),
    )

    with pytest.raises(CredentialsError, match="SSO portal"):
        await found.retrieve()

    (request,) = client.requests
    assert (
        Endpoint("https://portal.sso.cn-north-1.amazonaws.com.cn") == request.endpoint
    )

from __future__ import annotations

import json
import re
import stat
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from sagemaker_rt import Client
from sagemaker_rt.credentials.cache import TokenCache
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.credentials.sso_token import SSOTokenFile, SSOTokenProvider
from sagemaker_rt.errors import CertificateError, CredentialsError
from sagemaker_rt.http import Endpoint
from tests.credentials.services import NOW, ServiceRequest, make_context, service
from tests.credentials.shown import shown
from tests.doubles import ScriptedHTTPClient

START: Final = "https://d-1.awsapps.com/start"
CONFIG: Final = "[default]\nsso_session = s\n[sso-session s]\nsso_region = eu-west-1\n"
VALID: Final = {"accessToken": "T1", "expiresAt": "2023-11-14T23:00:00Z"}
EXPIRED: Final = {
    "accessToken": "T0",
    "expiresAt": "2023-11-14T22:00:00Z",
    "refreshToken": "R0",
    "clientId": "C",
    "clientSecret": "S",
}
# expires within five minutes of NOW, which is 22:13:20
AGEING: Final = EXPIRED | {"expiresAt": "2023-11-14T22:15:00Z"}
REFRESHED: Final = {"accessToken": "T2", "expiresIn": 3600, "refreshToken": "R1"}


def token_file(home: Path, cached: object, *, session: str | None = "s") -> Path:
    """Write the token file of a login, and return its path."""
    key = sha1((session or START).encode()).hexdigest()  # noqa: S324 - only the name of the file
    path = home / ".aws" / "sso" / "cache" / f"{key}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(cached))
    return path


def context(home: Path, url: str = "http://127.0.0.1:9") -> ProviderContext:
    return make_context(CONFIG, HOME=str(home), AWS_ENDPOINT_URL_SSO_OIDC=url)


def refresh(_: ServiceRequest) -> tuple[int, str]:
    return 200, json.dumps(REFRESHED)


def refuse(_: ServiceRequest) -> tuple[int, str]:
    return 400, '{"error": "invalid_grant"}'


async def test_a_valid_token_is_returned_without_a_request(tmp_path: Path) -> None:
    token_file(tmp_path, VALID)
    async with service(refresh) as server:
        found = await SSOTokenProvider(context=context(tmp_path, server.url)).retrieve()

    assert "T1" == found.token
    assert found.expires_at is not None
    assert "2023-11-14T23:00:00+00:00" == found.expires_at.isoformat()
    assert [] == server.requests


@pytest.mark.parametrize("cached", [EXPIRED, AGEING], ids=["expired", "ageing"])
async def test_a_token_is_refreshed_and_written_back(
    cached: dict[str, Any], tmp_path: Path
) -> None:
    path = token_file(tmp_path, cached)
    async with service(refresh) as server:
        provider = SSOTokenProvider(context=context(tmp_path, server.url))
        found = await provider.retrieve()
        again = await provider.retrieve()

    assert found == again
    assert "T2" == found.token
    assert found.expires_at is not None
    assert NOW + 3600 == found.expires_at.timestamp()
    (request,) = server.requests
    assert ("POST", "/token") == (request.method, request.target)
    assert json.loads(request.body) == {
        "grantType": "refresh_token",
        "refreshToken": "R0",
        "clientId": "C",
        "clientSecret": "S",
    }
    assert json.loads(path.read_text()) == cached | {
        "accessToken": "T2",
        "expiresAt": "2023-11-14T23:13:20Z",
        "refreshToken": "R1",
    }
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == [*path.parent.iterdir()]


async def test_a_valid_token_is_used_if_the_refresh_is_refused(tmp_path: Path) -> None:
    token_file(tmp_path, AGEING)
    async with service(refuse) as server:
        found = await SSOTokenProvider(context=context(tmp_path, server.url)).retrieve()

    assert "T0" == found.token
    assert 1 == len(server.requests)


async def test_a_valid_token_is_used_if_the_new_one_cannot_be_written(
    tmp_path: Path,
) -> None:
    path = token_file(tmp_path, AGEING)

    def refresh_without_a_folder(request: ServiceRequest) -> tuple[int, str]:
        path.parent.rename(tmp_path / "elsewhere")
        return refresh(request)

    async with service(refresh_without_a_folder) as server:
        found = await SSOTokenProvider(context=context(tmp_path, server.url)).retrieve()

    assert "T0" == found.token


@pytest.mark.parametrize(
    ("cached", "session", "message"),
    [
        # the zero time, which programs in Go write
        (EXPIRED | {"expiresAt": "0001-01-01T00:00:00Z"}, "s", "has expired"),
        (EXPIRED, "s", "run: aws sso login --sso-session s"),
        (EXPIRED, None, "run: aws sso login"),
        ({"expiresAt": "2024-11-14T22:00:00Z"}, None, "run: aws sso login"),
        (VALID | {"expiresAt": "soon"}, None, "the expiry is invalid"),
        ([], None, "JSON object"),
        (
            {"accessToken": "T0", "expiresAt": "2023-11-14T22:00:00Z"},
            "s",
            "run: aws sso login --sso-session s",
        ),
    ],
)
async def test_without_a_valid_token_the_error_has_the_login_command(
    cached: object, session: str | None, message: str, tmp_path: Path
) -> None:
    path = token_file(tmp_path, cached, session=session)
    async with service(refuse) as server:
        file = SSOTokenFile(
            session=session,
            start_url=START,
            sso_region="eu-west-1",
            context=context(tmp_path, server.url),
        )
        with pytest.raises(CredentialsError) as caught:
            await file.retrieve()

    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert not re.search("'(T0|R0|S)'", shown(caught.value))


@pytest.mark.parametrize(
    "response",
    [
        {"accessToken": "T2", "expiresIn": 10**400},
        {"accessToken": "T2", "expiresIn": 2**63},
        {"accessToken": "T2", "expiresIn": 253_402_300_799},
        {"accessToken": "T2", "expiresIn": -1},
        {"accessToken": "T2", "expiresIn": 1.5},
        {"accessToken": "T2"},
        {"accessToken": ["T2"], "expiresIn": 3600},
    ],
)
async def test_an_incomplete_response_is_not_written(
    response: object, tmp_path: Path
) -> None:
    path = token_file(tmp_path, EXPIRED)
    async with service(lambda _: (200, json.dumps(response))) as server:
        with pytest.raises(CredentialsError, match="has expired") as caught:
            await SSOTokenProvider(context=context(tmp_path, server.url)).retrieve()

    assert EXPIRED == json.loads(path.read_text())
    assert not re.search("'(T0|T2|R0|S)'", shown(caught.value))


async def test_without_a_login_the_error_has_the_login_command(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="run: aws sso login --sso-session s"):
        await SSOTokenProvider(context=context(tmp_path)).retrieve()


async def test_session_and_region_may_be_named_in_code(tmp_path: Path) -> None:
    token_file(tmp_path, VALID, session="other")
    unconfigured = make_context(HOME=str(tmp_path))

    found = await SSOTokenProvider(
        session="other", sso_region="eu-west-1", context=unconfigured
    ).retrieve()

    assert "T1" == found.token


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "profile 'default' has no sso_session"),
        ("[default]\nsso_session =\n", "profile 'default' has no sso_session"),
        ("[default]\nsso_session = s\n", r"\[sso-session s\] .* sso_region"),
        (
            "[default]\nsso_session = s\n[sso-session s]\nsso_region =\n",
            r"\[sso-session s\] .* sso_region",
        ),
    ],
)
async def test_an_incomplete_configuration_is_an_error(text: str, message: str) -> None:
    with pytest.raises(CredentialsError, match=message):
        await SSOTokenProvider(context=make_context(text)).retrieve()


async def test_the_oidc_endpoint_is_that_of_the_partition(tmp_path: Path) -> None:
    token_file(tmp_path, AGEING)
    client = ScriptedHTTPClient(CertificateError("refused"))
    provider = SSOTokenProvider(
        sso_region="cn-north-1",
        session="s",
        context=evolve(
            make_context(HOME=str(tmp_path)), make_http_client=lambda: client
        ),
    )

    assert "T0" == (await provider.retrieve()).token
    (request,) = client.requests
    assert Endpoint("https://oidc.cn-north-1.amazonaws.com.cn") == request.endpoint


async def test_a_cached_token_is_refreshed_before_it_expires(tmp_path: Path) -> None:
    token_file(tmp_path, EXPIRED | VALID)
    now = [NOW]
    async with service(refresh) as server:
        provider = SSOTokenProvider(
            context=evolve(context(tmp_path, server.url), clock=lambda: now[0])
        )
        cache = TokenCache(provider, provider.context.clock, chance=lambda: 0.0)
        tokens = []
        for seconds in (0, 1800, 301, 301, 300):  # the token expires after 2800
            now[0] += seconds
            tokens.append((await cache.retrieve()).token)

    assert ["T1", "T1", "T1", "T1", "T2"] == tokens
    assert 1 == len(server.requests)


async def test_a_call_is_sent_with_the_token(tmp_path: Path) -> None:
    token_file(tmp_path, EXPIRED)
    async with service(refresh) as oidc, service(lambda _: (200, "ok")) as runtime:
        provider = SSOTokenProvider(context=context(tmp_path, oidc.url))
        client = Client(token_provider=provider, endpoint_url=runtime.url, environ={})
        async with client:
            await client.invoke_endpoint(endpoint_name="m", body=b"")

    assert "Bearer T2" == runtime.requests[0].headers["authorization"]


def test_the_repr_hides_the_context(tmp_path: Path) -> None:
    text = repr(SSOTokenProvider(session="s", context=context(tmp_path)))

    assert "SSOTokenProvider(session='s', sso_region=None)" == text


@pytest.mark.parametrize(
    ("status", "body", "is_refused"),
    [
        (401, "{}", True),
        (403, "no", True),
        (400, '{"error": "invalid_grant"}', True),
        (400, '{"error": "slow_down"}', False),
        (429, "{}", False),
        (503, "", False),
    ],
)
async def test_only_a_refused_refresh_advises_to_log_in(
    status: int, body: str, is_refused: bool, tmp_path: Path
) -> None:
    token_file(tmp_path, EXPIRED, session="s")
    async with service(lambda _: (status, body)) as server:
        provider = SSOTokenProvider(context=context(tmp_path, server.url))
        with pytest.raises(CredentialsError, match=f"HTTP {status}") as caught:
            await provider.retrieve()

    assert is_refused == ("aws sso login" in str(caught.value))

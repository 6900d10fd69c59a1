from __future__ import annotations

import json
import logging
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from attrs import evolve

from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.login import LoginCredentials
from sagemaker_rt.errors import CredentialsError
from tests.credentials.services import NOW, ServiceRequest, make_context, service
from tests.credentials.shown import shown
from tests.credentials.test_dpop import OWN, number, pem, verified

SESSION: Final = "arn:aws:iam::123456789012:user/me"
UNREACHABLE: Final = "http://127.0.0.1:9"
KEYS: Final = {
    "accessKeyId": "ASIAOLD",
    "secretAccessKey": "old-secret",
    "sessionToken": "old-session-token",
}
FIRST: Final[dict[str, Any]] = {
    "accessToken": KEYS
    | {"accountId": "123456789012", "expiresAt": "2023-11-14T22:28:20Z"},
    "tokenType": "aws_sigv4",
    "refreshToken": "old-refresh-token",
    "idToken": "an-id-token",
    "clientId": "arn:aws:signin:::devtools/same-device",
    "dpopKey": pem(),
}


def until(end: str) -> dict[str, Any]:
    return FIRST | {"accessToken": FIRST["accessToken"] | {"expiresAt": end}}


# NOW is 22:13:20
GOOD: Final = until("2023-11-14T22:18:21Z")
AGEING: Final = until("2023-11-14T22:18:20Z")
EXPIRED: Final = until("2023-11-14T22:13:20Z")

NEW: Final[dict[str, Any]] = {
    "accessToken": {
        "accessKeyId": "ASIANEW",
        "secretAccessKey": "new-secret",
        "sessionToken": "new-session-token",
    },
    "tokenType": "aws_sigv4",
    "expiresIn": 900,
    "refreshToken": "new-refresh-token",
}
SECRETS: Final = (
    "old-secret",
    "old-session-token",
    "old-refresh-token",
    "an-id-token",
    pem().splitlines()[1],
    "new-secret",
    "new-session-token",
    "new-refresh-token",
)


Handler: TypeAlias = Callable[[ServiceRequest], tuple[int, str]]


def sign_in(request: ServiceRequest) -> tuple[int, str]:
    return 200, json.dumps(NEW)


def refusing(status: int, code: str) -> Handler:
    """Return a service that refuses, and echoes the request."""

    def refuse(request: ServiceRequest) -> tuple[int, str]:
        return status, json.dumps({"error": code, "message": request.body})

    return refuse


class Login:
    """A home folder with the cache file of ``aws login``."""

    def __init__(self, home: Path, content: object = EXPIRED, **environ: str) -> None:
        name = f"{sha256(SESSION.encode()).hexdigest()}.json"
        self.path = home / ".aws" / "login" / "cache" / name
        self.path.parent.mkdir(parents=True)
        self.write(content if isinstance(content, str) else json.dumps(content))
        self._environ = {"HOME": str(home)} | environ

    def write(self, text: str) -> None:
        self.path.write_text(text)

    def read(self) -> Any:
        return json.loads(self.path.read_text())

    def provider(
        self, url: str | None = UNREACHABLE, **fields: Any
    ) -> LoginCredentials:
        named = {} if url is None else {"AWS_ENDPOINT_URL_SIGNIN": url}
        context = make_context(**self._environ | named)
        return LoginCredentials(session=SESSION, context=context, **fields)

    async def refusal(self, url: str | None = UNREACHABLE, **fields: Any) -> str:
        """Return the text of the error, after a check that it shows no secret."""
        with pytest.raises(CredentialsError) as caught:
            await self.provider(url, **fields).retrieve()
        assert [] == [secret for secret in SECRETS if secret in shown(caught.value)]
        return str(caught.value)


@pytest.fixture
def login(tmp_path: Path) -> Login:
    return Login(tmp_path)


async def test_valid_credentials_are_returned_without_a_request(tmp_path: Path) -> None:
    login = Login(tmp_path, GOOD)
    async with service(sign_in) as server:
        found = await login.provider(server.url).retrieve()

    assert ("ASIAOLD", "old-secret", "old-session-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    assert NOW + 301 == found.expires_at.timestamp()
    assert [] == server.requests


@pytest.mark.parametrize("content", [AGEING, EXPIRED])
async def test_credentials_about_to_expire_are_refreshed_and_written_back(
    content: dict[str, Any], tmp_path: Path
) -> None:
    login = Login(tmp_path, content)
    async with service(sign_in) as server:
        found = await login.provider(server.url).retrieve()
        again = await login.provider(server.url).retrieve()

    assert found == again
    assert ("ASIANEW", "new-secret", "new-session-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    assert NOW + 900 == found.expires_at.timestamp()
    assert login.read() == content | {
        "accessToken": NEW["accessToken"]
        | {"accountId": "123456789012", "expiresAt": "2023-11-14T22:28:20Z"},
        "refreshToken": "new-refresh-token",
    }
    assert 0o600 == stat.S_IMODE(login.path.stat().st_mode)
    assert 1 == len(list(login.path.parent.iterdir()))
    assert 1 == len(server.requests)


async def test_a_refresh_has_a_proof_of_the_key(login: Login) -> None:
    async with service(sign_in) as server:
        await login.provider(f"{server.url}/").retrieve()

    request = server.requests[0]
    assert ("POST", "/v1/token") == (request.method, request.target)
    assert "application/json" == request.headers["content-type"]
    assert json.loads(request.body) == {
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "old-refresh-token",
        "grantType": "refresh_token",
    }
    header, claims = verified(request.headers["dpop"])
    assert number(header["jwk"]["x"]) == OWN.public_key().public_numbers().x
    assert ("POST", int(NOW)) == (claims["htm"], claims["iat"])
    assert f"{server.url}/v1/token" == claims["htu"]


async def test_the_refresh_token_is_kept_if_the_response_has_none(login: Login) -> None:
    answer = {name: value for name, value in NEW.items() if name != "refreshToken"}
    async with service(lambda _: (200, json.dumps(answer))) as server:
        await login.provider(server.url).retrieve()

    assert "old-refresh-token" == login.read()["refreshToken"]


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (401, "TOKEN_EXPIRED", "run: aws login --profile me"),
        (
            403,
            "USER_CREDENTIALS_CHANGED",
            "run: aws login --profile me",
        ),
        (
            403,
            "INSUFFICIENT_PERMISSIONS",
            "signin:CreateOAuth2Token",
        ),
        (401, "INVALID_REQUEST", "run: aws login --profile me"),
        (400, "invalid_grant", "run: aws login --profile me"),
    ],
)
async def test_a_refusal_has_advice(
    status: int, code: str, advice: str, login: Login
) -> None:
    before = login.read()
    async with service(refusing(status, code)) as server:
        text = await login.refusal(server.url, profile="me")

    assert f"HTTP {status} {code}" in text
    assert advice in text
    assert before == login.read()


@pytest.mark.parametrize(
    ("status", "code"), [(429, "rate_exceeded"), (500, "server_error")]
)
async def test_a_transient_failure_has_no_advice_to_log_in(
    status: int, code: str, login: Login
) -> None:
    async with service(refusing(status, code)) as server:
        text = await login.refusal(server.url)

    assert text.endswith(f"HTTP {status} {code}")


@pytest.mark.parametrize(
    "body",
    ["<html>", "[]", "", '{"error": 1}', '{"error": "old-refresh-token"}'],
)
async def test_a_refusal_of_another_form_has_only_its_status(
    body: str, login: Login
) -> None:
    async with service(lambda _: (400, body)) as server:
        text = await login.refusal(server.url)

    assert text.endswith(": HTTP 400")


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("new-secret", "10 bytes are not a JSON object"),
        ("{}", "expiresIn"),
        (json.dumps(NEW | {"expiresIn": "900"}), "expiresIn"),
        (json.dumps(NEW | {"expiresIn": 0}), "expiresIn"),
        (json.dumps(NEW | {"expiresIn": 10**400}), "the expiry"),
        (
            json.dumps(NEW | {"accessToken": "new-secret"}),
            "accessKeyId and secretAccessKey",
        ),
        (
            json.dumps(NEW | {"accessToken": NEW["accessToken"] | {"sessionToken": 1}}),
            "sessionToken",
        ),
    ],
)
async def test_an_incomplete_response_is_not_written(
    response: str, expected: str, login: Login
) -> None:
    before = login.read()
    async with service(lambda _: (200, response)) as server:
        text = await login.refusal(server.url)

    assert f"the sign-in service: {expected}" in text
    assert before == login.read()


async def test_an_unreachable_service_is_named(login: Login) -> None:
    assert "the sign-in service failed" in await login.refusal()


@pytest.mark.parametrize("profile", [None, "me"])
async def test_without_a_login_the_error_has_the_login_command(
    profile: str | None, login: Login
) -> None:
    login.path.unlink()

    text = await login.refusal(profile=profile)

    advice = "aws login --profile me" if profile else "aws login"
    assert text.startswith(str(login.path))
    assert text.endswith(f"run: {advice}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"refreshToken": "old-refresh-token"', "JSON object"),
        ([SECRETS], "JSON object"),
        (FIRST | {"accessToken": None}, "accessKeyId and secretAccessKey"),
        (FIRST | {"accessToken": KEYS}, "expiresAt missing; run: aws login"),
        (
            FIRST | {"accessToken": FIRST["accessToken"] | {"secretAccessKey": ""}},
            "secretAccessKey missing; run: aws login",
        ),
        (until("soon"), "the expiry"),
        (EXPIRED | {"refreshToken": 1}, "refreshToken missing; run: aws"),
        (EXPIRED | {"dpopKey": "", "clientId": None}, "clientId and dpopKey missing"),
    ],
)
async def test_an_incomplete_cache_file_is_named(
    content: object, expected: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, content)

    text = await login.refusal()

    assert expected in text
    assert str(login.path) in text


async def test_an_invalid_key_is_an_error(tmp_path: Path) -> None:
    login = Login(tmp_path, EXPIRED | {"dpopKey": pem()[:80]})

    assert "private key of the curve P-256" in await login.refusal()


def without_library(key: str, url: str, issued_at: int) -> str:
    message = "No module named 'cryptography'"
    raise ImportError(message)


async def test_a_missing_library_has_its_install_command(login: Login) -> None:
    text = await login.refusal(sign_proof=without_library)

    assert "No module named 'cryptography'" in text
    assert text.endswith("run: pip install 'sagemaker-rt[login]'")


@pytest.mark.parametrize("content", [GOOD, AGEING])
async def test_the_library_is_not_needed_while_the_credentials_are_valid(
    content: object, tmp_path: Path
) -> None:
    found = (
        await Login(tmp_path, content).provider(sign_proof=without_library).retrieve()
    )

    assert "ASIAOLD" == found.access_key_id


async def test_a_failed_refresh_is_followed_by_a_pause(
    tmp_path: Path,
) -> None:
    login = Login(tmp_path, AGEING)
    now = [NOW]
    async with service(refusing(500, "server_error")) as server:
        provider = login.provider(server.url)
        context = evolve(provider.context, clock=lambda: now[0])
        provider = evolve(provider, context=context)
        counts = []
        for moment in (0, 1, 29, 31, 60, 62):
            now[0] = NOW + moment
            found = await provider.retrieve()
            counts.append(len(server.requests))

    assert "ASIAOLD" == found.access_key_id
    # each refresh has three attempts
    assert [3, 3, 3, 6, 6, 9] == counts


async def test_credentials_that_another_program_refreshed_are_used(
    login: Login,
) -> None:
    def late(request: ServiceRequest) -> tuple[int, str]:
        login.write(json.dumps(GOOD))
        return refusing(400, "invalid_grant")(request)

    async with service(late) as server:
        found = await login.provider(server.url).retrieve()

    assert "ASIAOLD" == found.access_key_id
    assert found.expires_at is not None
    assert NOW + 301 == found.expires_at.timestamp()


async def test_a_file_removed_during_the_refresh_is_an_error(login: Login) -> None:
    def refuse_and_remove(request: ServiceRequest) -> tuple[int, str]:
        login.path.unlink()
        return refusing(401, "TOKEN_EXPIRED")(request)

    async with service(refuse_and_remove) as server:
        text = await login.refusal(server.url)

    assert str(login.path) in text


@pytest.mark.parametrize(
    ("folder", "path"), [("~/of login", "of login"), ("$HOME/${THERE}", "there")]
)
async def test_the_folder_is_a_setting(folder: str, path: str, tmp_path: Path) -> None:
    login = Login(tmp_path, GOOD, AWS_LOGIN_CACHE_DIRECTORY=folder, THERE="there")
    login.path.parent.rename(tmp_path / path)

    found = await login.provider().retrieve()

    assert "ASIAOLD" == found.access_key_id


@pytest.mark.parametrize(
    ("content", "region", "expected"),
    [
        ({}, "eu-west-1", "eu-west-1.signin.aws.amazon.com"),
        (
            {"signInRegion": "us-east-2"},
            "cn-north-1",
            "us-east-2.signin.aws.amazon.com",
        ),
        ({}, "cn-north-1", "cn-north-1.signin.amazonaws.cn"),
        ({}, "us-gov-west-1", "us-gov-west-1.signin.amazonaws-us-gov.com"),
        ({}, "eusc-de-east-1", "eusc-de-east-1.signin.amazonaws-eusc.eu"),
        ({}, "us-iso-east-1", "us-iso-east-1.signin.c2shome.ic.gov"),
        ({}, "us-isob-east-1", "us-isob-east-1.signin.sc2shome.sgov.gov"),
        ({}, "us-isof-south-1", "us-isof-south-1.signin.csphome.hci.ic.gov"),
        ({}, "eu-isoe-west-1", "eu-isoe-west-1.signin.csphome.adc-e.uk"),
    ],
)
async def test_the_endpoint_is_that_of_the_region(
    content: dict[str, Any], region: str, expected: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, EXPIRED | content)
    urls = []

    def sign_proof(key: str, url: str, issued_at: int) -> str:
        urls.append(url)
        return without_library(key, url, issued_at)

    provider = login.provider(None, sign_proof=sign_proof)
    provider = evolve(provider, context=evolve(provider.context, region=region))
    with pytest.raises(CredentialsError, match="cryptography"):
        await provider.retrieve()

    assert [f"https://{expected}/v1/token"] == urls


async def test_the_settings_of_fips_and_dual_stack_endpoints_count(
    tmp_path: Path,
) -> None:
    provider = Login(tmp_path, EXPIRED).provider(None)
    context = evolve(
        provider.context,
        region="eu-west-1",
        use_fips_endpoint=True,
        use_dualstack_endpoint=True,
    )
    urls: list[str] = []

    def sign_proof(key: str, url: str, issued_at: int) -> str:
        urls.append(url)
        return without_library(key, url, issued_at)

    provider = evolve(provider, context=context, sign_proof=sign_proof)
    with pytest.raises(CredentialsError, match="cryptography"):
        await provider.retrieve()

    assert ["https://signin-fips.eu-west-1.api.aws/v1/token"] == urls


@pytest.mark.parametrize(
    ("url", "content", "expected"),
    [
        (
            "http://example.com",
            {},
            "environment variable AWS_ENDPOINT_URL_SIGNIN: ",
        ),
        ("nonsense", {}, "environment variable AWS_ENDPOINT_URL_SIGNIN: "),
        (
            None,
            {"signInRegion": "a.example/#"},
            "'a.example/#'",
        ),
    ],
)
async def test_an_unsafe_endpoint_is_an_error(
    url: str | None, content: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, EXPIRED | content)

    assert expected in await login.refusal(url)


async def test_a_refresh_without_a_region_is_an_error(login: Login) -> None:
    provider = login.provider(None)
    context = evolve(provider.context, region=None)

    with pytest.raises(CredentialsError, match="AWS_REGION"):
        await evolve(provider, context=context).retrieve()


async def test_no_secret_is_logged_or_shown(
    login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with service(sign_in) as server:
        provider = login.provider(server.url, profile="me")
        found = await provider.retrieve()

    texts = f"{caplog.text}{provider!r}{found!r}"
    assert f"LoginCredentials(session='{SESSION}', profile='me')" == repr(provider)
    assert [] == [secret for secret in SECRETS if secret in texts]


async def test_expired_credentials_are_used_while_the_service_is_unreachable(
    tmp_path: Path,
) -> None:
    login = Login(tmp_path, GOOD)
    now = [NOW]
    provider = login.provider()
    context = evolve(provider.context, clock=lambda: now[0])
    cache = CredentialsCache(evolve(provider, context=context), context.clock)
    await cache.retrieve()
    now[0] = NOW + 400

    found = await cache.retrieve()

    assert "ASIAOLD" == found.access_key_id


async def test_botocore_reads_the_file_that_is_written(login: Login) -> None:
    from botocore.utils import (  # noqa: PLC0415 - slow, and for this test alone
        JSONFileCache,
        LoginTokenLoader,
    )

    async with service(sign_in) as server:
        found = await login.provider(server.url).retrieve()

    loader = LoginTokenLoader(JSONFileCache(str(login.path.parent)))
    token = loader.load_token(SESSION)
    assert token == login.read()
    access = token["accessToken"]
    assert (found.access_key_id, found.secret_access_key, found.session_token) == (
        access["accessKeyId"],
        access["secretAccessKey"],
        access["sessionToken"],
    )

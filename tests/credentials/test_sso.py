from __future__ import annotations

import json
import re
import stat
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.credentials.sso import SSOCredentials
from sagemaker_rt.errors import CredentialsError
from tests.credentials.services import NOW, Asked, make_context, service
from tests.credentials.shown import shown

START = "https://d-1.awsapps.com/start"
ROLE: Final[dict[str, dict[str, object]]] = {
    "roleCredentials": {
        "accessKeyId": "ASIA",
        "secretAccessKey": "hush",
        "sessionToken": "a-token",
        "expiration": 1_700_003_600_000,
    }
}


def role(**members: object) -> str:
    """Return what the portal would say, but for *members*."""
    return json.dumps({"roleCredentials": ROLE["roleCredentials"] | members})


VALID = {"accessToken": "T1", "expiresAt": "2023-11-14T23:00:00Z"}
EXPIRED = {
    "accessToken": "T0",
    "expiresAt": "2023-11-14T22:00:00Z",
    "refreshToken": "R0",
    "clientId": "C",
    "clientSecret": "S",
}
# one that will have expired within five minutes of NOW, which is 22:13:20
AGEING = EXPIRED | {"expiresAt": "2023-11-14T22:15:00Z"}


def portal(asked: Asked) -> tuple[int, str]:
    """Answer as the portal and the OIDC service do."""
    if asked.target == "/token":
        new = {"accessToken": "T2", "expiresIn": 3600, "refreshToken": "R1"}
        return 200, json.dumps(new)
    return 200, json.dumps(ROLE)


class Login:
    """A home folder with the token that a login has left."""

    def __init__(self, home: Path, cached: object, *, session: str | None) -> None:
        key = sha1((session or START).encode()).hexdigest()  # noqa: S324 - what it is called
        self.path = home / ".aws" / "sso" / "cache" / f"{key}.json"
        self.path.parent.mkdir(parents=True)
        self.path.write_text(json.dumps(cached))
        self._home = home
        self._session = session

    def provider(self, url: str) -> SSOCredentials:
        environ = {"AWS_ENDPOINT_URL_SSO": url, "AWS_ENDPOINT_URL_SSO_OIDC": url}
        return SSOCredentials(
            account_id="123456789012",
            role_name="r 1",
            sso_region="eu-west-1",
            start_url=START,
            session=self._session,
            context=make_context(HOME=str(self._home), **environ),
        )


@pytest.mark.parametrize("session", [None, "s"])
async def test_a_token_gives_the_credentials_of_a_role(
    session: str | None, tmp_path: Path
) -> None:
    login = Login(tmp_path, VALID, session=session)
    async with service(portal) as there:
        found = await login.provider(there.url).retrieve()

    assert ("ASIA", "hush", "a-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    assert NOW + 3600 == found.expires_at.timestamp()
    asked = there.asked[0]
    target = "/federation/credentials?role_name=r+1&account_id=123456789012"
    assert ("GET", target) == (asked.method, asked.target)
    assert "T1" == asked.headers["x-amz-sso_bearer_token"]


@pytest.mark.parametrize("cached", [EXPIRED, AGEING])
async def test_a_token_of_a_session_is_refreshed_and_written_back(
    cached: dict[str, Any], tmp_path: Path
) -> None:
    login = Login(tmp_path, cached, session="s")
    async with service(portal) as there:
        await login.provider(there.url).retrieve()
        await login.provider(there.url).retrieve()

    targets = [asked.target.partition("?")[0] for asked in there.asked]
    assert ["/token", "/federation/credentials", "/federation/credentials"] == targets
    assert json.loads(there.asked[0].body) == {
        "grantType": "refresh_token",
        "refreshToken": "R0",
        "clientId": "C",
        "clientSecret": "S",
    }
    assert "T2" == there.asked[2].headers["x-amz-sso_bearer_token"]
    assert json.loads(login.path.read_text()) == cached | {
        "accessToken": "T2",
        "expiresAt": "2023-11-14T23:13:20Z",
        "refreshToken": "R1",
    }
    assert 0o600 == stat.S_IMODE(login.path.stat().st_mode)
    assert [login.path] == [*login.path.parent.iterdir()]


def no_refresh(asked: Asked) -> tuple[int, str]:
    return (400, "{}") if asked.target == "/token" else portal(asked)


async def test_a_token_that_lasts_is_used_where_it_cannot_be_refreshed(
    tmp_path: Path,
) -> None:
    login = Login(tmp_path, AGEING, session="s")
    async with service(no_refresh) as there:
        await login.provider(there.url).retrieve()

    assert "T0" == there.asked[-1].headers["x-amz-sso_bearer_token"]


async def test_a_token_that_lasts_is_used_where_no_other_can_be_written(
    tmp_path: Path,
) -> None:
    login = Login(tmp_path, AGEING, session="s")

    def portal_without_a_folder(asked: Asked) -> tuple[int, str]:
        if asked.target == "/token":
            login.path.parent.rename(tmp_path / "elsewhere")
        return portal(asked)

    async with service(portal_without_a_folder) as there:
        await login.provider(there.url).retrieve()

    assert "T0" == there.asked[-1].headers["x-amz-sso_bearer_token"]


@pytest.mark.parametrize(
    ("cached", "session", "message"),
    [
        # what programs in Go write for no time
        (EXPIRED | {"expiresAt": "0001-01-01T00:00:00Z"}, "s", "has expired"),
        (EXPIRED, "s", "has expired; run: aws sso login --sso-session s"),
        (EXPIRED, None, "has expired; run: aws sso login"),
        ({"expiresAt": "2024-11-14T22:00:00Z"}, None, "has expired"),
        (
            VALID | {"expiresAt": "soon"},
            None,
            "gave an expiry that is no time; right would be one such as",
        ),
        ([], None, "gave 2 bytes that are no JSON object"),
        (
            {"accessToken": "T0", "expiresAt": "2023-11-14T22:00:00Z"},
            "s",
            "has expired; run: aws sso login --sso-session s",
        ),
    ],
)
async def test_without_a_good_token_the_advice_is_to_log_in(
    cached: object, session: str | None, message: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, cached, session=session)
    async with service(no_refresh) as there:
        with pytest.raises(CredentialsError) as caught:
            await login.provider(there.url).retrieve()

    assert message in str(caught.value)
    assert str(login.path) in str(caught.value)
    assert not re.search("'(T0|R0|S)'", shown(caught.value))


@pytest.mark.parametrize(
    "answer",
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
async def test_an_answer_that_is_not_whole_is_not_written(
    answer: object, tmp_path: Path
) -> None:
    login = Login(tmp_path, EXPIRED, session="s")
    async with service(lambda _: (200, json.dumps(answer))) as there:
        with pytest.raises(CredentialsError, match="has expired") as caught:
            await login.provider(there.url).retrieve()

    assert EXPIRED == json.loads(login.path.read_text())
    assert not re.search("'(T0|T2|R0|S)'", shown(caught.value))


async def test_who_has_never_logged_in_is_told_so(tmp_path: Path) -> None:
    login = Login(tmp_path, VALID, session=None)
    login.path.unlink()

    with pytest.raises(CredentialsError, match="cannot be read; run: aws sso login"):
        await login.provider("http://127.0.0.1:9").retrieve()


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (403, "{}", "refused role 'r 1' in account 123456789012: HTTP 403; run: aws"),
        (200, "{}", "the SSO portal gave no AccessKeyId and no SecretAccessKey"),
        (200, "hush", "the SSO portal gave 4 bytes that are no JSON object"),
        (
            200,
            role(expiration=10**400),
            "the SSO portal gave an expiry that is no time",
        ),
        (200, role(expiration=True), "the SSO portal gave an expiry that is no time"),
        (200, role(expiration=None), "the SSO portal gave an expiry that is no time"),
        (200, role(expiration=1e300), "the SSO portal gave an expiry that is no time"),
        (200, role(accessKeyId=7), "the SSO portal gave no AccessKeyId"),
        (200, role(sessionToken="a\r\nhush"), "gave SessionToken with characters that"),
    ],
)
async def test_what_the_portal_says_wrong_is_named(
    status: int, body: str, message: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, VALID, session=None)
    async with service(lambda _: (status, body)) as there:
        with pytest.raises(CredentialsError, match=message) as caught:
            await login.provider(there.url).retrieve()

    assert not re.search("hush|a-token|'T1'", shown(caught.value))


def test_each_region_has_its_endpoints() -> None:
    provider = SSOCredentials(
        account_id="1",
        role_name="r",
        sso_region="cn-north-1",
        start_url=START,
        context=make_context(),
    )

    assert "https://portal.sso.cn-north-1.amazonaws.com.cn" == provider._endpoint(
        "SSO", "portal.sso"
    )

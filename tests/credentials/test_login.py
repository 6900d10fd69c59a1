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
from tests.credentials.services import NOW, Asked, make_context, service
from tests.credentials.shown import shown
from tests.credentials.test_dpop import OWN, number, pem, verified

SESSION: Final = "arn:aws:iam::123456789012:user/me"
NOWHERE: Final = "http://127.0.0.1:9"
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


Answers: TypeAlias = Callable[[Asked], tuple[int, str]]


def sign_in(asked: Asked) -> tuple[int, str]:
    return 200, json.dumps(NEW)


def refusing(status: int, code: str) -> Answers:
    """Return a service that refuses, and repeats what it was sent."""

    def refuse(asked: Asked) -> tuple[int, str]:
        return status, json.dumps({"error": code, "message": asked.body})

    return refuse


class Login:
    """A home folder with what ``aws login`` has left."""

    def __init__(self, home: Path, left: object = EXPIRED, **environ: str) -> None:
        name = f"{sha256(SESSION.encode()).hexdigest()}.json"
        self.path = home / ".aws" / "login" / "cache" / name
        self.path.parent.mkdir(parents=True)
        self.write(left if isinstance(left, str) else json.dumps(left))
        self._environ = {"HOME": str(home)} | environ

    def write(self, text: str) -> None:
        self.path.write_text(text)

    def read(self) -> Any:
        return json.loads(self.path.read_text())

    def provider(self, url: str | None = NOWHERE, **fields: Any) -> LoginCredentials:
        named = {} if url is None else {"AWS_ENDPOINT_URL_SIGNIN": url}
        context = make_context(**self._environ | named)
        return LoginCredentials(session=SESSION, context=context, **fields)

    async def refusal(self, url: str | None = NOWHERE, **fields: Any) -> str:
        """Return the text of the error, which shows no secret."""
        with pytest.raises(CredentialsError) as caught:
            await self.provider(url, **fields).retrieve()
        assert [] == [secret for secret in SECRETS if secret in shown(caught.value)]
        return str(caught.value)


@pytest.fixture
def login(tmp_path: Path) -> Login:
    return Login(tmp_path)


async def test_a_set_that_lasts_is_returned_and_nobody_asked(tmp_path: Path) -> None:
    login = Login(tmp_path, GOOD)
    async with service(sign_in) as there:
        found = await login.provider(there.url).retrieve()

    assert ("ASIAOLD", "old-secret", "old-session-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    assert NOW + 301 == found.expires_at.timestamp()
    assert [] == there.asked


@pytest.mark.parametrize("left", [AGEING, EXPIRED])
async def test_a_set_about_to_expire_is_refreshed_and_written_back(
    left: dict[str, Any], tmp_path: Path
) -> None:
    login = Login(tmp_path, left)
    async with service(sign_in) as there:
        found = await login.provider(there.url).retrieve()
        again = await login.provider(there.url).retrieve()

    assert found == again
    assert ("ASIANEW", "new-secret", "new-session-token", "123456789012") == (
        found.access_key_id,
        found.secret_access_key,
        found.session_token,
        found.account_id,
    )
    assert found.expires_at is not None
    assert NOW + 900 == found.expires_at.timestamp()
    assert login.read() == left | {
        "accessToken": NEW["accessToken"]
        | {"accountId": "123456789012", "expiresAt": "2023-11-14T22:28:20Z"},
        "refreshToken": "new-refresh-token",
    }
    assert 0o600 == stat.S_IMODE(login.path.stat().st_mode)
    assert 1 == len(list(login.path.parent.iterdir()))
    assert 1 == len(there.asked)


async def test_a_refresh_is_asked_for_with_a_proof_of_the_key(login: Login) -> None:
    async with service(sign_in) as there:
        await login.provider(f"{there.url}/").retrieve()

    asked = there.asked[0]
    assert ("POST", "/v1/token") == (asked.method, asked.target)
    assert "application/json" == asked.headers["content-type"]
    assert json.loads(asked.body) == {
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "old-refresh-token",
        "grantType": "refresh_token",
    }
    header, claims = verified(asked.headers["dpop"])
    assert number(header["jwk"]["x"]) == OWN.public_key().public_numbers().x
    assert ("POST", int(NOW)) == (claims["htm"], claims["iat"])
    assert f"{there.url}/v1/token" == claims["htu"]


async def test_a_refresh_token_that_is_not_replaced_is_kept(login: Login) -> None:
    answer = {name: value for name, value in NEW.items() if name != "refreshToken"}
    async with service(lambda _: (200, json.dumps(answer))) as there:
        await login.provider(there.url).retrieve()

    assert "old-refresh-token" == login.read()["refreshToken"]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, "TOKEN_EXPIRED", "the session is over; run: aws login --profile me"),
        (
            403,
            "USER_CREDENTIALS_CHANGED",
            "the user's credentials were changed; run: aws login --profile me",
        ),
        (
            403,
            "INSUFFICIENT_PERMISSIONS",
            "that takes the permission signin:CreateOAuth2Token",
        ),
        (400, "INVALID_REQUEST", "run: aws login --profile me"),
        (400, "invalid_grant", "run: aws login --profile me"),
    ],
)
async def test_each_refusal_says_what_to_do(
    status: int, code: str, said: str, login: Login
) -> None:
    before = login.read()
    async with service(refusing(status, code)) as there:
        text = await login.refusal(there.url, profile="me")

    start = "the sign-in service refused to refresh the login"
    assert f"{start}: HTTP {status} {code}; {said}" == text
    assert before == login.read()


@pytest.mark.parametrize(
    ("status", "code"), [(429, "rate_exceeded"), (500, "server_error")]
)
async def test_what_passes_by_itself_is_no_reason_to_log_in(
    status: int, code: str, login: Login
) -> None:
    async with service(refusing(status, code)) as there:
        text = await login.refusal(there.url)

    assert text.endswith(f"login: HTTP {status} {code}")


@pytest.mark.parametrize(
    "body",
    ["<html>", "[]", "", '{"error": 1}', '{"error": "old-refresh-token"}'],
)
async def test_a_refusal_in_other_words_has_its_status_alone(
    body: str, login: Login
) -> None:
    async with service(lambda _: (400, body)) as there:
        text = await login.refusal(there.url)

    assert text.endswith("refresh the login: HTTP 400; run: aws login")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("new-secret", "gave 10 bytes that are no JSON object"),
        ("{}", "gave no expiresIn"),
        (json.dumps(NEW | {"expiresIn": "900"}), "gave no expiresIn"),
        (json.dumps(NEW | {"expiresIn": 0}), "gave no expiresIn"),
        (json.dumps(NEW | {"expiresIn": 10**400}), "gave an expiry that is no time"),
        (json.dumps(NEW | {"accessToken": "new-secret"}), "gave no accessKeyId and no"),
        (
            json.dumps(NEW | {"accessToken": NEW["accessToken"] | {"sessionToken": 1}}),
            "gave no sessionToken",
        ),
    ],
)
async def test_an_answer_that_is_not_whole_is_not_written(
    answer: str, said: str, login: Login
) -> None:
    before = login.read()
    async with service(lambda _: (200, answer)) as there:
        text = await login.refusal(there.url)

    assert f"the sign-in service {said}" in text
    assert before == login.read()


async def test_a_service_that_does_not_answer_is_named(login: Login) -> None:
    assert "the sign-in service did not answer" in await login.refusal()


@pytest.mark.parametrize("profile", [None, "me"])
async def test_who_has_never_logged_in_is_told_so(
    profile: str | None, login: Login
) -> None:
    login.path.unlink()

    text = await login.refusal(profile=profile)

    advice = "aws login --profile me" if profile else "aws login"
    assert f"{login.path} cannot be read; run: {advice}" == text


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ('{"refreshToken": "old-refresh-token"', "bytes that are no JSON object"),
        ([SECRETS], "bytes that are no JSON object"),
        (FIRST | {"accessToken": None}, "gave no accessKeyId and no secretAccessKey"),
        (FIRST | {"accessToken": KEYS}, "gave no expiresAt; run: aws login"),
        (
            FIRST | {"accessToken": FIRST["accessToken"] | {"secretAccessKey": ""}},
            "gave no secretAccessKey; run: aws login",
        ),
        (until("soon"), "gave an expiry that is no time; right would be one such as"),
        (EXPIRED | {"refreshToken": 1}, "no refreshToken to refresh it by; run: aws"),
        (EXPIRED | {"dpopKey": "", "clientId": None}, "no clientId and no dpopKey to"),
    ],
)
async def test_a_file_that_says_too_little_is_named(
    left: object, said: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, left)

    text = await login.refusal()

    assert said in text
    assert str(login.path) in text


async def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    login = Login(tmp_path, EXPIRED | {"dpopKey": pem()[:80]})

    assert "the login's key is no private key" in await login.refusal()


def unlibraried(key: str, url: str, issued_at: int) -> str:
    message = "No module named 'cryptography'"
    raise ImportError(message)


async def test_a_missing_library_is_named_with_how_to_get_it(login: Login) -> None:
    text = await login.refusal(prove=unlibraried)

    assert text == (
        "the login has to be refreshed, which takes a library (No module named "
        "'cryptography'); run: pip install 'sagemaker-rt[login]'"
    )


@pytest.mark.parametrize("left", [GOOD, AGEING])
async def test_a_library_is_not_missed_while_the_set_lasts(
    left: object, tmp_path: Path
) -> None:
    found = await Login(tmp_path, left).provider(prove=unlibraried).retrieve()

    assert "ASIAOLD" == found.access_key_id


async def test_a_set_that_lasts_is_used_while_the_service_is_left_alone(
    tmp_path: Path,
) -> None:
    login = Login(tmp_path, AGEING)
    now = [NOW]
    async with service(refusing(500, "server_error")) as there:
        provider = login.provider(there.url)
        context = evolve(provider.context, clock=lambda: now[0])
        provider = evolve(provider, context=context)
        asked = []
        for moment in (0, 1, 29, 31, 60, 62):
            now[0] = NOW + moment
            found = await provider.retrieve()
            asked.append(len(there.asked))

    assert "ASIAOLD" == found.access_key_id
    assert [1, 1, 1, 2, 2, 3] == asked


async def test_what_another_program_has_refreshed_is_used(login: Login) -> None:
    def late(asked: Asked) -> tuple[int, str]:
        login.write(json.dumps(GOOD))
        return refusing(400, "invalid_grant")(asked)

    async with service(late) as there:
        found = await login.provider(there.url).retrieve()

    assert "ASIAOLD" == found.access_key_id
    assert found.expires_at is not None
    assert NOW + 301 == found.expires_at.timestamp()


async def test_a_file_that_goes_away_meanwhile_is_missed(login: Login) -> None:
    def refuse_and_remove(asked: Asked) -> tuple[int, str]:
        login.path.unlink()
        return refusing(401, "TOKEN_EXPIRED")(asked)

    async with service(refuse_and_remove) as there:
        text = await login.refusal(there.url)

    assert f"{login.path} cannot be read; run: aws login" == text


@pytest.mark.parametrize(
    ("given", "below"), [("~/of login", "of login"), ("$HOME/${THERE}", "there")]
)
async def test_another_folder_may_be_named(
    given: str, below: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, GOOD, AWS_LOGIN_CACHE_DIRECTORY=given, THERE="there")
    login.path.parent.rename(tmp_path / below)

    found = await login.provider().retrieve()

    assert "ASIAOLD" == found.access_key_id


@pytest.mark.parametrize(
    ("left", "region", "expected"),
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
async def test_each_region_has_its_endpoint(
    left: dict[str, Any], region: str, expected: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, EXPIRED | left)
    urls = []

    def prove(key: str, url: str, issued_at: int) -> str:
        urls.append(url)
        return unlibraried(key, url, issued_at)

    provider = login.provider(None, prove=prove)
    provider = evolve(provider, context=evolve(provider.context, region=region))
    with pytest.raises(CredentialsError, match="login has to be refreshed"):
        await provider.retrieve()

    assert [f"https://{expected}/v1/token"] == urls


@pytest.mark.parametrize(
    ("url", "left", "said"),
    [
        (
            "http://example.com",
            {},
            "refreshed by environment variable AWS_ENDPOINT_URL_SIGNIN: endpoint URL",
        ),
        ("nonsense", {}, "refreshed by environment variable AWS_ENDPOINT_URL_SIGNIN: "),
        (
            None,
            {"signInRegion": "a.example/#"},
            "region 'a.example/#' is not a host label",
        ),
    ],
)
async def test_tokens_go_to_no_other_place(
    url: str | None, left: dict[str, Any], said: str, tmp_path: Path
) -> None:
    login = Login(tmp_path, EXPIRED | left)

    assert said in await login.refusal(url)


async def test_without_any_region_one_is_asked_for(login: Login) -> None:
    provider = login.provider(None)
    context = evolve(provider.context, region=None)

    with pytest.raises(CredentialsError, match=r"there is no region .* set AWS_REGION"):
        await evolve(provider, context=context).retrieve()


async def test_no_secret_is_logged_or_shown(
    login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with service(sign_in) as there:
        provider = login.provider(there.url, profile="me")
        found = await provider.retrieve()

    said = f"{caplog.text}{provider!r}{found!r}"
    assert f"LoginCredentials(session='{SESSION}', profile='me')" == repr(provider)
    assert [] == [secret for secret in SECRETS if secret in said]


async def test_the_old_set_outlasts_a_sign_in_that_is_away(tmp_path: Path) -> None:
    login = Login(tmp_path, GOOD)
    now = [NOW]
    provider = login.provider()
    context = evolve(provider.context, clock=lambda: now[0])
    cache = CredentialsCache(evolve(provider, context=context), context.clock)
    await cache.retrieve()
    now[0] = NOW + 400

    found = await cache.retrieve()

    assert "ASIAOLD" == found.access_key_id


async def test_botocore_reads_what_is_written_back(login: Login) -> None:
    from botocore.utils import (  # noqa: PLC0415 - slow, and for this test alone
        JSONFileCache,
        LoginTokenLoader,
    )

    async with service(sign_in) as there:
        found = await login.provider(there.url).retrieve()

    loader = LoginTokenLoader(JSONFileCache(str(login.path.parent)))
    token = loader.load_token(SESSION)
    assert token == login.read()
    access = token["accessToken"]
    assert (found.access_key_id, found.secret_access_key, found.session_token) == (
        access["accessKeyId"],
        access["secretAccessKey"],
        access["sessionToken"],
    )

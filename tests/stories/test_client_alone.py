"""``Client()`` alone works wherever boto3 does: a row for each source of credentials.

Nothing is said in code: what a row has stands in files and variables, and the services
that it leads to are on loopback. The emulator takes no other credentials than those of
the row's end, by key, signature, session token and region; so does each service on the
way there. Four rows say something in code, as they must: a profile, without which the
environment's keys would be found before its role; who connects to the container
service's own address; and the two providers that no chain has.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from hashlib import sha1, sha256
from pathlib import Path
from string import Template
from typing import Final

import boto3
import pytest
from attrs import evolve, field, frozen

from sagemaker_rt import Client, Credentials, ServiceError
from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.botocore import BotocoreCredentials
from sagemaker_rt.credentials.chain import DefaultChain
from sagemaker_rt.credentials.cognito import CognitoIdentityCredentials
from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.http import Endpoint, Request, Response
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.credentials.services import service
from tests.stories.cloud import (
    BASE,
    CONTAINER_TOKEN,
    REGION,
    ROLE,
    WANTED,
    WEB_TOKEN,
    Cloud,
    document,
    instant,
)
from tests.transport.servers import open_files

START: Final = "https://d-1.awsapps.com/start"


@frozen
class Way:
    """Where credentials are, with ``$HOME`` and ``$URL`` for what a run puts there."""

    name: str
    config: str = ""
    keys: str = ""
    environ: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, str] = field(factory=dict)
    """Further files, below the home folder."""
    asks: str = ""
    """The services that are asked, in order."""
    in_code: Callable[[Mapping[str, str]], OptionFields] = lambda _: {}
    """From the environment to what is said to `Client`."""


def pair(profile: str, key_id: str, secret: str, token: str | None) -> str:
    lines = [f"aws_access_key_id={key_id}", f"aws_secret_access_key={secret}"]
    lines += [f"aws_session_token={token}"] if token else []
    return "\n".join([f"[{profile}]", *lines, ""])


def token_file(session: str | None, **cached: str) -> dict[str, str]:
    """Return the file that a login leaves, with its path."""
    name = sha1((session or START).encode()).hexdigest()  # noqa: S324 - what it is called
    return {f".aws/sso/cache/{name}.json": json.dumps(cached)}


def login_file(key_id: str, secret: str, token: str | None) -> dict[str, str]:
    """Return the file that a login to the console leaves, with its path."""
    keys = {
        "accessKeyId": key_id,
        "secretAccessKey": secret,
        "sessionToken": token,
        "expiresAt": instant(900),
    }
    name = sha256(b"me").hexdigest()
    return {f".aws/login/cache/{name}.json": json.dumps({"accessToken": keys})}


def variables(key_id: str, secret: str, token: str | None) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    return keys | ({"AWS_SESSION_TOKEN": token} if token else {})


class AtECS:
    """Connects to *url* what goes to the address of the container service."""

    def __init__(self, url: str) -> None:
        self._client = AiohttpClient(max_connections=1)
        self._url = url

    async def send(self, request: Request) -> Response:
        assert request.endpoint is not None
        assert "http://169.254.170.2" == request.endpoint.url
        request.endpoint = Endpoint(self._url)
        return await self._client.send(request)

    async def aclose(self) -> None:
        await self._client.aclose()


def at_ecs(environ: Mapping[str, str]) -> OptionFields:
    context = Config.read(environ=environ).provider_context()
    redirected = evolve(context, make_http_client=lambda: AtECS(environ["CLOUD"]))
    return {"credentials": DefaultChain(redirected)}


def of_cognito(environ: Mapping[str, str]) -> OptionFields:
    provider = CognitoIdentityCredentials(
        region=REGION,
        identity_pool_id="p",
        logins={"idp": WEB_TOKEN},
        context=ProviderContext(environ=environ),
    )
    return {"credentials": provider}


def of_botocore(_: Mapping[str, str]) -> OptionFields:
    session = boto3.Session(*parts(WANTED))
    return {"credentials": BotocoreCredentials(session)}


def parts(keys: Credentials) -> tuple[str, str, str | None]:
    return keys.access_key_id, keys.secret_access_key, keys.session_token


STS: Final = {"AWS_ENDPOINT_URL_STS": "$URL/sts"}
SSO: Final = {
    "AWS_ENDPOINT_URL_SSO": "$URL/sso",
    "AWS_ENDPOINT_URL_SSO_OIDC": "$URL/oidc",
}
CONTAINER: Final = "AWS_CONTAINER_CREDENTIALS"
AUTHORIZATION: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
METADATA: Final = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
OF_ROLE: Final = "sso_account_id = 123456789012\nsso_role_name = r\n"
OF_PORTAL: Final = f"sso_start_url = {START}\nsso_region = {REGION}\n"
BY_SESSION: Final = f"[default]\nsso_session = s\n{OF_ROLE}[sso-session s]\n{OF_PORTAL}"
STALE: Final = {"refreshToken": "to-refresh", "clientId": "c"} | {
    "clientSecret": "of-the-client",
    "accessToken": "stale",
}

WAYS: Final = [
    Way("environment", environ=variables(*parts(WANTED))),
    Way(
        "role by source_profile",
        f"[default]\nrole_arn = {ROLE}/only\nsource_profile = base\n",
        pair("base", *parts(BASE)),
        STS,
        asks="sts",
    ),
    Way(
        "role by a role",
        f"[profile a]\nrole_arn = {ROLE}/last\nsource_profile = b\n"
        f"[profile b]\nrole_arn = {ROLE}/first\nsource_profile = base\n",
        pair("base", *parts(BASE)),
        STS | {"AWS_PROFILE": "a"},
        asks="sts sts",
    ),
    Way(
        "role by credential_source Environment",
        f"[profile a]\nrole_arn = {ROLE}/only\ncredential_source = Environment\n",
        environ=STS | variables(*parts(BASE)),
        asks="sts",
        in_code=lambda _: {"profile": "a"},
    ),
    Way(
        "role by credential_source EcsContainer",
        f"[default]\nrole_arn = {ROLE}/only\ncredential_source = EcsContainer\n",
        environ=STS
        | {f"{CONTAINER}_FULL_URI": "$URL/container/base"}
        | {AUTHORIZATION: CONTAINER_TOKEN},
        asks="container sts",
    ),
    Way(
        "role by credential_source Ec2InstanceMetadata",
        f"[default]\nrole_arn = {ROLE}/only\ncredential_source = Ec2InstanceMetadata\n",
        environ=STS | {METADATA: "$URL/instance/base"},
        asks="instance instance instance sts",
    ),
    Way(
        "web identity by the environment",
        environ=STS
        | {"AWS_ROLE_ARN": f"{ROLE}/only"}
        | {"AWS_WEB_IDENTITY_TOKEN_FILE": "$HOME/token"},
        files={"token": WEB_TOKEN},
        asks="sts",
    ),
    Way(
        "web identity by a profile",
        f"[default]\nrole_arn = {ROLE}/only\nweb_identity_token_file = $HOME/token\n",
        environ=STS,
        files={"token": f"{WEB_TOKEN}\n"},
        asks="sts",
    ),
    Way(
        "SSO of the older form",
        f"[default]\n{OF_ROLE}{OF_PORTAL}",
        environ=SSO,
        files=token_file(None, accessToken="fresh", expiresAt=instant(86400)),
        asks="sso",
    ),
    Way(
        "SSO by a session",
        BY_SESSION,
        environ=SSO,
        files=token_file("s", accessToken="fresh", expiresAt=instant(86400)),
        asks="sso",
    ),
    Way(
        "SSO by a session that is refreshed",
        BY_SESSION,
        environ=SSO,
        files=token_file("s", **STALE, expiresAt=instant(-60)),
        asks="oidc sso",
    ),
    Way("shared file", keys=pair("default", *parts(WANTED))),
    Way(
        "shared file of config, with the region",
        pair("profile p", *parts(WANTED)) + f"region = {REGION}\n",
        environ={"AWS_PROFILE": "p"},
    ),
    Way(
        "login",
        "[default]\nlogin_session = me\n",
        files=login_file(*parts(WANTED)),
    ),
    Way(
        "process",
        f"[default]\ncredential_process = '{sys.executable}' -S '$HOME/print it.py'\n",
        files={
            "print it.py": f"print({document(WANTED, 'SessionToken', Version=1)!r})"
        },
    ),
    Way(
        "container by a relative URI",
        environ={f"{CONTAINER}_RELATIVE_URI": "/container/wanted"}
        | {AUTHORIZATION: CONTAINER_TOKEN},
        asks="container",
        in_code=at_ecs,
    ),
    Way(
        "container by a full URI, with a token",
        environ={f"{CONTAINER}_FULL_URI": "$URL/container/wanted"}
        | {AUTHORIZATION: CONTAINER_TOKEN},
        asks="container",
    ),
    Way(
        "container by a full URI, with a token file",
        environ={f"{CONTAINER}_FULL_URI": "$URL/container/wanted"}
        | {f"{AUTHORIZATION}_FILE": "$HOME/token", AUTHORIZATION: "another"},
        files={"token": CONTAINER_TOKEN},
        asks="container",
    ),
    Way(
        "instance metadata",
        environ={METADATA: "$URL/instance/wanted"},
        asks="instance instance instance",
    ),
    Way(
        "Cognito, given",
        environ={"AWS_ENDPOINT_URL_COGNITO_IDENTITY": "$URL/cognito"},
        asks="cognito cognito",
        in_code=of_cognito,
    ),
    Way("botocore, given", in_code=of_botocore),
]


def environment(way: Way, home: Path, cloud: str, runtime: str) -> dict[str, str]:
    """Write the files of *way*, and return its environment."""

    def filled(text: str) -> str:
        return Template(text).safe_substitute(HOME=home, URL=cloud)

    files = {"config": way.config, "credentials": way.keys, **way.files}
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(filled(text))
        (home / name).chmod(0o600)
    places = {
        "HOME": "$HOME",
        "AWS_CONFIG_FILE": "$HOME/config",
        "AWS_SHARED_CREDENTIALS_FILE": "$HOME/credentials",
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": runtime,
        "CLOUD": "$URL",
    }
    if "\nregion = " not in way.config:
        places["AWS_REGION"] = REGION
    return {name: filled(text) for name, text in {**places, **way.environ}.items()}


async def settle(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds, or for a while."""
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_a_call_is_signed_with_what_the_surroundings_have(
    way: Way, tmp_path: Path
) -> None:
    cloud = Cloud()
    async with (
        service(cloud) as there,
        Emulator(credentials=WANTED, region=REGION) as emulator,
    ):
        environ = environment(way, tmp_path, there.url, emulator.url)
        others, files = asyncio.all_tasks(), open_files()
        fields: OptionFields = {"environ": environ, **way.in_code(environ)}
        async with Client(**fields) as client:
            output = await client.invoke_endpoint(endpoint_name="echo", body=b"Hello")
            again = await client.invoke_endpoint(endpoint_name="echo", body=b"again")
        await settle(lambda: asyncio.all_tasks() <= others and open_files() <= files)

        assert (b"Hello", b"again") == (output.body, again.body)
        assert way.asks.split() == cloud.answered
        assert 2 == len(emulator.requests)
        for request in emulator.requests:
            authorization = request.headers["authorization"]
            assert f" Credential={WANTED.access_key_id}/" in authorization
            assert WANTED.session_token == request.headers["x-amz-security-token"]
        assert set() == asyncio.all_tasks() - others
        assert files >= open_files()  # the services have not closed theirs


@pytest.mark.parametrize(
    "other",
    [
        evolve(WANTED, access_key_id="ASIAOTHER"),
        evolve(WANTED, secret_access_key="another"),
        evolve(WANTED, session_token="another"),
        evolve(WANTED, session_token=None),
    ],
)
async def test_other_credentials_would_have_been_refused(
    other: Credentials, tmp_path: Path
) -> None:
    way = Way("shared file", keys=pair("default", *parts(other)))
    async with Emulator(credentials=WANTED, region=REGION) as emulator:
        environ = environment(way, tmp_path, "", emulator.url)
        async with Client(environ=environ) as client:
            with pytest.raises(ServiceError) as caught:
                await client.invoke_endpoint(endpoint_name="echo", body=b"Hello")

    assert 403 == caught.value.http_status

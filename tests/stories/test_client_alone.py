"""``Client()`` without arguments finds credentials wherever boto3 does.

There is a row for each source of credentials. The configuration of a row is in files
and variables, and its services are on loopback. The emulator accepts only the last
credentials of the row, by key, signature, session token and region; so does each
service before it. Four rows pass something in code: a profile, because otherwise the
environment's keys would be used instead of its role; a client that connects to a
loopback address in place of the container service's own; and the two providers that are
not in the chain.
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
class Source:
    """A source of credentials; ``$HOME`` and ``$URL`` are replaced in its texts."""

    name: str
    config: str = ""
    keys: str = ""
    environ: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, str] = field(factory=dict)
    """Further files, by their path in the home folder."""
    services: str = ""
    """The services that are called, in order."""
    in_code: Callable[[Mapping[str, str]], OptionFields] = lambda _: {}
    """Returns the arguments of `Client` for an environment."""


def pair(profile: str, key_id: str, secret: str, token: str | None) -> str:
    lines = [f"aws_access_key_id={key_id}", f"aws_secret_access_key={secret}"]
    lines += [f"aws_session_token={token}"] if token else []
    return "\n".join([f"[{profile}]", *lines, ""])


def token_file(session: str | None, **cached: str) -> dict[str, str]:
    """Return the token file of ``aws sso login`` by its path."""
    name = sha1((session or START).encode()).hexdigest()  # noqa: S324 - only the name of the file
    return {f".aws/sso/cache/{name}.json": json.dumps(cached)}


def login_file(key_id: str, secret: str, token: str | None) -> dict[str, str]:
    """Return the cache file of ``aws login`` by its path."""
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


class RedirectedECS:
    """Sends requests to the address of the container service to *url* instead."""

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


def through_loopback(environ: Mapping[str, str]) -> OptionFields:
    context = Config.read(environ=environ).provider_context()
    redirected = evolve(
        context, make_http_client=lambda: RedirectedECS(environ["CLOUD"])
    )
    return {"credentials": DefaultChain(redirected)}


def with_cognito(environ: Mapping[str, str]) -> OptionFields:
    provider = CognitoIdentityCredentials(
        region=REGION,
        identity_pool_id="p",
        logins={"idp": WEB_TOKEN},
        context=ProviderContext(environ=environ),
    )
    return {"credentials": provider}


def with_botocore(_: Mapping[str, str]) -> OptionFields:
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
SSO_ROLE: Final = "sso_account_id = 123456789012\nsso_role_name = r\n"
SSO_PORTAL: Final = f"sso_start_url = {START}\nsso_region = {REGION}\n"
SSO_SESSION: Final = (
    f"[default]\nsso_session = s\n{SSO_ROLE}[sso-session s]\n{SSO_PORTAL}"
)
STALE: Final = {"refreshToken": "to-refresh", "clientId": "c"} | {
    "clientSecret": "of-the-client",
    "accessToken": "stale",
}

SOURCES: Final = [
    Source("environment", environ=variables(*parts(WANTED))),
    Source(
        "role with source_profile",
        f"[default]\nrole_arn = {ROLE}/only\nsource_profile = base\n",
        pair("base", *parts(BASE)),
        STS,
        services="sts",
    ),
    Source(
        "role with another role",
        f"[profile a]\nrole_arn = {ROLE}/last\nsource_profile = b\n"
        f"[profile b]\nrole_arn = {ROLE}/first\nsource_profile = base\n",
        pair("base", *parts(BASE)),
        STS | {"AWS_PROFILE": "a"},
        services="sts sts",
    ),
    Source(
        "role with credential_source Environment",
        f"[profile a]\nrole_arn = {ROLE}/only\ncredential_source = Environment\n",
        environ=STS | variables(*parts(BASE)),
        services="sts",
        in_code=lambda _: {"profile": "a"},
    ),
    Source(
        "role with credential_source EcsContainer",
        f"[default]\nrole_arn = {ROLE}/only\ncredential_source = EcsContainer\n",
        environ=STS
        | {f"{CONTAINER}_FULL_URI": "$URL/container/base"}
        | {AUTHORIZATION: CONTAINER_TOKEN},
        services="container sts",
    ),
    Source(
        "role with credential_source Ec2InstanceMetadata",
        f"[default]\nrole_arn = {ROLE}/only\ncredential_source = Ec2InstanceMetadata\n",
        environ=STS | {METADATA: "$URL/instance/base"},
        services="instance instance instance sts",
    ),
    Source(
        "web identity in the environment",
        environ=STS
        | {"AWS_ROLE_ARN": f"{ROLE}/only"}
        | {"AWS_WEB_IDENTITY_TOKEN_FILE": "$HOME/token"},
        files={"token": WEB_TOKEN},
        services="sts",
    ),
    Source(
        "web identity in a profile",
        f"[default]\nrole_arn = {ROLE}/only\nweb_identity_token_file = $HOME/token\n",
        environ=STS,
        files={"token": f"{WEB_TOKEN}\n"},
        services="sts",
    ),
    Source(
        "SSO without a session",
        f"[default]\n{SSO_ROLE}{SSO_PORTAL}",
        environ=SSO,
        files=token_file(None, accessToken="fresh", expiresAt=instant(86400)),
        services="sso",
    ),
    Source(
        "SSO with a session",
        SSO_SESSION,
        environ=SSO,
        files=token_file("s", accessToken="fresh", expiresAt=instant(86400)),
        services="sso",
    ),
    Source(
        "SSO with a session that is refreshed",
        SSO_SESSION,
        environ=SSO,
        files=token_file("s", **STALE, expiresAt=instant(-60)),
        services="oidc sso",
    ),
    Source("shared file", keys=pair("default", *parts(WANTED))),
    Source(
        "keys in the config file",
        pair("profile p", *parts(WANTED)) + f"region = {REGION}\n",
        environ={"AWS_PROFILE": "p"},
    ),
    Source(
        "login",
        "[default]\nlogin_session = me\n",
        files=login_file(*parts(WANTED)),
    ),
    Source(
        "process",
        f"[default]\ncredential_process = '{sys.executable}' -S '$HOME/print it.py'\n",
        files={
            "print it.py": f"print({document(WANTED, 'SessionToken', Version=1)!r})"
        },
    ),
    Source(
        "container with a relative URI",
        environ={f"{CONTAINER}_RELATIVE_URI": "/container/wanted"}
        | {AUTHORIZATION: CONTAINER_TOKEN},
        services="container",
        in_code=through_loopback,
    ),
    Source(
        "container with a full URI and a token",
        environ={f"{CONTAINER}_FULL_URI": "$URL/container/wanted"}
        | {AUTHORIZATION: CONTAINER_TOKEN},
        services="container",
    ),
    Source(
        "container with a full URI and a token file",
        environ={f"{CONTAINER}_FULL_URI": "$URL/container/wanted"}
        | {f"{AUTHORIZATION}_FILE": "$HOME/token", AUTHORIZATION: "another"},
        files={"token": CONTAINER_TOKEN},
        services="container",
    ),
    Source(
        "instance metadata",
        environ={METADATA: "$URL/instance/wanted"},
        services="instance instance instance",
    ),
    Source(
        "Cognito in code",
        environ={"AWS_ENDPOINT_URL_COGNITO_IDENTITY": "$URL/cognito"},
        services="cognito cognito",
        in_code=with_cognito,
    ),
    Source("botocore in code", in_code=with_botocore),
]


def environment(source: Source, home: Path, cloud: str, runtime: str) -> dict[str, str]:
    """Write the files of *source*, and return its environment."""

    def filled(text: str) -> str:
        return Template(text).safe_substitute(HOME=home, URL=cloud)

    files = {"config": source.config, "credentials": source.keys, **source.files}
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
    if "\nregion = " not in source.config:
        places["AWS_REGION"] = REGION
    return {name: filled(text) for name, text in {**places, **source.environ}.items()}


async def settle(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds, for two seconds at most."""
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
async def test_a_call_is_signed_with_the_credentials_of_the_source(
    source: Source, tmp_path: Path
) -> None:
    cloud = Cloud()
    async with (
        service(cloud) as server,
        Emulator(credentials=WANTED, region=REGION) as emulator,
    ):
        environ = environment(source, tmp_path, server.url, emulator.url)
        others, files = asyncio.all_tasks(), open_files()
        fields: OptionFields = {"environ": environ, **source.in_code(environ)}
        async with Client(**fields) as client:
            output = await client.invoke_endpoint(endpoint_name="echo", body=b"Hello")
            again = await client.invoke_endpoint(endpoint_name="echo", body=b"again")
        await settle(lambda: asyncio.all_tasks() <= others and open_files() <= files)

        assert (b"Hello", b"again") == (output.body, again.body)
        assert source.services.split() == cloud.called
        assert 2 == len(emulator.requests)
        for request in emulator.requests:
            authorization = request.headers["authorization"]
            assert f" Credential={WANTED.access_key_id}/" in authorization
            assert WANTED.session_token == request.headers["x-amz-security-token"]
        assert set() == asyncio.all_tasks() - others
        assert files >= open_files()  # those of the services may still be open


@pytest.mark.parametrize(
    "other",
    [
        evolve(WANTED, access_key_id="ASIAOTHER"),
        evolve(WANTED, secret_access_key="another"),
        evolve(WANTED, session_token="another"),
        evolve(WANTED, session_token=None),
    ],
)
async def test_the_emulator_refuses_other_credentials(
    other: Credentials, tmp_path: Path
) -> None:
    source = Source("shared file", keys=pair("default", *parts(other)))
    async with Emulator(credentials=WANTED, region=REGION) as emulator:
        environ = environment(source, tmp_path, "", emulator.url)
        async with Client(environ=environ) as client:
            with pytest.raises(ServiceError) as caught:
                await client.invoke_endpoint(endpoint_name="echo", body=b"Hello")

    assert 403 == caught.value.http_status

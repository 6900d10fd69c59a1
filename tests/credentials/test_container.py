from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from sagemaker_rt.credentials.container import ContainerCredentials
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.proxy_selection import Proxies
from tests.credentials.services import Asked, make_context, service

FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
WHOLE = {
    "AccessKeyId": "AKID",
    "SecretAccessKey": "hush",
    "Token": "a-token",
    "Expiration": "2023-11-14T22:13:20Z",
}


def good(_: Asked) -> tuple[int, str]:
    return 200, json.dumps(WHOLE)


async def retrieve(**environ: str) -> Credentials:
    return await ContainerCredentials(make_context(**environ)).retrieve()


async def test_the_endpoint_is_asked_with_the_token() -> None:
    async with service(good) as there:
        found = await retrieve(**{FULL: f"{there.url}/v1/x?y=z", TOKEN: "Bearer t"})

    assert ("AKID", "a-token") == (found.access_key_id, found.session_token)
    asked = there.asked[0]
    assert ("GET", "/v1/x?y=z") == (asked.method, asked.target)
    assert "Bearer t" == asked.headers["authorization"]


async def test_a_container_is_asked_without_a_proxy() -> None:
    nobody = Proxies(https="http://127.0.0.1:9", http="http://127.0.0.1:9")
    async with service(good) as there:
        context = evolve(make_context(**{FULL: there.url}), proxies=nobody)

        found = await ContainerCredentials(context).retrieve()

    assert "AKID" == found.access_key_id


async def test_a_name_is_asked_by_its_address() -> None:
    async with service(good) as there:
        await retrieve(**{FULL: there.url.replace("127.0.0.1", "localhost")})

    assert there.asked[0].headers["host"].startswith("127.0.0.1:")
    assert "authorization" not in there.asked[0].headers


async def test_the_token_file_is_read_anew_and_goes_before(tmp_path: Path) -> None:
    file = tmp_path / "token"
    async with service(good) as there:
        environ = {FULL: there.url, TOKEN: "old", TOKEN_FILE: str(file)}
        provider = ContainerCredentials(make_context(**environ))
        for token in ("one", "two"):
            file.write_text(token)
            await provider.retrieve()

    assert ["one", "two"] == [asked.headers["authorization"] for asked in there.asked]


@pytest.mark.parametrize("token", ["a\nb", "a\r", "a\n"])
async def test_a_token_that_would_end_its_header_is_refused(
    token: str, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_bytes(token.encode())

    for environ in ({TOKEN: token}, {TOKEN_FILE: str(file)}):
        with pytest.raises(CredentialsError, match="holds a line break") as caught:
            await retrieve(**{FULL: "http://127.0.0.1:9/", **environ})
        assert next(iter(environ)) in str(caught.value)


async def test_a_token_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CredentialsError, match="TOKEN_FILE: /not/there cannot be read"):
        await retrieve(**{FULL: "http://127.0.0.1:9/", TOKEN_FILE: "/not/there"})


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "http://169.254.169.254/", "http://[2001:db8::1]/x"]
)
async def test_other_addresses_are_not_asked_without_tls(url: str) -> None:
    with pytest.raises(CredentialsError, match="neither loopback nor one of the cont"):
        await retrieve(**{FULL: url})


@pytest.mark.parametrize(
    "url",
    [
        "/credentials",
        "ftp://127.0.0.1/",
        "http:///x",
        "http://[::1",
        "http://localhost:65536/",
        "http://localhost:x/",
        "https://[x]/",
        "http://user:hush@localhost/",
    ],
)
async def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(
        EndpointResolutionError, match="is no http or https URL"
    ) as caught:
        await retrieve(**{FULL: url})

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example", "\udcff"])
async def test_what_is_no_name_has_no_address(host: str) -> None:
    with pytest.raises(CredentialsError, match="has no address"):
        await retrieve(**{FULL: f"http://{host}/"})


async def test_a_name_without_an_address_is_named() -> None:
    with pytest.raises(CredentialsError, match=r"nobody\.invalid has no address"):
        await retrieve(**{FULL: "http://nobody.invalid/"})


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, "", "answered with HTTP 404"),
        (302, "", "answered with HTTP 302"),
        (200, "hush", "gave 4 bytes that are no JSON object"),
        (200, "{}", "gave no AccessKeyId"),
    ],
)
async def test_what_it_says_wrong_is_named(
    status: int, body: str, message: str
) -> None:
    async with service(lambda _: (status, body)) as there:
        with pytest.raises(CredentialsError, match=message) as caught:
            await retrieve(**{FULL: there.url})

    assert "hush" not in str(caught.value)


def test_it_is_there_if_the_environment_names_it() -> None:
    assert ContainerCredentials.is_configured(make_context(**{FULL: "x"}))
    assert ContainerCredentials.is_configured(make_context(**{RELATIVE: "/x"}))
    assert not ContainerCredentials.is_configured(make_context(**{FULL: " "}))
    assert "ContainerCredentials()" == repr(ContainerCredentials(make_context()))

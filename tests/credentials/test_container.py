from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from sagemaker_rt.credentials.container import ContainerCredentials, allowed_hosts
from sagemaker_rt.errors import CredentialsError, EndpointResolutionError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.proxy_selection import Proxies
from tests.credentials.services import ServiceRequest, make_context, service

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


def good(_: ServiceRequest) -> tuple[int, str]:
    return 200, json.dumps(WHOLE)


async def retrieve(**environ: str) -> Credentials:
    return await ContainerCredentials(make_context(**environ)).retrieve()


async def test_the_request_has_the_token() -> None:
    async with service(good) as server:
        found = await retrieve(**{FULL: f"{server.url}/v1/x?y=z", TOKEN: "Bearer t"})

    assert ("AKID", "a-token") == (found.access_key_id, found.session_token)
    request = server.requests[0]
    assert ("GET", "/v1/x?y=z") == (request.method, request.target)
    assert "Bearer t" == request.headers["authorization"]


async def test_requests_never_use_a_proxy() -> None:
    unreachable = Proxies(https="http://127.0.0.1:9", http="http://127.0.0.1:9")
    async with service(good) as server:
        context = evolve(make_context(**{FULL: server.url}), proxies=unreachable)

        found = await ContainerCredentials(context).retrieve()

    assert "AKID" == found.access_key_id


async def test_the_request_goes_to_the_address_that_was_checked() -> None:
    async with service(good) as server:
        await retrieve(**{FULL: server.url.replace("127.0.0.1", "localhost")})

    assert server.requests[0].headers["host"].startswith("127.0.0.1:")
    assert "authorization" not in server.requests[0].headers


async def test_the_token_file_is_read_each_time_and_takes_precedence(
    tmp_path: Path,
) -> None:
    file = tmp_path / "token"
    async with service(good) as server:
        environ = {FULL: server.url, TOKEN: "old", TOKEN_FILE: str(file)}
        provider = ContainerCredentials(make_context(**environ))
        for token in ("one", "two"):
            file.write_text(token)
            await provider.retrieve()

    assert ["one", "two"] == [
        request.headers["authorization"] for request in server.requests
    ]


@pytest.mark.parametrize("token", ["a\nb", "a\r", "a\n"])
async def test_a_token_with_a_line_break_is_an_error(
    token: str, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_bytes(token.encode())

    for environ in ({TOKEN: token}, {TOKEN_FILE: str(file)}):
        with pytest.raises(CredentialsError, match="line break") as caught:
            await retrieve(**{FULL: "http://127.0.0.1:9/", **environ})
        assert next(iter(environ)) in str(caught.value)


async def test_the_path_of_the_token_file_is_expanded(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush")
    async with service(lambda _: (200, json.dumps(WHOLE))) as server:
        environ = {FULL: server.url, TOKEN_FILE: "~/token", "HOME": str(tmp_path)}
        await retrieve(**environ)

    assert "hush" == server.requests[0].headers["authorization"]


async def test_a_missing_token_file_is_named() -> None:
    with pytest.raises(CredentialsError, match="TOKEN_FILE: /not/there"):
        await retrieve(**{FULL: "http://127.0.0.1:9/", TOKEN_FILE: "/not/there"})


def test_only_the_allowed_addresses_of_a_host_are_used() -> None:
    addresses = ["192.0.2.1", "127.0.0.1", "::1", "169.254.170.23", "fd00:ec2::23"]

    hosts = allowed_hosts(addresses)

    assert ["127.0.0.1", "[::1]", "169.254.170.23", "[fd00:ec2::23]"] == hosts


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "http://169.254.169.254/", "http://[2001:db8::1]/x"]
)
async def test_plain_http_to_another_address_is_an_error(url: str) -> None:
    with pytest.raises(CredentialsError, match="use https"):
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
async def test_an_invalid_url_is_an_error(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match=FULL) as caught:
        await retrieve(**{FULL: url})

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example", "\udcff"])
async def test_an_invalid_host_has_no_address(host: str) -> None:
    with pytest.raises(CredentialsError, match="has no address"):
        await retrieve(**{FULL: f"http://{host}/"})


async def test_a_host_without_an_address_is_named() -> None:
    with pytest.raises(CredentialsError, match=r"nobody\.invalid"):
        await retrieve(**{FULL: "http://nobody.invalid/"})


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, "", "HTTP 404"),
        (302, "", "HTTP 302"),
        (200, "hush", "JSON object"),
        (200, "{}", "AccessKeyId"),
    ],
)
async def test_an_invalid_response_is_an_error(
    status: int, body: str, message: str
) -> None:
    async with service(lambda _: (status, body)) as server:
        with pytest.raises(CredentialsError, match=message) as caught:
            await retrieve(**{FULL: server.url})

    assert "hush" not in str(caught.value)


def test_a_uri_in_the_environment_counts_as_configured() -> None:
    assert ContainerCredentials.is_configured(make_context(**{FULL: "x"}))
    assert ContainerCredentials.is_configured(make_context(**{RELATIVE: "/x"}))
    assert not ContainerCredentials.is_configured(make_context(**{FULL: " "}))
    assert "ContainerCredentials()" == repr(ContainerCredentials(make_context()))

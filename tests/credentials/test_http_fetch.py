from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from attrs import evolve

from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.http_fetch import Answer, ask, request_to, service_url
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.credentials.services import Asked, make_context, service
from tests.transport.certificates import Authority
from tests.transport.servers import Peer, reply, serve


async def test_a_request_is_answered() -> None:
    async with service(lambda _: (404, "not here")) as there:
        request = request_to(
            f"{there.url}/a/b?c=d", method="PUT", headers={"x": "y"}, body=b"z"
        )

        answer = await ask(request, make_context(), source="it")

    assert Answer(404, b"not here") == answer
    asked = there.asked[0]
    assert ("PUT", "/a/b?c=d", "z") == (asked.method, asked.target, asked.body)
    assert "y" == asked.headers["x"]
    assert "not here" not in repr(answer)


async def test_a_redirect_is_not_followed() -> None:
    def lead_away(_: Asked) -> bytes:
        return reply(b"", "Location: http://127.0.0.1:9/", status="302 Found")

    async with service(lead_away) as there:
        answer = await ask(request_to(there.url), make_context(), source="it")

    assert 302 == answer.status
    assert 1 == len(there.asked)


async def test_an_answer_that_is_too_large_is_refused() -> None:
    async with service(lambda _: (200, "x" * 65_537)) as there:
        with pytest.raises(CredentialsError, match="it did not answer: response body"):
            await ask(request_to(there.url), make_context(), source="it")


async def test_who_does_not_answer_is_named() -> None:
    with pytest.raises(CredentialsError, match="it did not answer: no connection to"):
        await ask(request_to("http://127.0.0.1:9/"), make_context(), source="it")


async def test_public_services_are_asked_by_the_proxy_and_near_ones_are_not() -> None:
    async with (
        service(lambda _: (200, "by the proxy")) as proxy,
        service(lambda _: (200, "straight")) as there,
    ):
        context = evolve(make_context(), proxies=Proxies(http=proxy.url))
        request = request_to(f"{there.url}/a")

        public = await ask(request, context, source="it")
        near = await ask(request, context, source="it", is_local=True)

    assert (b"by the proxy", b"straight") == (public.body, near.body)
    assert [f"{there.url}/a"] == [asked.target for asked in proxy.asked]


async def test_a_client_that_is_given_asks_everybody() -> None:
    async with service(lambda _: (200, "straight")) as there:
        context = evolve(
            make_context(),
            proxies=Proxies(http="http://127.0.0.1:9"),
            make_http_client=lambda: AiohttpClient(max_connections=1),
        )

        answer = await ask(request_to(there.url), context, source="it")

    assert b"straight" == answer.body


async def test_public_services_are_trusted_as_the_bundle_says(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    environ = {"AWS_CA_BUNDLE": str(authority.file)}
    async with serve(context=authority.server()) as there:
        request = request_to(f"https://127.0.0.1:{there.port}/")

        trusting = Config(environ).provider_context()
        answer = await ask(request, trusting, source="it")
        with pytest.raises(CredentialsError, match="certificate"):
            await ask(request, Config({}).provider_context(), source="it")

    assert b"hello" == answer.body


@pytest.mark.parametrize(
    ("environ", "region", "expected"),
    [
        ({}, "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
        ({}, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL_STS": "https://proxy/sts/"}, "x", "https://proxy/sts"),
        ({"AWS_ENDPOINT_URL_STS": "http://[::1]:4566"}, "x", "http://[::1]:4566"),
        ({"AWS_ENDPOINT_URL": "http://[::1]:4566"}, "x", "http://[::1]:4566"),
    ],
)
def test_a_public_service_is_where_the_environment_says(
    environ: dict[str, str], region: str, expected: str
) -> None:
    assert expected == service_url(make_context(**environ), "STS", "sts", region)


@pytest.mark.parametrize(
    ("environ", "region", "message"),
    [
        ({}, "evil.example/", "is not a host label"),
        ({}, "a@evil.example", "is not a host label"),
        ({"AWS_ENDPOINT_URL_STS": "http://sts:4566"}, "x", "is not encrypted"),
        ({"AWS_ENDPOINT_URL_STS": "garbage"}, "x", "variable AWS_ENDPOINT_URL_STS: "),
        ({"AWS_ENDPOINT_URL_STS": "https://u:hush@h"}, "x", "has user info"),
    ],
)
def test_secrets_go_to_no_other_place(
    environ: dict[str, str], region: str, message: str
) -> None:
    with pytest.raises(CredentialsError, match=message) as caught:
        service_url(make_context(**environ), "STS", "sts", region)

    assert "hush" not in str(caught.value)


def test_who_allows_what_is_insecure_may_ask_another_machine_without_tls() -> None:
    where = evolve(
        make_context(AWS_ENDPOINT_URL_STS="http://sts:4566"), allow_insecure=True
    )

    assert "http://sts:4566" == service_url(where, "STS", "sts", "eu-west-1")


async def test_an_answer_that_drips_is_given_up() -> None:
    async def drip(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                await peer.send(b"x")

    async with asyncio.timeout(10), serve(drip) as server:
        request = request_to(f"http://127.0.0.1:{server.port}/", read=0.2)
        with pytest.raises(CredentialsError, match="it did not answer: "):
            await ask(request, make_context(), source="it")

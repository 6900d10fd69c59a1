from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.http_fetch import (
    FetchResult,
    build_request,
    fetch,
    service_url,
)
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.credentials.services import ServiceRequest, make_context, service
from tests.transport.certificates import Authority
from tests.transport.servers import Peer, reply, serve


async def test_a_request_is_sent_and_its_response_returned() -> None:
    async with service(lambda _: (404, "not here")) as server:
        request = build_request(
            f"{server.url}/a/b?c=d", method="PUT", headers={"x": "y"}, body=b"z"
        )

        answer = await fetch(request, make_context(), source="it")

    assert FetchResult(404, b"not here") == answer
    received = server.requests[0]
    assert ("PUT", "/a/b?c=d", "z") == (received.method, received.target, received.body)
    assert "y" == received.headers["x"]
    assert "not here" not in repr(answer)


async def test_a_redirect_is_not_followed() -> None:
    def lead_away(_: ServiceRequest) -> bytes:
        return reply(b"", "Location: http://127.0.0.1:9/", status="302 Found")

    async with service(lead_away) as server:
        answer = await fetch(build_request(server.url), make_context(), source="it")

    assert 302 == answer.status
    assert 1 == len(server.requests)


async def test_a_body_that_is_too_large_is_an_error() -> None:
    async with service(lambda _: (200, "x" * 65_537)) as server:
        with pytest.raises(CredentialsError, match="it failed"):
            await fetch(build_request(server.url), make_context(), source="it")


async def test_an_unreachable_service_is_named() -> None:
    with pytest.raises(CredentialsError, match="it failed: no connection"):
        await fetch(build_request("http://127.0.0.1:9/"), make_context(), source="it")


async def test_only_requests_to_public_services_use_the_proxy() -> None:
    async with (
        service(lambda _: (200, "by the proxy")) as proxy,
        service(lambda _: (200, "straight")) as server,
    ):
        context = evolve(make_context(), proxies=Proxies(http=proxy.url))
        request = build_request(f"{server.url}/a")

        public = await fetch(request, context, source="it")
        near = await fetch(request, context, source="it", is_local=True)

    assert (b"by the proxy", b"straight") == (public.body, near.body)
    assert [f"{server.url}/a"] == [received.target for received in proxy.requests]


async def test_a_custom_client_sends_all_requests() -> None:
    async with service(lambda _: (200, "straight")) as server:
        context = evolve(
            make_context(),
            proxies=Proxies(http="http://127.0.0.1:9"),
            make_http_client=lambda: AiohttpClient(max_connections=1),
        )

        answer = await fetch(build_request(server.url), context, source="it")

    assert b"straight" == answer.body


@pytest.mark.parametrize("is_local", [True, False])
async def test_the_ca_bundle_applies_to_all_services(
    tmp_path: Path, *, is_local: bool
) -> None:
    authority = Authority(tmp_path)
    environ = {"AWS_CA_BUNDLE": str(authority.file)}
    async with serve(context=authority.server()) as server:
        request = build_request(f"https://127.0.0.1:{server.port}/")

        trusting = Config(environ).provider_context()
        answer = await fetch(request, trusting, source="it", is_local=is_local)
        with pytest.raises(CredentialsError, match="certificate"):
            await fetch(
                request, Config({}).provider_context(), source="it", is_local=is_local
            )

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
def test_the_url_of_a_service_is_regional_or_configured(
    environ: dict[str, str], region: str, expected: str
) -> None:
    assert expected == service_url(make_context(**environ), "STS", "sts", region)


@pytest.mark.parametrize(
    ("environ", "region", "message"),
    [
        ({}, "evil.example/", "evil.example"),
        ({}, "a@evil.example", "evil.example"),
        ({"AWS_ENDPOINT_URL_STS": "http://sts:4566"}, "x", "sts:4566"),
        ({"AWS_ENDPOINT_URL_STS": "garbage"}, "x", "AWS_ENDPOINT_URL_STS"),
        ({"AWS_ENDPOINT_URL_STS": "https://u:hush@h"}, "x", "AWS_ENDPOINT_URL_STS"),
    ],
)
def test_an_unsafe_url_is_an_error(
    environ: dict[str, str], region: str, message: str
) -> None:
    with pytest.raises(CredentialsError, match=message) as caught:
        service_url(make_context(**environ), "STS", "sts", region)

    assert "hush" not in str(caught.value)


def test_allow_insecure_allows_plain_http_to_another_host() -> None:
    where = evolve(
        make_context(AWS_ENDPOINT_URL_STS="http://sts:4566"), allow_insecure=True
    )

    assert "http://sts:4566" == service_url(where, "STS", "sts", "eu-west-1")


async def test_a_slow_body_times_out() -> None:
    async def drip(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                await peer.send(b"x")

    async with asyncio.timeout(10), serve(drip) as server:
        request = build_request(f"http://127.0.0.1:{server.port}/", read=0.2)
        with pytest.raises(CredentialsError, match="it failed"):
            await fetch(request, make_context(), source="it")


def in_turn(*replies: bytes | tuple[int, str]) -> Any:
    """Return a function that gives *replies* in turn, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_passing_failure_is_tried_three_times(status: int) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    context = evolve(make_context(), sleep=sleep, jitter=lambda: 0.5)
    async with service(in_turn((status, "a"), (status, "b"), (200, "c"))) as server:
        answer = await fetch(build_request(server.url), context, source="it")

        assert FetchResult(200, b"c") == answer
        assert 3 == len(server.requests)
    assert [0.1, 0.2] == waits


async def test_the_last_answer_is_returned() -> None:
    async with service(lambda _: (503, "no")) as server:
        answer = await fetch(build_request(server.url), make_context(), source="it")

        assert FetchResult(503, b"no") == answer
        assert 3 == len(server.requests)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    async with service(lambda _: (status, "no")) as server:
        await fetch(build_request(server.url), make_context(), source="it")

        assert 1 == len(server.requests)


async def test_a_lost_connection_is_tried_again() -> None:
    async def lose(peer: Peer) -> None:
        if len(server.requests) < 3:
            await peer.reset()
        else:
            await peer.send(reply(b"yes"))

    async with serve(lose) as server:
        url = f"http://127.0.0.1:{server.port}"
        answer = await fetch(build_request(url), make_context(), source="it")

    assert FetchResult(200, b"yes") == answer


async def test_a_timeout_is_tried_again() -> None:
    async def be_silent(peer: Peer) -> None:
        if len(server.requests) < 2:
            await peer.hang()
        await peer.send(reply(b"yes"))

    async with serve(be_silent) as server:
        request = build_request(f"http://127.0.0.1:{server.port}", read=0.1)
        answer = await fetch(request, make_context(), source="it")

    assert FetchResult(200, b"yes") == answer


async def test_all_addresses_are_tried_and_a_refused_one_costs_no_attempt() -> None:
    async with service(in_turn((503, "a"), (503, "b"), (200, "yes"))) as server:
        others = [build_request("http://127.0.0.1:9/"), build_request(server.url)]
        answer = await fetch(
            build_request("http://127.0.0.1:7/"),
            make_context(),
            source="it",
            alternatives=others,
        )

    assert FetchResult(200, b"yes") == answer

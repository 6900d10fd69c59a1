"""Redirected calls, to an emulator that verifies their new signatures."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sagemaker_rt import (
    Client,
    Credentials,
    PayloadPart,
    UnknownServiceError,
    with_options,
)
from sagemaker_rt.emulator import Emulator
from tests.transport.servers import Peer, Server, reply, serve

KEYS = Credentials("AKIDEXAMPLE", "a-secret")
PATH = "/endpoints/echo/invocations"


def redirect_to(location: str, status: str = "307 Temporary Redirect") -> bytes:
    return reply(b"moved", f"Location: {location}", status=status)


def client_of(server: Server, **fields: Any) -> Client:
    return Client(
        region="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        credentials=KEYS,
        **{"environ": {}, "max_redirects": 1, **fields},
    )


@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Moved"])
@pytest.mark.parametrize("kind", ["bytes", "file"])
async def test_a_redirect_to_the_same_host_is_followed(status: str, kind: str) -> None:
    body = bytes(range(256)) * 2048
    async with (
        Emulator(credentials=KEYS) as emulator,
        serve(redirect_to(emulator.url + PATH, status)) as first,
        client_of(first) as client,
    ):
        answer = await client.invoke_endpoint(
            endpoint_name="echo", body=body if kind == "bytes" else io.BytesIO(body)
        )

    assert body == answer.body
    assert 1 == len(answer.metadata.attempts)
    assert first.requests[0].endswith(body)


async def test_a_redirect_of_a_stream_is_followed() -> None:
    path = "/endpoints/tokens/invocations-response-stream"
    async with (
        Emulator(credentials=KEYS) as emulator,
        serve(redirect_to(emulator.url + path)) as first,
        client_of(first) as client,
        client.invoke_endpoint_with_response_stream(
            endpoint_name="tokens", body=b"one two"
        ) as stream,
    ):
        parts = [p.bytes async for p in stream if isinstance(p, PayloadPart)]

    assert b"".join(parts)


async def test_a_redirect_to_another_path_reuses_the_connection() -> None:
    async def redirect(peer: Peer) -> None:
        is_first = server.requests[-1].startswith(b"POST /endpoints/")
        await peer.send(redirect_to("/elsewhere?a=b") if is_first else reply())

    async with serve(redirect) as server, client_of(server) as client:
        answer = await client.invoke_endpoint(endpoint_name="m", body=b"{}")

    assert b"hello" == answer.body
    assert server.requests[1].startswith(b"POST /elsewhere?a=b HTTP/1.1\r\n")
    assert server.requests[1].endswith(b"\r\n\r\n{}")
    assert 1 == server.connections


async def test_a_redirect_to_another_host_sends_nothing_there() -> None:
    async with serve(host="127.0.0.2") as other:
        location = f"http://127.0.0.2:{other.port}/stolen"
        async with serve(redirect_to(location)) as server, client_of(server) as client:
            with pytest.raises(UnknownServiceError) as caught:
                await client.invoke_endpoint(endpoint_name="m", body=b"{}")

    assert 307 == caught.value.http_status
    assert (1, 0) == (len(server.requests), other.connections)


async def test_circular_redirects_end_at_max_redirects() -> None:
    async with serve(redirect_to("/again")) as server, client_of(server) as client:
        with pytest.raises(UnknownServiceError):
            await client.invoke_endpoint(
                with_options(max_redirects=3), endpoint_name="m", body=b"{}"
            )

    assert 4 == len(server.requests)


async def test_redirects_are_not_followed_by_default() -> None:
    async with (
        serve(redirect_to("/again")) as server,
        client_of(server, max_redirects=0) as client,
    ):
        with pytest.raises(UnknownServiceError):
            await client.invoke_endpoint(endpoint_name="m", body=b"{}")

        assert "FollowRedirects" not in str(client.stack("InvokeEndpoint"))
    assert 1 == len(server.requests)

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aioresponses import CallbackResult

from sagemaker_rt import errors
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.identity import Credentials
from sagemaker_rt.shapes import PayloadPart
from sagemaker_rt.testing.aioresponses import aioresponses
from sagemaker_rt.testing.response_encoding import encode_events
from sagemaker_rt.transport.aiohttp_client import AiohttpClient

HOST = "https://runtime.sagemaker.eu-west-1.amazonaws.com"
URL = f"{HOST}/endpoints/m/invocations"


class OtherResponse(aiohttp.ClientResponse):
    """A custom response class."""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def client(session: aiohttp.ClientSession) -> AsyncIterator[Client]:
    transport = AiohttpClient(session)
    async with Client(
        http_client=transport,
        region="eu-west-1",
        credentials=Credentials("AKID", "secret"),
        custom_backoff=lambda _, __: 0.0,
        environ={},
    ) as client:
        yield client
    await transport.aclose()


async def body_of(client: Client, body: Any = b"x") -> bytes:
    return (await client.invoke_endpoint(endpoint_name="m", body=body)).body


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, b""),
        ({"body": "é"}, "é".encode()),
        ({"body": b"x" * 1_000_000}, b"x" * 1_000_000),
        ({"payload": {"a": 1}}, b'{"a": 1}'),
        ({"body": b"x", "headers": {"Content-Length": "1"}}, b"x"),
        ({"body": b"x", "response_class": OtherResponse}, b"x"),
    ],
)
async def test_a_call_gets_the_mocked_response(
    client: Client, answer: dict[str, Any], expected: bytes
) -> None:
    with aioresponses() as mocked:
        mocked.post(URL, **answer)

        assert expected == await body_of(client)


async def test_an_error_response_is_a_service_error(client: Client) -> None:
    with aioresponses() as mocked:
        mocked.post(
            URL,
            status=424,
            payload={"Message": "no", "OriginalStatusCode": 507},
            headers={"x-amzn-errortype": "ModelError", "x-amzn-RequestId": "r-1"},
        )

        with pytest.raises(errors.ModelError) as caught:
            await body_of(client)

    assert (507, "r-1") == (caught.value.original_status_code, caught.value.request_id)


async def test_a_repeated_response_is_used_by_attempts_and_calls(
    client: Client,
) -> None:
    with aioresponses() as mocked:
        mocked.post(URL, status=503, repeat=2)
        mocked.post(URL, body=b"up", repeat=True)

        outputs = [
            await client.invoke_endpoint(endpoint_name="m", body=b"") for _ in range(3)
        ]

    assert [b"up"] * 3 == [output.body for output in outputs]
    assert [3, 1, 1] == [len(output.metadata.attempts) for output in outputs]


async def test_a_request_without_response_is_a_connect_error(
    client: Client,
) -> None:
    with aioresponses(), pytest.raises(errors.ConnectError) as caught:
        await body_of(client)

    assert (3, False) == (caught.value.attempts, caught.value.may_have_executed)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"x" * 300_000, b"x" * 300_000),
        ("text", b"text"),
        (io.BytesIO(b"file"), b"file"),
    ],
    ids=["bytes", "str", "file"],
)
async def test_requests_are_recorded_with_headers_and_bodies(
    client: Client, body: Any, expected: bytes
) -> None:
    with aioresponses() as mocked:
        mocked.post(URL)

        await body_of(client, body)

        ((call,),) = mocked.requests.values()
    assert expected == call.kwargs["data"]
    assert "AWS4-HMAC-SHA256" in call.kwargs["headers"]["authorization"]


async def test_a_callback_gets_the_body(client: Client) -> None:
    def upper(url: object, **kwargs: Any) -> CallbackResult:
        return CallbackResult(body=kwargs["data"].upper())

    with aioresponses() as mocked:
        mocked.post(URL, callback=upper)

        assert b"LOUD" == await body_of(client, b"loud")


async def test_a_stream_is_decoded(client: Client) -> None:
    frames = b"".join(f for f in encode_events([b"a", b"b"]) if isinstance(f, bytes))
    with aioresponses() as mocked:
        mocked.post(f"{URL}-response-stream", body=frames)

        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b""
        ) as stream:
            events = [event async for event in stream]

    assert [PayloadPart(b"a"), PayloadPart(b"b")] == events


async def test_a_request_that_passes_through_is_sent(
    session: aiohttp.ClientSession,
) -> None:
    transport = AiohttpClient(session)
    async with (
        Emulator() as emulator,
        Client(
            http_client=transport,
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
    ):
        with aioresponses(passthrough=[emulator.url]) as mocked:
            output = await client.invoke_endpoint(endpoint_name="echo", body=b"hello")
            remembered = mocked.requests
        await transport.aclose()

    assert (b"hello", {}) == (output.body, remembered)


async def test_other_requests_of_the_session_are_mocked(
    session: aiohttp.ClientSession,
) -> None:
    with aioresponses() as mocked:
        mocked.get("http://localhost/", payload=[1])

        async with session.get("http://localhost/") as response:
            assert [1] == await response.json()
        ((call,),) = mocked.requests.values()

    assert "data" not in call.kwargs


async def test_aioresponses_is_a_decorator(session: aiohttp.ClientSession) -> None:
    @aioresponses()
    async def call(mocked: aioresponses) -> bytes:
        mocked.post(URL, body=b"ok")
        async with session.post(URL) as response:
            return await response.read()

    decorated: Callable[[], Awaitable[bytes]] = call  # type: ignore[assignment] # it is
    assert b"ok" == await decorated()

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from sagemaker_rt.emulator import (
    ColdStart,
    Emulator,
    InvocationRequest,
    ModelFailure,
    null_message,
    slow,
    throttle,
)
from sagemaker_rt.errors import ClientStateError, OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.presign import generate_bearer_token
from tests.doubles import ManualClock
from tests.emulator.signed_requests import ASYNC, NOW, STREAM, Response, Signing, send


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", ""])  # noqa: S104 - it is rejected
def test_a_host_other_than_loopback_is_rejected(host: str) -> None:
    with pytest.raises(OptionsError, match="loopback"):
        Emulator(host=host)


@pytest.mark.parametrize(
    ("host", "shown"), [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2")]
)
async def test_the_url_contains_the_host(host: str, shown: str) -> None:
    async with Emulator(host=host) as emulator:
        reply = await send(emulator, body=b"x")

        assert emulator.url.startswith(f"http://{shown}:")
        assert emulator.s3_url == f"{emulator.url}/s3"
        assert 200 == reply.status


async def test_an_ipv6_address_is_in_brackets() -> None:
    emulator = Emulator(host="::1")
    try:
        await emulator.start()
    except OSError:
        pytest.skip("this machine has no IPv6")

    try:
        assert emulator.url.startswith("http://[::1]:")
    finally:
        await emulator.aclose()


def test_the_url_is_not_available_before_the_start() -> None:
    with pytest.raises(ClientStateError):
        _ = Emulator().url


async def test_an_emulator_cannot_be_started_twice() -> None:
    async with Emulator() as emulator:
        with pytest.raises(ClientStateError):
            await emulator.start()


def test_each_emulator_has_random_credentials() -> None:
    one, other = Emulator().credentials, Emulator().credentials

    assert one.access_key_id != other.access_key_id
    assert one.secret_access_key != other.secret_access_key


@pytest.mark.parametrize(
    ("signing", "code"),
    [
        (Signing(Credentials("AKIAOTHER", "x")), "UnrecognizedClientException"),
        (Signing(Credentials("AKIAKEY", "x")), "InvalidSignatureException"),
        (Signing(Credentials("AKIAKEY", "s", "t")), "UnrecognizedClientException"),
        (
            Signing(Credentials("AKIAKEY", "s"), region="eu"),
            "InvalidSignatureException",
        ),
        (Signing(Credentials("AKIAKEY", "s"), now=1e9), "InvalidSignatureException"),
        (
            Signing(Credentials("AKIAKEY", "s"), unsigned={"host"}),
            "InvalidSignatureException",
        ),
        (
            Signing(Credentials("AKIAKEY", "s"), unsigned={"host", "x-amz-date"}),
            "IncompleteSignatureException",
        ),
    ],
    ids=["key", "secret", "token", "region", "time", "unsigned", "nothing signed"],
)
async def test_an_invalid_signature_has_its_error_code(
    signing: Signing, code: str
) -> None:
    credentials = Credentials("AKIAKEY", "s")
    async with Emulator(credentials=credentials, clock=ManualClock(NOW)) as emulator:
        reply = await send(emulator, body=b"x", signing=signing)

    assert 403 == reply.status
    assert code == reply.headers["x-amzn-errortype"]
    assert 1 == len(emulator.requests)


async def test_expired_credentials_have_their_error_code() -> None:
    end = datetime.fromtimestamp(NOW, UTC)
    credentials = Credentials("AKIAKEY", "s", "t", expires_at=end)
    async with Emulator(credentials=credentials, clock=ManualClock(NOW)) as emulator:
        reply = await send(emulator, signing=Signing(credentials))

    assert "ExpiredTokenException" == reply.headers["x-amzn-errortype"]


async def test_replaced_credentials_are_rejected() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        old = Signing(emulator.credentials)
        emulator.credentials = Credentials("AKIANEW", "s")

        refused = await send(emulator, signing=old)
        served = await send(emulator)

    assert [403, 200] == [refused.status, served.status]


async def test_s3_reports_an_invalid_signature_in_its_format() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        signing = Signing(Credentials("AKIAOTHER", "x"), service="s3")

        reply = await send(emulator, "/s3/b/k", method="GET", signing=signing)

    assert 403 == reply.status
    assert b"<Code>InvalidAccessKeyId</Code>" in reply.body


async def test_an_unknown_endpoint_is_a_validation_error() -> None:
    credentials = Credentials("AKIAKEY", "s", account_id="123456789012")
    async with Emulator(credentials=credentials, clock=ManualClock(NOW)) as emulator:
        reply = await send(emulator, "/endpoints/nowhere/invocations")

    assert 400 == reply.status
    assert "ValidationError" == reply.headers["x-amzn-errortype"]
    message = "Endpoint nowhere of account 123456789012 not found."
    assert {"Message": message} == json.loads(reply.body)


async def test_a_deployed_model_serves_all_three_operations() -> None:
    async def model(request: InvocationRequest) -> bytes:
        return request.operation.encode()

    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.deploy("echo", model)
        whole = await send(emulator, body=b"x")
        stream = await send(emulator, STREAM, b"x")
        queued = await send(emulator, ASYNC, b"x")
        await emulator.finish_jobs()

    assert b"InvokeEndpoint" == whole.body
    assert b"InvokeEndpointWithResponseStream" in stream.body
    location = queued.headers["x-amzn-sagemaker-outputlocation"]
    assert b"InvokeEndpointAsync" == emulator.objects[location]


@pytest.mark.parametrize("cold_start", [2, ColdStart(requests=2)])
async def test_a_model_is_not_ready_during_its_cold_start(
    cold_start: ColdStart | int,
) -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.deploy("echo", slow(0), cold_start=cold_start)
        replies = [await send(emulator) for _ in range(3)]

    assert [429, 429, 200] == [reply.status for reply in replies]
    assert "ModelNotReadyException" == replies[0].headers["x-amzn-errortype"]


async def test_faults_replace_responses() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.fail_next(throttle(retry_after=5), null_message())
        replies = [await send(emulator) for _ in range(3)]

    assert [429, 400, 200] == [reply.status for reply in replies]
    assert "5" == replies[0].headers["x-amz-retry-after"]
    assert b'{"message": null}' == replies[1].body


async def test_a_rejected_request_does_not_use_up_a_fault() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.fail_next(throttle())

        await send(emulator, signing=Signing(Credentials("AKIAOTHER", "x")))

    assert 1 == len(emulator.faults)


async def test_the_latest_requests_are_recorded() -> None:
    async with Emulator(clock=ManualClock(NOW), record_limit=2) as emulator:
        for body in (b"a", b"b", b"c"):
            headers = {"amz-sdk-request": "attempt=3; max=3"}
            await send(emulator, body=body, headers=headers)

    assert [b"b", b"c"] == [request.body for request in emulator.requests]
    last = emulator.requests[-1]
    assert ("InvokeEndpoint", "echo", 3) == (
        last.operation,
        last.endpoint_name,
        last.attempt,
    )


async def test_closing_cancels_running_jobs() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.deploy("echo", slow(3600))
        await send(emulator, ASYNC, b"x")

    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert 0 == len(emulator.objects)


async def chat(emulator: Emulator, endpoint_name: str) -> Response:
    """Send a request on the OpenAI path, and return the response."""
    token = generate_bearer_token(
        emulator.credentials, region=emulator.region, signing_time=emulator._clock()
    )
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{emulator.url}/endpoints/{endpoint_name}/openai/v1/chat/completions",
            data=b'{"messages": [{"content": "hi"}], "stream": true}',
            headers={"authorization": f"Bearer {token.token}"},
        ) as response,
    ):
        body = await response.read()
        return Response(response.status, response.headers, body)


async def test_chat_completions_are_served_on_the_openai_path() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        response = await chat(emulator, "chat")

    assert 200 == response.status
    assert "text/event-stream" == response.headers["Content-Type"]
    assert response.body.endswith(b"data: [DONE]\n\n")
    assert "ChatCompletions" == emulator.requests[0].operation


async def test_errors_on_the_openai_path_have_the_format_of_openai() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.fail_next(throttle())
        throttled = await chat(emulator, "chat")
        unknown = await chat(emulator, "unknown")

    errors = [json.loads(reply.body)["error"]["code"] for reply in (throttled, unknown)]
    assert [429, 400] == [throttled.status, unknown.status]
    assert ["throttling_exception", "validation_error"] == errors


async def test_a_model_that_breaks_on_the_openai_path_closes_the_connection() -> None:
    async def breaking(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one"
        raise ModelFailure

    emulator = Emulator(clock=ManualClock(NOW), models={"breaking": breaking})
    async with emulator:
        with pytest.raises(aiohttp.ClientPayloadError):
            await chat(emulator, "breaking")

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from sagemaker_rt.emulator import (
    ColdStart,
    Emulator,
    InvocationRequest,
    null_message,
    slow,
    throttle,
)
from sagemaker_rt.errors import ClientStateError, OptionsError
from sagemaker_rt.identity import Credentials
from tests.doubles import ManualClock
from tests.emulator.signed_requests import ASYNC, NOW, STREAM, Signing, ask


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", ""])  # noqa: S104 - must be refused
def test_only_loopback_addresses_are_listened_on(host: str) -> None:
    with pytest.raises(OptionsError, match="give a loopback address"):
        Emulator(host=host)


@pytest.mark.parametrize(
    ("host", "shown"), [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2")]
)
async def test_a_loopback_address_is_in_the_url(host: str, shown: str) -> None:
    async with Emulator(host=host) as emulator:
        reply = await ask(emulator, body=b"x")

        assert emulator.url.startswith(f"http://{shown}:")
        assert emulator.s3_url == f"{emulator.url}/s3"
        assert 200 == reply.status


async def test_an_address_of_version_six_has_brackets() -> None:
    emulator = Emulator(host="::1")
    try:
        await emulator.start()
    except OSError:
        pytest.skip("this machine has no IPv6")

    try:
        assert emulator.url.startswith("http://[::1]:")
    finally:
        await emulator.aclose()


def test_there_is_no_url_before_the_start() -> None:
    with pytest.raises(ClientStateError, match="async with"):
        _ = Emulator().url


async def test_an_emulator_starts_once() -> None:
    async with Emulator() as emulator:
        with pytest.raises(ClientStateError, match="make another one"):
            await emulator.start()


def test_each_emulator_makes_up_credentials_of_its_own() -> None:
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
async def test_a_signature_that_is_not_good_is_refused_by_its_code(
    signing: Signing, code: str
) -> None:
    credentials = Credentials("AKIAKEY", "s")
    async with Emulator(credentials=credentials, clock=ManualClock(NOW)) as emulator:
        reply = await ask(emulator, body=b"x", signing=signing)

    assert 403 == reply.status
    assert code == reply.headers["x-amzn-errortype"]
    assert 1 == len(emulator.requests)


async def test_expired_credentials_are_refused_as_such() -> None:
    end = datetime.fromtimestamp(NOW, UTC)
    credentials = Credentials("AKIAKEY", "s", "t", expires_at=end)
    async with Emulator(credentials=credentials, clock=ManualClock(NOW)) as emulator:
        reply = await ask(emulator, signing=Signing(credentials))

    assert "ExpiredTokenException" == reply.headers["x-amzn-errortype"]


async def test_rotated_credentials_are_the_only_ones() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        old = Signing(emulator.credentials)
        emulator.credentials = Credentials("AKIANEW", "s")

        refused = await ask(emulator, signing=old)
        served = await ask(emulator)

    assert [403, 200] == [refused.status, served.status]


async def test_the_object_store_refuses_in_its_own_words() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        signing = Signing(Credentials("AKIAOTHER", "x"), service="s3")

        reply = await ask(emulator, "/s3/b/k", method="GET", signing=signing)

    assert 403 == reply.status
    assert b"<Code>InvalidAccessKeyId</Code>" in reply.body


async def test_an_unknown_endpoint_is_a_validation_error() -> None:
    credentials = Credentials("AKIAKEY", "s", account_id="123456789012")
    async with Emulator(credentials=credentials, clock=ManualClock(NOW)) as emulator:
        reply = await ask(emulator, "/endpoints/nowhere/invocations")

    assert 400 == reply.status
    assert "ValidationError" == reply.headers["x-amzn-errortype"]
    message = "Endpoint nowhere of account 123456789012 not found."
    assert {"message": message} == json.loads(reply.body)


async def test_what_is_deployed_answers_by_all_three_operations() -> None:
    async def model(request: InvocationRequest) -> bytes:
        return request.operation.encode()

    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.deploy("echo", model)
        whole = await ask(emulator, body=b"x")
        stream = await ask(emulator, STREAM, b"x")
        queued = await ask(emulator, ASYNC, b"x")
        await emulator.finish_jobs()

    assert b"InvokeEndpoint" == whole.body
    assert b"InvokeEndpointWithResponseStream" in stream.body
    location = queued.headers["x-amzn-sagemaker-outputlocation"]
    assert b"InvokeEndpointAsync" == emulator.objects[location]


@pytest.mark.parametrize("cold_start", [2, ColdStart(requests=2)])
async def test_a_cold_model_is_not_ready_yet(cold_start: ColdStart | int) -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.deploy("echo", slow(0), cold_start=cold_start)
        replies = [await ask(emulator) for _ in range(3)]

    assert [429, 429, 200] == [reply.status for reply in replies]
    assert "ModelNotReadyException" == replies[0].headers["x-amzn-errortype"]


async def test_faults_come_in_the_place_of_answers() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.fail_next(throttle(retry_after=5), null_message())
        replies = [await ask(emulator) for _ in range(3)]

    assert [429, 400, 200] == [reply.status for reply in replies]
    assert "5" == replies[0].headers["x-amz-retry-after"]
    assert b'{"message": null}' == replies[1].body


async def test_a_refused_request_leaves_the_script_as_it_is() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.fail_next(throttle())

        await ask(emulator, signing=Signing(Credentials("AKIAOTHER", "x")))

    assert 1 == len(emulator.faults)


async def test_the_latest_requests_are_remembered() -> None:
    async with Emulator(clock=ManualClock(NOW), record_limit=2) as emulator:
        for body in (b"a", b"b", b"c"):
            headers = {"amz-sdk-request": "attempt=3; max=3"}
            await ask(emulator, body=body, headers=headers)

    assert [b"b", b"c"] == [request.body for request in emulator.requests]
    last = emulator.requests[-1]
    assert ("InvokeEndpoint", "echo", 3) == (
        last.operation,
        last.endpoint_name,
        last.attempt,
    )


async def test_closing_cancels_jobs_that_run() -> None:
    async with Emulator(clock=ManualClock(NOW)) as emulator:
        emulator.deploy("echo", slow(3600))
        await ask(emulator, ASYNC, b"x")

    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert 0 == len(emulator.objects)

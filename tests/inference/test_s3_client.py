"""The client of S3, with scripted responses and against the emulator."""

from __future__ import annotations

import asyncio
import contextlib
import io
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import (
    ClientStateError,
    ConnectionLostError,
    EndpointResolutionError,
    OptionsError,
    S3Error,
    SerializationError,
)
from sagemaker_rt.http import FileBody, Request
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.s3_addresses import S3Location, S3Settings, parse_location
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.doubles import ManualClock, ScriptedHTTPClient, response
from tests.inference.s3_answers import (
    KEY,
    KEYS,
    failure,
    found,
    runtime_client,
    s3_client,
    scope_of,
)
from tests.stepping import LoopThread, Moment, Stepped
from tests.transport.pools import pool_of

NAMES = ["a/b.txt", "a b+c&d=é?#%41", "/lead//x/../y/./z", "!'()*~-._"]


class Rotated:
    """A provider that returns another key each time."""

    def __init__(self) -> None:
        self.count = 0

    async def retrieve(self) -> Credentials:
        self.count += 1
        return Credentials(f"AKID{self.count}", "a-secret")


def emulated(emulator: Emulator, **fields: Any) -> Client:
    """Return a client whose environment names *emulator*."""
    environ = {"AWS_ENDPOINT_URL_S3": emulator.s3_url}
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ=environ,
        **fields,
    )


async def test_an_object_is_received() -> None:
    http_client = ScriptedHTTPClient(found())

    received = await (await s3_client(http_client)).get(KEY)

    assert b"content" == await received.read(100)
    assert ("text/csv", '"e"', None) == (
        received.content_type,
        received.etag,
        received.size,
    )
    assert (200, 1) == (
        received.metadata.http_status,
        len(received.metadata.attempts),
    )
    request = http_client.requests[0]
    assert "https://bucket.s3.eu-west-1.amazonaws.com/a%20key" == request.url
    assert ("eu-west-1", "s3") == scope_of(request)
    assert sha256(b"").hexdigest() == request.headers["x-amz-content-sha256"]
    assert "a-token" == request.headers["x-amz-security-token"]
    assert request.timeouts.body is None


async def test_an_object_is_stored_with_its_checksum() -> None:
    http_client = ScriptedHTTPClient(response(200, {"ETag": '"e"'}))

    stored = await (await s3_client(http_client)).put(KEY, b"x", content_type="a/b")

    assert '"e"' == stored.etag
    request = http_client.requests[0]
    assert ("PUT", b"x", "a/b") == (
        request.method,
        request.body,
        request.headers["content-type"],
    )
    assert (
        "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="
        == request.headers["x-amz-checksum-sha256"]
    )


async def test_a_missing_object_is_an_error_or_a_result() -> None:
    http_client = ScriptedHTTPClient(
        failure(404, "NoSuchKey"), failure(403, "AccessDenied"), failure(404)
    )
    s3 = await s3_client(http_client)

    with pytest.raises(S3Error) as raised:
        await s3.get(KEY)
    result = await s3.find(KEY)
    with pytest.raises(S3Error) as of_head:
        await s3.head(KEY)

    assert ("NoSuchKey", "GetObject", 404, KEY.uri) == (
        raised.value.code,
        raised.value.operation,
        raised.value.http_status,
        raised.value.location,
    )
    assert ["S3 GetObject, attempt 1 of 3"] == raised.value.__notes__
    assert isinstance(result, S3Error)
    assert "AccessDenied" == result.code
    assert ("NotFound", "HeadObject") == (of_head.value.code, of_head.value.operation)


async def test_another_error_is_raised_where_a_missing_object_is_expected() -> None:
    http_client = ScriptedHTTPClient(failure(400, "InvalidRequest"))

    with pytest.raises(S3Error) as raised:
        await (await s3_client(http_client)).find(KEY)

    assert "InvalidRequest" == raised.value.code
    assert not raised.value.may_have_executed


async def test_throttling_and_lost_connections_are_retried() -> None:
    clock = ManualClock()
    lost = ConnectionLostError("lost")
    lost.request_sent = lost.may_have_executed = True
    http_client = ScriptedHTTPClient(failure(503, "SlowDown"), lost, found())

    received = await (await s3_client(http_client, clock)).get(KEY)

    assert 3 == len(received.metadata.attempts)
    assert [1.0, 0.1] == clock.sleeps


@pytest.mark.parametrize(
    ("status", "code"), [(400, "ExpiredToken"), (403, "InvalidAccessKeyId")]
)
@pytest.mark.parametrize("method", ["get", "find"])
async def test_rejected_credentials_are_renewed_once(
    method: str, status: int, code: str
) -> None:
    http_client = ScriptedHTTPClient(failure(status, code), failure(status, code))
    provider = Rotated()
    s3 = await s3_client(http_client, credentials=provider)

    with pytest.raises(S3Error) as raised:
        await getattr(s3, method)(KEY)

    assert code == raised.value.code
    assert 2 == provider.count
    keys = [r.headers["authorization"].split("/")[0] for r in http_client.requests]
    assert ["AKID1", "AKID2"] == [key.rpartition("=")[2] for key in keys]


@pytest.mark.parametrize("method", ["get", "find"])
async def test_the_clock_is_corrected_once(method: str) -> None:
    clock = ManualClock()
    date = formatdate(clock.now + 3600, usegmt=True)
    skewed = failure(403, "RequestTimeTooSkewed", date=date)
    http_client = ScriptedHTTPClient(skewed, found(), skewed)
    s3 = await s3_client(http_client, clock)

    await getattr(s3, method)(KEY)
    with pytest.raises(S3Error):  # an error with the right clock is another problem
        await getattr(s3, method)(KEY)

    first, second, _ = (r.headers["x-amz-date"] for r in http_client.requests)
    assert ("20231114T221320Z", "20231114T231320Z") == (first, second)


async def test_the_region_of_a_bucket_is_found_and_remembered() -> None:
    wrong = failure(
        400, "AuthorizationHeaderMalformed", x_amz_bucket_region="us-east-2"
    )
    http_client = ScriptedHTTPClient(wrong, found(), found())
    s3 = await s3_client(http_client)

    await s3.get(KEY)
    await s3.get(KEY)

    regions = ["eu-west-1", "us-east-2", "us-east-2"]
    assert regions == [scope_of(request)[0] for request in http_client.requests]
    hosts = [request.url.split("/")[2] for request in http_client.requests]
    assert [f"bucket.s3.{region}.amazonaws.com" for region in regions] == hosts


@pytest.mark.parametrize(
    "answer",
    [
        response(200, {"x-amz-bucket-region": "us-east-2"}),
        failure(403, x_amz_bucket_region="us-east-2"),
    ],
    ids=["found", "denied"],
)
async def test_the_bucket_itself_is_asked_for_its_region(answer: Any) -> None:
    http_client = ScriptedHTTPClient(failure(301, "PermanentRedirect"), answer, found())

    received = await (await s3_client(http_client)).get(KEY)

    assert b"content" == await received.read(100)
    assert ["GET", "HEAD", "GET"] == [r.method for r in http_client.requests]
    assert "https://bucket.s3.eu-west-1.amazonaws.com/" == http_client.requests[1].url


@pytest.mark.parametrize(
    "answers",
    [
        [failure(301, "PermanentRedirect"), failure(403)],
        [failure(307, "TemporaryRedirect", x_amz_bucket_region="eu-west-1")],
    ],
    ids=["unknown", "the same"],
)
async def test_without_another_region_the_error_is_raised(answers: list[Any]) -> None:
    http_client = ScriptedHTTPClient(*answers)

    with pytest.raises(S3Error, match="Redirect"):
        await (await s3_client(http_client)).get(KEY)


async def test_the_region_of_a_location_comes_first() -> None:
    http_client = ScriptedHTTPClient(found())
    location = parse_location("https://bucket.s3.us-west-2.amazonaws.com/k")

    await (await s3_client(http_client)).get(location)

    assert ("us-west-2", "s3") == scope_of(http_client.requests[0])


async def test_an_anonymous_caller_does_not_sign() -> None:
    http_client = ScriptedHTTPClient(found())
    s3 = await s3_client(http_client, credentials=AnonymousCredentials())

    await s3.get(KEY)

    assert "authorization" not in http_client.requests[0].headers


async def test_an_unsigned_payload_is_declared() -> None:
    http_client = ScriptedHTTPClient(found())
    s3 = await s3_client(http_client, payload_signing="unsigned")

    await s3.put(KEY, b"x")

    headers = http_client.requests[0].headers
    assert "UNSIGNED-PAYLOAD" == headers["x-amz-content-sha256"]
    assert "x-amz-checksum-sha256" not in headers


async def test_a_signer_may_need_no_credentials() -> None:
    class Signer:
        needs_identity = False

        def sign(self, request: Request, credentials: object, **_: Any) -> None:
            request.headers["authorization"] = f"by {credentials}"

    http_client = ScriptedHTTPClient(found())

    await (await s3_client(http_client, signer=Signer())).get(KEY)

    assert "by None" == http_client.requests[0].headers["authorization"]


def test_options_that_are_not_in_force_are_refused() -> None:
    with pytest.raises(OptionsError):
        S3Client(Options(), S3Settings())


async def test_a_provider_in_options_is_cached() -> None:
    http_client, provider = ScriptedHTTPClient(found(), found()), Rotated()
    options = Options(http_client=http_client, credentials=provider)
    s3 = S3Client(options, S3Settings())

    await s3.get(KEY)
    await s3.get(KEY)

    assert 1 == provider.count
    assert ("us-east-1", "s3") == scope_of(http_client.requests[0])


@pytest.mark.parametrize(
    ("environ", "fields", "url"),
    [
        (
            {"AWS_ENDPOINT_URL_S3": "https://s3.example/x"},
            {},
            "https://s3.example/x/bucket/a%20key",
        ),
        (
            {"AWS_ENDPOINT_URL_S3": "https://s3.example"},
            {"ignore_configured_endpoint_urls": True},
            "https://bucket.s3.eu-west-1.amazonaws.com/a%20key",
        ),
        (
            {"AWS_ENDPOINT_URL": "http://example"},
            {"allow_insecure": True},
            "http://example/bucket/a%20key",
        ),
        (
            {},
            {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
            "https://bucket.s3-fips.dualstack.eu-west-1.amazonaws.com/a%20key",
        ),
    ],
)
async def test_the_endpoint_is_that_of_the_environment(
    environ: dict[str, str], fields: dict[str, Any], url: str
) -> None:
    http_client = ScriptedHTTPClient(found())
    client = runtime_client(http_client, environ=environ, **fields)

    await (await S3Client.of(client)).get(KEY)

    assert url == http_client.requests[0].url


async def test_a_configured_endpoint_must_be_encrypted() -> None:
    environ = {"AWS_ENDPOINT_URL_S3": "http://s3.example"}

    with pytest.raises(EndpointResolutionError):
        await S3Client.of(runtime_client(ScriptedHTTPClient(), environ=environ))


@pytest.mark.parametrize("key", NAMES)
async def test_the_emulator_accepts_the_requests_of_any_key(key: str) -> None:
    location = S3Location("bucket", key)
    async with Emulator() as emulator, emulated(emulator) as client:
        s3 = await S3Client.of(client)

        await s3.put(location, b"hello", content_type="text/plain")
        received = await s3.get(location)
        head = await s3.head(location)

        assert b"hello" == emulator.objects[f"s3://bucket/{key}"]
        assert b"hello" == await received.read(5)
        assert ("text/plain", 5) == (received.content_type, head.size)


async def test_a_file_is_stored() -> None:
    content = bytes(range(256)) * 4096
    async with Emulator() as emulator, emulated(emulator) as client:
        s3 = await S3Client.of(client)
        body = FileBody(io.BytesIO(content))

        await s3.put(KEY, body)
        with body.held(), pytest.raises(SerializationError):
            await s3.put(KEY, body)

        assert content == emulator.objects[KEY.uri]


async def test_the_emulator_names_the_region_of_its_buckets() -> None:
    async with Emulator(region="eu-west-3") as emulator:
        emulator.objects[KEY.uri] = b"x"
        async with emulated(emulator).with_options(region="us-east-1") as client:
            s3 = await S3Client.of(client)

            head = await s3.head(KEY)
            received = await s3.get(KEY)

            assert (1, b"x") == (head.size, await received.read(1))
            assert 3 == len(emulator.requests)


async def test_a_closed_client_cannot_be_used() -> None:
    async with Emulator() as emulator:
        async with emulated(emulator) as client:
            s3 = await S3Client.of(client)
            await s3.find(KEY)

        with pytest.raises(ClientStateError):
            await s3.get(KEY)
        with pytest.raises(ClientStateError):
            await S3Client.of(client)


@pytest.mark.parametrize("moment", [Moment.AT_ONCE, Moment.ARRIVED])
@pytest.mark.parametrize("method", ["put", "get", "find"])
def test_a_request_can_be_cancelled_at_each_suspension(
    method: str, moment: Moment
) -> None:
    async def request(client: Client) -> None:
        s3 = await S3Client.of(client)
        if method == "put":
            await s3.put(KEY, bytes(300_000))
            return
        received = await getattr(s3, method)(KEY)
        assert bytes(1000) == await received.read(1000)

    async def cancel_at(number: int, emulator: Emulator) -> bool:
        emulator.objects[KEY.uri] = bytes(1000)
        async with AiohttpClient() as http_client:
            client = emulated(emulator, http_client=http_client)
            call = Stepped(request(client), number, moment)
            with contextlib.suppress(asyncio.CancelledError):
                await call
            await request(client)
            assert 0 == pool_of(http_client).busy
            assert [asyncio.current_task()] == [*asyncio.all_tasks()]
            return call.was_cancelled

    with LoopThread() as thread:
        emulator = thread.enter(Emulator())
        number = 0
        while asyncio.run(cancel_at(number, emulator)):
            number += 1

    assert 3 <= number


async def test_a_profile_names_the_endpoint(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile team]\nservices = local\n"
        "[services local]\ns3 =\n  endpoint_url = https://s3.example\n"
    )
    http_client = ScriptedHTTPClient(found())
    environ = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "team"}
    client = runtime_client(http_client, environ=environ, credentials=KEYS)

    await (await S3Client.of(client)).get(KEY)

    assert "https://s3.example/bucket/a%20key" == http_client.requests[0].url

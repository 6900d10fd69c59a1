"""The emulator accepts presigned URLs and API keys, and refuses wrong ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import aiohttp
import pytest
from yarl import URL

from sagemaker_rt import (
    Client,
    SageMakerBearerTokenProvider,
    ServiceError,
    StaticTokenProvider,
)
from sagemaker_rt.emulator import Emulator, echo
from sagemaker_rt.identity import Credentials
from tests.doubles import ManualClock

KEYS = Credentials("AKID", "a-secret", "a+token/=")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000.0)


@pytest.fixture
async def emulator(clock: ManualClock) -> AsyncIterator[Emulator]:
    async with Emulator(models={"m": echo}, credentials=KEYS, clock=clock) as emulator:
        yield emulator


def client_of(emulator: Emulator, clock: ManualClock, **options: object) -> Client:
    return Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=KEYS,
        environ={},
        clock=clock,
        max_attempts=1,
        **options,  # type: ignore[arg-type] # options of the tests
    )


async def presigned(client: Client, expires: int = 60) -> tuple[str, dict[str, str]]:
    """Return a URL, and the headers that it requires."""
    request = client.request("InvokeEndpoint", endpoint_name="m", body=b"hello")
    url = await request.presign(expires=expires)
    signed = parse_qs(url.partition("?")[2])["X-Amz-SignedHeaders"][0].split(";")
    prepared = (await request.prepare()).headers.lower
    return url, {name: prepared[name] for name in signed if name != "host"}


async def post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(URL(url, encoded=True), data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


async def test_a_presigned_url_is_accepted_until_it_expires(
    emulator: Emulator, clock: ManualClock
) -> None:
    async with client_of(emulator, clock) as client:
        url, headers = await presigned(client)

    first = await post(url, headers, b"hello")
    other_body = await post(url, headers, b"other")
    changed = await post(url.replace("/m/", "/n/"), headers, b"hello")
    clock.advance(61)
    late = await post(url, headers, b"hello")

    assert first == (200, "hello")
    assert [status for status, _ in (other_body, changed, late)] == [403] * 3
    assert "Signature expired" in late[1]


async def test_an_api_key_is_accepted_until_it_expires(
    emulator: Emulator, clock: ManualClock
) -> None:
    provider = SageMakerBearerTokenProvider(
        KEYS, region=emulator.region, clock=clock, expires=60
    )
    token = await provider.retrieve()
    client = client_of(
        emulator,
        clock,
        token_provider=StaticTokenProvider(token.token),
        auth_scheme_preference=("httpBearerAuth",),
    )

    async with client:
        output = await client.invoke_endpoint(endpoint_name="m", body=b"hello")
        clock.advance(61)
        with pytest.raises(ServiceError) as late:
            await client.invoke_endpoint(endpoint_name="m", body=b"hello")

    assert output.body == b"hello"
    assert late.value.http_status == 403


@pytest.mark.parametrize("token", ["nonsense", "sagemaker-api-key-eA=="])
async def test_another_token_is_refused(
    emulator: Emulator, clock: ManualClock, token: str
) -> None:
    client = client_of(
        emulator,
        clock,
        token_provider=StaticTokenProvider(token),
        auth_scheme_preference=("httpBearerAuth",),
    )

    async with client:
        with pytest.raises(ServiceError) as caught:
            await client.invoke_endpoint(endpoint_name="m", body=b"hello")

    assert caught.value.http_status == 403

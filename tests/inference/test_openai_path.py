from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagemaker_rt import (
    AnonymousCredentials,
    Client,
    Credentials,
    CredentialsError,
    EndpointResolutionError,
    FinalizeInput,
    Handler,
    OptionsError,
    Output,
    ParamValidationError,
    Stack,
    StaticTokenProvider,
    with_api_options,
    with_sigv4_signing_region,
)
from sagemaker_rt.context import Context
from sagemaker_rt.http import Endpoint
from sagemaker_rt.inference.openai_path import OpenAIArguments, openai_arguments
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.sansio.presign import generate_bearer_token
from tests.doubles import ManualClock, ScriptedHTTPClient

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token")
NOW = 1_700_000_000.0


def client_of(**options: Any) -> Client:
    defaults: dict[str, Any] = {
        "region": "us-west-2",
        "credentials": KEYS,
        "environ": {},
        "http_client": ScriptedHTTPClient(),  # nothing is sent
        "clock": ManualClock(NOW),
    }
    return Client(**{**defaults, **options})


async def arguments_of(**options: Any) -> OpenAIArguments:
    return await openai_arguments(client_of(**options), "my-llm")


def signed_url(api_key: str) -> str:
    """Return the URL in a token."""
    return b64decode(api_key.removeprefix("sagemaker-api-key-")).decode()


class Renewing:
    """Provides credentials that are valid for half an hour."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.count = 0

    async def retrieve(self) -> Credentials:
        self.count += 1
        end = datetime.fromtimestamp(self._clock(), UTC) + timedelta(minutes=30)
        return Credentials(f"AKID{self.count}", "shh", "token", expires_at=end)


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "https://runtime.sagemaker.us-west-2.amazonaws.com"),
        (
            {"use_fips_endpoint": True},
            "https://runtime-fips.sagemaker.us-west-2.amazonaws.com",
        ),
        (
            {"use_dualstack_endpoint": True},
            "https://runtime.sagemaker.us-west-2.api.aws",
        ),
        (
            {"region": "cn-north-1"},
            "https://runtime.sagemaker.cn-north-1.amazonaws.com.cn",
        ),
        ({"endpoint_url": "https://example.com./a/"}, "https://example.com/a"),
        ({"endpoint_url": "http://localhost:80"}, "http://localhost"),
        (
            {"region": None, "environ": {"AWS_REGION": "eu-west-1"}},
            "https://runtime.sagemaker.eu-west-1.amazonaws.com",
        ),
    ],
    ids=["region", "FIPS", "dualstack", "partition", "URL", "local", "environment"],
)
async def test_the_base_url_has_the_host_of_calls(
    options: dict[str, Any], host: str
) -> None:
    arguments = await arguments_of(**options)

    assert f"{host}/endpoints/my-llm/openai/v1" == arguments["base_url"]
    assert 0 == arguments["max_retries"]
    assert "default_headers" not in arguments


async def test_the_component_is_in_the_path() -> None:
    arguments = await openai_arguments(client_of(), "my-llm", "my-adapter")

    path = "/endpoints/my-llm/inference-components/my-adapter/openai/v1"
    assert arguments["base_url"].endswith(path)


async def test_a_component_that_is_not_validated_is_encoded() -> None:
    arguments = await openai_arguments(client_of(), "my-llm", "a/b?")

    assert "/inference-components/a%2Fb%3F/openai/v1" in arguments["base_url"]


async def test_the_key_is_signed_for_an_hour_with_the_credentials() -> None:
    arguments = await arguments_of()

    expected = generate_bearer_token(
        KEYS, region="us-west-2", signing_time=NOW, expires=3600
    )
    assert expected.token == await arguments["api_key"]()


async def test_a_key_is_used_until_it_has_to_be_renewed() -> None:
    clock = ManualClock(NOW)
    key = (await arguments_of(clock=clock))["api_key"]
    first = await key()

    clock.advance(44 * 60)
    again = await key()
    clock.advance(60)
    renewed = await key()

    assert first == again
    assert first != renewed
    assert "X-Amz-Date=20231114T225820Z" in signed_url(renewed)


async def test_a_key_is_renewed_before_the_credentials_expire() -> None:
    clock = ManualClock(NOW)
    provider = Renewing(clock)
    key = (await arguments_of(clock=clock, credentials=provider))["api_key"]

    keys = [await key()]
    for _ in range(2):
        clock.advance(15 * 60)
        keys.append(await key())

    assert ["AKID1", "AKID2", "AKID3"] == [
        signed_url(one).partition("Credential=")[2].partition("%2F")[0] for one in keys
    ]
    assert 3 == provider.count


async def test_the_clock_of_the_client_is_corrected() -> None:
    arguments = await arguments_of(clock_offset=timedelta(hours=1).total_seconds())

    url = signed_url(await arguments["api_key"]())
    assert "X-Amz-Date=20231114T231320Z" in url


async def test_the_key_is_valid_in_the_region_of_signatures() -> None:
    client = client_of().with_options(with_sigv4_signing_region("eu-west-1"))

    arguments = await openai_arguments(client, "my-llm")

    assert "%2Feu-west-1%2Fsagemaker%2F" in signed_url(await arguments["api_key"]())


async def test_the_token_of_a_provider_is_used() -> None:
    provider = StaticTokenProvider("secret")

    arguments = await arguments_of(credentials=None, token_provider=provider)

    assert "secret" == await arguments["api_key"]()


async def test_the_headers_of_the_endpoint_are_default_headers() -> None:
    class Resolver:
        def resolve_endpoint(self, _: EndpointParameters) -> Endpoint:
            return Endpoint("https://gateway.example", headers={"X-Team": "a"})

    arguments = await arguments_of(endpoint_resolver_v2=Resolver())

    assert {"X-Team": "a"} == arguments["default_headers"]


async def test_a_client_without_credentials_is_rejected() -> None:
    with pytest.raises(CredentialsError, match="token_provider"):
        await arguments_of(credentials=AnonymousCredentials())


async def test_a_name_is_validated() -> None:
    with pytest.raises(ParamValidationError):
        await openai_arguments(client_of(), "my_llm")


@pytest.mark.parametrize("url", ["http://example.com", "http://192.0.2.1:8080"])
async def test_a_token_is_not_sent_over_http_to_another_machine(url: str) -> None:
    with pytest.raises(EndpointResolutionError, match="not encrypted"):
        await arguments_of(endpoint_url=url, allow_insecure=True)


async def test_a_region_is_required() -> None:
    with pytest.raises((EndpointResolutionError, OptionsError)):
        await arguments_of(region=None)


async def test_a_stack_without_endpoints_is_rejected() -> None:
    def remove(stack: Stack) -> None:
        stack.finalize.remove("ResolveEndpointV2")

    client = client_of().with_options(with_api_options(remove))

    with pytest.raises(EndpointResolutionError):
        await openai_arguments(client, "my-llm")


async def test_middleware_sees_the_preparation() -> None:
    seen: list[bool] = []

    def watch(
        ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        seen.append(ctx.is_prepare)
        return next(ctx, input)

    client = client_of().with_options(
        with_api_options(lambda stack: stack.finalize.add(watch))
    )

    await openai_arguments(client, "my-llm")

    assert [True] == seen


async def test_the_repr_of_the_key_hides_it() -> None:
    arguments = await arguments_of()

    assert "<API key of a SageMaker endpoint>" == repr(arguments["api_key"])
    assert await arguments["api_key"]() not in repr(arguments)

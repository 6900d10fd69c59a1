from __future__ import annotations

import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.config.config_loader import ConfigLoader
from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ClientStateError,
    CredentialsError,
    OptionsError,
    RetryCapacityNotAvailableError,
    ThrottlingException,
    UnknownServiceError,
)
from sagemaker_rt.http import Endpoint, Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.invocation.client_components import ClientComponents
from sagemaker_rt.operations import INVOKE_ENDPOINT, INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.sansio.endpoint_parameters import EndpointParameters
from sagemaker_rt.sansio.retry import NopRetryer
from sagemaker_rt.stack import InitializeInput
from sagemaker_rt.transport.pooled_client import PooledClient
from tests.doubles import (
    CountingProvider,
    ManualClock,
    ScriptedHTTPClient,
    response,
)
from tests.invocation.compiling import INPUT, compiler_of, options, sent
from tests.transport.certificates import Authority


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({}, "attempt=1; max=3"),
        ({"max_attempts": 5}, "attempt=1; max=5"),
        ({"retry_mode": "off"}, "attempt=1; max=1"),
        ({"retry_mode": "off", "max_attempts": 5}, "attempt=1; max=1"),
        ({"retry_mode": "adaptive"}, "attempt=1; max=3"),
        ({"retry_mode": "legacy"}, "attempt=1; max=4"),
        ({"retry_mode": "legacy", "max_attempts": 2}, "attempt=1; max=2"),
        ({"environ": {"AWS_RETRY_MODE": "legacy"}}, "attempt=1; max=4"),
        ({"retryer": NopRetryer(), "max_attempts": 5}, "attempt=1; max=1"),
    ],
)
async def test_the_options_choose_the_retryer(
    fields: dict[str, Any], header: str
) -> None:
    request = await sent(options(**fields))

    assert header == request.headers["amz-sdk-request"]


async def test_custom_components_replace_the_defaults() -> None:
    class Signer:
        def sign(self, request: Request, credentials: Credentials, **_: Any) -> None:
            request.headers["authorization"] = f"by {credentials.access_key_id}"

    class Resolver:
        def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
            return Endpoint(f"https://{parameters.region}.example")

    request = await sent(options(signer=Signer(), endpoint_resolver_v2=Resolver()))

    assert "by AKID" == request.headers["authorization"]
    assert "https://eu-west-1.example/endpoints/m/invocations" == request.url


async def test_a_provider_retrieves_once_for_all_options_that_name_it() -> None:
    """Also where an option of one call names it, and not the client."""
    provider = CountingProvider()
    compiler = compiler_of(options())
    given = options(credentials=provider)

    for changed in (given, given.replace(read_timeout=1), given.replace(port=8443)):
        await sent(changed, compiler=compiler)

    assert 1 == provider.count


async def test_each_provider_has_a_cache() -> None:
    providers = [CountingProvider() for _ in range(200)]
    compiler = compiler_of(options())

    for provider in providers:
        await sent(options(credentials=provider), compiler=compiler)
        await sent(options(credentials=provider), compiler=compiler)

    assert [1] * 200 == [provider.count for provider in providers]


async def test_a_provider_has_a_cache_per_clock() -> None:
    provider = CountingProvider()
    compiler = compiler_of(options())

    for clock in (time.time, ManualClock(), time.time):
        await sent(options(credentials=provider, clock=clock), compiler=compiler)

    assert 2 == provider.count


async def test_calls_with_different_options_share_the_retry_quota() -> None:
    compiler = compiler_of(options())
    stacks = [
        compiler._edited_stack(INVOKE_ENDPOINT, options(max_attempts=number))[0]
        for number in (2, 5)
    ]

    first, second = (stack.finalize.get("Retry") for stack in stacks)

    assert first is not second
    assert first._retryer.quota is second._retryer.quota  # type: ignore[attr-defined] # private


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 5),
        ("keepalive_timeout", 1.0),
        ("proxy", "http://proxy.example:3128"),
        ("environ", {"AWS_REGION": "eu-west-2"}),
    ],
)
@pytest.mark.parametrize("http_client", ["auto", ScriptedHTTPClient()])
def test_an_option_of_connections_cannot_be_set_per_call(
    name: str, value: object, http_client: ScriptedHTTPClient | str
) -> None:
    given = options(http_client=http_client)

    with pytest.raises(OptionsError) as caught:
        compiler_of(given).compile(INVOKE_ENDPOINT, given.replace(**{name: value}))

    assert name in str(caught.value)


async def test_an_equal_connection_option_is_accepted_per_call() -> None:
    given = options(max_connections=int("500"))
    compiler = compiler_of(given)

    compiler.compile(INVOKE_ENDPOINT, given.replace(max_connections=int("500")))

    await compiler._state.aclose()


def test_options_of_connections_contradict_a_custom_http_client() -> None:
    given = options(max_connections=500, http_client=ScriptedHTTPClient())

    with pytest.raises(OptionsError, match="max_connections has no effect"):
        compiler_of(given).compile(INVOKE_ENDPOINT, given)


def test_other_programs_may_need_the_certificates_and_proxies_of_the_environment() -> (
    None
):
    given = options(
        environ={"AWS_CA_BUNDLE": "/none.pem", "HTTPS_PROXY": "http://a:1"},
        http_client=ScriptedHTTPClient(),
    )

    assert compiler_of(given).compile(INVOKE_ENDPOINT, given)


def test_one_call_may_use_another_http_client_than_the_connections() -> None:
    given = options(max_connections=500)
    changed = given.replace(http_client=ScriptedHTTPClient())

    assert compiler_of(given).compile(INVOKE_ENDPOINT, changed)


async def test_the_http_client_is_made_once_and_closed_with_the_client() -> None:
    given = options()
    compiler = compiler_of(given)

    assert compiler._state.components.default_http_client is None
    compiler.compile(INVOKE_ENDPOINT, given)
    made = compiler._state.components.default_http_client
    compiler.compile(INVOKE_ENDPOINT_ASYNC, given.replace(read_timeout=1))

    assert isinstance(made, PooledClient)
    assert made is compiler._state.components.default_http_client
    await compiler._state.aclose()
    with pytest.raises(ClientStateError):
        await made.send(Request(endpoint=Endpoint("https://localhost:1")))


async def test_another_http_client_of_the_library_is_not_made_for_one_call() -> None:
    given = options()
    compiler = compiler_of(given)
    compiler.compile(INVOKE_ENDPOINT, given)

    with pytest.raises(OptionsError, match="http_client='native'"):
        compiler.compile(INVOKE_ENDPOINT, given.replace(http_client="native"))


def test_invalid_connection_options_are_refused() -> None:
    given = options(ca_bundle="/none.pem", verify_ssl=False)

    with pytest.raises(OptionsError, match="verify_ssl"):
        compiler_of(given).compile(INVOKE_ENDPOINT, given)


async def test_a_custom_http_client_stays_open() -> None:
    http_client = ScriptedHTTPClient()
    given = options(http_client=http_client)
    compiler = compiler_of(given)
    compiler.compile(INVOKE_ENDPOINT, given)

    await compiler._state.aclose()

    assert not http_client.is_closed


async def test_credentials_are_retrieved_when_a_call_runs_and_not_before() -> None:
    environ = {"AWS_EC2_METADATA_DISABLED": "true"}
    http_client = ScriptedHTTPClient()
    given = options(credentials=None, http_client=http_client, environ=environ)
    call = compiler_of(given).compile(INVOKE_ENDPOINT, given)

    with pytest.raises(CredentialsError, match="AWS_ACCESS_KEY_ID"):
        await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))


def throttled() -> Response:
    return response(429, {"x-amzn-errortype": "ThrottlingException"})


async def test_calls_share_the_rate_limit_of_the_adaptive_mode() -> None:
    given = options(retry_mode="adaptive", adaptive_wait=False, max_attempts=1)
    http_client = ScriptedHTTPClient(throttled())
    compiler, changed = compiler_of(given), given.replace(http_client=http_client)
    with pytest.raises(ThrottlingException):
        await compiler.compile(INVOKE_ENDPOINT, changed).run(INPUT)

    with pytest.raises(RetryCapacityNotAvailableError, match="endpoint 'm'") as caught:
        await compiler.compile(INVOKE_ENDPOINT, changed).run(INPUT)

    assert 0 == caught.value.attempts
    assert not caught.value.request_sent


AHEAD: Final = 600.0


def too_late(now: float) -> Response:
    """Return a refusal by a service whose clock is ten minutes ahead."""
    date = format_datetime(datetime.fromtimestamp(now + AHEAD, UTC), usegmt=True)
    return response(403, {"x-amzn-errortype": "SignatureDoesNotMatch", "Date": date})


@pytest.mark.parametrize("is_corrected", [True, False])
async def test_a_corrected_clock_is_used_by_later_calls(is_corrected: bool) -> None:
    clock = ManualClock()
    given = options(
        clock=clock, correct_clock_skew=is_corrected, custom_backoff=lambda r, e: 0.0
    )
    answers = [too_late(clock.now), response(), response()]
    http_client = ScriptedHTTPClient(*answers)
    compiler, changed = compiler_of(given), given.replace(http_client=http_client)
    call = compiler.compile(INVOKE_ENDPOINT, changed)

    with suppress(UnknownServiceError):
        await call.run(INPUT)
    await compiler.compile(INVOKE_ENDPOINT, changed.replace(region="us-east-1")).run(
        INPUT
    )

    dates = [request.headers["x-amz-date"] for request in http_client.requests]
    local, corrected = "20231114T221320Z", "20231114T222320Z"
    assert ([local, corrected, corrected] if is_corrected else [local, local]) == dates


@pytest.mark.parametrize("is_verified", [True, False])
async def test_credentials_services_use_the_ca_bundle_and_are_always_verified(
    tmp_path: Path, *, is_verified: bool
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("client")
    given = options(
        client_cert=str(certificate),
        client_key=str(key),
        ca_bundle=str(authority.file) if is_verified else None,
        verify_ssl=is_verified,
    )
    configuration = ConfigLoader(given)
    components = ClientComponents(configuration)
    make_ssl_context = components._default_chain(given)._context.make_ssl_context

    before = make_ssl_context()
    await configuration.load()

    assert (before is not None) == (make_ssl_context() is not None) == is_verified


@pytest.mark.parametrize("is_verified", [True, False])
def test_credentials_services_use_a_context_that_verifies(*, is_verified: bool) -> None:
    context = ssl.create_default_context()
    context.check_hostname = is_verified
    given = options(ssl_context=context)
    components = ClientComponents(ConfigLoader(given))

    found = components._default_chain(given)._context.make_ssl_context()

    assert (context if is_verified else None) is found

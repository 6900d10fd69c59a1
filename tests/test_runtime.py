from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import Any, Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ClientStateError,
    CredentialsError,
    DuplicateMiddlewareError,
    OptionsError,
    StackError,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.operations import INVOKE_ENDPOINT, INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.options import Options
from sagemaker_rt.runtime import Runtime
from sagemaker_rt.sansio.endpoints import EndpointParameters
from sagemaker_rt.sansio.retry import NopRetryer
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import InitializeInput, Stack
from sagemaker_rt.transport.aiohttp import AiohttpClient
from tests.doubles import (
    CountingProvider,
    ManualClock,
    ScriptedHTTPClient,
    response,
)

INPUT: Final = InvokeEndpointInput(endpoint_name="m", body=b"abc")
CREDENTIALS: Final = Credentials("AKID", "a-secret")


def options(**fields: Any) -> Options:
    """Return options that need nothing from outside."""
    known = {"region": "eu-west-1", "credentials": CREDENTIALS, "environ": {}}
    return Options(**{**known, **fields})


async def sent(options: Options, *, by: Runtime | None = None) -> Request:
    """Return the request that a call with *options* sends."""
    http_client = ScriptedHTTPClient(response())
    changed = options.replace(http_client=http_client)
    call = (by or Runtime(options)).compile(INVOKE_ENDPOINT, changed)

    await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))

    return http_client.requests[0]


async def test_a_compiled_call_runs_any_number_of_times() -> None:
    http_client = ScriptedHTTPClient(*(response(200, {}, b"a") for _ in range(3)))
    given = options(http_client=http_client, total_timeout=9)
    call = Runtime(given).compile(INVOKE_ENDPOINT, given)

    outputs = await asyncio.gather(
        *(
            call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))
            for _ in range(3)
        )
    )

    assert [b"a"] * 3 == [output.result.body for output in outputs]
    assert 3 == len({r.headers["amz-sdk-invocation-id"] for r in http_client.requests})
    assert 9 == call.total_timeout


def test_the_environment_is_that_of_the_process_unless_another_is_given() -> None:
    environ = {"AWS_REGION": "eu-west-1"}

    assert os.environ is Runtime(Options())._environ
    assert environ is Runtime(Options(environ=environ))._environ


async def test_what_is_unset_comes_from_the_environment() -> None:
    environ = {
        "AWS_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "ENV",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
    }

    request = await sent(options(region=None, credentials=None, environ=environ))

    assert "runtime.sagemaker.eu-west-2.amazonaws.com" in request.url
    assert "Credential=ENV/" in request.headers["authorization"]


async def test_an_anonymous_caller_signs_nothing() -> None:
    request = await sent(options(credentials=AnonymousCredentials()))

    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({}, "attempt=1; max=3"),
        ({"max_attempts": 5}, "attempt=1; max=5"),
        ({"retry_mode": "off"}, "attempt=1; max=1"),
        ({"retry_mode": "off", "max_attempts": 5}, "attempt=1; max=1"),
        ({"retryer": NopRetryer(), "max_attempts": 5}, "attempt=1; max=1"),
    ],
)
async def test_the_options_choose_the_retryer(
    fields: dict[str, Any], header: str
) -> None:
    request = await sent(options(**fields))

    assert header == request.headers["amz-sdk-request"]


async def test_parts_of_the_caller_take_the_place_of_ours() -> None:
    class Signer:
        def sign(self, request: Request, credentials: Credentials, **_: Any) -> None:
            request.headers["authorization"] = f"by {credentials.access_key_id}"

    class Resolver:
        def resolve_endpoint(self, parameters: EndpointParameters) -> Endpoint:
            return Endpoint(f"https://{parameters.region}.example")

    request = await sent(options(signer=Signer(), endpoint_resolver_v2=Resolver()))

    assert "by AKID" == request.headers["authorization"]
    assert "https://eu-west-1.example/endpoints/m/invocations" == request.url


async def test_a_provider_is_asked_once_for_all_options_that_name_it() -> None:
    """Also where an option of one call names it, and not the client."""
    provider = CountingProvider()
    runtime = Runtime(options())
    given = options(credentials=provider)

    for changed in (given, given.replace(read_timeout=1), given.replace(port=8443)):
        await sent(changed, by=runtime)

    assert 1 == provider.count


async def test_providers_are_not_mistaken_for_one_another() -> None:
    providers = [CountingProvider() for _ in range(70)]
    runtime = Runtime(options())

    for provider in providers:
        await sent(options(credentials=provider), by=runtime)
        await sent(options(credentials=provider), by=runtime)

    assert [1] * 70 == [provider.count for provider in providers]
    assert 64 == len(runtime._credentials)


async def test_a_clock_of_its_own_decides_when_credentials_expire() -> None:
    provider = CountingProvider()
    runtime = Runtime(options())

    for clock in (time.time, ManualClock(), time.time):
        await sent(options(credentials=provider, clock=clock), by=runtime)

    assert 2 == provider.count


async def test_calls_with_different_options_share_one_quota() -> None:
    runtime = Runtime(options())
    stacks = [
        runtime.stack(INVOKE_ENDPOINT, options(max_attempts=number))[0]
        for number in (2, 5)
    ]

    first, second = (stack.finalize.get("Retry") for stack in stacks)

    assert first is not second
    assert first._retryer.quota is second._retryer.quota  # type: ignore[attr-defined] # private


def test_functions_edit_the_complete_stack_in_their_order() -> None:
    seen: list[list[str]] = []

    def look(stack: Stack) -> None:
        seen.append(list(stack.finalize))
        stack.finalize.clear()

    given = options(api_options=[look, look])
    Runtime(given).stack(INVOKE_ENDPOINT, given)

    complete = [
        "Retry",
        "ResolveAuthScheme",
        "GetIdentity",
        "ResolveEndpointV2",
        "Signing",
    ]
    assert [complete, []] == seen


def broken(stack: Stack) -> None:
    raise KeyError(stack.build.name)


class Editor:
    def __call__(self, stack: Stack) -> None:
        message = "not today"
        raise StackError(message)

    def __repr__(self) -> str:
        return "Editor()"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (broken, "api_options function broken failed: 'build'"),
        (Editor(), "api_options function Editor() failed: not today"),
        (partial(broken), f"api_options function {partial(broken)!r} failed: 'build'"),
    ],
    ids=["function", "object", "partial"],
)
def test_a_function_that_fails_is_named(function: Any, message: str) -> None:
    given = options(api_options=[function])

    with pytest.raises(StackError) as caught:
        Runtime(given).compile(INVOKE_ENDPOINT, given)

    assert (StackError, message) == (type(caught.value), str(caught.value))
    assert caught.value.__cause__ is not None


def test_an_error_of_the_stack_stays_what_it_is() -> None:
    def twice(stack: Stack) -> None:
        stack.build.add(stack.build.get("UserAgent"))

    given = options(api_options=[twice])

    with pytest.raises(DuplicateMiddlewareError) as caught:
        Runtime(given).stack(INVOKE_ENDPOINT, given)

    assert str(caught.value).endswith(
        "twice failed: build has 'UserAgent' already; swap it, or give another id="
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 5),
        ("keepalive_timeout", 1.0),
        ("proxy", "http://proxy.example:3128"),
        ("environ", {"AWS_REGION": "eu-west-2"}),
    ],
)
@pytest.mark.parametrize("http_client", [None, ScriptedHTTPClient()])
def test_what_is_settled_with_the_client_cannot_be_changed(
    name: str, value: object, http_client: ScriptedHTTPClient | None
) -> None:
    given = options(http_client=http_client)

    with pytest.raises(OptionsError) as caught:
        Runtime(given).compile(INVOKE_ENDPOINT, given.replace(**{name: value}))

    assert f"{name} is settled with the client; give it to Client()" == str(
        caught.value
    )


def test_an_equal_value_is_no_change() -> None:
    given = options(max_connections=int("500"), http_client=ScriptedHTTPClient())

    Runtime(given).compile(INVOKE_ENDPOINT, given.replace(max_connections=int("500")))


async def test_connections_are_made_once_and_closed_with_the_client() -> None:
    given = options()
    runtime = Runtime(given)

    assert runtime._http_client is None
    runtime.compile(INVOKE_ENDPOINT, given)
    made = runtime._http_client
    runtime.compile(INVOKE_ENDPOINT_ASYNC, given.replace(read_timeout=1))

    assert isinstance(made, AiohttpClient)
    assert made is runtime._http_client
    await runtime.aclose()
    with pytest.raises(ClientStateError):
        await made.send(Request(endpoint=Endpoint("https://localhost:1")))


def test_connections_are_made_as_the_options_say() -> None:
    given = options(proxy="no url")

    with pytest.raises(OptionsError, match="proxy"):
        Runtime(given).compile(INVOKE_ENDPOINT, given)


async def test_an_http_client_that_was_given_stays_open() -> None:
    http_client = ScriptedHTTPClient()
    given = options(http_client=http_client)
    runtime = Runtime(given)
    runtime.compile(INVOKE_ENDPOINT, given)

    await runtime.aclose()

    assert not http_client.is_closed


async def test_a_closed_runtime_says_so() -> None:
    runtime = Runtime(options())

    runtime.require_open()
    await runtime.aclose()
    await runtime.aclose()

    with pytest.raises(ClientStateError) as caught:
        runtime.require_open()
    assert "the client is closed; make a new one" == str(caught.value)


async def test_closing_that_is_refused_can_be_done_later() -> None:
    class Elsewhere(ScriptedHTTPClient):
        async def aclose(self) -> None:
            message = "belongs to another loop"
            raise ClientStateError(message)

    runtime = Runtime(options())
    runtime._http_client = Elsewhere()

    with pytest.raises(ClientStateError, match="belongs to another loop"):
        await runtime.aclose()

    runtime.require_open()
    runtime._http_client = here = ScriptedHTTPClient()
    await runtime.aclose()
    assert here.is_closed


async def test_credentials_are_asked_for_when_a_call_runs_and_not_before() -> None:
    given = options(credentials=None, http_client=ScriptedHTTPClient())
    call = Runtime(given).compile(INVOKE_ENDPOINT, given)

    with pytest.raises(CredentialsError, match="AWS_ACCESS_KEY_ID"):
        await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))


async def test_a_stack_that_resolves_nothing_says_so_in_its_metadata() -> None:
    http_client = ScriptedHTTPClient(response())
    given = options(
        http_client=http_client, api_options=[lambda stack: stack.finalize.clear()]
    )
    call = Runtime(given).compile(INVOKE_ENDPOINT, given)

    output = await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))

    assert output.metadata.endpoint is None
    assert http_client.requests[0].endpoint is None

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.config.config_loader import Groundwork
from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ClientStateError,
    CredentialsError,
    DuplicateMiddlewareError,
    OptionsError,
    RequestTimeoutError,
    RetryCapacityNotAvailableError,
    SageMakerRuntimeError,
    StackError,
    UnknownServiceError,
)
from sagemaker_rt.http import Endpoint, Request, Response
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.invocation.compiled_operation import Calls
from sagemaker_rt.operations import INVOKE_ENDPOINT, INVOKE_ENDPOINT_ASYNC
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.endpoints import EndpointParameters
from sagemaker_rt.sansio.retry import NopRetryer
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import BuildInput, Handler, InitializeInput, Output, Stack
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.doubles import (
    CountingProvider,
    ManualClock,
    ScriptedHTTPClient,
    response,
)
from tests.transport.certificates import Authority

INPUT: Final = InvokeEndpointInput(endpoint_name="m", body=b"abc")
CREDENTIALS: Final = Credentials("AKID", "a-secret")


def calls_of(options: Options) -> Calls:
    return Calls(Groundwork(options))


def options(**fields: Any) -> Options:
    """Return options that need nothing from outside."""
    known = {"region": "eu-west-1", "credentials": CREDENTIALS, "environ": {}}
    return Options(**{**known, **fields})


async def sent(options: Options, *, by: Calls | None = None) -> Request:
    """Return the request that a call with *options* sends."""
    http_client = ScriptedHTTPClient(response())
    changed = options.replace(http_client=http_client)
    call = (by or calls_of(options)).compile(INVOKE_ENDPOINT, changed)

    await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))

    return http_client.requests[0]


async def test_a_compiled_call_runs_any_number_of_times() -> None:
    http_client = ScriptedHTTPClient(*(response(200, {}, b"a") for _ in range(3)))
    given = options(http_client=http_client, total_timeout=9)
    call = calls_of(given).compile(INVOKE_ENDPOINT, given)

    outputs = await asyncio.gather(
        *(
            call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))
            for _ in range(3)
        )
    )

    assert [b"a"] * 3 == [output.result.body for output in outputs]
    assert 3 == len({r.headers["amz-sdk-invocation-id"] for r in http_client.requests})
    assert 9 == call.total_timeout


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
    calls = calls_of(options())
    given = options(credentials=provider)

    for changed in (given, given.replace(read_timeout=1), given.replace(port=8443)):
        await sent(changed, by=calls)

    assert 1 == provider.count


async def test_providers_are_not_mistaken_for_one_another() -> None:
    providers = [CountingProvider() for _ in range(70)]
    calls = calls_of(options())

    for provider in providers:
        await sent(options(credentials=provider), by=calls)
        await sent(options(credentials=provider), by=calls)

    assert [1] * 70 == [provider.count for provider in providers]
    assert 64 == len(calls._credentials)


async def test_a_clock_of_its_own_decides_when_credentials_expire() -> None:
    provider = CountingProvider()
    calls = calls_of(options())

    for clock in (time.time, ManualClock(), time.time):
        await sent(options(credentials=provider, clock=clock), by=calls)

    assert 2 == provider.count


async def test_calls_with_different_options_share_one_quota() -> None:
    calls = calls_of(options())
    stacks = [
        calls.stack(INVOKE_ENDPOINT, options(max_attempts=number))[0]
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
    calls_of(given).stack(INVOKE_ENDPOINT, given)

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
        calls_of(given).compile(INVOKE_ENDPOINT, given)

    assert (StackError, message) == (type(caught.value), str(caught.value))
    assert caught.value.__cause__ is not None


def test_an_error_of_the_stack_stays_what_it_is() -> None:
    def twice(stack: Stack) -> None:
        stack.build.add(stack.build.get("UserAgent"))

    given = options(api_options=[twice])

    with pytest.raises(DuplicateMiddlewareError) as caught:
        calls_of(given).stack(INVOKE_ENDPOINT, given)

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
        calls_of(given).compile(INVOKE_ENDPOINT, given.replace(**{name: value}))

    assert f"{name} is settled with the client; give it to Client()" == str(
        caught.value
    )


def test_an_equal_value_is_no_change() -> None:
    given = options(max_connections=int("500"), http_client=ScriptedHTTPClient())

    calls_of(given).compile(INVOKE_ENDPOINT, given.replace(max_connections=int("500")))


async def test_connections_are_made_once_and_closed_with_the_client() -> None:
    given = options()
    calls = calls_of(given)

    assert calls._http_client is None
    calls.compile(INVOKE_ENDPOINT, given)
    made = calls._http_client
    calls.compile(INVOKE_ENDPOINT_ASYNC, given.replace(read_timeout=1))

    assert isinstance(made, AiohttpClient)
    assert made is calls._http_client
    await calls.aclose()
    with pytest.raises(ClientStateError):
        await made.send(Request(endpoint=Endpoint("https://localhost:1")))


def test_connections_are_made_as_the_options_say() -> None:
    given = options(proxy="no url")

    with pytest.raises(OptionsError, match="proxy"):
        calls_of(given).compile(INVOKE_ENDPOINT, given)


async def test_an_http_client_that_was_given_stays_open() -> None:
    http_client = ScriptedHTTPClient()
    given = options(http_client=http_client)
    calls = calls_of(given)
    calls.compile(INVOKE_ENDPOINT, given)

    await calls.aclose()

    assert not http_client.is_closed


async def test_credentials_are_asked_for_when_a_call_runs_and_not_before() -> None:
    environ = {"AWS_EC2_METADATA_DISABLED": "true"}
    http_client = ScriptedHTTPClient()
    given = options(credentials=None, http_client=http_client, environ=environ)
    call = calls_of(given).compile(INVOKE_ENDPOINT, given)

    with pytest.raises(CredentialsError, match="AWS_ACCESS_KEY_ID"):
        await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))


async def test_a_stack_that_resolves_nothing_says_so_in_its_metadata() -> None:
    http_client = ScriptedHTTPClient(response())
    given = options(
        http_client=http_client, api_options=[lambda stack: stack.finalize.clear()]
    )
    call = calls_of(given).compile(INVOKE_ENDPOINT, given)

    output = await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))

    assert output.metadata.endpoint is None
    assert http_client.requests[0].endpoint is None


def throttled() -> Response:
    return response(429, {"x-amzn-errortype": "ThrottlingException"})


async def failed(given: Options, *answers: Response) -> SageMakerRuntimeError:
    """Return the error of a call that is answered so."""
    http_client = ScriptedHTTPClient(*answers)
    changed = given.replace(http_client=http_client)
    with pytest.raises(SageMakerRuntimeError) as caught:
        await calls_of(given).compile(INVOKE_ENDPOINT, changed).run(INPUT)
    return caught.value


@pytest.mark.parametrize(
    ("fields", "delay"),
    [
        ({"retry_mode": "legacy", "retry_base_delay": 0.001}, 0.001),
        (
            {
                "retry_mode": "legacy",
                "retry_base_delay": 9,
                "retry_max_delay": 0.002,
                "retry_jitter": lambda delay: delay / 2,
            },
            0.001,
        ),
        ({"custom_backoff": lambda retry, error: 0.001}, 0.001),
        ({"retry_mode": "legacy", "custom_backoff": lambda retry, error: 0.0}, 0.0),
    ],
)
async def test_the_options_tell_the_delays(fields: Any, delay: float) -> None:
    error = await failed(options(max_attempts=2, **fields), throttled(), throttled())

    assert error.metadata is not None
    assert delay == error.metadata.attempts[0].delay
    assert 2 == error.attempts


@pytest.mark.parametrize("mode", [None, "standard", "adaptive", "off"])
def test_options_of_the_legacy_mode_are_of_no_other(mode: Any) -> None:
    given = options(retry_mode=mode, retry_jitter="full")

    with pytest.raises(OptionsError) as caught:
        calls_of(given).compile(INVOKE_ENDPOINT, given)

    named = mode or "standard"
    assert f"retry_jitter is of retry_mode='legacy'; the mode is '{named}'" == str(
        caught.value
    )


async def test_calls_of_a_client_share_what_limits_them_in_the_adaptive_mode() -> None:
    given = options(retry_mode="adaptive", adaptive_wait=False, max_attempts=1)
    http_client = ScriptedHTTPClient(throttled())
    calls, changed = calls_of(given), given.replace(http_client=http_client)
    with pytest.raises(UnknownServiceError):
        await calls.compile(INVOKE_ENDPOINT, changed).run(INPUT)

    with pytest.raises(RetryCapacityNotAvailableError, match="endpoint 'm'") as caught:
        await calls.compile(INVOKE_ENDPOINT, changed).run(INPUT)

    assert 0 == caught.value.attempts
    assert not caught.value.request_sent


AHEAD: Final = 600.0


def too_late(now: float) -> Response:
    """Return a refusal by a service whose clock is ten minutes ahead."""
    date = format_datetime(datetime.fromtimestamp(now + AHEAD, UTC), usegmt=True)
    return response(403, {"x-amzn-errortype": "SignatureDoesNotMatch", "Date": date})


@pytest.mark.parametrize("is_corrected", [True, False])
async def test_a_clock_is_corrected_for_all_calls_that_come(is_corrected: bool) -> None:
    clock = ManualClock()
    given = options(
        clock=clock, correct_clock_skew=is_corrected, custom_backoff=lambda r, e: 0.0
    )
    answers = [too_late(clock.now), response(), response()]
    http_client = ScriptedHTTPClient(*answers)
    calls, changed = calls_of(given), given.replace(http_client=http_client)
    call = calls.compile(INVOKE_ENDPOINT, changed)

    with suppress(UnknownServiceError):
        await call.run(INPUT)
    await calls.compile(INVOKE_ENDPOINT, changed.replace(region="us-east-1")).run(INPUT)

    dates = [request.headers["x-amz-date"] for request in http_client.requests]
    local, corrected = "20231114T221320Z", "20231114T222320Z"
    assert ([local, corrected, corrected] if is_corrected else [local, local]) == dates


class Hanging:
    """A provider, signer and middleware that does not return."""

    async def retrieve(self) -> Credentials:
        await asyncio.Event().wait()
        return CREDENTIALS

    async def sign(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        await asyncio.Event().wait()
        return Output()


def hang_in_build(stack: Stack) -> None:
    stack.build.add(Hanging())


@pytest.mark.parametrize(
    ("fields", "may_have_executed"),
    [
        ({"credentials": Hanging()}, False),
        ({"signer": Hanging()}, True),
        ({"api_options": [hang_in_build]}, True),
    ],
    ids=["provider", "signer", "middleware"],
)
async def test_a_call_ends_whatever_does_not(
    fields: Any, may_have_executed: bool
) -> None:
    """For what is not known it is assumed that something was sent."""
    error = await failed(options(total_timeout=0.02, **fields))

    assert isinstance(error, RequestTimeoutError)
    assert "the call's total time is over" in str(error)
    assert "InvokeEndpoint" == error.operation
    assert may_have_executed == error.may_have_executed == error.request_sent


async def test_a_time_limit_of_another_passes_through() -> None:
    class Impatient:
        async def sign(self, *_: object, **__: object) -> None:
            message = "the signer's own"
            raise TimeoutError(message)

    given = options(
        total_timeout=9, signer=Impatient(), http_client=ScriptedHTTPClient()
    )

    with pytest.raises(TimeoutError, match="the signer's own") as caught:
        await calls_of(given).compile(INVOKE_ENDPOINT, given).run(INPUT)

    assert not isinstance(caught.value, SageMakerRuntimeError)


@pytest.mark.parametrize("is_verified", [True, False])
async def test_who_gives_credentials_is_trusted_as_the_bundle_says_or_not_at_all(
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
    groundwork = Groundwork(given)
    calls = Calls(groundwork)
    trust = calls._default_chain(given)._surroundings.make_ssl_context

    before = trust()
    await groundwork.configure()

    assert before is None
    assert (trust() is not None) == is_verified
    await calls.aclose()

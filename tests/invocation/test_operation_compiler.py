from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from attrs import evolve

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    DuplicateMiddlewareError,
    OptionsError,
    SageMakerRuntimeError,
    StackError,
)
from sagemaker_rt.http import Request, Response, Timeouts
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Options
from sagemaker_rt.stack import (
    BuildInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Output,
    SerializeInput,
    Stack,
    hook,
)
from tests.doubles import (
    ScriptedHTTPClient,
    response,
)
from tests.invocation.compiling import INPUT, compiler_of, options, sent


async def test_unset_options_come_from_the_environment() -> None:
    environ = {
        "AWS_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "ENV",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
    }

    request = await sent(options(region=None, credentials=None, environ=environ))

    assert "runtime.sagemaker.eu-west-2.amazonaws.com" in request.url
    assert "Credential=ENV/" in request.headers["authorization"]


def remove_serializer(stack: Stack) -> None:
    stack.serialize.remove("OperationSerializer")


def swap_serializer(stack: Stack) -> None:
    async def serialize(
        ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
    ) -> Output:
        return await next(ctx, SerializeInput(input.params, Request("POST", "/own")))

    stack.serialize.swap("OperationSerializer", serialize)


def replace_request(stack: Stack) -> None:
    async def replace(
        ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        return await next(ctx, FinalizeInput(Request(endpoint=input.request.endpoint)))

    stack.finalize.add(replace)


@pytest.mark.parametrize(
    "edit", [None, remove_serializer, swap_serializer, replace_request]
)
async def test_no_edit_of_the_stack_loses_the_limits_of_a_call(edit: Any) -> None:
    limits = {"connect_timeout": 1, "pool_timeout": 2, "write_timeout": 3}
    given = options(
        **limits,
        read_timeout=4,
        stream_timeout=5,
        total_timeout=60,
        api_options=[] if edit is None else [edit],
    )
    http_client = ScriptedHTTPClient(response())
    changed = given.replace(http_client=http_client)

    await compiler_of(given).compile(INVOKE_ENDPOINT, changed).run(INPUT)

    request = http_client.requests[0]
    expected = Timeouts(connect=1, pool=2, write=3, read=4, body=5)
    assert expected == request.timeouts
    assert request.deadline is not None


async def test_a_middleware_may_change_the_limits_of_its_request() -> None:
    def edit(stack: Stack) -> None:
        @hook(BuildInput)
        def hurry(_: Context, input: BuildInput) -> None:
            input.request.timeouts = evolve(input.request.timeouts, read=0.5)

        stack.build.add(hurry)

    request = await sent(options(write_timeout=3, api_options=[edit]))

    assert Timeouts(write=3, read=0.5) == request.timeouts


async def test_an_anonymous_caller_signs_nothing() -> None:
    request = await sent(options(credentials=AnonymousCredentials()))

    assert "authorization" not in request.headers


def test_api_options_edit_the_complete_stack_in_order() -> None:
    seen: list[list[str]] = []

    def look(stack: Stack) -> None:
        seen.append(list(stack.finalize))
        stack.finalize.clear()

    given = options(api_options=[look, look])
    compiler_of(given)._edited_stack(INVOKE_ENDPOINT, given)

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
def test_an_api_option_that_fails_is_named(function: Any, message: str) -> None:
    given = options(api_options=[function])

    with pytest.raises(StackError) as caught:
        compiler_of(given).compile(INVOKE_ENDPOINT, given)

    assert (StackError, message) == (type(caught.value), str(caught.value))
    assert caught.value.__cause__ is not None


def test_a_stack_error_in_an_api_option_keeps_its_type() -> None:
    def twice(stack: Stack) -> None:
        stack.build.add(stack.build.get("UserAgent"))

    given = options(api_options=[twice])

    with pytest.raises(DuplicateMiddlewareError) as caught:
        compiler_of(given)._edited_stack(INVOKE_ENDPOINT, given)

    assert "twice" in str(caught.value)
    assert "'UserAgent'" in str(caught.value)


async def test_a_stack_without_resolver_leaves_the_endpoint_unset() -> None:
    http_client = ScriptedHTTPClient(response())
    given = options(
        http_client=http_client, api_options=[lambda stack: stack.finalize.clear()]
    )
    call = compiler_of(given).compile(INVOKE_ENDPOINT, given)

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
        await compiler_of(given).compile(INVOKE_ENDPOINT, changed).run(INPUT)
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
async def test_the_options_set_the_delays(fields: Any, delay: float) -> None:
    error = await failed(options(max_attempts=2, **fields), throttled(), throttled())

    assert delay == error.metadata.attempts[0].delay
    assert 2 == error.attempts


@pytest.mark.parametrize("mode", [None, "standard", "adaptive", "off"])
def test_options_of_the_legacy_mode_need_that_mode(mode: Any) -> None:
    given = options(retry_mode=mode, retry_jitter="full")

    with pytest.raises(OptionsError) as caught:
        compiler_of(given).compile(INVOKE_ENDPOINT, given)

    assert "retry_jitter" in str(caught.value)

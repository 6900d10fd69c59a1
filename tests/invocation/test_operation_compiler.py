from __future__ import annotations

import logging
import re
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from sagemaker_rt.context import Context
from sagemaker_rt.credentials.static import StaticTokenProvider
from sagemaker_rt.errors import (
    DuplicateMiddlewareError,
    OptionsError,
    SageMakerRuntimeError,
    StackError,
)
from sagemaker_rt.http import Request, Response, Timeouts
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.operations import INVOKE_ENDPOINT, OPERATIONS, Operation
from sagemaker_rt.options import Options, with_api_options
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
    ManualClock,
    ScriptedHTTPClient,
    response,
)
from tests.invocation.compiling import INPUT, compiler_of, options, sent

README: Final = Path(__file__).parents[2] / "sagemaker_rt" / "middleware" / "README.md"


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


@pytest.mark.parametrize("step", ["initialize", "serialize", "build", "finalize"])
@pytest.mark.parametrize("first", [True, False], ids=["outermost", "innermost"])
async def test_next_may_be_called_twice_from_every_step(
    step: str, *, first: bool
) -> None:
    await _call_next_twice(step, first=first, after=None)


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ("serialize", "ResolveEndpoint"),
        ("build", "ClientRequestID"),
        ("build", "RequestCompression"),
        ("build", "ComputePayloadHash"),
        ("finalize", "CallMonitoring"),
        ("finalize", "Retry"),
        ("finalize", "ResolveEndpointV2"),
        ("deserialize", "OperationDeserializer"),
        ("deserialize", "RequestResponseLogger"),
    ],
)
async def test_next_may_be_called_twice_between_standard_middlewares(
    step: str, after: str
) -> None:
    await _call_next_twice(step, first=False, after=after)


async def _call_next_twice(step: str, *, first: bool, after: str | None) -> None:
    """Call ``next`` twice, and compare what is sent with one undisturbed call."""

    async def twice(ctx: Context, input: Any, next: Handler[Any]) -> Output:
        await next(ctx, input)
        return await next(ctx, input)

    @hook(BuildInput)
    def append(_: Context, input: BuildInput) -> None:
        headers = input.request.headers
        headers["x-custom"] = f"{headers.get('x-custom', '')}a"

    def edit(stack: Stack) -> None:
        stack.build.add(append)
        target: Any = getattr(stack, step)
        if after is None:
            target.add(twice, first=first)
        else:
            target.insert(twice, after=after)

    http_client = ScriptedHTTPClient(*(response() for _ in range(3)))
    given = options(
        http_client=http_client,
        request_compression="gzip",
        min_compression_bytes=0,
        user_agent_extra="team/1",
        clock=ManualClock(),
    )
    plain = given.replace(api_options=[lambda stack: stack.build.add(append)])
    for changed in (plain, given.replace(api_options=[edit])):
        await compiler_of(changed).compile(INVOKE_ENDPOINT, changed).run(INPUT)

    one, *two = map(_lasting, http_client.requests)
    assert "gzip" == one["content-encoding"]
    assert "a" == one["x-custom"]
    assert [one, one] == two


def _lasting(request: Request) -> dict[str, object]:
    """Return the facts of *request* that do not name one invocation."""
    facts: dict[str, object] = {
        **request.headers,
        "body": request.body,
        "hash": request.payload_hash,
        "url": request.url,
        "limits": (request.timeouts, request.deadline),
    }
    del facts["amz-sdk-invocation-id"], facts["authorization"]
    return facts


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_standard_id_is_a_place_whatever_is_off(operation: Operation) -> None:
    """With all options on, with none, and for anonymous callers."""
    every = _standard_ids()

    async def pass_on(ctx: Context, input: Any, next: Handler[Any]) -> Output:
        return await next(ctx, input)

    def edit(stack: Stack) -> None:
        for step in stack.steps:
            for id in every[step.name]:
                step.insert(pass_on, before=id, id=f"before {id}")
                step.insert(pass_on, after=id, id=f"after {id}")

    for given in (
        options(),
        options(credentials=AnonymousCredentials()),
        options(payload_signing="unsigned"),
        options(token_provider=StaticTokenProvider("t"), credentials=None),
        options(retry_mode="adaptive", log_level=logging.INFO, max_redirects=2),
    ):
        changed = given.replace(api_options=[edit])
        stack, omitted = compiler_of(changed).stack(operation.name, ())
        running = {id for step in stack.steps for id in step if " " not in id}
        assert {one.id for one in omitted} == {
            id for ids in every.values() for id in ids
        } - running
        for step in stack.steps:
            listed = [id for id in step if " " in id]
            assert [
                f"{side} {id}"
                for id in every[step.name]
                for side in ("before", "after")
            ] == listed


def _standard_ids() -> dict[str, list[str]]:
    """Return the ids of each step, as the table for authors lists them."""
    ids: dict[str, list[str]] = {}
    step = ""
    for line in README.read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| (\w*) *\| `(\w+)` \| ", line):
            step = row[1] or step
            ids.setdefault(step, []).append(row[2])
    return ids


async def test_a_place_is_where_the_middleware_would_run() -> None:
    seen: list[str] = []

    @hook(FinalizeInput)
    def look(_: Context, input: FinalizeInput) -> None:
        seen.append("endpoint" if input.request.endpoint else "no endpoint")

    def edit(stack: Stack) -> None:
        stack.finalize.insert(look, before="GetIdentity", id="early")
        stack.finalize.insert(look, before="Signing", id="late")

    anonymous = options(credentials=AnonymousCredentials(), api_options=[edit])

    request = await sent(anonymous)

    assert ["no endpoint", "endpoint"] == seen
    assert "authorization" not in request.headers


def test_a_call_overrides_what_the_client_added() -> None:
    def tag(value: str) -> Any:
        @hook(BuildInput, id="Tag")
        def write(_: Context, input: BuildInput) -> None:
            input.request.headers["x-tag"] = value

        return write

    of_client = options(api_options=[lambda stack: stack.build.add(tag("client"))])
    duplicate = with_api_options(lambda stack: stack.build.add(tag("call")))
    override = with_api_options(lambda stack: stack.build.replace_or_add(tag("call")))

    with pytest.raises(DuplicateMiddlewareError, match="replace_or_add"):
        compiler_of(of_client).stack("InvokeEndpoint", (duplicate,))
    stack, _ = compiler_of(of_client).stack("InvokeEndpoint", (override,))

    assert ["ComputePayloadHash", "UserAgent", "Tag"] == list(stack.build)[1:]


async def never_run(stack: Stack) -> None:
    """Edit nothing: nobody awaits it."""


@pytest.mark.parametrize("edit", [never_run, partial(never_run)])
def test_an_async_edit_is_refused_when_it_is_given(edit: Any) -> None:
    with pytest.raises(OptionsError, match="api_options must be a plain function"):
        options(api_options=[edit])
    with pytest.raises(OptionsError, match="api_options must be a plain function"):
        with_api_options(edit)


def test_an_edit_that_returns_a_coroutine_is_refused_without_a_warning() -> None:
    given = options(api_options=[lambda stack: never_run(stack)])  # noqa: PLW0108 - not seen to be async

    with pytest.raises(
        StackError, match=r"failed: it returned coroutine.*not be async"
    ):
        compiler_of(given).compile(INVOKE_ENDPOINT, given)


def test_an_id_that_an_edit_took_is_not_left_out() -> None:
    async def compress(ctx: Context, input: Any, next: Handler[Any]) -> Output:
        return await next(ctx, input)

    def edit(stack: Stack) -> None:
        stack.build.replace_or_add(compress, id="RequestCompression")

    given = options(api_options=[edit])
    stack, omitted = compiler_of(given).stack("InvokeEndpoint", ())

    assert "RequestCompression" == list(stack.build)[1]
    assert "RequestCompression" not in {one.id for one in omitted}

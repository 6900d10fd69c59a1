from __future__ import annotations

import asyncio
import copy
import pickle
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    ClientStateError,
    ConnectionLostError,
    DeserializationError,
    ModelError,
    OptionsError,
    ParamValidationError,
    SageMakerRuntimeError,
    StackError,
)
from sagemaker_rt.http import Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options import Option, Options, with_api_options, with_options
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    PayloadPart,
)
from sagemaker_rt.stack import Stack
from sagemaker_rt.streaming.response_stream import ResponseStream
from tests.doubles import BufferedBody, CountingProvider, ScriptedHTTPClient, response
from tests.transport.servers import Peer, serve

CREDENTIALS: Final = Credentials("AKID", "a-secret", "a-token")
CALL: Final[Any] = {"endpoint_name": "m", "body": b"abc"}
PART: Final = encode_message(
    {":message-type": "event", ":event-type": "PayloadPart"}, b"part"
)


def wire(*answers: Response | BaseException, count: int = 1) -> ScriptedHTTPClient:
    """Return an HTTP client with these *answers*, or with *count* successful ones."""
    return ScriptedHTTPClient(*(answers or [response() for _ in range(count)]))


def client(http_client: ScriptedHTTPClient, *opts: Option, **fields: Any) -> Client:
    """Return a client without an environment, which sends with *http_client*."""
    defaults = {"region": "eu-west-1", "credentials": CREDENTIALS, "environ": {}}
    options = Options(**{**defaults, "http_client": http_client, **fields})
    return Client(options, *opts)


async def test_invoke_endpoint_returns_the_whole_response() -> None:
    headers = {"Content-Type": "text/csv", "x-amzn-RequestId": "r-1"}
    http_client = wire(response(200, headers, b"1,", b"2"))

    output = await client(http_client).invoke_endpoint(**CALL)

    assert InvokeEndpointOutput(body=b"1,2", content_type="text/csv") == output
    assert (200, "r-1", 1) == (
        output.http_status,
        output.request_id,
        len(output.metadata.attempts),
    )
    request = http_client.requests[0]
    assert ("POST", b"abc") == (request.method, request.body)
    assert request.url.endswith(".eu-west-1.amazonaws.com/endpoints/m/invocations")


async def test_invoke_endpoint_async_queues_an_input() -> None:
    headers = {"X-Amzn-SageMaker-OutputLocation": "s3://b/k"}
    http_client = wire(response(202, headers, b'{"InferenceId": "i-1"}'))

    output = await client(http_client).invoke_endpoint_async(
        endpoint_name="m", input_location="s3://b/in"
    )

    expected = InvokeEndpointAsyncOutput(inference_id="i-1", output_location="s3://b/k")
    assert expected == output
    assert http_client.requests[0].url.endswith("/endpoints/m/async-invocations")


@pytest.mark.parametrize("is_entered", [True, False], ids=["entered", "awaited"])
async def test_a_stream_can_be_entered_or_awaited(
    is_entered: bool,
) -> None:
    answer = response(200, {"X-Amzn-SageMaker-Content-Type": "text/csv"}, PART, PART)
    caller = client(wire(answer))

    call = caller.invoke_endpoint_with_response_stream(**CALL)
    if is_entered:
        async with call as stream:
            parts = [part async for part in stream]
    else:
        async with await call as stream:
            parts = [part async for part in stream]

    assert isinstance(stream, ResponseStream)
    assert ([PayloadPart(b"part")] * 2, "text/csv") == (parts, stream.content_type)
    assert isinstance(answer.body, BufferedBody)
    assert answer.body.is_released


@pytest.mark.parametrize(
    ("method", "shape", "members"),
    [
        ("invoke_endpoint", InvokeEndpointInput, {**CALL, "accept": "a/b"}),
        (
            "invoke_endpoint_async",
            InvokeEndpointAsyncInput,
            {"endpoint_name": "m", "input_location": "s3://b/k", "filename": "f"},
        ),
        (
            "invoke_endpoint_with_response_stream",
            InvokeEndpointWithResponseStreamInput,
            {**CALL, "session_id": "s-1"},
        ),
    ],
)
async def test_a_shape_and_its_members_send_the_same_request(
    method: str, shape: Any, members: dict[str, Any]
) -> None:
    answers = [response(200, {}, b"{}" if "async" in method else b"") for _ in range(4)]
    http_client = wire(*answers)
    call = getattr(client(http_client), method)

    await call(shape(**members))
    await call(**members)
    await call(
        shape(**members), with_options(region="eu-west-2"), with_options(app_id="a")
    )
    await call(with_options(region="eu-west-2"), with_options(app_id="a"), **members)

    first, second, third, fourth = map(without_unique_headers, http_client.requests)
    assert first == second
    assert third == fourth
    assert "eu-west-1" in first[0]
    assert "eu-west-2" in third[0]


def without_unique_headers(request: Request) -> tuple[str, object, dict[str, str]]:
    """Return URL, body and headers, without the headers that are new each time."""
    unique = {"amz-sdk-invocation-id", "authorization", "x-amz-date"}
    headers = {k: v for k, v in request.headers.items() if k not in unique}
    return request.url, request.body, headers


@pytest.mark.parametrize(
    ("args", "members", "words"),
    [
        (
            (InvokeEndpointInput(**CALL),),
            {"accept": "a/b", "body": b""},
            ["InvokeEndpointInput", "accept", "body"],
        ),
        (
            (InvokeEndpointAsyncInput(endpoint_name="m", body=b""),),
            {},
            ["InvokeEndpointInput", "InvokeEndpointAsyncInput"],
        ),
        (("m", b"abc"), {}, ["InvokeEndpointInput", "str"]),
        ((), {}, ["body", "endpoint_name"]),
        (
            (with_options(region="a"),),
            {"endpoint": "m", "body": b""},
            ["'endpoint'", "'endpoint_name'"],
        ),
        ((), {**CALL, "zzz": 1, "contentType": "a/b"}, ["'content_type'", "'zzz'"]),
        ((), {"endpoint_name": "", "body": b""}, ["endpoint_name", "''"]),
    ],
    ids=["both", "another shape", "no shape", "none", "a wrong name", "two", "empty"],
)
async def test_an_invalid_input_is_refused_before_anything_is_sent(
    args: tuple[Any, ...], members: dict[str, Any], words: list[str]
) -> None:
    http_client = wire()

    with pytest.raises(ParamValidationError) as caught:
        await client(http_client).invoke_endpoint(*args, **members)

    assert all(word in str(caught.value) for word in words)
    assert caught.value.problems
    assert "InvokeEndpoint" == caught.value.operation
    assert [] == http_client.requests


async def test_the_option_validate_selects_the_checks() -> None:
    http_client = wire(count=2)
    caller = client(http_client)
    wrong: Any = {**CALL, "session_id": "not-!-one"}

    await caller.invoke_endpoint(**wrong)
    with pytest.raises(ParamValidationError, match="session_id"):
        await caller.invoke_endpoint(with_options(validate="strict"), **wrong)

    assert 1 == len(http_client.requests)


async def test_a_total_timeout_sets_the_deadline_of_the_call() -> None:
    http_client = wire(count=3)
    caller = client(http_client, total_timeout=100)

    before = asyncio.get_running_loop().time()
    await caller.invoke_endpoint(**CALL)
    await caller.invoke_endpoint(with_options(total_timeout=1000), **CALL)
    await caller.invoke_endpoint(with_options(total_timeout=None), **CALL)
    after = asyncio.get_running_loop().time()

    first, second, third = (request.deadline for request in http_client.requests)
    assert first is not None
    assert second is not None
    assert before + 100 <= first <= after + 100
    assert before + 1000 <= second <= after + 1000
    assert third is None


async def test_the_total_timeout_includes_loading_the_configuration(
    tmp_path: Path,
) -> None:
    async def hang(peer: Peer) -> None:
        await peer.hang()

    http_client = wire()
    async with serve(hang) as server:
        environ = {
            "HOME": str(tmp_path),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{server.port}",
        }
        options: dict[str, Any] = {"environ": environ, "defaults_mode": "auto"}
        caller = client(http_client, total_timeout=1.0, **options)
        before = asyncio.get_running_loop().time()
        await caller.invoke_endpoint(**CALL)

    (request,) = http_client.requests
    assert request.deadline is not None
    assert before + 1.0 <= request.deadline <= before + 1.1


async def test_a_call_without_a_total_timeout_has_no_deadline() -> None:
    http_client = wire()

    await client(http_client).invoke_endpoint(**CALL)

    assert http_client.requests[0].deadline is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response(424, {"x-amzn-errortype": "ModelError"}, b"{}"), ModelError),
        (response(202, {}, b"no JSON"), DeserializationError),
        (ConnectionLostError("lost"), ConnectionLostError),
    ],
)
async def test_an_error_has_its_operation_and_attempts(
    answer: Response | BaseException, error: type[SageMakerRuntimeError]
) -> None:
    caller = client(wire(answer), max_attempts=1)

    with pytest.raises(error) as caught:
        await caller.invoke_endpoint_async(endpoint_name="m", body=b"")

    assert "InvokeEndpointAsync" == caught.value.operation
    assert 1 == caught.value.attempts


async def test_an_error_keeps_the_operation_that_it_has() -> None:
    def fail(stack: Stack) -> None:
        error = StackError("no")
        error.operation = "Another"
        raise error

    async def fail_later(ctx: object, input: object, next: object) -> Any:
        error = OptionsError("no")
        error.operation = "Another"
        raise error

    def edit(stack: Stack) -> None:
        stack.initialize.add(fail_later)

    with pytest.raises(OptionsError) as caught:
        await client(wire(), with_api_options(edit)).invoke_endpoint(**CALL)

    assert "Another" == caught.value.operation
    with pytest.raises(StackError) as wrapped:
        await client(wire(), with_api_options(fail)).invoke_endpoint(**CALL)
    assert "InvokeEndpoint" == wrapped.value.operation


async def test_a_cancellation_propagates_unchanged() -> None:
    caller = client(wire(asyncio.CancelledError()))

    with pytest.raises(asyncio.CancelledError):
        await caller.invoke_endpoint(**CALL)


async def test_derived_clients_share_connections_quota_and_credentials() -> None:
    provider = CountingProvider()
    http_client = wire(count=9)
    parent = client(http_client, credentials=provider)
    child = parent.with_options(read_timeout=5)
    grandchild = child.with_options(
        with_options(region="eu-west-2"), region="a", app_id="a"
    )

    for caller in (parent, child, grandchild):
        await caller.invoke_endpoint(**CALL)
        await caller.invoke_endpoint(with_options(max_attempts=1), **CALL)
        await caller.invoke_endpoint_with_response_stream(**CALL)

    assert 9 == len(http_client.requests)
    assert 1 == provider.count
    quotas = {
        id(caller.stack("InvokeEndpoint").finalize.get("Retry")._retryer.quota)  # type: ignore[attr-defined] # private
        for caller in (parent, child, grandchild)
    }
    assert 1 == len(quotas)
    assert (None, "a") == (parent.options.app_id, grandchild.options.app_id)
    assert 5 == grandchild.options.timeouts.read_timeout


def test_options_of_a_derived_client_are_applied_after_its_fields() -> None:
    parent = client(wire(), app_id="a", read_timeout=5)

    child = parent.with_options(
        with_options(app_id="c"), app_id="b", max_attempts=4
    ).options

    assert ("c", 4, 5) == (
        child.app_id,
        child.retry.max_attempts,
        child.timeouts.read_timeout,
    )


@pytest.mark.parametrize("fields", [{"max_atempts": 2}, {"max_attempts": "two"}])
def test_a_derived_client_refuses_wrong_options(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError, match="max_at"):
        client(wire()).with_options(**fields)


async def test_a_derived_client_calls_its_own_provider_once() -> None:
    provider = CountingProvider()
    parent = client(wire(count=4))
    child = parent.with_options(credentials=provider)

    await child.invoke_endpoint(**CALL)
    await child.invoke_endpoint(with_options(read_timeout=5), **CALL)
    await child.invoke_endpoint_with_response_stream(**CALL)
    await child.invoke_endpoint(lambda options: options, **CALL)

    assert 1 == provider.count


async def test_leaving_a_derived_client_closes_nothing() -> None:
    parent = client(wire(count=2))

    async with parent.with_options(read_timeout=5) as child:
        await child.invoke_endpoint(**CALL)

    await child.invoke_endpoint(**CALL)


@pytest.mark.parametrize("opts", [(), (with_options(read_timeout=5),)])
async def test_a_closed_client_refuses_calls(opts: tuple[Option, ...]) -> None:
    """This includes operations that are compiled already, and derived clients."""
    http_client = wire(count=2)
    parent = client(http_client)
    child = parent.with_options(app_id="a")
    await parent.invoke_endpoint(*opts, **CALL)
    await child.invoke_endpoint(*opts, **CALL)

    await parent.aclose()
    await parent.aclose()

    for caller in (parent, child, parent.with_options()):
        with pytest.raises(ClientStateError) as caught:
            await caller.invoke_endpoint(*opts, **CALL)
        assert "InvokeEndpoint" == caught.value.operation
    assert 2 == len(http_client.requests)


async def test_an_http_client_that_was_passed_in_is_not_closed() -> None:
    http_client = wire()

    async with client(http_client) as caller:
        await caller.invoke_endpoint(**CALL)

    assert not http_client.is_closed


async def test_an_unused_client_can_be_closed() -> None:
    async with Client(environ={}) as caller:
        assert isinstance(caller, Client)


def test_a_client_works_in_successive_event_loops() -> None:
    provider = CountingProvider()
    caller = client(wire(count=20), credentials=provider)

    async def call() -> list[InvokeEndpointOutput]:
        calls = (caller.invoke_endpoint(**CALL) for _ in range(10))
        return await asyncio.gather(*calls)

    assert 10 == len(asyncio.run(call()))
    assert 10 == len(asyncio.run(call()))
    assert 1 == provider.count


def test_creating_a_client_needs_no_loop_and_no_region() -> None:
    assert Client(environ={}).options.region is None


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_client_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Client(), protocol)


def test_a_client_cannot_be_copied_but_its_options_can() -> None:
    caller = Client(region="eu-west-1")

    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.copy(caller)

    carried = pickle.loads(pickle.dumps(caller.options))  # noqa: S301 - our own
    assert caller.options == Client(carried).options


def test_the_repr_of_a_client_has_no_secret() -> None:
    assert "<Client region='eu-west-1'>" == repr(client(wire()))


async def test_an_error_contains_no_secret() -> None:
    caller = client(wire(ConnectionLostError("lost")), max_attempts=1)
    input = InvokeEndpointInput(
        endpoint_name="m", body=b"a-body", custom_attributes="a-secret"
    )

    with pytest.raises(ConnectionLostError) as caught:
        await caller.invoke_endpoint(input)

    error = caught.value
    shown = f"{error!r} {error!s} {error.__notes__} {error.metadata!r} {input!r}"
    assert "a-secret" not in shown
    assert "a-token" not in shown
    assert "a-body" not in shown

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_rt import errors, shapes
from sagemaker_rt.client import Client
from sagemaker_rt.context import Context
from sagemaker_rt.http import FileBody, Request
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.interfaces import HTTPClient
from sagemaker_rt.operations import MODELLED_ERRORS, OPERATIONS
from sagemaker_rt.options import Options, with_api_options, with_options
from sagemaker_rt.sansio.backoff import LegacyBackoff
from sagemaker_rt.sansio.retry import RetryQuota, StandardRetryer
from sagemaker_rt.stack import BuildInput, hook
from sagemaker_rt.testing.http_stub import HTTPStub
from sagemaker_rt.testing.stub_request import StubRequest
from sagemaker_rt.testing.stubs import Stubs, with_stubs


def client(stubs: Stubs) -> Client:
    return Client(with_stubs(stubs))


async def invoke(stubs: Stubs, times: int) -> list[bytes | str]:
    """Return the bodies of responses, and the names of errors."""
    outcomes: list[bytes | str] = []
    for _ in range(times):
        try:
            output = await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")
            outcomes.append(output.body)
        except Exception as error:  # noqa: BLE001 - any may be the answer
            outcomes.append(type(error).__name__)
    return outcomes


async def events(stubs: Stubs, seen: list[object] | None = None) -> list[object]:
    """Return the events of a stream; append them to *seen* as they arrive."""
    seen = [] if seen is None else seen
    stream = client(stubs).invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b""
    )
    async with stream as parts:
        async for event in parts:
            seen.append(event)
    return seen


async def test_without_answers_outputs_are_empty() -> None:
    stubs = Stubs()

    whole = await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")
    queued = await client(stubs).invoke_endpoint_async(endpoint_name="m", body=b"x")
    parts = await events(stubs)

    assert shapes.InvokeEndpointOutput(body=b"") == whole
    assert shapes.InvokeEndpointAsyncOutput() == queued
    assert [] == parts
    assert [200, 202] == [whole.http_status, queued.http_status]


async def test_answers_are_used_in_order_and_the_last_one_repeats() -> None:
    stubs = Stubs()
    stubs.add("InvokeEndpoint", {"body": b"1"}, "ThrottlingException")
    stubs.add("invoke_endpoint", {"body": b"3"})

    outcomes = await invoke(stubs, 5)

    assert [b"1", "ThrottlingException", b"3", b"3", b"3"] == outcomes


async def test_an_added_answer_comes_after_the_others() -> None:
    stubs = Stubs({"InvokeEndpoint": {"body": b"1"}})

    first = await invoke(stubs, 3)
    stubs.add("InvokeEndpoint", {"body": b"2"}, {"body": b"3"})
    then = await invoke(stubs, 3)

    assert ([b"1", b"1", b"1"], [b"2", b"3", b"3"]) == (first, then)


async def test_an_operation_may_have_one_answer_or_a_list() -> None:
    stubs = Stubs(
        {
            "InvokeEndpoint": [{"body": b"1"}, errors.ModelError],
            "invoke_endpoint_with_response_stream": [b"a", b"b"],
            "InvokeEndpointAsync": {"inference_id": "i"},
        }
    )

    queued = await client(stubs).invoke_endpoint_async(endpoint_name="m", body=b"x")

    assert "i" == queued.inference_id
    assert [b"1", "ModelError"] == await invoke(stubs, 2)
    assert [shapes.PayloadPart(b"a"), shapes.PayloadPart(b"b")] == await events(stubs)


@pytest.mark.parametrize("code", [kind.code for kind in MODELLED_ERRORS.values()])
async def test_a_code_is_raised_as_its_error_class(code: str) -> None:
    assert [code] == await invoke(Stubs({"InvokeEndpoint": code}), 1)


async def test_a_service_error_has_its_members_and_the_attributes_of_the_call() -> None:
    answer = errors.ModelError("no", details={"OriginalStatusCode": 507})
    stubs = Stubs({"InvokeEndpoint": answer})

    with pytest.raises(errors.ModelError) as caught:
        await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")

    error = caught.value
    assert error is not answer
    assert (507, 424) == (error.original_status_code, error.http_status)
    assert ("InvokeEndpoint", 1) == (error.operation, error.attempts)
    assert "stubbed-request-id" == error.request_id


async def test_a_transport_error_is_copied_for_each_call() -> None:
    lost = errors.ConnectionLostError("gone")
    lost.request_sent = lost.may_have_executed = True
    stubs = Stubs({"InvokeEndpoint": lost})

    for _ in range(2):
        with pytest.raises(errors.ConnectionLostError) as caught:
            await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")

        assert caught.value.may_have_executed
        assert ["SageMaker Runtime InvokeEndpoint, attempt 1 of 1"] == (
            caught.value.__notes__
        )
    assert not hasattr(lost, "__notes__")


async def test_any_other_exception_is_raised_unchanged() -> None:
    odd = LookupError("odd")

    with pytest.raises(LookupError) as caught:
        await client(Stubs({"InvokeEndpoint": odd})).invoke_endpoint(
            endpoint_name="m", body=b""
        )

    assert caught.value is odd


async def test_an_http_response_is_not_changed() -> None:
    stubs = Stubs({"InvokeEndpoint": HTTPStub(502, {}, b"<html>")})

    with pytest.raises(errors.UnknownServiceError) as caught:
        await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")

    assert (502, b"<html>", None) == (
        caught.value.http_status,
        caught.value.body,
        caught.value.request_id,
    )


async def test_events_are_encoded_and_decoded() -> None:
    unknown = shapes.UnknownEvent(
        "New", {":message-type": "event", ":event-type": "New"}, b"raw"
    )
    stubs = Stubs()
    stubs.add("InvokeEndpointWithResponseStream", [b"a", unknown])

    assert [shapes.PayloadPart(b"a"), unknown] == await events(stubs)


@pytest.mark.parametrize(
    "error",
    [
        errors.ModelStreamError("late", details={"ErrorCode": "TooLate"}),
        errors.InternalStreamFailure("broken"),
        errors.UnmodeledEventError("odd", code="Odd"),
        errors.TruncatedBodyError("cut"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_stream_fails_at_the_position_of_an_error(error: Exception) -> None:
    stubs = Stubs()
    stubs.add("InvokeEndpointWithResponseStream", [b"a", error, b"never"])
    seen: list[object] = []

    with pytest.raises(type(error)) as caught:
        await events(stubs, seen)

    assert [shapes.PayloadPart(b"a")] == seen
    assert error.args == caught.value.args


async def test_a_rejected_stream_raises_before_its_first_event() -> None:
    stubs = Stubs({"InvokeEndpointWithResponseStream": ["ValidationError"]})

    with pytest.raises(errors.ValidationError):
        await client(stubs).invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b""
        )


async def test_a_function_gets_the_request() -> None:
    def echo(request: StubRequest) -> dict[str, object]:
        assert isinstance(request.params, shapes.InvokeEndpointInput)
        return {"body": request.params.body, "content_type": request.params.accept}

    stubs = Stubs({"InvokeEndpoint": echo})

    output = await client(stubs).invoke_endpoint(
        endpoint_name="m", body="é", accept="text/plain"
    )

    assert ("é".encode(), "text/plain") == (output.body, output.content_type)


async def test_a_function_may_be_async_and_raise() -> None:
    async def refuse(request: StubRequest) -> str:
        await asyncio.sleep(0)
        return "ModelNotReadyException"

    def fail(request: StubRequest) -> str:
        raise LookupError(request.operation)

    stubs = Stubs({"InvokeEndpoint": [refuse, fail, lambda _: ValueError]})

    outcomes = await invoke(stubs, 3)

    assert ["ModelNotReadyException", "LookupError", "ValueError"] == outcomes


async def test_the_answer_of_a_function_is_checked() -> None:
    number: Callable[[StubRequest], Any] = lambda _: 1  # noqa: E731 - typed

    with pytest.raises(errors.OptionsError, match="not int"):
        await client(Stubs({"InvokeEndpoint": number})).invoke_endpoint(
            endpoint_name="m", body=b""
        )


async def test_the_total_timeout_limits_a_function() -> None:
    async def never(request: StubRequest) -> str:
        await asyncio.Event().wait()
        return ""

    stubs = Stubs({"InvokeEndpoint": never})

    with pytest.raises(errors.RequestTimeoutError):
        await client(stubs).invoke_endpoint(
            with_options(total_timeout=0.01), endpoint_name="m", body=b""
        )


@pytest.mark.parametrize("operation", [5, None])
def test_an_unknown_operation_is_rejected(operation: Any) -> None:
    with pytest.raises(errors.OptionsError, match=repr(operation)):
        Stubs().add(operation, {})
    with pytest.raises(errors.OptionsError, match=repr(operation)):
        Stubs({operation: {}})


def test_answers_must_be_a_mapping() -> None:
    answers: Any = ["InvokeEndpoint"]

    with pytest.raises(errors.OptionsError, match="mapping"):
        Stubs(answers)


@pytest.mark.parametrize("stubs", [None, {"InvokeEndpoint": {}}, Stubs])
def test_with_stubs_rejects_other_objects(stubs: Any) -> None:
    with pytest.raises(errors.OptionsError, match="Stubs"):
        with_stubs(stubs)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"InvokeEndpiont": {}}, "'InvokeEndpoint'"),
        ({"InvokeEndpoint": {"bodi": b""}}, "'body'"),
        ({"InvokeEndpoint": [{}, 1]}, "not int"),
        ({"InvokeEndpoint": [b"a"]}, "not bytes"),
        ({"InvokeEndpointWithResponseStream": [b"a", 1]}, "not int"),
    ],
)
def test_invalid_answers_are_rejected(answers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Stubs(answers)

    assert isinstance(caught.value, errors.SageMakerRuntimeError)


async def test_requests_are_recorded() -> None:
    stubs = Stubs()

    await client(stubs).invoke_endpoint(
        endpoint_name="m", body=b"x", content_type="text/csv"
    )

    (sent,) = stubs.requests
    assert "InvokeEndpoint" == sent.operation
    assert (
        shapes.InvokeEndpointInput(
            endpoint_name="m", body=b"x", content_type="text/csv"
        )
        == sent.params
    )
    assert ("POST", "/endpoints/m/invocations") == (
        sent.request.method,
        sent.request.path,
    )
    assert (
        "https://runtime.sagemaker.us-stubbed-1.amazonaws.com/endpoints/m/invocations"
        == sent.request.url
    )
    assert "Credential=AKIASTUBBED/" in sent.request.headers["Authorization"]
    assert b"x" == sent.request.body


async def test_a_recorded_request_is_a_copy() -> None:
    stubs = Stubs()
    request = Request(path="/endpoints/m/invocations", body=b"x")

    await stubs.send(request)
    request.headers["later"] = "1"

    assert "later" not in stubs.requests[0].request.headers


async def test_the_recorded_requests_can_be_cleared() -> None:
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})
    await invoke(stubs, 1)

    stubs.clear()

    assert [] == stubs.requests
    assert [b"2"] == await invoke(stubs, 1)
    assert 1 == len(stubs.requests)


async def test_a_file_is_recorded_as_bytes() -> None:
    stubs = Stubs()
    file = io.BytesIO(b"header,body")
    file.seek(7)

    await client(stubs).invoke_endpoint(endpoint_name="m", body=file)
    file.close()

    assert b"body" == stubs.requests[0].request.body


async def test_an_unreadable_file_is_a_serialization_error() -> None:
    file = io.BytesIO(b"body")
    request = Request(path="/endpoints/m/invocations", body=FileBody(file))
    file.close()

    with pytest.raises(errors.SerializationError, match="closed file"):
        await Stubs().send(request)


async def test_an_unknown_path_is_not_found() -> None:
    @hook(BuildInput, id="ChangePath")
    def change_path(ctx: Context, input: BuildInput) -> None:
        input.request.path = "/ping"

    stubs = Stubs()
    other_client = client(stubs).with_options(
        with_api_options(lambda stack: stack.build.add(change_path))
    )

    with pytest.raises(errors.UnknownServiceError) as caught:
        await other_client.invoke_endpoint(endpoint_name="m", body=b"")

    assert ("UnknownOperationException", 404) == (
        caught.value.code,
        caught.value.http_status,
    )
    assert "POST /ping" in str(caught.value)
    assert [] == stubs.requests


async def test_calls_may_be_concurrent() -> None:
    stubs = Stubs({"InvokeEndpoint": lambda r: {"body": r.request.body}})
    shared = client(stubs)

    outputs = await asyncio.gather(
        *(
            shared.invoke_endpoint(endpoint_name="m", body=b"%d" % number)
            for number in range(50)
        )
    )

    assert [b"%d" % number for number in range(50)] == [o.body for o in outputs]
    assert 50 == len(stubs.requests)


async def test_the_stubs_may_be_used_after_their_client_is_closed() -> None:
    stubs: HTTPClient = Stubs()

    await stubs.aclose()
    async with Client(with_stubs(Stubs())) as closed:
        pass

    with pytest.raises(errors.ClientStateError):
        await closed.invoke_endpoint(endpoint_name="m", body=b"")


def test_stubs_work_in_several_event_loops() -> None:
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})

    outcomes = [asyncio.run(invoke(stubs, 1)) for _ in range(2)]

    assert [[b"1"], [b"2"]] == outcomes


def test_stubs_without_answers_have_none_pending() -> None:
    Stubs().assert_no_pending()


async def test_answers_that_were_not_used_are_pending() -> None:
    stubs = Stubs(
        {
            "InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}, {"body": b"3"}],
            "InvokeEndpointWithResponseStream": [b"a", b"b"],
            "InvokeEndpointAsync": {},
        }
    )
    await invoke(stubs, 1)
    await client(stubs).invoke_endpoint_async(endpoint_name="m", body=b"x")

    with pytest.raises(AssertionError) as caught:
        stubs.assert_no_pending()

    assert "'InvokeEndpoint': 2" in str(caught.value)
    assert "'InvokeEndpointWithResponseStream': 1" in str(caught.value)
    assert "'InvokeEndpointAsync'" not in str(caught.value)


@pytest.mark.parametrize("calls", [2, 3])
async def test_the_last_answer_is_not_pending_after_its_first_use(calls: int) -> None:
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})

    await invoke(stubs, calls)

    stubs.assert_no_pending()


async def test_an_answer_that_is_added_later_is_pending() -> None:
    stubs = Stubs({"InvokeEndpoint": {"body": b"1"}})
    await invoke(stubs, 1)
    stubs.add("InvokeEndpoint", {"body": b"2"})

    with pytest.raises(AssertionError, match="'InvokeEndpoint': 1"):
        stubs.assert_no_pending()


async def test_each_attempt_uses_an_answer() -> None:
    stubs = Stubs({"InvokeEndpoint": ["ServiceUnavailable", {"body": b"up"}]})
    retrying = Client(
        with_stubs(stubs),
        with_options(retry_mode="standard", custom_backoff=lambda _, __: 0.0),
    )

    await retrying.invoke_endpoint(endpoint_name="m", body=b"")

    stubs.assert_no_pending()


async def test_a_failed_function_was_used() -> None:
    def fail(request: StubRequest) -> str:
        raise LookupError(request.operation)

    stubs = Stubs({"InvokeEndpoint": fail})

    assert ["LookupError"] == await invoke(stubs, 1)
    stubs.assert_no_pending()


async def test_clearing_the_requests_keeps_pending_answers() -> None:
    stubs = Stubs({"InvokeEndpoint": {"body": b"1"}})

    stubs.clear()

    with pytest.raises(AssertionError):
        stubs.assert_no_pending()


async def test_the_requests_are_recorded_in_order() -> None:
    """As ``expected_params`` of botocore's Stubber."""
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})

    await client(stubs).invoke_endpoint(endpoint_name="a", body=b"x")
    await client(stubs).invoke_endpoint(endpoint_name="b", body=b"y")

    assert [
        shapes.InvokeEndpointInput(endpoint_name="a", body=b"x"),
        shapes.InvokeEndpointInput(endpoint_name="b", body=b"y"),
    ] == [request.params for request in stubs.requests]


async def test_retries_are_off_by_default() -> None:
    answers = ["ServiceUnavailable", {"body": b"up"}]
    once, again = Stubs({"InvokeEndpoint": answers}), Stubs({"InvokeEndpoint": answers})
    retrying = Client(
        with_stubs(again)
        | with_options(retry_mode="standard", custom_backoff=lambda _, __: 0.0)
    )

    output = await retrying.invoke_endpoint(endpoint_name="m", body=b"")

    assert ["ServiceUnavailable"] == await invoke(once, 1)
    assert (b"up", 2) == (output.body, len(again.requests))


def test_stubs_override_options_that_depend_on_the_environment() -> None:
    options_before = Options(
        region="eu-west-1",
        profile="dev",
        credentials=Credentials("AKID", "secret"),
        retry_mode="legacy",
        retry_base_delay=1.0,
        retry_max_delay=2.0,
        retry_jitter="full",
        retryer=StandardRetryer(RetryQuota(), lambda: 0.5),
        token_provider=StaticTokens(),
        defaults_mode="auto",
        client_side_monitoring=True,
        max_connections=5,
        proxy="http://proxy.example",
        verify_ssl=False,
    )

    options = Client(options_before, with_stubs(Stubs())).options.flat()

    assert {
        "region": "eu-west-1",
        "profile": None,
        "environ": {},
        "retry_mode": "off",
        "retryer": None,
        "token_provider": None,
        "defaults_mode": None,
        "client_side_monitoring": False,
        "max_connections": 256,
        "proxy": None,
        "verify_ssl": True,
    }.items() <= options.items()
    assert options_before.credentials != options["credentials"]


class StaticTokens:
    async def retrieve(self) -> Token:
        return Token("token")


def test_the_region_has_a_default() -> None:
    regions = [
        Client(with_stubs(Stubs())).options.region,
        Client(with_stubs(Stubs()), region="eu-west-1").options.region,
        Client(with_stubs(Stubs()) | with_options(region="eu-west-2")).options.region,
    ]

    assert ["us-stubbed-1", "eu-west-1", "eu-west-2"] == regions


async def test_options_of_another_retry_mode_are_accepted() -> None:
    stubs = Stubs()
    legacy = Client(
        with_stubs(stubs),
        retry_mode="legacy",
        retry_jitter="full",
        custom_backoff=LegacyBackoff(chance=lambda: 0.5, base_delay=0.1),
    )

    await legacy.invoke_endpoint(endpoint_name="m", body=b"")

    assert 1 == len(stubs.requests)


async def test_stubs_cannot_be_set_per_call() -> None:
    with pytest.raises(errors.OptionsError, match="environ"):
        await client(Stubs()).invoke_endpoint(
            with_stubs(Stubs()) | _set_environ, endpoint_name="m", body=b""
        )


def _set_environ(options: Options) -> Options:
    return options.replace(environ={"A": "b"})


def test_stubs_do_not_change_the_stack() -> None:
    standard = Client(region="us-east-1")
    stubbed = client(Stubs())

    for operation in OPERATIONS:
        assert str(standard.stack(operation)) == str(stubbed.stack(operation))
        assert "sent by Stubs" == stubbed.explain(operation).splitlines()[-1]


WATCHED = """
import asyncio, os, sys

from sagemaker_rt import Client
from sagemaker_rt.testing import Stubs, with_stubs

async def call(stubs):
    async with Client(with_stubs(stubs)) as client:
        await client.invoke_endpoint(endpoint_name="m", body=b"x")
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b"x"
        ) as stream:
            async for _ in stream:
                pass

asyncio.run(call(Stubs()))  # so that lazy imports are done
stubs = Stubs({"InvokeEndpointWithResponseStream": [b"a"]})
found = []

def look(event, args):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess")):
        found.append((event, args))
    name = str(args[:1])  # the user agent reads versions from dist-info folders
    if event == "open" and os.path.exists(args[0]) and "dist-info" not in name:
        found.append((event, args))

sys.addaudithook(look)
asyncio.run(call(stubs))
print(found, len(stubs.requests), "aiohttp" in sys.modules)
"""


def test_a_call_reads_no_files_and_opens_no_connections() -> None:
    """The profile does not exist, so reading the shared files would fail."""
    environ = {"AWS_PROFILE": "nobody", "AWS_REGION": "eu-west-1"}

    printed = subprocess.check_output(
        [sys.executable, "-c", WATCHED], text=True, env=environ
    )

    assert "[] 2 False\n" == printed

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
    """Return bodies, and the names of errors."""
    outcomes: list[bytes | str] = []
    for _ in range(times):
        try:
            output = await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")
            outcomes.append(output.body)
        except Exception as error:  # noqa: BLE001 - any may be the answer
            outcomes.append(type(error).__name__)
    return outcomes


async def events(stubs: Stubs, seen: list[object] | None = None) -> list[object]:
    """Return the events of a stream; put them into *seen* as they come."""
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


async def test_answers_come_in_order_and_the_last_repeats() -> None:
    stubs = Stubs()
    stubs.add("InvokeEndpoint", {"body": b"1"}, "ThrottlingException")
    stubs.add("invoke_endpoint", {"body": b"3"})

    outcomes = await invoke(stubs, 5)

    assert [b"1", "UnknownServiceError", b"3", b"3", b"3"] == outcomes


async def test_an_answer_that_is_added_comes_after_those_that_were_given() -> None:
    stubs = Stubs({"InvokeEndpoint": {"body": b"1"}})

    first = await invoke(stubs, 3)
    stubs.add("InvokeEndpoint", {"body": b"2"}, {"body": b"3"})
    then = await invoke(stubs, 3)

    assert ([b"1", b"1", b"1"], [b"2", b"3", b"3"]) == (first, then)


async def test_a_dictionary_has_one_answer_or_several_for_each_operation() -> None:
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
async def test_errors_of_the_model_come_as_their_classes(code: str) -> None:
    assert [code] == await invoke(Stubs({"InvokeEndpoint": code}), 1)


async def test_an_error_over_the_wire_has_its_members_and_those_of_the_call() -> None:
    answer = errors.ModelError("no", details={"OriginalStatusCode": 507})
    stubs = Stubs({"InvokeEndpoint": answer})

    with pytest.raises(errors.ModelError) as caught:
        await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")

    error = caught.value
    assert error is not answer
    assert (507, 424) == (error.original_status_code, error.http_status)
    assert ("InvokeEndpoint", 1) == (error.operation, error.attempts)
    assert "stubbed-request-id" == error.request_id


async def test_a_transport_error_is_raised_afresh_each_time() -> None:
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


async def test_an_exception_of_any_kind_is_raised_itself() -> None:
    odd = LookupError("odd")

    with pytest.raises(LookupError) as caught:
        await client(Stubs({"InvokeEndpoint": odd})).invoke_endpoint(
            endpoint_name="m", body=b""
        )

    assert caught.value is odd


async def test_a_whole_response_goes_through_as_it_is() -> None:
    stubs = Stubs({"InvokeEndpoint": HTTPStub(502, {}, b"<html>")})

    with pytest.raises(errors.UnknownServiceError) as caught:
        await client(stubs).invoke_endpoint(endpoint_name="m", body=b"")

    assert (502, b"<html>", None) == (
        caught.value.http_status,
        caught.value.body,
        caught.value.request_id,
    )


async def test_events_are_decoded_from_real_frames() -> None:
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
async def test_a_stream_fails_where_an_error_stands(error: Exception) -> None:
    stubs = Stubs()
    stubs.add("InvokeEndpointWithResponseStream", [b"a", error, b"never"])
    seen: list[object] = []

    with pytest.raises(type(error)) as caught:
        await events(stubs, seen)

    assert [shapes.PayloadPart(b"a")] == seen
    assert error.args == caught.value.args


async def test_a_stream_that_is_refused_raises_before_it_begins() -> None:
    stubs = Stubs({"InvokeEndpointWithResponseStream": ["ValidationError"]})

    with pytest.raises(errors.ValidationError):
        await client(stubs).invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b""
        )


async def test_a_function_is_asked_with_the_request() -> None:
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


async def test_what_a_function_gives_is_checked() -> None:
    number: Callable[[StubRequest], Any] = lambda _: 1  # noqa: E731 - typed

    with pytest.raises(errors.OptionsError, match="a function, not int"):
        await client(Stubs({"InvokeEndpoint": number})).invoke_endpoint(
            endpoint_name="m", body=b""
        )


async def test_a_call_whose_answer_waits_ends_with_its_time() -> None:
    async def never(request: StubRequest) -> str:
        await asyncio.Event().wait()
        return ""

    stubs = Stubs({"InvokeEndpoint": never})

    with pytest.raises(errors.RequestTimeoutError):
        await client(stubs).invoke_endpoint(
            with_options(total_timeout=0.01), endpoint_name="m", body=b""
        )


@pytest.mark.parametrize("operation", [5, None])
def test_what_is_no_name_is_no_operation(operation: Any) -> None:
    with pytest.raises(errors.OptionsError, match="there is no operation"):
        Stubs().add(operation, {})
    with pytest.raises(errors.OptionsError, match="there is no operation"):
        Stubs({operation: {}})


def test_answers_that_are_no_mapping_are_refused() -> None:
    answers: Any = ["InvokeEndpoint"]

    with pytest.raises(errors.OptionsError, match="a mapping from operations"):
        Stubs(answers)


@pytest.mark.parametrize("stubs", [None, {"InvokeEndpoint": {}}, Stubs])
def test_a_client_without_stubs_is_not_let_loose(stubs: Any) -> None:
    with pytest.raises(errors.OptionsError, match="with_stubs takes Stubs, not"):
        with_stubs(stubs)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"InvokeEndpiont": {}}, "did you mean 'InvokeEndpoint'"),
        ({"InvokeEndpoint": {"bodi": b""}}, "did you mean 'body'"),
        ({"InvokeEndpoint": [{}, 1]}, "not int"),
        ({"InvokeEndpoint": [b"a"]}, "not bytes"),
        ({"InvokeEndpointWithResponseStream": [b"a", 1]}, "not int"),
    ],
)
def test_what_cannot_be_is_refused_at_once(answers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Stubs(answers)

    assert isinstance(caught.value, errors.SageMakerRuntimeError)


async def test_requests_are_kept_as_they_were_sent() -> None:
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


async def test_what_is_done_to_a_request_later_does_not_show() -> None:
    stubs = Stubs()
    request = Request(path="/endpoints/m/invocations", body=b"x")

    await stubs.send(request)
    request.headers["later"] = "1"

    assert "later" not in stubs.requests[0].request.headers


async def test_the_requests_can_be_forgotten() -> None:
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})
    await invoke(stubs, 1)

    stubs.clear()

    assert [] == stubs.requests
    assert [b"2"] == await invoke(stubs, 1)
    assert 1 == len(stubs.requests)


async def test_a_file_is_kept_as_the_bytes_that_would_have_been_sent() -> None:
    stubs = Stubs()
    file = io.BytesIO(b"header,body")
    file.seek(7)

    await client(stubs).invoke_endpoint(endpoint_name="m", body=file)
    file.close()

    assert b"body" == stubs.requests[0].request.body


async def test_a_file_that_cannot_be_read_is_an_error_of_ours() -> None:
    file = io.BytesIO(b"body")
    request = Request(path="/endpoints/m/invocations", body=FileBody(file))
    file.close()

    with pytest.raises(errors.SerializationError) as caught:
        await Stubs().send(request)

    start = "the body's file cannot be read: I/O operation on closed file"
    assert str(caught.value).startswith(start)


async def test_a_path_that_leads_nowhere_is_not_found() -> None:
    @hook(BuildInput, id="Stray")
    def stray(ctx: Context, input: BuildInput) -> None:
        input.request.path = "/ping"

    stubs = Stubs()
    stray_client = client(stubs).with_options(
        with_api_options(lambda stack: stack.build.add(stray))
    )

    with pytest.raises(errors.UnknownServiceError) as caught:
        await stray_client.invoke_endpoint(endpoint_name="m", body=b"")

    assert ("UnknownOperationException", 404, "no operation is at POST /ping") == (
        caught.value.code,
        caught.value.http_status,
        caught.value.message,
    )
    assert [] == stubs.requests


async def test_any_number_of_calls_may_run_at_once() -> None:
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


async def test_closing_the_client_leaves_the_stubs_as_they_are() -> None:
    stubs: HTTPClient = Stubs()

    await stubs.aclose()
    async with Client(with_stubs(Stubs())) as closed:
        pass

    with pytest.raises(errors.ClientStateError):
        await closed.invoke_endpoint(endpoint_name="m", body=b"")


def test_stubs_serve_one_event_loop_after_the_other() -> None:
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})

    outcomes = [asyncio.run(invoke(stubs, 1)) for _ in range(2)]

    assert [[b"1"], [b"2"]] == outcomes


async def test_a_test_can_say_what_must_be_asked_and_in_which_order() -> None:
    """What boto3's `Stubber` has methods for."""
    stubs = Stubs({"InvokeEndpoint": [{"body": b"1"}, {"body": b"2"}]})

    await client(stubs).invoke_endpoint(endpoint_name="a", body=b"x")
    await client(stubs).invoke_endpoint(endpoint_name="b", body=b"y")

    assert [
        shapes.InvokeEndpointInput(endpoint_name="a", body=b"x"),
        shapes.InvokeEndpointInput(endpoint_name="b", body=b"y"),
    ] == [request.params for request in stubs.requests]


async def test_one_attempt_is_made_unless_retries_are_asked_for() -> None:
    answers = ["ServiceUnavailable", {"body": b"up"}]
    once, again = Stubs({"InvokeEndpoint": answers}), Stubs({"InvokeEndpoint": answers})
    patient = Client(
        with_stubs(again)
        | with_options(retry_mode="standard", custom_backoff=lambda _, __: 0.0)
    )

    output = await patient.invoke_endpoint(endpoint_name="m", body=b"")

    assert ["ServiceUnavailable"] == await invoke(once, 1)
    assert (b"up", 2) == (output.body, len(again.requests))


def test_a_client_of_stubs_looks_at_nothing_outside() -> None:
    made = Options(
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
    )

    options = Client(made, with_stubs(Stubs())).options.flat()

    assert {
        "region": "eu-west-1",
        "profile": None,
        "environ": {},
        "retry_mode": "off",
        "retryer": None,
        "token_provider": None,
        "defaults_mode": None,
        "client_side_monitoring": False,
    }.items() <= options.items()
    assert made.credentials != options["credentials"]


class StaticTokens:
    async def retrieve(self) -> Token:
        return Token("token")


def test_a_region_is_kept_or_set_and_may_be_changed_afterwards() -> None:
    regions = [
        Client(with_stubs(Stubs())).options.region,
        Client(with_stubs(Stubs()), region="eu-west-1").options.region,
        Client(with_stubs(Stubs()) | with_options(region="eu-west-2")).options.region,
    ]

    assert ["us-stubbed-1", "eu-west-1", "eu-west-2"] == regions


async def test_options_of_another_retry_mode_do_no_harm() -> None:
    stubs = Stubs()
    legacy = Client(
        with_stubs(stubs),
        retry_mode="legacy",
        retry_jitter="full",
        custom_backoff=LegacyBackoff(chance=lambda: 0.5, base_delay=0.1),
    )

    await legacy.invoke_endpoint(endpoint_name="m", body=b"")

    assert 1 == len(stubs.requests)


async def test_stubs_are_for_a_client_as_a_whole() -> None:
    with pytest.raises(errors.OptionsError, match="environ cannot be set per call"):
        await client(Stubs()).invoke_endpoint(
            with_stubs(Stubs()) | _elsewhere, endpoint_name="m", body=b""
        )


def _elsewhere(options: Options) -> Options:
    return options.replace(environ={"A": "b"})


def test_the_stack_is_the_standard_one() -> None:
    standard = Client(region="us-east-1")
    stubbed = client(Stubs())

    for operation in OPERATIONS:
        assert standard.explain(operation) == stubbed.explain(operation)


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

asyncio.run(call(Stubs()))  # what is imported late is imported now
stubs = Stubs({"InvokeEndpointWithResponseStream": [b"a"]})
found = []

def look(event, args):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess")):
        found.append((event, args))
    name = str(args[:1])  # versions, for the user agent, are in a dist-info
    if event == "open" and os.path.exists(args[0]) and "dist-info" not in name:
        found.append((event, args))

sys.addaudithook(look)
asyncio.run(call(stubs))
print(found, len(stubs.requests), "aiohttp" in sys.modules)
"""


def test_a_call_reads_no_file_and_opens_no_connection() -> None:
    """A profile is named that is not there: whoever looked for it would fail."""
    environ = {"AWS_PROFILE": "nobody", "AWS_REGION": "eu-west-1"}

    printed = subprocess.check_output(
        [sys.executable, "-c", WATCHED], text=True, env=environ
    )

    assert "[] 2 False\n" == printed

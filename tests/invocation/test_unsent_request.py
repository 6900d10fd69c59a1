from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import Callable
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import (
    ClientStateError,
    CredentialsError,
    OptionsError,
    ParamValidationError,
    RequestAbortedError,
    RequestTimeoutError,
    StackError,
    ValidationError,
)
from sagemaker_rt.http import FileBody, Request, Response
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.options import Options, with_api_options, with_options
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.sansio.presign import presign
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointOutput,
    PayloadPart,
)
from sagemaker_rt.stack import Output, Stack
from sagemaker_rt.streaming.response_stream import ResponseStream
from tests.doubles import ManualClock, ScriptedHTTPClient, response
from tests.transport.servers import OK, Peer, serve

KEYS: Final = Credentials("AKID", "a-secret", "a-token")
CALL: Final[Any] = {"endpoint_name": "m", "body": b"abc", "content_type": "text/csv"}
PART: Final = encode_message(
    {":message-type": "event", ":event-type": "PayloadPart"}, b"part"
)


def wire(*answers: Response | BaseException) -> ScriptedHTTPClient:
    return ScriptedHTTPClient(*answers)


def client(http_client: ScriptedHTTPClient, **fields: Any) -> Client:
    """Return a client that looks at nothing outside, and sends by *http_client*."""
    known = {
        "region": "eu-west-1",
        "credentials": KEYS,
        "environ": {},
        "clock": ManualClock(),
    }
    return Client(Options(**{**known, "http_client": http_client, **fields}))


async def test_what_is_prepared_is_what_would_be_sent() -> None:
    http_client = wire(response())
    request = client(http_client).request("invoke_endpoint", **CALL)

    prepared = await request.prepare()
    assert [] == http_client.requests
    await request.send()

    sent = http_client.requests[0]
    ours = ("amz-sdk-invocation-id", "authorization")  # of one sending
    assert {*sent.headers} == {*prepared.headers}
    assert {n: v for n, v in sent.headers.items() if n not in ours} == {
        name: value for name, value in prepared.headers.items() if name not in ours
    }
    assert (sent.method, sent.url, sent.body, sent.payload_hash) == (
        prepared.method,
        prepared.url,
        prepared.body,
        prepared.payload_hash,
    )
    assert prepared.headers["authorization"].startswith("AWS4-HMAC-SHA256 ")


async def test_a_file_is_sent_whole_after_it_was_prepared() -> None:
    http_client = wire(response())
    file = io.BytesIO(b"before abc")
    file.seek(7)
    request = client(http_client).request("InvokeEndpoint", **{**CALL, "body": file})

    for _ in range(2):
        await request.prepare()
        await request.presign()
    await request.send()

    (sent,) = http_client.requests
    assert isinstance(sent.body, FileBody)
    assert b"abc" == b"".join(sent.body.chunks())


async def test_a_file_that_cannot_be_a_body_is_refused_as_by_the_call() -> None:
    file = io.BytesIO()
    file.close()
    request = client(wire()).request("InvokeEndpoint", **{**CALL, "body": file})

    with pytest.raises(ParamValidationError, match="cannot be read and sought"):
        await request.prepare()


async def test_a_prepared_request_is_the_callers_to_write_on() -> None:
    request = client(wire()).request("InvokeEndpoint", **CALL)

    prepared = await request.prepare()
    prepared.headers.clear()

    assert "authorization" in (await request.prepare()).headers


@pytest.mark.parametrize("name", ["invoke_endpoint", "InvokeEndpoint"])
async def test_it_is_told_by_the_name_of_the_method_or_of_the_model(name: Any) -> None:
    params = InvokeEndpointInput(endpoint_name="m", body=b"")

    request = client(wire(response(200, {}, b"out"))).request(name, params)

    assert ("InvokeEndpoint", params) == (request.operation, request.params)
    assert InvokeEndpointOutput(body=b"out") == await request.send()


def test_what_is_wrong_is_said_at_once() -> None:
    caller = client(wire())
    misspelt: Any = "invoke_endpont"
    unknown: Any = {"bodi": b""}

    with pytest.raises(OptionsError, match="did you mean 'InvokeEndpoint'"):
        caller.request(misspelt)
    with pytest.raises(ParamValidationError, match="did you mean 'body'"):
        caller.request("invoke_endpoint", endpoint_name="m", **unknown)
    with pytest.raises(OptionsError, match="read_timeout"):
        caller.request("invoke_endpoint", with_options(read_timeout=-1), **CALL)


async def test_options_of_the_call_are_of_what_is_prepared_and_of_what_is_sent() -> (
    None
):
    http_client = wire(response())
    request = client(http_client).request(
        "invoke_endpoint", with_options(region="eu-north-1"), **CALL
    )

    prepared = await request.prepare()
    await request.send()

    urls = [prepared.url, http_client.requests[0].url, await request.presign()]
    assert [True] * 3 == ["sagemaker.eu-north-1.amazonaws" in url for url in urls]


async def test_a_stream_is_the_callers_to_close() -> None:
    request = client(wire(response(200, {}, PART, PART))).request(
        "invoke_endpoint_with_response_stream", endpoint_name="m", body=b""
    )

    stream = await request.send()

    assert isinstance(stream, ResponseStream)
    async with stream:
        assert [PayloadPart(b"part")] * 2 == [part async for part in stream]


async def test_it_is_sent_once() -> None:
    request = client(wire(response())).request("invoke_endpoint", **CALL)
    await request.send()

    with pytest.raises(ClientStateError, match="the request was sent before"):
        await request.send()

    assert "<UnsentRequest InvokeEndpoint, sent>" == repr(request)


async def test_what_the_call_raises_comes_out() -> None:
    answer = response(400, {"x-amzn-errortype": "ValidationError"}, b"{}")
    request = client(wire(answer)).request("invoke_endpoint", **CALL)

    with pytest.raises(ValidationError) as caught:
        await request.send()

    assert caught.value.operation == "InvokeEndpoint"


async def test_a_time_limit_is_not_taken_for_an_abort() -> None:
    late = RequestTimeoutError("no answer came")
    request = client(wire(late)).request("invoke_endpoint", **CALL)

    with pytest.raises(RequestTimeoutError):
        await request.send()


async def test_a_limit_around_it_ends_it_as_any_call() -> None:
    http_client = Hanging()
    request = client(http_client).request("invoke_endpoint", **CALL)

    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0):
            await request.send()

    assert TimeoutError is type(caught.value)


class Hanging(ScriptedHTTPClient):
    """Says when a request came, and never answers it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def send(self, request: Request) -> Response:
        self.begun.set()
        never: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        return await never


async def test_an_abort_ends_the_call_and_not_the_task() -> None:
    http_client = Hanging()
    request = client(http_client).request("invoke_endpoint", **CALL)
    waiting = asyncio.create_task(request.send())
    await http_client.begun.wait()

    request.abort()
    request.abort()
    await asyncio.wait([waiting])

    error = waiting.exception()
    assert isinstance(error, RequestAbortedError)
    assert ("InvokeEndpoint", True) == (error.operation, error.may_have_executed)
    assert "<UnsentRequest InvokeEndpoint, aborted>" == repr(request)
    with pytest.raises(RequestAbortedError):
        await request.send()


async def test_cancelling_the_task_is_no_abort() -> None:
    http_client = Hanging()
    request = client(http_client).request("invoke_endpoint", **CALL)
    waiting = asyncio.create_task(request.send())
    await http_client.begun.wait()

    waiting.cancel()
    await asyncio.wait([waiting])

    assert waiting.cancelled()


async def test_an_aborted_request_is_not_sent() -> None:
    http_client = wire()
    request = client(http_client).request("invoke_endpoint", **CALL)

    request.abort()
    with pytest.raises(RequestAbortedError) as caught:
        await request.send()

    assert "the request was aborted before it was sent" == str(caught.value)
    assert ("InvokeEndpoint", False) == (
        caught.value.operation,
        caught.value.may_have_executed,
    )
    assert [] == http_client.requests


async def test_an_abort_after_the_end_does_nothing() -> None:
    request = client(wire(response())).request("invoke_endpoint", **CALL)
    await request.send()

    request.abort()

    assert "<UnsentRequest InvokeEndpoint, sent>" == repr(request)


class Lingering(Hanging):
    """Takes some time to end."""

    def __init__(self) -> None:
        super().__init__()
        self.may_continue = asyncio.Event()

    async def send(self, request: Request) -> Response:
        try:
            return await super().send(request)
        finally:
            await self.may_continue.wait()


async def test_further_aborts_of_a_call_that_takes_time_to_end_do_nothing() -> None:
    http_client = Lingering()
    request = client(http_client).request("invoke_endpoint", **CALL)
    waiting = asyncio.create_task(request.send())
    await http_client.begun.wait()

    for _ in range(3):
        request.abort()
        await asyncio.sleep(0.001)
    http_client.may_continue.set()
    await asyncio.wait([waiting])

    assert isinstance(waiting.exception(), RequestAbortedError)


async def test_an_abort_closes_the_connection_and_the_next_call_works() -> None:
    arrived = asyncio.Event()
    is_first = True

    async def answer(peer: Peer) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            arrived.set()
            await peer.hang()
        else:
            peer.writer.write(OK)

    async with (
        serve(answer) as server,
        local(f"http://127.0.0.1:{server.port}") as caller,
    ):
        request = caller.request("invoke_endpoint", **CALL)
        waiting = asyncio.create_task(request.send())
        await arrived.wait()

        request.abort()
        with pytest.raises(RequestAbortedError):
            await waiting
        output = await caller.invoke_endpoint(**CALL)

    assert output.http_status == 200


def local(url: str) -> Client:
    return Client(
        Options(region="eu-west-1", credentials=KEYS, environ={}, endpoint_url=url)
    )


async def test_nothing_is_connected_to_for_a_request_that_is_only_prepared() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with local(url) as caller:
            request = caller.request("invoke_endpoint", **CALL)

            prepared, presigned = await request.prepare(), await request.presign()

        assert prepared.url.startswith(url)
        assert presigned.startswith(url)
        with pytest.raises(BlockingIOError):
            listening.accept()


async def test_a_url_is_signed() -> None:
    clock = ManualClock()
    request = client(wire(), clock=clock).request("invoke_endpoint", **CALL)

    url = await request.presign(expires=60)

    prepared = await request.prepare()
    modelled = Request(
        path=prepared.path,
        body=b"abc",
        endpoint=prepared.endpoint,
    )
    modelled.headers["content-type"] = "text/csv"
    assert url == presign(
        modelled,
        KEYS,
        service="sagemaker",
        region="eu-west-1",
        signing_time=clock(),
        expires=60,
    )
    assert "X-Amz-SignedHeaders=content-type%3Bhost&" in url


async def test_presigning_leaves_the_clients_own_signer_alone() -> None:
    http_client = wire(response())
    request = client(http_client).request("invoke_endpoint", **CALL)

    await request.presign()
    await request.send()

    assert "authorization" in http_client.requests[0].headers
    assert "" == http_client.requests[0].query


@pytest.mark.parametrize("expires", [0, 604_801])
async def test_a_url_is_good_for_a_week_at_most(expires: int) -> None:
    request = client(wire()).request("invoke_endpoint", **CALL)

    with pytest.raises(ParamValidationError, match="1 to 604800 seconds") as caught:
        await request.presign(expires=expires)

    assert caught.value.operation == "InvokeEndpoint"


def without_signing(stack: Stack) -> None:
    stack.finalize.remove("Signing")


@pytest.mark.parametrize(
    "option",
    [
        with_options(credentials=AnonymousCredentials()),
        with_api_options(without_signing),
    ],
    ids=["anonymous", "without Signing"],
)
async def test_an_unsigned_request_is_prepared_but_not_presigned(
    option: Callable[[Options], Options],
) -> None:
    request = client(wire()).request("invoke_endpoint", option, **CALL)

    with pytest.raises(CredentialsError, match="InvokeEndpoint"):
        await request.presign()

    assert "authorization" not in (await request.prepare()).headers


async def test_what_is_answered_without_a_request_cannot_be_prepared() -> None:
    async def answer(ctx: object, input: object, next: object) -> Output:
        return Output(InvokeEndpointOutput(body=b"cached"))

    option = with_api_options(lambda stack: stack.initialize.add(answer))
    request = client(wire()).request("invoke_endpoint", option, **CALL)

    for ask in (request.prepare, request.presign):
        with pytest.raises(StackError) as caught:
            await ask()

        assert "a middleware answers InvokeEndpoint without a request" == str(
            caught.value
        )


async def test_no_middleware_sees_an_output_that_never_came() -> None:
    seen: list[object] = []

    async def look(ctx: Any, input: Any, next: Any) -> Output:
        try:
            output: Output = await next(ctx, input)
        except Exception as error:
            seen.append(error)
            raise
        seen.append(output)
        return output

    option = with_api_options(lambda stack: stack.initialize.add(look))
    request = client(wire()).request("invoke_endpoint", option, **CALL)

    await request.prepare()
    await request.presign()

    assert [] == seen


class Unasked:
    """A provider of telemetry that fails if it is used."""

    def get_tracer(self, *_: object) -> object:
        raise AssertionError

    get_meter = get_tracer


async def test_what_is_not_sent_is_not_measured() -> None:
    request = client(
        wire(), tracer_provider=Unasked(), meter_provider=Unasked(), total_timeout=5
    ).request("invoke_endpoint", **CALL)

    assert (await request.prepare()).url.endswith("/endpoints/m/invocations")
    assert "X-Amz-Signature=" in await request.presign()


async def test_an_input_that_is_wrong_is_refused_before_it_is_signed() -> None:
    request = client(wire()).request("invoke_endpoint", endpoint_name="..", body=b"")

    for ask in (request.prepare, request.presign, request.send):
        with pytest.raises(ParamValidationError) as caught:
            await ask()

        assert caught.value.operation == "InvokeEndpoint"


async def test_a_closed_client_prepares_nothing() -> None:
    caller = client(wire())
    request = caller.request("invoke_endpoint", **CALL)
    await caller.aclose()

    for ask in (request.prepare, request.presign, request.send):
        with pytest.raises(ClientStateError, match="the client is closed"):
            await ask()

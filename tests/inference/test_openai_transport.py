from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import httpx2
import pytest

from sagemaker_rt import (
    Client,
    ConnectionLostError,
    FinalizeInput,
    Handler,
    IncompleteOutputError,
    InvokeEndpointInput,
    ModelStreamError,
    Output,
    ParamValidationError,
    PayloadPart,
    RequestTimeoutError,
    Stack,
    Timeouts,
    ValidationError,
    with_api_options,
)
from sagemaker_rt.context import Context
from sagemaker_rt.inference.openai_transport import (
    InvocationFailedError,
    InvocationTimeoutError,
    OpenAITransport,
)
from sagemaker_rt.testing import StubRequest, Stubs, with_stubs

CHUNK = b'{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}'
EVENTS = b"data: " + CHUNK + b"\n\ndata: [DONE]\n\n"
ANSWER = b'{"choices":[]}'
MAX_ATTEMPTS = 1


def client_of(stubs: Stubs) -> Client:
    return Client(with_stubs(stubs), max_attempts=MAX_ATTEMPTS)


def http_client(
    stubs: Stubs, endpoint_name: str = "my-llm", component: str | None = None
) -> httpx2.AsyncClient:
    transport = OpenAITransport(client_of(stubs), endpoint_name, component)
    arguments = transport.arguments()
    client = arguments["http_client"]
    client.base_url = httpx2.URL(arguments["base_url"])
    return client


async def post(
    client: httpx2.AsyncClient, *, stream: bool = False, **options: Any
) -> httpx2.Response:
    body = {"model": "", "messages": [], "stream": stream}
    async with client:
        return await client.post("chat/completions", json=body, **options)


async def test_a_request_is_an_invocation() -> None:
    seen: list[StubRequest] = []

    def answer(request: StubRequest) -> dict[str, object]:
        seen.append(request)
        return {"body": ANSWER, "invoked_production_variant": "v"}

    stubs = Stubs({"InvokeEndpoint": answer})
    response = await post(
        http_client(stubs, component="my-adapter"),
        headers={
            "Authorization": "Bearer unused",
            "X-Amzn-SageMaker-Session-Id": "s-1",
            "X-Stainless-Lang": "python",
        },
    )

    params = seen[0].params
    assert isinstance(params, InvokeEndpointInput)
    assert (200, ANSWER) == (response.status_code, response.content)
    assert "v" == response.headers["x-amzn-invoked-production-variant"]
    assert b'{"model":"","messages":[],"stream":false}' == params.body
    assert "my-llm" == params.endpoint_name
    assert "my-adapter" == params.inference_component_name
    assert "s-1" == params.session_id
    assert "application/json" == params.content_type
    assert "*/*" == params.accept


@pytest.mark.parametrize("part_bytes", [1, 7, 1000])
async def test_a_streamed_response_consists_of_events(part_bytes: int) -> None:
    lines = CHUNK + b"\n"
    parts = [
        lines[start : start + part_bytes] for start in range(0, len(lines), part_bytes)
    ]
    stubs = Stubs({"InvokeEndpointWithResponseStream": [parts]})

    response = await post(http_client(stubs), stream=True)

    assert "text/event-stream" == response.headers["content-type"]
    assert EVENTS == response.content


@pytest.mark.parametrize("body", [b"", b"[]", b'{"stream": "true"}', b"--boundary"])
async def test_a_request_that_does_not_ask_for_a_stream_has_a_whole_response(
    body: bytes,
) -> None:
    stubs = Stubs({"InvokeEndpoint": {"body": ANSWER}})

    async with http_client(stubs) as client:
        response = await client.post("embeddings", content=body)

    assert ANSWER == response.content


async def test_only_post_requests_are_sent() -> None:
    async with http_client(Stubs()) as client:
        response = await client.get("models")

    assert 404 == response.status_code


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_of_the_service_is_a_response(*, stream: bool) -> None:
    stubs = Stubs(
        {
            "InvokeEndpoint": ValidationError("no"),
            "InvokeEndpointWithResponseStream": ValidationError("no"),
        }
    )

    response = await post(http_client(stubs), stream=stream)

    error = response.extensions["sagemaker_rt.error"]
    assert 400 == response.status_code
    assert "validation_error" == response.json()["error"]["code"]
    assert isinstance(error, ValidationError)


async def test_an_error_in_a_stream_is_its_last_event() -> None:
    events = [PayloadPart(CHUNK), ModelStreamError("no")]
    stubs = Stubs({"InvokeEndpointWithResponseStream": [events]})

    response = await post(http_client(stubs), stream=True)

    first, last, end = response.text.split("\n\n")
    assert "no" == json.loads(last.removeprefix("data: "))["error"]["message"]
    assert ("data: " + CHUNK.decode(), "") == (first, end)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ConnectionLostError("lost"), InvocationFailedError),
        (RequestTimeoutError("late"), InvocationTimeoutError),
    ],
)
async def test_a_missing_response_is_an_error_of_httpx(
    error: Exception, raised: type[InvocationFailedError | InvocationTimeoutError]
) -> None:
    with pytest.raises(raised) as caught:
        await post(http_client(Stubs({"InvokeEndpoint": error})))

    assert isinstance(caught.value, raised)
    assert isinstance(caught.value.error, type(error))
    assert caught.value.error is caught.value.__cause__
    assert str(error) in str(caught.value)
    assert isinstance(caught.value, httpx2.TransportError)


async def test_a_stream_that_ends_too_early_fails() -> None:
    part = CHUNK.replace(b'"stop"', b"null")
    stubs = Stubs({"InvokeEndpointWithResponseStream": [[part]]})

    with pytest.raises(InvocationFailedError) as caught:
        await post(http_client(stubs), stream=True)

    assert isinstance(caught.value.error, IncompleteOutputError)


async def test_an_invalid_name_is_not_an_error_of_httpx() -> None:
    with pytest.raises(ParamValidationError):
        await post(http_client(Stubs(), "my/llm"))


async def test_timeouts_of_the_request_are_those_of_the_call() -> None:
    seen: list[Timeouts] = []

    def watch(
        ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Awaitable[Output]:
        seen.append(input.request.timeouts)
        return next(ctx, input)

    def add(stack: Stack) -> None:
        stack.finalize.add(watch)

    client = client_of(Stubs()).with_options(with_api_options(add))
    http = OpenAITransport(client, "my-llm").arguments()["http_client"]
    async with http:
        for timeout in (None, httpx2.Timeout(1, connect=2, pool=3, write=4)):
            await http.post("https://x.invalid", content=b"", timeout=timeout)

    assert client.options.timeouts.per_attempt == seen[0]
    changed = seen[1]
    assert (2, 3, 4, 1) == (
        changed.connect,
        changed.pool,
        changed.write,
        changed.read,
    )


async def test_a_stream_may_be_read_by_several_loops() -> None:
    parts = [CHUNK + b"\n", CHUNK]
    stubs = Stubs({"InvokeEndpointWithResponseStream": [parts]})
    transport = OpenAITransport(client_of(stubs), "my-llm")
    request = httpx2.Request("POST", "https://x.invalid", json={"stream": True})

    response = await transport.handle_async_request(request)
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    read = [await anext(aiter(response.stream))]
    async for event in response.stream:
        read.append(event)  # noqa: PERF401 - a second loop
    await response.aclose()

    assert 3 == len(read)
    assert b"data: [DONE]\n\n" == read[-1]


async def test_an_invalid_header_of_the_container_closes_the_stream() -> None:
    events: dict[str, object] = {"body": [CHUNK], "custom_attributes": "a"}
    stubs = Stubs({"InvokeEndpointWithResponseStream": events})
    closed: list[BaseException | None] = []

    async def spoil(
        ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        output = await next(ctx, input)
        output.result.when_ended(lambda _, error: closed.append(error))
        object.__setattr__(output.result.output, "custom_attributes", 5)
        return output

    def add(stack: Stack) -> None:
        stack.finalize.add(spoil)

    client = client_of(stubs).with_options(with_api_options(add))
    http = OpenAITransport(client, "my-llm").arguments()["http_client"]

    with pytest.raises(AttributeError):
        await post(http, stream=True)

    assert [None] == closed


async def test_the_client_stays_open() -> None:
    client = client_of(Stubs({"InvokeEndpoint": {"body": ANSWER}}))

    for _ in range(2):
        http = OpenAITransport(client, "my-llm").arguments()["http_client"]
        async with http:
            response = await http.post("https://x.invalid", content=b"")
            assert 200 == response.status_code


def test_the_repr_names_the_endpoint() -> None:
    transport = OpenAITransport(client_of(Stubs()), "my-llm")

    assert "<OpenAITransport to endpoint 'my-llm'>" == repr(transport)

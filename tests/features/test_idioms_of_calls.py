"""What Python and asyncio say of calls already, as short as one would write it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from importlib.metadata import EntryPoint
from typing import Any

import aiohttp
import pytest

from sagemaker_rt import (
    AiohttpClient,
    AnonymousCredentials,
    Client,
    InternalStreamFailure,
    InvokeEndpointOutput,
    ModelError,
    Options,
    PayloadPart,
    ResponseStreamHandler,
    SageMakerRuntimeError,
    ServiceError,
    with_options,
)
from sagemaker_rt.emulator import Emulator, FailStream


async def test_a_callback_is_called_with_the_task_that_is_done(client: Client) -> None:
    called: list[tuple[BaseException | None, bytes]] = []

    def callback(task: asyncio.Task[InvokeEndpointOutput]) -> None:
        called.append((task.exception(), task.result().body))

    call = client.invoke_endpoint(endpoint_name="my-endpoint", body=b"hi")
    task = asyncio.create_task(call)
    task.add_done_callback(callback)
    await task
    await asyncio.sleep(0)  # callbacks run when the loop comes to them

    assert [(None, b"hi")] == called


async def test_an_error_in_a_callback_goes_to_the_loops_handler(client: Client) -> None:
    reported: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
    mistake = RuntimeError("in a callback")

    def callback(task: asyncio.Task[InvokeEndpointOutput]) -> None:
        raise mistake

    call = client.invoke_endpoint(endpoint_name="my-endpoint", body=b"hi")
    task = asyncio.create_task(call)
    task.add_done_callback(callback)
    await task
    await asyncio.sleep(0)

    assert [mistake] == reported


async def test_a_promise_is_what_can_be_awaited(client: Client) -> None:
    promise = asyncio.ensure_future(
        client.invoke_endpoint(endpoint_name="my-endpoint", body=b"hi")
    )

    then = (await promise).body

    assert b"hi" == then


async def test_a_call_is_given_up_by_cancelling_its_task(client: Client) -> None:
    call = client.invoke_endpoint(endpoint_name="slow", body=b"")
    task = asyncio.create_task(call)
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_call_ends_with_the_block_that_limits_it(client: Client) -> None:
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await client.invoke_endpoint(endpoint_name="slow", body=b"")

    assert not isinstance(caught.value, SageMakerRuntimeError)


async def test_errors_are_returned_beside_outputs_by_gather(client: Client) -> None:
    good, bad = await asyncio.gather(
        client.invoke_endpoint(endpoint_name="my-endpoint", body=b"hi"),
        client.invoke_endpoint(endpoint_name="broken", body=b"hi"),
        return_exceptions=True,
    )

    assert isinstance(good, InvokeEndpointOutput)
    assert isinstance(bad, ModelError)
    assert (200, 424, 503) == (
        good.http_status,
        bad.http_status,
        bad.original_status_code,
    )


async def test_an_ok_or_error_tuple_is_a_try_of_four_lines(client: Client) -> None:
    async def attempt(endpoint_name: str) -> tuple[str, Any]:
        try:
            output = await client.invoke_endpoint(
                endpoint_name=endpoint_name, body=b"hi"
            )
        except SageMakerRuntimeError as error:
            return "error", error
        return "ok", output

    (ok, output), (failed, error) = (
        await attempt("my-endpoint"),
        await attempt("broken"),
    )

    assert ("ok", b"hi") == (ok, output.body)
    assert ("error", "out of memory") == (failed, error.original_message)


async def test_the_error_of_a_call_is_asked_of_its_task(client: Client) -> None:
    call = client.invoke_endpoint(endpoint_name="broken", body=b"hi")
    task = asyncio.create_task(call)
    await asyncio.wait([task])

    error = task.exception()

    assert isinstance(error, ModelError)
    assert error.request_id is not None


async def test_a_codec_is_two_functions_around_a_call(client: Client) -> None:
    codec = json  # or orjson

    output = await client.invoke_endpoint(
        endpoint_name="my-json",
        body=codec.dumps({"inputs": ["a", "b"]}),
        content_type="application/json",
    )

    assert {"received": {"inputs": ["a", "b"]}} == codec.loads(output.body)


async def test_events_are_kept_by_a_list(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="my-llm", body=b"Tell me a story"
    ) as stream:
        events = [event async for event in stream]

    assert [PayloadPart(b"Tell "), PayloadPart(b"me ")] == events[:2]


async def test_what_ended_a_stream_is_kept_by_it(
    client: Client, emulator: Emulator
) -> None:
    emulator.fail_next(FailStream())

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="my-llm", body=b"Tell me a story"
    ) as stream:
        with pytest.raises(InternalStreamFailure) as caught:
            await collected(stream)

    assert stream.error is caught.value


async def collected(stream: Any) -> list[bytes]:
    return [part async for part in stream.iter_bytes()]


async def test_a_waiter_is_a_loop_with_a_time_limit(
    client: Client, emulator: Emulator
) -> None:
    queued = await client.invoke_endpoint_async(
        endpoint_name="my-endpoint", body=b"hi", content_type="text/plain"
    )

    answer = None
    async with asyncio.timeout(10):
        while answer is None:  # with whatever reads from S3, and longer waits
            await asyncio.sleep(0)
            answer = emulator.objects.get(str(queued.output_location))

    assert b"hi" == answer


async def test_a_call_without_a_signature_is_an_option_of_that_call(
    client: Client, emulator: Emulator
) -> None:
    anonymous = with_options(credentials=AnonymousCredentials())

    with pytest.raises(ServiceError):  # the emulator wants signatures
        await client.invoke_endpoint(anonymous, endpoint_name="my-endpoint", body=b"")

    assert "authorization" not in emulator.requests[-1].headers


async def test_a_plugin_is_a_function_of_options(
    client: Client, emulator: Emulator
) -> None:
    def plugin(options: Options) -> Options:
        return with_options(app_id="shop", max_attempts=1)(options)

    derived = client.with_options(plugin)
    await derived.invoke_endpoint(endpoint_name="my-endpoint", body=b"")

    assert 1 == derived.options.retry.max_attempts
    assert "app/shop" in emulator.requests[-1].headers["user-agent"]


def test_plugins_of_other_packages_are_entry_points() -> None:
    installed = [  # importlib.metadata.entry_points(group="shop.sagemaker_rt")
        EntryPoint("one_try", f"{__name__}:one_try", "shop.sagemaker_rt")
    ]

    client = Client(*(point.load() for point in installed))

    assert 1 == client.options.retry.max_attempts


def one_try(options: Options) -> Options:
    return options.replace(max_attempts=1)


async def test_a_service_of_ones_own_is_a_subclass(
    emulator: Emulator,
) -> None:
    class Predictor(Client):
        """A service of one's own, with the operation that it is for."""

        async def echo_number(self, number: int) -> int:
            output = await self.invoke_endpoint(
                endpoint_name="my-endpoint", body=str(number)
            )
            return int(output.body)

    async with Predictor(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
    ) as predictor:
        derived = predictor.with_options(max_attempts=1)

        assert 21 == await predictor.echo_number(21)
        assert isinstance(derived, Predictor)


async def test_a_stream_to_write_logs_to_is_a_handler(client: Client) -> None:
    written = io.StringIO()  # or whatever has a method write()
    logger, handler = logging.getLogger("shop"), logging.StreamHandler(written)
    logger.addHandler(handler)

    caller = client.with_options(
        lambda options: options.replace(logger=logger, log_level="ERROR")
    )
    await caller.invoke_endpoint(endpoint_name="my-endpoint", body=b"")
    logger.removeHandler(handler)

    assert "InvokeEndpoint: HTTP 200" in written.getvalue()


async def test_one_handler_serves_any_number_of_calls(client: Client) -> None:
    handler, parts = ResponseStreamHandler(), list[bytes]()
    handler.on_payload_part(lambda part: parts.append(part.bytes))

    for body in (b"one two", b"three"):
        await client.invoke_endpoint_with_response_stream(
            endpoint_name="my-llm", body=body
        ).handle(handler)

    assert b"one twothree" == b"".join(parts)


async def test_connections_are_measured_by_the_traces_of_a_session(
    emulator: Emulator,
) -> None:
    traced: list[str] = []
    traces = aiohttp.TraceConfig()

    async def trace(session: aiohttp.ClientSession, ctx: Any, params: Any) -> None:
        traced.append(type(params).__name__)

    traces.on_dns_resolvehost_start.append(trace)
    traces.on_connection_create_start.append(trace)
    traces.on_connection_create_end.append(trace)
    traces.on_connection_reuseconn.append(trace)

    async with (
        aiohttp.ClientSession(trace_configs=[traces]) as session,
        Client(
            http_client=AiohttpClient(session),
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={},
        ) as client,
    ):
        await client.invoke_endpoint(endpoint_name="my-endpoint", body=b"")
        await client.invoke_endpoint(endpoint_name="my-endpoint", body=b"")

    assert [
        "TraceConnectionCreateStartParams",
        "TraceConnectionCreateEndParams",
        "TraceConnectionReuseconnParams",
    ] == traced

"""Spans, metrics and client-side monitoring of calls over sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from typing import Any, Final

import pytest
from opentelemetry import propagate, trace
from opentelemetry.trace import StatusCode

from sagemaker_rt import (
    BuildInput,
    Client,
    Context,
    Credentials,
    CredentialsError,
    ModelError,
    ParamValidationError,
    ServiceUnavailable,
    Stack,
    TruncatedStreamError,
    hook,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import (
    CutStream,
    Emulator,
    InvocationRequest,
    failing,
    service_unavailable,
    throttle,
)
from tests.recording import (
    RecordedSpan,
    RecordingMeterProvider,
    RecordingTracerProvider,
)

SECRETS: Final = Credentials("AKIDEXAMPLE", "the-secret-key", "the-session-token")
BODY: Final = b"the-body"
ATTRIBUTES: Final = "the-custom-attributes"
METHOD: Final = {"rpc.service": "SageMaker Runtime", "rpc.method": "InvokeEndpoint"}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {"broken": failing(500, "the model failed")}
    async with Emulator(models=models, credentials=SECRETS) as emulator:
        yield emulator


@pytest.fixture
def traces() -> RecordingTracerProvider:
    return RecordingTracerProvider()


@pytest.fixture
def metrics() -> RecordingMeterProvider:
    return RecordingMeterProvider()


@pytest.fixture
async def client(
    emulator: Emulator,
    traces: RecordingTracerProvider,
    metrics: RecordingMeterProvider,
) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=SECRETS,
        environ={},
        tracer_provider=traces,
        meter_provider=metrics,
    ) as client:
        yield client


def shape(spans: list[RecordedSpan]) -> list[tuple[str, str | None, int]]:
    """Return name, parent and number of ends of each span."""
    names = {span.context.span_id: span.name for span in spans}
    return [
        (span.name, span.parent and names[span.parent.span_id], span.ends)
        for span in spans
    ]


async def test_a_call_and_its_attempt_are_traced(
    emulator: Emulator, client: Client, traces: RecordingTracerProvider
) -> None:
    output = await client.invoke_endpoint(endpoint_name="echo", body=BODY)

    name = "SageMaker Runtime.InvokeEndpoint"
    assert [(name, None, 1), ("Attempt", name, 1)] == shape(traces.spans)
    answer = {
        "aws.request_id": output.request_id,
        "http.response.status_code": 200,
    }
    assert [
        {"rpc.system": "aws-api", **METHOD, **answer},
        {
            "operation.attempt": 1,
            "server.address": emulator.url.removeprefix("http://"),
            **answer,
        },
    ] == [span.attributes for span in traces.spans]
    assert {"sagemaker_rt"} == {*traces.libraries}


async def test_every_attempt_has_its_own_span(
    emulator: Emulator, client: Client, traces: RecordingTracerProvider
) -> None:
    emulator.fail_next(service_unavailable(), throttle(retry_after=1))

    await client.invoke_endpoint(endpoint_name="echo", body=BODY)

    call, *attempts = traces.spans
    assert StatusCode.UNSET == call.status.status_code
    assert [
        (1, None, "ServiceUnavailable"),
        (2, "ServiceUnavailable", "ThrottlingException"),
        (3, "ThrottlingException", None),
    ] == [
        (
            span.attributes["operation.attempt"],
            span.attributes.get("operation.attempt.reason"),
            span.attributes.get("error.type"),
        )
        for span in attempts
    ]
    assert all(span.parent == call.context for span in attempts)
    assert all("operation.attempt.delay" in span.attributes for span in attempts[1:])


async def test_the_span_of_a_failed_call_records_the_error(
    emulator: Emulator, client: Client, traces: RecordingTracerProvider
) -> None:
    emulator.fail_next(service_unavailable())

    with pytest.raises(ServiceUnavailable) as caught:
        await client.invoke_endpoint(
            with_options(max_attempts=1), endpoint_name="echo", body=BODY
        )

    call, _ = traces.spans
    assert {
        "error.type": "ServiceUnavailable",
        "http.response.status_code": 503,
        "aws.request_id": caught.value.request_id,
    }.items() <= call.attributes.items()
    assert (StatusCode.ERROR, [caught.value]) == (
        call.status.status_code,
        call.exceptions,
    )


async def test_a_call_that_was_never_sent_has_a_span(
    client: Client, traces: RecordingTracerProvider
) -> None:
    with pytest.raises(ParamValidationError):
        await client.invoke_endpoint(endpoint_name="no such name", body=BODY)

    assert ["ParamValidationError"] == [
        span.attributes["error.type"] for span in traces.spans
    ]
    assert [1] == [span.ends for span in traces.spans]


@pytest.mark.parametrize("how", ["cancelled", "timed out"])
async def test_a_cancelled_or_expired_call_ends_its_spans(
    emulator: Emulator, client: Client, traces: RecordingTracerProvider, how: str
) -> None:
    started = asyncio.Event()

    async def hang(request: InvocationRequest) -> bytes:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    emulator.deploy("hanging", hang)
    opts = [with_options(total_timeout=0.5)] if how == "timed out" else []
    call = asyncio.ensure_future(
        client.invoke_endpoint(*opts, endpoint_name="hanging", body=BODY)
    )
    await started.wait()

    if how == "cancelled":
        call.cancel()
    with suppress(asyncio.CancelledError, TimeoutError):
        await call

    name = "CancelledError" if how == "cancelled" else "RequestTimeoutError"
    assert [(1, name), (1, name)] == [
        (span.ends, span.attributes["error.type"]) for span in traces.spans
    ]


async def test_the_span_of_a_stream_lasts_as_long_as_the_stream(
    client: Client, traces: RecordingTracerProvider, metrics: RecordingMeterProvider
) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b c"
    ) as stream:
        before = shape(traces.spans)
        parts = [event async for event in stream]

    name = "SageMaker Runtime.InvokeEndpointWithResponseStream"
    assert [(name, None, 0), ("Attempt", name, 1)] == before
    assert [(name, None, 1), ("Attempt", name, 1)] == shape(traces.spans)
    span = traces.spans[0]
    assert len(parts) == span.attributes["sagemaker_rt.stream.events"]
    assert 0 < span.attributes["sagemaker_rt.stream.bytes"]
    assert 1 == len(metrics.amounts("client.call.stream_duration"))


async def test_the_span_of_a_truncated_stream_records_the_error(
    emulator: Emulator, client: Client, traces: RecordingTracerProvider
) -> None:
    emulator.fail_next(CutStream(frames=1, extra=7))

    with suppress(Exception):
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="tokens", body=b"a b c"
        ) as stream:
            async for _ in stream:
                pass

    span = traces.spans[0]
    assert (1, StatusCode.ERROR, 1) == (
        span.ends,
        span.status.status_code,
        span.attributes["sagemaker_rt.stream.events"],
    )
    assert span.attributes["error.type"] in {
        "TruncatedBodyError",
        TruncatedStreamError.__name__,
    }


async def test_spans_are_connected_with_those_of_the_application(
    client: Client, traces: RecordingTracerProvider
) -> None:
    tracer = traces.get_tracer("caller")
    outer = tracer.start_span("outer")

    @hook(BuildInput)
    def note(_: Context, input: BuildInput) -> None:
        tracer.start_span("inner").end()

    def edit(stack: Stack) -> None:
        stack.build.add(note)

    with trace.use_span(outer):
        await asyncio.gather(
            *(
                client.invoke_endpoint(
                    with_api_options(edit), endpoint_name="echo", body=BODY
                )
                for _ in range(2)
            )
        )

    calls = [span for span in traces.spans if span.name.endswith("InvokeEndpoint")]
    inner = [span for span in traces.spans if span.name == "inner"]
    assert [traces.spans[0].context] * 2 == [span.parent for span in calls]
    assert {span.context.span_id for span in calls} == {
        span.parent and span.parent.span_id for span in inner
    }


async def test_the_trace_context_can_be_propagated(
    emulator: Emulator, client: Client, traces: RecordingTracerProvider
) -> None:
    @hook(BuildInput)
    def inject(_: Context, input: BuildInput) -> None:
        propagate.inject(input.request.headers)

    await client.invoke_endpoint(
        with_api_options(lambda stack: stack.build.add(inject)),
        endpoint_name="echo",
        body=BODY,
    )

    context = traces.spans[0].context
    sent = emulator.requests[0].headers["traceparent"]
    assert f"00-{context.trace_id:032x}-{context.span_id:016x}-01" == sent


async def test_metrics_of_a_call_are_recorded(
    client: Client, metrics: RecordingMeterProvider
) -> None:
    await client.invoke_endpoint(endpoint_name="echo", body=BODY)

    assert {
        "client.call.duration",
        "client.call.attempts",
        "client.call.attempt_duration",
        "client.call.serialization_duration",
        "client.call.resolve_endpoint_duration",
        "client.call.auth.resolve_identity_duration",
        "client.call.auth.signing_duration",
        "client.call.deserialization_duration",
        "client.http.time_to_first_byte",
    } == {name for name, _, _ in metrics.points}
    assert 9 == len(metrics.points)
    assert all(METHOD == attributes for _, _, attributes in metrics.points)
    assert all(amount >= 0 for _, amount, _ in metrics.points)
    whole = metrics.amounts("client.call.duration")[0]
    parts = [a for name, a, _ in metrics.points if name != "client.call.attempts"]
    assert whole == max(parts)


async def test_attempts_and_errors_are_counted(
    emulator: Emulator, client: Client, metrics: RecordingMeterProvider
) -> None:
    emulator.fail_next(throttle(retry_after=1))
    await client.invoke_endpoint(endpoint_name="echo", body=BODY)
    with suppress(ModelError):
        await client.invoke_endpoint(endpoint_name="broken", body=BODY)

    assert 3 == sum(metrics.amounts("client.call.attempts"))
    assert 3 == len(metrics.amounts("client.call.auth.signing_duration"))
    assert 2 == len(metrics.amounts("client.call.serialization_duration"))
    assert [{**METHOD, "error.type": "ModelError"}] == [
        attributes for name, _, attributes in metrics.points if name.endswith("errors")
    ]


async def test_telemetry_can_be_set_for_one_call(emulator: Emulator) -> None:
    traces, metrics = RecordingTracerProvider(), RecordingMeterProvider()

    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=SECRETS,
        environ={},
    ) as client:
        await client.invoke_endpoint(endpoint_name="echo", body=BODY)
        before = (list(traces.spans), list(metrics.points))
        await client.invoke_endpoint(
            with_options(tracer_provider=traces, meter_provider=metrics),
            endpoint_name="echo",
            body=BODY,
        )

    assert ([], []) == before
    assert 2 == len(traces.spans)
    assert metrics.points


@pytest.fixture
def agent() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as agent:
        agent.bind(("127.0.0.1", 0))
        agent.setblocking(False)
        yield agent


def datagrams(agent: socket.socket) -> list[bytes]:
    """Return all datagrams received so far."""
    found: list[bytes] = []
    with suppress(BlockingIOError):
        while True:
            found.append(agent.recv(65536))
    return found


async def test_telemetry_contains_no_secret(
    emulator: Emulator,
    client: Client,
    traces: RecordingTracerProvider,
    metrics: RecordingMeterProvider,
    agent: socket.socket,
) -> None:
    watched = client.with_options(
        client_side_monitoring=True,
        client_side_monitoring_port=agent.getsockname()[1],
    )
    members: dict[str, Any] = {"body": BODY, "custom_attributes": ATTRIBUTES}
    emulator.fail_next(throttle(retry_after=1))

    await watched.invoke_endpoint(endpoint_name="echo", **members)
    with suppress(ModelError):
        await watched.invoke_endpoint(endpoint_name="broken", **members)
    async with watched.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", **members
    ) as stream:
        async for _ in stream:
            pass

    reported = datagrams(agent)
    texts = [
        *(repr(span.attributes) for span in traces.spans),
        *(repr(span.status.description) for span in traces.spans),
        *(
            "".join(traceback.format_exception(error))
            for span in traces.spans
            for error in span.exceptions
        ),
        *(repr(point) for point in metrics.points),
        *(datagram.decode() for datagram in reported),
    ]
    assert 7 == len(reported)
    signatures = [
        request.headers["authorization"].rpartition("=")[2]
        for request in emulator.requests
    ]
    for secret in (
        "the-secret-key",
        "the-session-token",
        BODY.decode(),
        ATTRIBUTES,
        *signatures,
    ):
        assert not [text for text in texts if secret in text]


class Failing:
    """A provider, tracer, meter, span and instrument: one method raises."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self._do(name)

    def _do(self, name: str) -> Failing:
        if name == self._method:
            raise ArithmeticError
        return self


@pytest.mark.parametrize(
    "method",
    [
        "get_tracer",
        "start_span",
        "set_attribute",
        "set_status",
        "record_exception",
        "end",
        "get_meter",
        "create_counter",
        "create_histogram",
        "add",
        "record",
    ],
)
async def test_exceptions_of_a_provider_do_not_fail_a_call(
    emulator: Emulator, client: Client, method: str
) -> None:
    provider: Any = Failing(method)
    watched = client.with_options(tracer_provider=provider, meter_provider=provider)

    output = await watched.invoke_endpoint(endpoint_name="echo", body=BODY)
    with pytest.raises(ModelError):
        await watched.invoke_endpoint(endpoint_name="broken", body=BODY)
    async with watched.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b"
    ) as stream:
        parts = [part async for part in stream.iter_bytes()]

    assert (BODY, b"a b") == (output.body, b"".join(parts))


async def test_the_environment_enables_client_side_monitoring(
    emulator: Emulator, agent: socket.socket
) -> None:
    environ = {
        "AWS_CSM_ENABLED": "true",
        "AWS_CSM_PORT": str(agent.getsockname()[1]),
        "AWS_CSM_CLIENT_ID": "my-app",
    }

    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=SECRETS,
        environ=environ,
    ) as client:
        await client.invoke_endpoint(endpoint_name="echo", body=BODY)

    reported = [json.loads(datagram) for datagram in datagrams(agent)]
    assert [("ApiCallAttempt", "my-app"), ("ApiCall", "my-app")] == [
        (event["Type"], event["ClientId"]) for event in reported
    ]


async def test_calls_succeed_while_no_agent_listens(emulator: Emulator) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]

    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=SECRETS,
        environ={},
        client_side_monitoring=True,
        client_side_monitoring_port=port,
    ) as client:
        for _ in range(3):
            output = await client.invoke_endpoint(endpoint_name="echo", body=BODY)

    assert BODY == output.body


PROGRAM: Final = """
import asyncio, sys
from sagemaker_rt import Client, Credentials
from sagemaker_rt.emulator import Emulator

async def main():
    async with Emulator() as emulator:
        async with Client(
            region=emulator.region, endpoint_url=emulator.url,
            credentials=emulator.credentials, environ={},
        ) as client:
            await client.invoke_endpoint(endpoint_name="echo", body=b"x")
            print([id for step in client.stack("InvokeEndpoint").steps for id in step])

asyncio.run(main())
print(sorted(
    name for name in sys.modules
    if name.startswith("opentelemetry") or name.startswith("sagemaker_rt.")
    and name.endswith(("tracing", "metrics", "monitoring", "spans", "datagrams"))
))
"""


def test_without_providers_no_telemetry_is_loaded_or_runs() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    ids, loaded = run.stdout.splitlines()
    assert "[]" == loaded
    assert [
        "OperationInputValidation",
        "OperationSerializer",
        "ClientRequestID",
        "ComputePayloadHash",
        "UserAgent",
        "Retry",
        "ResolveAuthScheme",
        "GetIdentity",
        "ResolveEndpointV2",
        "Signing",
        "AddRawResponseToMetadata",
        "ResponseErrorWrapper",
        "RequestIDRetriever",
        "OperationDeserializer",
        "RecordResponseTiming",
    ] == eval(ids)  # noqa: S307 - a list of strings, printed by PROGRAM


async def test_a_call_without_credentials_is_recorded_and_counted(
    emulator: Emulator, metrics: RecordingMeterProvider
) -> None:
    class Nobody:
        async def retrieve(self) -> Credentials:
            raise CredentialsError

    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=Nobody(),
        environ={},
        meter_provider=metrics,
    ) as client:
        with suppress(CredentialsError):
            await client.invoke_endpoint(endpoint_name="echo", body=BODY)

    assert 1 == len(metrics.amounts("client.call.auth.resolve_identity_duration"))
    assert 1 == sum(metrics.amounts("client.call.errors"))

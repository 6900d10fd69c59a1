"""A circuit breaker around an endpoint that fails, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import (
    CircuitBreaker,
    CircuitOpenError,
    Client,
    InternalStreamFailure,
    SageMakerRuntimeError,
    ServiceError,
    TransportError,
    with_circuit_breaker,
)
from sagemaker_rt.emulator import (
    HANG_UP,
    RESET,
    Emulator,
    FailStream,
    Fault,
    InvocationRequest,
    service_unavailable,
    throttle,
)
from tests.doubles import ManualClock
from tests.resilience.stacks import KEYS, caller


class Gate:
    """A model that waits until it may answer."""

    def __init__(self) -> None:
        self.is_called = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.is_called.set()
        await self.may_answer.wait()
        return request.body


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def emulator(gate: Gate) -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS, models={"gate": gate}) as emulator:
        yield emulator


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def client(emulator: Emulator, clock: ManualClock) -> AsyncIterator[Client]:
    breaker = CircuitBreaker(min_failures=3, time=clock)
    async with caller(
        with_circuit_breaker(breaker),
        endpoint_url=emulator.url,
        custom_backoff=lambda _, __: 0.0,
    ) as client:
        yield client


async def error_of(client: Client, name: str = "echo") -> SageMakerRuntimeError:
    with pytest.raises(SageMakerRuntimeError) as caught:
        await client.invoke_endpoint(endpoint_name=name, body=b"x")
    return caught.value


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (service_unavailable(), ServiceError),
        (RESET, TransportError),
        (HANG_UP, TransportError),
    ],
    ids=["503", "reset", "hang-up"],
)
async def test_a_failing_endpoint_is_left_alone_until_a_probe_succeeds(
    client: Client,
    emulator: Emulator,
    clock: ManualClock,
    fault: Fault,
    kind: type[SageMakerRuntimeError],
) -> None:
    emulator.faults.add(fault, times=3)
    errors = [await error_of(client) for _ in range(3)]
    received = len(emulator.requests)

    refused = [await error_of(client) for _ in range(20)]

    assert isinstance(errors[0], kind)
    assert {CircuitOpenError} == {type(error) for error in refused}
    assert [pytest.approx(5.0)] * 20 == [error.retry_after for error in refused]
    assert {"InvokeEndpoint"} == {error.operation for error in refused}
    assert received == len(emulator.requests)
    clock.advance(5)
    for _ in range(3):
        await client.invoke_endpoint(endpoint_name="echo", body=b"x")


async def test_the_attempt_that_opens_the_circuit_ends_the_retries(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(service_unavailable(), times=None)

    first, second = await error_of(client), await error_of(client)

    assert (ServiceError, 3) == (type(first).__mro__[1], first.attempts)
    assert (CircuitOpenError, 0, False) == (
        type(second),
        second.attempts,
        second.request_sent,
    )


async def test_throttling_and_client_errors_leave_the_circuit_closed(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(throttle(), times=6)
    errors = [await error_of(client) for _ in range(2)]
    errors += [await error_of(client, "missing") for _ in range(5)]

    assert CircuitOpenError not in {type(error) for error in errors}
    await client.invoke_endpoint(endpoint_name="echo", body=b"x")


async def test_a_derived_client_shares_the_circuits(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(service_unavailable(), times=3)
    await error_of(client)

    assert isinstance(
        await error_of(client.with_options(max_attempts=1)), CircuitOpenError
    )


async def test_one_probe_is_sent_and_a_cancelled_one_does_not_count(
    client: Client, emulator: Emulator, clock: ManualClock, gate: Gate
) -> None:
    emulator.faults.add(service_unavailable(), times=3)
    await error_of(client, "gate")
    clock.advance(5)
    probe = asyncio.create_task(client.invoke_endpoint(endpoint_name="gate", body=b""))
    await gate.is_called.wait()

    others = [await error_of(client, "gate") for _ in range(3)]
    probe.cancel()
    await asyncio.wait([probe])
    gate.may_answer.set()
    output = await client.invoke_endpoint(endpoint_name="gate", body=b"x")

    assert [0.0] * 3 == [error.retry_after for error in others]
    assert probe.cancelled()
    assert b"x" == output.body


async def test_streams_that_break_open_the_circuit(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(FailStream(), times=3)
    for _ in range(3):
        with pytest.raises(InternalStreamFailure):
            async with client.invoke_endpoint_with_response_stream(
                endpoint_name="tokens", body=b"a b c"
            ) as stream:
                await stream.read_text()

    assert isinstance(await error_of(client, "tokens"), CircuitOpenError)


async def test_sessions_and_queued_requests_are_refused_too(
    client: Client, emulator: Emulator
) -> None:
    emulator.faults.add(service_unavailable(), times=3)
    await error_of(client)

    with pytest.raises(CircuitOpenError):
        async with client.session("echo"):
            pytest.fail("the session was opened")
    with pytest.raises(CircuitOpenError):
        await client.submit("echo", b"x")

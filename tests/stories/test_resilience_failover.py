"""Calls that go on in another region, at another endpoint, or in another account."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from sagemaker_rt import (
    FAILOVER_TARGET,
    NEW_SESSION,
    CircuitBreaker,
    CircuitPolicy,
    Client,
    ConnectError,
    ConnectionLostError,
    Credentials,
    Failover,
    FailoverTarget,
    Hedging,
    Option,
    ParamValidationError,
    RequestTimeoutError,
    ThrottlingException,
    with_circuit_breaker,
    with_failover,
    with_hedging,
    with_options,
)
from sagemaker_rt.emulator import HANG_UP, Emulator, echo, service_unavailable, throttle
from tests.doubles import ManualClock
from tests.resilience.stacks import KEYS, caller

OTHER_KEYS = Credentials("AKIDOTHER", "another-secret")


@pytest.fixture
async def here() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS, models={"m": echo}) as emulator:
        yield emulator


@pytest.fixture
async def there() -> AsyncIterator[Emulator]:
    """Another region and account, where the endpoint has another name."""
    async with Emulator(
        region="eu-west-1", credentials=OTHER_KEYS, models={"m-eu": echo}
    ) as emulator:
        yield emulator


@pytest.fixture
def dead() -> Iterator[str]:
    """The URL of a port that nothing listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture
def target(there: Emulator) -> FailoverTarget:
    return FailoverTarget(
        region="eu-west-1",
        endpoint_name="m-eu",
        endpoint_url=there.url,
        credentials=OTHER_KEYS,
    )


@pytest.fixture
async def client(here: Emulator, target: FailoverTarget) -> AsyncIterator[Client]:
    async with caller(
        with_failover(Failover(FailoverTarget(), target)),
        endpoint_url=here.url,
        retry_mode="off",
    ) as client:
        yield client


async def region_of(
    client: Client,
    *opts: Option,
    endpoint_name: str = "m",
    session_id: str | None = None,
) -> str | None:
    """Return the region that answers a call."""
    output = await client.invoke_endpoint(
        *opts, endpoint_name=endpoint_name, body=b"x", session_id=session_id
    )
    return output.metadata[FAILOVER_TARGET].region


async def test_calls_go_on_in_another_account_while_the_first_throttles(
    client: Client, here: Emulator
) -> None:
    here.faults.add(throttle(), times=1)

    regions = [await region_of(client) for _ in range(3)]

    assert ["eu-west-1", None, None] == regions


async def test_retries_come_first(here: Emulator, target: FailoverTarget) -> None:
    here.faults.add(service_unavailable(), times=2)
    async with caller(
        with_failover(Failover(FailoverTarget(), target)),
        endpoint_url=here.url,
        custom_backoff=lambda _, __: 0.0,
    ) as client:
        assert await region_of(client) is None


async def test_an_unreachable_region_is_passed_over_until_a_probe(
    dead: str, here: Emulator, target: FailoverTarget
) -> None:
    clock = ManualClock()
    failover = Failover(
        FailoverTarget(endpoint_url=dead),
        target,
        health=CircuitPolicy(min_failures=2),
        time=clock,
    )
    async with caller(with_failover(failover), retry_mode="off") as client:
        regions = [await region_of(client) for _ in range(5)]
        states = [state for _, state in failover.states("m")]
        clock.advance(5)
        await region_of(client)

    assert ["eu-west-1"] * 5 == regions
    assert ["open", "closed"] == states
    assert "open" == failover.states("m")[0][1]


async def test_a_deleted_endpoint_is_replaced(client: Client, there: Emulator) -> None:
    assert "eu-west-1" == await region_of(client, endpoint_name="deleted")


async def test_streams_are_opened_elsewhere(client: Client, here: Emulator) -> None:
    here.faults.add(service_unavailable(), times=1)

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"hello"
    ) as stream:
        text = await stream.read_text()

    assert "hello" == str(text)
    assert "eu-west-1" == stream.metadata[FAILOVER_TARGET].region


async def test_a_model_that_may_have_run_is_not_run_again_elsewhere(
    client: Client, here: Emulator, there: Emulator
) -> None:
    here.faults.add(HANG_UP, times=1)

    with pytest.raises(ConnectionLostError) as caught:
        await region_of(client)

    assert caught.value.may_have_executed
    assert not there.requests


async def test_a_caller_may_allow_it(here: Emulator, target: FailoverTarget) -> None:
    here.faults.add(HANG_UP, times=1)
    failover = Failover(FailoverTarget(), target, retry_ambiguous=True)
    async with caller(
        with_failover(failover), endpoint_url=here.url, retry_mode="off"
    ) as client:
        assert "eu-west-1" == await region_of(client)


async def test_sessions_stay_where_they_were_opened(
    client: Client, here: Emulator, there: Emulator
) -> None:
    here.faults.add(service_unavailable(), times=1)
    opened = await client.invoke_endpoint(
        endpoint_name="m", body=b"x", session_id=NEW_SESSION
    )
    assert opened.new_session is not None

    region = await region_of(client, session_id=opened.new_session.id)

    assert "eu-west-1" == region
    assert (1, 2) == (len(here.requests), len(there.requests))


async def test_if_no_target_works_the_error_says_so(
    client: Client, here: Emulator, there: Emulator
) -> None:
    for emulator in (here, there):
        emulator.faults.add(throttle(), times=1)

    with pytest.raises(ThrottlingException) as caught:
        await region_of(client)

    error = caught.value
    assert "eu-west-1" == error.metadata[FAILOVER_TARGET].region
    assert any(note.startswith("target 1 failed before") for note in error.__notes__)


async def test_all_targets_share_the_time_of_the_call(
    client: Client, dead: str, target: FailoverTarget
) -> None:
    slow = Failover(FailoverTarget(endpoint_name="slow"), target)
    limited = with_options(total_timeout=0.05)

    with pytest.raises(RequestTimeoutError):
        await region_of(client, with_failover(slow), limited)


async def test_a_cancelled_call_goes_nowhere_else(
    client: Client, there: Emulator
) -> None:
    call = asyncio.create_task(region_of(client, endpoint_name="slow"))
    await asyncio.sleep(0.02)
    call.cancel()
    await asyncio.wait([call])

    assert call.cancelled()
    assert not there.requests


async def test_a_wrong_name_of_a_target_is_refused_before_sending(
    client: Client, here: Emulator
) -> None:
    wrong = Failover(FailoverTarget(endpoint_name="../admin"))

    with pytest.raises(ParamValidationError):
        await region_of(client, with_failover(wrong))

    assert not here.requests


async def test_it_works_with_a_breaker_and_hedging(
    client: Client, here: Emulator, dead: str, target: FailoverTarget
) -> None:
    breaker = CircuitBreaker(min_failures=1)
    failover = Failover(FailoverTarget(endpoint_url=dead), target)
    options = (
        with_hedging(Hedging(delay=0, budget=1)),
        with_circuit_breaker(breaker),
        with_failover(failover),
    )

    regions = [await region_of(client, *options) for _ in range(10)]

    assert ["eu-west-1"] * 10 == regions
    assert {"open", "closed"} == {*breaker.states().values()}


async def test_a_single_target_that_is_dead_fails(client: Client, dead: str) -> None:
    only = with_failover(Failover(FailoverTarget(endpoint_url=dead)))

    with pytest.raises(ConnectError):
        await region_of(client, only)

"""Tests `Client` against the table of faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
import uvloop

from sagemaker_rt import Client, SageMakerRuntimeError, with_options
from sagemaker_rt.interfaces import HTTPClientName
from tests.faults.client_calls import Outcome, make_call, make_client
from tests.faults.fault import PHASES, Call, Fault
from tests.faults.server import GOOD, FaultyServer, open_files
from tests.faults.table import EXPECTED_FAILURES, FAULTS, UNSENT_ON_UVLOOP
from tests.transport.pools import pool_of, transport_of
from tests.transport.servers import serve

MIN_FAULTS: Final = 80
SERVERS: Final = ("Server.talk", "tunnels.")
"""Prefixes of the coroutines of servers."""


def rows() -> list[object]:
    mark = pytest.mark.xfail(strict=True, reason="not implemented yet")
    return [
        pytest.param(f, id=f.name, marks=[mark] if f.name in EXPECTED_FAILURES else [])
        for f in FAULTS
    ]


async def run_event_loop() -> None:
    """Run the event loop, so that it reads sockets and runs callbacks."""
    for _ in range(10):
        await asyncio.sleep(0)


async def make_calls(client: Client, faulty: FaultyServer, call: Call) -> Outcome:
    """Make all calls; return the outcome of the last."""
    for _ in range(call.previous_calls):
        previous = await make_call(client, call)
        assert previous.error is None
        if not call.is_immediate:
            async with asyncio.timeout(30):
                await faulty.is_idle_event.wait()
            await run_event_loop()
    return await make_call(client, call)


def facts(error: SageMakerRuntimeError | None) -> tuple[object, ...]:
    if error is None:
        return None, True, False
    return type(error), error.request_sent, error.may_have_executed


def expected_facts(fault: Fault) -> tuple[object, ...]:
    return fault.error, fault.request_sent, fault.may_have_executed


def tasks() -> set[asyncio.Task[object]]:
    """Return the tasks that do not belong to a server."""
    return {
        task
        for task in asyncio.all_tasks()
        if not getattr(task.get_coro(), "__qualname__", "").startswith(SERVERS)
    }


async def new_tasks(
    before: set[asyncio.Task[object]],
) -> set[asyncio.Task[object]]:
    """Return the new tasks, after cancelled ones had time to end."""
    await run_event_loop()
    return tasks() - before


async def is_reused(client: Client, faulty: FaultyServer, fault: Fault) -> bool:
    """Make a call that succeeds; return whether it reused a connection."""
    faulty.is_repaired = True
    connections = faulty.connections
    async with contextlib.AsyncExitStack() as stack:
        if is_lost := fault.phase in {"connect", "tls"}:
            good = await stack.enter_async_context(serve(GOOD))
            other_server = with_options(endpoint_url=f"http://127.0.0.1:{good.port}")
            client = client.with_options(other_server)
        outcome = await make_call(client, Call())
    assert (None, b"good", 1) == (outcome.error, outcome.data, outcome.attempts)
    return faulty.connections == connections and not is_lost


async def wait_for_descriptors(base: int) -> None:
    async with asyncio.timeout(30):
        while open_files() > base:  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", rows())
@pytest.mark.parametrize("http_client", ["aiohttp", "native"])
async def test_a_fault_has_its_expected_outcome(
    fault: Fault, http_client: HTTPClientName, tmp_path: Path
) -> None:
    await check(fault, http_client, tmp_path)


@pytest.mark.parametrize("fault", rows())
def test_a_fault_has_the_same_outcome_on_uvloop(fault: Fault, tmp_path: Path) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(check(fault, "native", tmp_path))


@pytest.mark.parametrize(
    "fault",
    [pytest.param(f, id=f.name) for f in FAULTS if f.name not in UNSENT_ON_UVLOOP],
)
def test_a_fault_has_the_same_outcome_with_aiohttp_on_uvloop(
    fault: Fault, tmp_path: Path
) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(check(fault, "aiohttp", tmp_path))


async def check(fault: Fault, http_client: HTTPClientName, tmp_path: Path) -> None:
    """Make the call of *fault*, and require its expected outcome."""
    await asyncio.to_thread(int)  # starts the thread that resolves names, which stays
    async with serve(GOOD) as server:  # uvloop opens files that it keeps open
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.close()
        await writer.wait_closed()
    base, before = open_files(), tasks()

    async with fault.setup(tmp_path) as faulty:
        client, retryer = make_client(faulty, fault.call, http_client)
        async with client:
            outcome = await make_calls(client, faulty, fault.call)
            bodies = len(faulty.requests)
            left = pool_of(transport_of(client)).busy, await new_tasks(before)
            reuses = await is_reused(client, faulty, fault)

    assert expected_facts(fault) == facts(outcome.error), outcome
    assert (fault.attempts, fault.bodies) == (outcome.attempts, bodies)
    if fault.code is not None:
        assert fault.code == outcome.code
    if fault.message is not None:
        assert fault.message == outcome.message
    if fault.custom_attributes is not None:
        assert fault.custom_attributes == outcome.custom_attributes
    if fault.data is not None:
        assert fault.data == outcome.data
    if fault.delays is not None:
        assert [*fault.delays] == retryer.delays
    assert (0, set()) == left
    assert fault.is_reused is reuses
    assert [] == faulty.other_requests
    await wait_for_descriptors(base)


def test_the_table_has_a_minimum_length() -> None:
    assert len(FAULTS) >= MIN_FAULTS


def test_the_names_of_faults_are_unique() -> None:
    assert [] == [
        n for n, times in Counter(f.name for f in FAULTS).items() if times > 1
    ]


def test_every_phase_has_faults() -> None:
    assert set(PHASES) == {fault.phase for fault in FAULTS}


def test_expected_failures_are_in_the_table() -> None:
    assert EXPECTED_FAILURES <= {fault.name for fault in FAULTS}

"""The table of faults, on a client as callers have it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt import Client, SageMakerRuntimeError, with_options
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.faults.client_calls import Outcome, make, one_call
from tests.faults.fault import PHASES, Call, Fault
from tests.faults.server import GOOD, Place, open_files
from tests.faults.table import FAULTS, WAITING
from tests.transport.servers import acquired, serve

FEWEST: Final = 80
SERVERS: Final = ("Server.talk", "tunnels.")
"""How the names of coroutines begin that are servers'."""


def rows() -> list[object]:
    mark = pytest.mark.xfail(strict=True, reason="the rule does not hold yet")
    return [
        pytest.param(f, id=f.name, marks=[mark] if f.name in WAITING else [])
        for f in FAULTS
    ]


async def some_turns() -> None:
    """Let the event loop see what has come, and do what it has been asked to do."""
    for _ in range(10):
        await asyncio.sleep(0)


async def call_in_turn(client: Client, place: Place, call: Call) -> Outcome:
    """Make the calls before, and the one that is judged; return what came of that."""
    for _ in range(call.before):
        before = await one_call(client, call)
        assert before.error is None
        if not call.is_hurried:
            async with asyncio.timeout(5):
                await place.is_quiet.wait()
            await some_turns()
    return await one_call(client, call)


def facts(error: SageMakerRuntimeError | None) -> tuple[object, ...]:
    if error is None:
        return None, True, False
    return type(error), error.request_sent, error.may_have_executed


def expected_facts(fault: Fault) -> tuple[object, ...]:
    return fault.error, fault.request_sent, fault.may_have_executed


def tasks() -> set[asyncio.Task[object]]:
    """Return the tasks that are no server's."""
    return {
        task
        for task in asyncio.all_tasks()
        if not getattr(task.get_coro(), "__qualname__", "").startswith(SERVERS)
    }


async def tasks_left(before: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """Return the new tasks; those that are cancelled have some turns to end in."""
    await some_turns()
    return tasks() - before


async def is_reused(client: Client, place: Place, fault: Fault) -> bool:
    """Make a call that succeeds; tell whether it took a connection that was there."""
    place.is_over = True
    connections = place.connections
    async with contextlib.AsyncExitStack() as stack:
        if is_lost := fault.phase in {"connect", "tls"}:
            good = await stack.enter_async_context(serve(GOOD))
            elsewhere = with_options(endpoint_url=f"http://127.0.0.1:{good.port}")
            client = client.with_options(elsewhere)
        outcome = await one_call(client, Call())
    assert (None, b"good", 1) == (outcome.error, outcome.data, outcome.attempts)
    return place.connections == connections and not is_lost


async def descriptors_are_back(base: int) -> None:
    async with asyncio.timeout(5):
        while open_files() > base:  # noqa: ASYNC110 - the system tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", rows())
async def test_a_fault_has_the_outcome_that_the_table_says(
    fault: Fault, tmp_path: Path
) -> None:
    await asyncio.to_thread(int)  # a thread that looks up names stays
    base, before = open_files(), tasks()

    async with fault.scene(tmp_path) as place:
        client, retryer = make(place, fault.call)
        async with client:
            outcome = await call_in_turn(client, place, fault.call)
            bodies = len(place.requests)
            http = client._state.components.default_http_client
            assert isinstance(http, AiohttpClient)
            left = acquired(http), await tasks_left(before)
            reuses = await is_reused(client, place, fault)

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
    assert [] == place.requests_elsewhere
    await descriptors_are_back(base)


def test_the_table_is_as_long_as_it_is_said_to_be() -> None:
    assert len(FAULTS) >= FEWEST


def test_the_names_of_faults_are_unique() -> None:
    assert [] == [
        n for n, times in Counter(f.name for f in FAULTS).items() if times > 1
    ]


def test_every_phase_has_faults() -> None:
    assert set(PHASES) == {fault.phase for fault in FAULTS}


def test_what_waits_is_in_the_table() -> None:
    assert WAITING <= {fault.name for fault in FAULTS}

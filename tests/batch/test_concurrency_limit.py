from __future__ import annotations

import asyncio

from sagemaker_rt.batch.concurrency_limit import ConcurrencyLimit
from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Calls:
    """Calls that hold a slot until they are released."""

    def __init__(self, limit: int) -> None:
        self.limit = ConcurrencyLimit(AdaptiveConcurrency(initial=limit, maximum=limit))
        self.running: list[int] = []
        self.release = asyncio.Event()

    async def call(self, number: int) -> None:
        async with self.limit.slot():
            self.running.append(number)
            await self.release.wait()


async def test_calls_over_the_limit_wait_in_their_order() -> None:
    calls = Calls(2)
    tasks = [asyncio.create_task(calls.call(n)) for n in range(5)]
    await settle()
    assert [0, 1] == calls.running
    assert 2 == calls.limit.in_flight

    calls.release.set()
    await asyncio.gather(*tasks)

    assert [0, 1, 2, 3, 4] == calls.running
    assert 0 == calls.limit.in_flight


async def test_a_lower_limit_lets_calls_in_flight_finish() -> None:
    calls = Calls(4)
    tasks = [asyncio.create_task(calls.call(n)) for n in range(6)]
    await settle()
    calls.limit.machine.throttled(0.0, 1.0)

    tasks[0].cancel()
    await settle()
    assert [0, 1, 2, 3] == calls.running
    tasks[1].cancel()
    tasks[2].cancel()
    await settle()

    assert [0, 1, 2, 3, 4] == calls.running
    calls.release.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert 0 == calls.limit.in_flight


async def test_a_call_that_is_cancelled_while_it_waits_gives_up_its_place() -> None:
    calls = Calls(1)
    tasks = [asyncio.create_task(calls.call(n)) for n in range(3)]
    await settle()

    tasks[1].cancel()
    await settle()
    calls.release.set()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert [0, 2] == calls.running
    assert 0 == calls.limit.in_flight


async def test_a_call_that_is_cancelled_when_its_turn_comes_returns_the_slot() -> None:
    calls = Calls(1)
    tasks = [asyncio.create_task(calls.call(n)) for n in range(3)]
    await settle()

    calls.release.set()
    await asyncio.sleep(0)  # the first call ends, and grants its slot to the second
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert 2 in calls.running
    assert 0 == calls.limit.in_flight

from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.transport.connection_limits import ConnectionLimits


async def turn() -> None:
    """Let all tasks run that can."""
    for _ in range(3):
        await asyncio.sleep(0)


class Calls:
    """Calls that take a place, and record their order."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.order: list[str] = []

    async def start(self, name: str, host: str = "h") -> asyncio.Task[None]:
        """Start a call, and let it wait, if there is no place."""
        task = asyncio.create_task(self._take(name, host))
        await turn()
        return task

    async def _take(self, name: str, host: str) -> None:
        await self.limits.take(host)
        self.order.append(name)


@pytest.fixture
def calls() -> Calls:
    return Calls(ConnectionLimits(1, 0))


async def test_without_limits_there_is_always_a_place() -> None:
    limits = ConnectionLimits(0, 0)

    for _ in range(1000):
        await limits.take("h")

    assert 0 == limits.waiting


async def test_places_are_given_in_the_order_of_the_calls(calls: Calls) -> None:
    for name in "abc":
        await calls.start(name)
    assert (["a"], 2) == (calls.order, calls.limits.waiting)

    for _ in range(2):
        calls.limits.free("h")
        await turn()

    assert (["a", "b", "c"], 0) == (calls.order, calls.limits.waiting)


async def test_a_call_to_another_host_passes_those_that_wait_for_a_host() -> None:
    calls = Calls(ConnectionLimits(3, 1))
    for name, host in (("a", "h"), ("b", "h"), ("c", "i"), ("d", "i")):
        await calls.start(name, host)
    assert ["a", "c"] == calls.order

    calls.limits.free("i")
    await turn()
    calls.limits.free("h")
    await turn()

    assert ["a", "c", "d", "b"] == calls.order


async def test_one_freed_place_is_given_to_one_call() -> None:
    calls = Calls(ConnectionLimits(1, 1))
    for host in "hij":
        await calls.start(host, host)

    calls.limits.free("h")
    await turn()

    assert (["h", "i"], 1) == (calls.order, calls.limits.waiting)


async def test_a_cancelled_call_does_not_wait(calls: Calls) -> None:
    await calls.start("a")
    waiting = await calls.start("b")

    waiting.cancel()
    await turn()

    assert waiting.cancelled()
    assert 0 == calls.limits.waiting
    calls.limits.free("h")
    await calls.start("c")
    assert ["a", "c"] == calls.order


async def test_a_call_cancelled_after_its_place_was_granted_gives_it_back(
    calls: Calls,
) -> None:
    await calls.start("a")
    second = await calls.start("b")
    await calls.start("c")

    calls.limits.free("h")
    second.cancel()
    await turn()

    assert second.cancelled()
    assert ["a", "c"] == calls.order


async def test_a_call_that_is_cancelled_in_this_moment_is_passed_over(
    calls: Calls,
) -> None:
    await calls.start("a")
    second = await calls.start("b")
    await calls.start("c")

    second.cancel()
    calls.limits.free("h")
    await turn()

    assert ["a", "c"] == calls.order

from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.transport.time_limits import Wait, Watchdog

SOON = 0.01


class Sleeper:
    """A task that waits for ever under a watchdog, and says how that ended."""

    def __init__(
        self, limit: float | None = SOON, deadline: float | None = None
    ) -> None:
        self.watchdog = Watchdog(asyncio.get_running_loop())
        self.wait: Wait | None = None
        self.was_timeout: bool | None = None
        self._limit, self._deadline = limit, deadline
        self.task = asyncio.create_task(self._sleep())

    async def _sleep(self) -> None:
        self.wait = Wait(self.watchdog, self._limit, self._deadline)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            self.was_timeout = self.wait.stop()
            if not self.was_timeout:
                raise

    async def begin(self) -> Wait:
        await asyncio.sleep(0)
        assert self.wait is not None
        return self.wait


async def test_a_wait_ends_when_its_time_has_run_out() -> None:
    sleeper = Sleeper()

    await sleeper.task

    assert sleeper.was_timeout
    assert 0 == sleeper.task.cancelling()
    assert not sleeper.watchdog.waits


async def test_a_wait_says_what_limited_it() -> None:
    limited = Sleeper(SOON)
    hurried = Sleeper(5, deadline=asyncio.get_running_loop().time() + SOON)

    await asyncio.gather(limited.task, hurried.task)

    assert "a time limit of 0.01 s" == (await limited.begin()).limit
    assert "the call's total time" == (await hurried.begin()).limit


async def test_a_cancellation_by_somebody_else_is_passed_on() -> None:
    sleeper = Sleeper(None)
    wait = await sleeper.begin()

    sleeper.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sleeper.task
    assert sleeper.was_timeout is False
    assert wait.is_cancelled()
    assert not sleeper.watchdog.waits


async def test_a_cancellation_that_races_with_the_time_limit_is_not_lost() -> None:
    sleeper = Sleeper(None)
    wait = await sleeper.begin()

    wait.end()
    wait.end()
    sleeper.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sleeper.task
    assert sleeper.was_timeout is False
    assert 1 == sleeper.task.cancelling()


async def test_a_task_that_was_cancelled_before_can_still_time_out() -> None:
    """As in a ``finally`` block, which runs after a cancellation that still counts."""
    watchdog = Watchdog(asyncio.get_running_loop())
    seen: list[bool] = []

    async def clean_up() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            wait = Wait(watchdog, SOON, None)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                seen.append(wait.stop())

    task = asyncio.create_task(clean_up())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [True] == seen


async def test_a_wait_that_ended_in_time_is_forgotten() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    wait = Wait(watchdog, SOON, None)

    was_timeout = wait.stop()
    await asyncio.sleep(3 * SOON)

    assert not was_timeout
    assert not wait.is_cancelled()


async def test_a_time_limit_that_comes_too_late_does_nothing() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    wait = Wait(watchdog, None, None)
    wait.stop()

    wait.allow(0)
    await asyncio.sleep(SOON)

    assert not watchdog.waits


async def test_one_timer_serves_all_waits_and_stands_at_the_earliest() -> None:
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(loop)
    now = loop.time()

    waits = [Wait(watchdog, None, now + seconds) for seconds in (60, 30, 90)]

    assert now + 30 == watchdog.next_look
    for wait in waits:
        wait.stop()
    watchdog.close()


async def test_the_timer_goes_on_to_the_next_wait() -> None:
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(loop)
    short, long = Wait(watchdog, SOON, None), Wait(watchdog, 60, None)
    short.stop()

    await asyncio.sleep(3 * SOON)

    assert watchdog.waits == {long: watchdog.next_look}
    long.stop()
    watchdog.close()


async def test_closing_ends_every_wait_and_those_that_begin_later() -> None:
    sleeper = Sleeper(None)
    await sleeper.begin()

    sleeper.watchdog.close()
    late = asyncio.create_task(_wait_under(sleeper.watchdog))

    await sleeper.task
    assert sleeper.was_timeout
    assert await late


async def _wait_under(watchdog: Watchdog) -> bool:
    wait = Wait(watchdog, None, None)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return wait.stop()
    return False


async def test_waiting_needs_a_task() -> None:
    loop = asyncio.get_running_loop()
    refused = loop.create_future()

    def outside() -> None:
        try:
            Wait(Watchdog(loop), None, None)
        except ClientStateError as error:
            refused.set_result(str(error))

    loop.call_soon(outside)

    assert "requests are sent and answers are read inside of a task" == await refused

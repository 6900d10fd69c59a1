from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import ClientStateError
from sagemaker_rt.transport.time_limits import TimeLimit, Watchdog

SOON = 0.01


class Sleeper:
    """A task that sleeps forever under a time limit, and records how that ended."""

    def __init__(
        self, limit: float | None = SOON, deadline: float | None = None
    ) -> None:
        self.watchdog = Watchdog(asyncio.get_running_loop())
        self.time_limit: TimeLimit | None = None
        self.was_timeout: bool | None = None
        self._limit, self._deadline = limit, deadline
        self.task = asyncio.create_task(self._sleep())

    async def _sleep(self) -> None:
        self.time_limit = TimeLimit(self.watchdog, self._limit, self._deadline)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            self.was_timeout = self.time_limit.stop()
            if not self.was_timeout:
                raise

    async def begin(self) -> TimeLimit:
        await asyncio.sleep(0)
        assert self.time_limit is not None
        return self.time_limit


async def test_the_task_is_cancelled_at_the_time_limit() -> None:
    sleeper = Sleeper()

    await sleeper.task

    assert sleeper.was_timeout
    assert 0 == sleeper.task.cancelling()
    assert not sleeper.watchdog.time_limits


async def test_the_limit_that_was_exceeded_is_known() -> None:
    limited = Sleeper(SOON)
    with_deadline = Sleeper(5, deadline=asyncio.get_running_loop().time() + SOON)

    await asyncio.gather(limited.task, with_deadline.task)

    assert SOON == (await limited.begin()).exceeded_seconds
    assert (await with_deadline.begin()).exceeded_seconds is None


async def test_a_cancellation_by_other_code_is_re_raised() -> None:
    sleeper = Sleeper(None)
    time_limit = await sleeper.begin()

    sleeper.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sleeper.task
    assert sleeper.was_timeout is False
    assert time_limit.is_task_cancelled()
    assert not sleeper.watchdog.time_limits


async def test_a_cancellation_that_races_with_the_time_limit_is_not_lost() -> None:
    sleeper = Sleeper(None)
    time_limit = await sleeper.begin()

    time_limit.expire()
    time_limit.expire()
    sleeper.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sleeper.task
    assert sleeper.was_timeout is False
    assert 1 == sleeper.task.cancelling()


async def test_a_task_that_was_cancelled_before_can_still_time_out() -> None:
    """As in a ``finally`` block, which runs while the task is being cancelled."""
    watchdog = Watchdog(asyncio.get_running_loop())
    seen: list[bool] = []

    async def clean_up() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            time_limit = TimeLimit(watchdog, SOON, None)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                seen.append(time_limit.stop())

    task = asyncio.create_task(clean_up())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [True] == seen


async def test_a_stopped_time_limit_does_not_cancel() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    time_limit = TimeLimit(watchdog, SOON, None)

    was_timeout = time_limit.stop()
    await asyncio.sleep(3 * SOON)

    assert not was_timeout
    assert not time_limit.is_task_cancelled()


async def test_restarting_a_stopped_time_limit_does_nothing() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    time_limit = TimeLimit(watchdog, None, None)
    time_limit.stop()

    time_limit.restart(0)
    await asyncio.sleep(SOON)

    assert not watchdog.time_limits


async def test_the_timer_is_set_to_the_earliest_time_limit() -> None:
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(loop)
    now = loop.time()

    time_limits = [TimeLimit(watchdog, None, now + seconds) for seconds in (60, 30, 90)]

    assert now + 30 == watchdog.next_check
    for time_limit in time_limits:
        time_limit.stop()
    watchdog.close()


async def test_the_timer_continues_with_the_next_time_limit() -> None:
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(loop)
    short, long = TimeLimit(watchdog, SOON, None), TimeLimit(watchdog, 60, None)
    short.stop()

    await asyncio.sleep(3 * SOON)

    assert watchdog.time_limits == {long: watchdog.next_check}
    long.stop()
    watchdog.close()


async def test_closing_cancels_current_and_later_tasks() -> None:
    sleeper = Sleeper(None)
    await sleeper.begin()

    sleeper.watchdog.close()
    late = asyncio.create_task(_is_cancelled_under(sleeper.watchdog))

    await sleeper.task
    assert sleeper.was_timeout
    assert await late


async def _is_cancelled_under(watchdog: Watchdog) -> bool:
    time_limit = TimeLimit(watchdog, None, None)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return time_limit.stop()
    return False


async def test_closing_does_not_cancel_what_follows_a_stopped_limit() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    watchdog.close()

    async def call_without_waiting() -> bool:
        was_timeout = TimeLimit(watchdog, SOON, None).stop()
        await asyncio.sleep(0)
        return was_timeout

    assert not await asyncio.create_task(call_without_waiting())


async def test_a_time_limit_needs_a_task() -> None:
    loop = asyncio.get_running_loop()
    refused = loop.create_future()

    def outside() -> None:
        try:
            TimeLimit(Watchdog(loop), None, None)
        except ClientStateError as error:
            refused.set_result(str(error))

    loop.call_soon(outside)

    assert "task" in await refused

from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.inference.task_end import end_of


async def test_it_returns_when_all_tasks_have_ended() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    tasks = [asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(fail())]

    await end_of(*tasks)

    assert all(task.done() for task in tasks)
    assert isinstance(tasks[1].exception(), ZeroDivisionError)


async def test_it_returns_at_once_without_tasks() -> None:
    await end_of()


async def test_a_cancelled_caller_waits_for_the_tasks() -> None:
    gate = asyncio.Event()
    task = asyncio.create_task(gate.wait())
    waiting = asyncio.create_task(end_of(task))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    was_waiting = not waiting.done()
    gate.set()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert was_waiting
    assert await task

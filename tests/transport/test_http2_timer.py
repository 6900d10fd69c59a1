"""The timer of a stream."""

from __future__ import annotations

import asyncio
from typing import Any

from sagemaker_rt.sansio.stream_deadlines import (
    Due,
    Limit,
    StreamDeadlines,
    StreamLimits,
)
from sagemaker_rt.transport.http2_timer import StreamTimer


def timer(dues: asyncio.Queue[Due], **limits: Any) -> StreamTimer:
    loop = asyncio.get_running_loop()
    off = dict.fromkeys(("response", "write", "ping_interval", "ping"))
    deadlines = StreamDeadlines(StreamLimits(**off | limits), None, loop.time())
    return StreamTimer(deadlines, loop, dues.put_nowait)


async def test_what_is_due_is_reported() -> None:
    dues: asyncio.Queue[Due] = asyncio.Queue()
    timer(dues, response=0.01).schedule()

    assert Due(Limit.RESPONSE, 0.01) == await asyncio.wait_for(dues.get(), 30)


async def test_it_runs_again_after_a_ping() -> None:
    dues: asyncio.Queue[Due] = asyncio.Queue()
    started = timer(dues, ping_interval=0.01, ping=0.01)
    started.schedule()

    assert Due(ping=True) == await asyncio.wait_for(dues.get(), 30)
    assert Due(Limit.PING, 0.01) == await asyncio.wait_for(dues.get(), 30)
    started.stop()


async def test_an_earlier_deadline_moves_the_timer() -> None:
    dues: asyncio.Queue[Due] = asyncio.Queue()
    started = timer(dues, response=100, write=0.01)
    started.schedule()
    started.deadlines.stalled(asyncio.get_running_loop().time())
    started.schedule()
    started.schedule()

    assert Due(Limit.WRITE, 0.01) == await asyncio.wait_for(dues.get(), 30)
    started.stop()


async def test_a_stopped_timer_never_runs() -> None:
    dues: asyncio.Queue[Due] = asyncio.Queue()
    stopped = timer(dues, response=0.0)
    stopped.schedule()
    stopped.stop()
    stopped.schedule()
    await asyncio.sleep(0.01)

    assert dues.empty()

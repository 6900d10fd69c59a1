from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    PoolTimeoutError,
    RequestTimeoutError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.time_limits import Watchdog

HOST = "a.example"


async def test_a_timeout_is_that_of_the_stage() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    attempt = Attempt(Request(), watchdog, HOST, Stage.POOL, 3.0)
    waiting = attempt.timeout_error()
    attempt.enter(Stage.HEAD, 4.0)
    sent = attempt.timeout_error()
    attempt.time_limit.stop()

    assert isinstance(waiting, PoolTimeoutError)
    assert isinstance(sent, RequestTimeoutError)
    assert "pool_timeout of 3 s" in str(waiting)
    assert "read_timeout of 4 s" in str(sent)
    assert {} == watchdog.time_limits


async def test_another_option_can_set_the_limit() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    attempt = Attempt(Request(), watchdog, HOST, Stage.CONNECT, 3.0)
    attempt.time_limit.stop()

    assert "a plus b of 3 s" in str(attempt.timeout_error("a plus b"))


async def test_the_deadline_of_the_request_is_a_limit_too() -> None:
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(loop)

    attempt = Attempt(Request(deadline=loop.time()), watchdog, HOST, Stage.POOL, None)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(5)

    assert attempt.time_limit.stop()
    assert "total_timeout" in str(attempt.timeout_error())


async def test_a_request_of_a_closed_client_has_no_timeout() -> None:
    watchdog = Watchdog(asyncio.get_running_loop())
    attempt = Attempt(Request(), watchdog, HOST, Stage.HEAD, None)
    watchdog.close()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(5)

    assert attempt.time_limit.stop()
    assert isinstance(attempt.timeout_error(), ClientStateError)

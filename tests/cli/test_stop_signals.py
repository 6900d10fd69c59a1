"""The first signal sets an event, and the second one acts as before."""

from __future__ import annotations

import asyncio
import os
import signal
from threading import Thread

import pytest

from sagemaker_rt.cli.stop_signals import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_sets_the_event(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT)
    calls: list[str] = []

    with stop_on_signals(lambda: calls.append("stopping")) as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(30):
            await stop.wait()

        assert before is signal.getsignal(signal.SIGINT)

    assert ["stopping"] == calls


async def test_without_a_signal_the_handler_is_restored() -> None:
    before = signal.getsignal(signal.SIGINT)

    with stop_on_signals() as stop:
        assert before is not signal.getsignal(signal.SIGINT)

    assert not stop.is_set()
    assert before is signal.getsignal(signal.SIGINT)


def test_outside_the_main_thread_no_signal_is_handled() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    async def look() -> None:
        with stop_on_signals() as stop:
            seen.extend((stop.is_set(), signal.getsignal(signal.SIGINT)))

    thread = Thread(target=asyncio.run, args=[look()])
    thread.start()
    thread.join(5)

    assert [False, before] == seen

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
from typing import Final

import pytest

from sagemaker_rt.blocking import ThreadPool, in_thread, run_in_thread

NAME: Final[contextvars.ContextVar[str]] = contextvars.ContextVar("NAME")


async def test_a_function_runs_in_another_thread_with_the_context() -> None:
    NAME.set("set")

    assert "set" == await in_thread(NAME.get)
    assert threading.get_ident() != await in_thread(threading.get_ident)


async def test_an_exception_is_raised() -> None:
    with pytest.raises(ValueError, match="x"):
        await in_thread(int, "x")
    with pytest.raises(RuntimeError, match="StopIteration"):
        await in_thread(next, iter(()))


async def test_the_result_of_a_cancelled_call_is_ignored() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(5)
        ended.set()

    running = run_in_thread(work)
    running.cancel()
    may_end.set()

    assert await in_thread(ended.wait, 5)
    assert running.cancelled()


def test_a_function_may_end_after_its_event_loop() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(5)
        ended.set()

    async def start() -> None:
        run_in_thread(work)

    asyncio.run(start())
    may_end.set()

    assert ended.wait(5)


def test_threads_are_limited_and_reused() -> None:
    pool, idents = ThreadPool(2), set[int]()
    done = threading.Semaphore(0)

    def work() -> None:
        idents.add(threading.get_ident())
        done.release()

    for _ in range(20):
        pool.submit(work)
    for _ in range(20):
        assert done.acquire(timeout=5)

    assert len(idents) <= 2


def test_an_idle_thread_ends() -> None:
    pool, threads = ThreadPool(idle_seconds=0.0), list[threading.Thread]()
    started = threading.Event()

    def work() -> None:
        threads.append(threading.current_thread())
        started.set()

    for _ in range(2):
        started.clear()
        pool.submit(work)
        assert started.wait(5)
        threads[-1].join(5)
        assert not threads[-1].is_alive()


@pytest.mark.parametrize("how", ["atexit.register(run)", "late()"])
def test_functions_run_while_the_interpreter_shuts_down(how: str) -> None:
    program = f"""
import asyncio, atexit, threading
from sagemaker_rt.blocking import in_thread

def run():
    print(asyncio.run(in_thread(int, "42")), flush=True)

def late():
    main = threading.main_thread()
    threading.Thread(target=lambda: (main.join(), run())).start()

{how}
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert ("42\n", "") == (ended.stdout, ended.stderr)

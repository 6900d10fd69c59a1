"""An event loop whose clock is moved, so that tests of load do not wait."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sagemaker_rt.client import Client
from sagemaker_rt.http import Request, Response
from sagemaker_rt.identity import Credentials
from tests.doubles import response

__all__ = ["SlowModel", "opened", "run_in_virtual_time"]

T = TypeVar("T")

_STEP = 20e-6  # seconds that an iteration of the loop takes


class _Selector(selectors.DefaultSelector):
    """Advances `now` instead of waiting, once it is virtual."""

    now = 1000.0
    is_virtual = False

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0 if self.is_virtual else timeout)
        if timeout is not None and not events:
            self.now += max(timeout, _STEP)
        return events


class _VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


def run_in_virtual_time(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run *coroutine*; after `opened`, timers are due when no other task can run."""
    with asyncio.Runner(loop_factory=_VirtualTimeLoop) as runner:
        return runner.run(coroutine)


class SlowModel:
    """An `HTTPClient` that responds after a time.

    Args:
        seconds: Time to each response.
        stalls: Seconds since the first request at which a stall begins, and at which it
            ends; requests in it are answered at its end.
        statuses: Status of responses by their number.
    """

    def __init__(
        self,
        seconds: float = 0.01,
        *,
        stalls: Mapping[float, float] | None = None,
        statuses: Mapping[int, int] | None = None,
    ) -> None:
        self._seconds = seconds
        self._stalls = stalls or {}
        self._statuses = statuses or {}
        self.requests: list[Request] = []
        self._first: float | None = None

    async def send(self, request: Request) -> Response:
        if "/first/" in request.url:
            return response(200, {}, b"")
        now = asyncio.get_running_loop().time()
        number = len(self.requests)
        self.requests.append(request.copy())
        if self._first is None:
            self._first = now
        since = now - self._first
        ends = [end for begin, end in self._stalls.items() if begin <= since < end]
        await asyncio.sleep(max([self._seconds, *(end - since for end in ends)]))
        return response(self._statuses.get(number, 200), {}, b"out")

    async def aclose(self) -> None:
        pass


@asynccontextmanager
async def opened(model: SlowModel, **fields: Any) -> AsyncIterator[Client]:
    """Open a client that calls *model*, without retries unless they are set.

    Its first call is not part of the test, as it awaits threads, in real time.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _VirtualTimeLoop)
    async with Client(
        region="eu-west-1",
        credentials=Credentials("AKID", "a-secret"),
        environ={},
        http_client=model,
        **{"retry_mode": "off", **fields},
    ) as client:
        await client.invoke_endpoint(endpoint_name="first", body=b"")
        loop.selector.is_virtual = True
        yield client

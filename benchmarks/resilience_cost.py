"""Measures what resilience middleware costs, and what hedging saves.

The first table has the CPU time of a call with each middleware when nothing happens: no
failure, no second request, no wait, no hit, no copy. The HTTP client returns 1 KiB at
once. All rows are measured in turns in one process, in short slices, with garbage
collection at rest. The table has the fastest tenth of the rounds, which other programs
of the machine disturb least.

The second table has latencies of simulated calls, of which 5 % are stuck for 40 times
the usual time. Calls with and without hedging are made in turns, in one run. The event
loop does not wait: its clock jumps to the next timer, so that the load of the machine
has no influence.

Run::

    python benchmarks/resilience_cost.py [--quick] [--rounds N]

Columns of the first table:

* ``CPU µs/call``: CPU time of the process, the 10th percentile of all rounds
* ``beyond``: what the middleware adds to that of a call without it, in µs
* ``÷ call``: the same, as a share of a call without it
"""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module
from itertools import count
from selectors import SelectSelector
from statistics import median, quantiles
from time import process_time
from typing import Any, Final

import clients
import comparison

_BODY: Final = b"x" * 1024
_URL: Final = "http://127.0.0.1:1"
_HEADERS: Final = {
    "x-amzn-requestid": "2c4f8f0a-4d0e-4f0b-9d7c-6f1f9f3c9b1e",
    "x-amzn-invoked-production-variant": "AllTraffic",
    "date": "Thu, 01 Jan 2026 00:00:00 GMT",
    "content-type": clients.MEDIA_TYPE,
    "content-length": str(len(_BODY)),
}
_GOAL: Final = 5.0  # microseconds
_STANDARD: Final = "standard stack"
_VARIANT: Final = "standard stack, with a variant"
_OPTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    _STANDARD: lambda _: None,
    _VARIANT: lambda _: None,
    "circuit breaker": lambda rt: rt.with_circuit_breaker(),
    "hedging, fixed delay": lambda rt: rt.with_hedging(rt.Hedging(delay=10)),
    "hedging, learned delay": lambda rt: rt.with_hedging(),
    "fail-over": lambda rt: rt.with_failover(
        rt.Failover(rt.FailoverTarget(), rt.FailoverTarget(region="eu-west-1"))
    ),
    "concurrency limit": lambda rt: rt.with_concurrency_limit(),
    "equal calls in flight": lambda rt: rt.with_response_cache(rt.ResponseCache(ttl=0)),
    "response cache, miss": lambda rt: rt.with_response_cache(
        rt.ResponseCache(max_items=100)
    ),
    "shadow traffic, no copy": lambda rt: rt.with_shadow_traffic(
        rt.ShadowTraffic(endpoint_name="new", share=0)
    ),
    "weighted variants": lambda rt: rt.with_weighted_variants(
        rt.WeightedVariants({"A": 9, "B": 1})
    ),
    "budget": lambda rt: rt.with_budget(rt.Budget(calls=10**12)),
}

_SLICE_CALLS: Final = 200
_CALLS: Final = 20_000
_FEW_CALLS: Final = 1000
_IN_FLIGHT: Final = 20
_USUAL: Final = 0.005  # seconds
_STUCK: Final = 0.2
_STUCK_SHARE: Final = 0.05
_BETTER: Final = 2.0


class _Body:
    """A response body in memory."""

    def read_nowait(self) -> bytes:
        return _BODY

    async def read(self, limit: int) -> bytes:  # noqa: ARG002 - signature of ResponseBody
        return _BODY

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        yield _BODY

    def release(self) -> None:
        """Do nothing."""


class _Stub:
    """An HTTP client that returns a response after *wait*."""

    def __init__(self, wait: Callable[[], Awaitable[None]] | None = None) -> None:
        self._http: Final = import_module("sagemaker_rt.http")
        self._wait: Final = wait

    async def send(self, request: object) -> Any:  # noqa: ARG002 - of HTTPClient
        if self._wait is not None:
            await self._wait()
        headers = self._http.Headers.of(_HEADERS.copy())
        return self._http.Response(200, headers, _Body())

    async def aclose(self) -> None:
        """Do nothing."""


def _caller(client: Any, **members: object) -> Callable[[], Awaitable[None]]:
    """Return a function that makes a call, each with another body."""
    numbers = count()

    async def call() -> None:
        await client.invoke_endpoint(
            endpoint_name="model",
            body=b"%d" % next(numbers),
            content_type=clients.MEDIA_TYPE,
            **members,
        )

    return call


def _base_of(name: str) -> str:
    """Return the row without the middleware: both send the same members."""
    return _VARIANT if name == "weighted variants" else _STANDARD


async def _costs(rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of a call of each variant, in each round."""
    rt = import_module("sagemaker_rt")
    async with AsyncExitStack() as stack:
        callers: dict[str, Callable[[], Awaitable[None]]] = {}
        for name, option in _OPTIONS.items():
            options = [made for made in (option(rt),) if made is not None]
            opened = clients.sagemaker_rt(_URL, *options, http_client=_Stub())
            members = {"target_variant": "A"} if name == _VARIANT else {}
            callers[name] = _caller(await stack.enter_async_context(opened), **members)
        costs: dict[str, list[float]] = {name: [] for name in callers}
        names = [*callers]
        for number in range(-1, rounds):  # the first round is a warm-up
            start = number % len(names)
            for name in (*names[start:], *names[:start]):
                cost = await _slice(callers[name])
                if number >= 0:
                    costs[name].append(cost)
    return costs


async def _slice(call: Callable[[], Awaitable[None]]) -> float:
    gc.collect()
    gc.disable()
    started_at = process_time()
    for _ in range(_SLICE_CALLS):
        await call()
    elapsed = process_time() - started_at
    gc.enable()
    return elapsed / _SLICE_CALLS


def _print_costs(rounds: int) -> None:
    costs = {
        name: _tenth(values) * 1e6
        for name, values in asyncio.run(_costs(rounds)).items()
    }
    rows = []
    for name, cost in costs.items():
        cells: tuple[str, ...] = ("", "", "")
        if name not in {_STANDARD, _VARIANT}:
            base = costs[_base_of(name)]
            cells = f"{cost - base:.1f}", f"{(cost - base) / base:.0%}", f"≤ {_GOAL:g}"
        rows.append((name, f"{cost:.1f}", *cells))
    header = ("", "CPU µs/call", "beyond", "÷ call", "goal")
    print("\nA call without HTTP\n")
    print(comparison.table(header, rows))
    print(f"\n{comparison.platform()}, {rounds} rounds of {_SLICE_CALLS} calls")


def _tenth(values: list[float]) -> float:
    """Return the 10th percentile."""
    return sorted(values)[len(values) // 10]


class _JumpingSelector(SelectSelector):
    """Advances the clock of a loop instead of waiting for a timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and timeout:
            self.now += timeout
        return events


class _JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer."""

    def __init__(self) -> None:
        self._jumping: Final = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


async def _latencies(calls: int) -> dict[str, list[float]]:
    """Return the latencies of simulated calls, with and without hedging."""
    rt = import_module("sagemaker_rt")
    draw = random.Random(1)  # noqa: S311 - latencies

    async def wait() -> None:
        is_stuck = draw.random() < _STUCK_SHARE
        usual = _USUAL * (0.8 + 0.4 * draw.random())
        await asyncio.sleep(_STUCK if is_stuck else usual)

    time = asyncio.get_running_loop().time
    options = {
        "without": [],
        "fixed delay": [rt.with_hedging(rt.Hedging(delay=2 * _USUAL, time=time))],
        "learned delay": [rt.with_hedging(rt.Hedging(time=time))],
    }
    latencies: dict[str, list[float]] = {name: [] for name in options}
    async with AsyncExitStack() as stack:
        callers = {}
        for name, opts in options.items():
            opened = clients.sagemaker_rt(_URL, *opts, http_client=_Stub(wait))
            callers[name] = _caller(await stack.enter_async_context(opened))

        async def make_calls() -> None:
            for _ in range(calls // _IN_FLIGHT):
                for name, call in callers.items():
                    started_at = time()
                    await call()
                    latencies[name].append(time() - started_at)

        await asyncio.gather(*(make_calls() for _ in range(_IN_FLIGHT)))
    return latencies


def _print_latencies(calls: int) -> None:
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        latencies = runner.run(_latencies(calls))
    p99 = {name: quantiles(values, n=100)[98] for name, values in latencies.items()}
    rows = [
        (
            name,
            f"{median(values) * 1000:.1f}",
            f"{p99[name] * 1000:.1f}",
            f"{p99['without'] / p99[name]:.1f}",
            "" if name == "without" else f"≥ {_BETTER}",
        )
        for name, values in latencies.items()
    ]
    title = f"{calls:,} calls each, of which {_STUCK_SHARE:.0%} are stuck"
    print(f"\n{title}\n")
    header = ("hedging", "p50 ms", "p99 ms", "p99 without ÷", "goal")
    print(comparison.table(header, rows))


def main() -> None:
    """Print the tables."""
    settings = comparison.settings(__doc__)
    _print_costs(settings.rounds)
    is_quick = settings.rounds <= 2  # noqa: PLR2004 - what --quick sets
    _print_latencies(_FEW_CALLS if is_quick else _CALLS)


if __name__ == "__main__":
    main()

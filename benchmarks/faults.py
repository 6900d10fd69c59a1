"""What becomes of a call when the server fails: ours, boto3's and aiobotocore's.

The rows are those that the tests hold our client against (`tests.faults.table`), but
for some of options that we alone have. Each client meets each fault on a server of its
own, with its own retries, and with the same time limits for connecting and reading, of
a fraction of a second. What counts as a body is a request that the server received to
its end: a model would have run on it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import comparison
import interpreters

if TYPE_CHECKING:
    from tests.faults.fault import Fault
    from tests.faults.server import Place

_ROOT: Final = Path(__file__).parent.parent
_NAMES: Final = ("sagemaker_rt", "boto3", "aiobotocore")
_LONGEST: Final = 30.0
"""Seconds that a call may take with its retries; after that it hangs."""
_AT_ONCE: Final = 12
_TELLING: Final = (
    "the connection is ended after the request",
    "the connection is reset after a request, where another was answered",
    "no answer comes",
    "an upload is never read",
    "half a body comes, and the end",
    "only the end of the connection ends a body of HTTP/1.1",
    "a body comes byte by byte beyond its time",
    "an answer to nobody comes later",
    "a stream ends inside a frame, in good order",
    "a frame has no headers",
    "a header's value is no UTF-8",
    "an error's body is nested without end",
    "307 Temporary Redirect leads to another host",
    "the model is not ready twice",
)
"""The rows that ``--markdown`` shows."""


@dataclass(frozen=True)
class Met:
    """How one client met one fault."""

    error: str | None
    is_typed: bool
    bodies: int
    is_wrong: bool
    """Whether it returned a part as the whole, or what is not the answer to it."""
    hangs: bool
    tells_token: bool
    """Whether another host got the session token."""
    runs_again: bool
    """Whether it sent a request again after one that a model may have run on."""

    @property
    def outcome(self) -> str:
        """What the table says."""
        if self.hangs:
            return "hangs"
        if self.error is None:
            return "wrong data" if self.is_wrong else "success"
        return self.error if self.is_typed else f"raw {self.error}"


_SUMMARY: Final = {
    "runs the model again in doubt": "runs_again",
    "wrong data as success": "is_wrong",
    "raw exception": "is_raw",
    "hangs": "hangs",
    "token told to another host": "tells_token",
}


class _Caller:
    """A client library in its process."""

    def __init__(self, told: asyncio.StreamWriter, said: asyncio.StreamReader) -> None:
        self._told = told
        self._said = said
        self._ids = count()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def ask(self, told: dict[str, Any]) -> dict[str, Any]:
        """Have a call made, and return what came of it."""
        id = next(self._ids)
        self._waiting[id] = asyncio.get_running_loop().create_future()
        self._told.write(json.dumps({"id": id, **told}).encode() + b"\n")
        await self._told.drain()
        return await self._waiting[id]

    async def listen(self) -> None:
        """Hand the answers to those who wait for them, until there are no more."""
        async for line in self._said:
            said = json.loads(line)
            waiting = self._waiting.pop(said["id"])
            if not waiting.done():
                waiting.set_result(said)


@asynccontextmanager
async def _calling(name: str, python: str) -> AsyncIterator[tuple[_Caller, str]]:
    """Run a client library; give it, and what it is made of."""
    script = str(Path(__file__).with_name("fault_clients.py"))
    process = await asyncio.create_subprocess_exec(
        *(python, script, name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # what the clients log of failures
        env=interpreters.environment(),
    )
    if process.stdin is None or process.stdout is None:
        message = "the process was started without pipes"
        raise RuntimeError(message)
    made_of = (await process.stdout.readline()).decode().strip()
    caller = _Caller(process.stdin, process.stdout)
    listening = asyncio.create_task(caller.listen())
    try:
        yield caller, made_of
    finally:
        process.stdin.close()
        await process.wait()
        await listening


async def _meet(
    caller: _Caller, row: int, fault: Fault, limits: dict[str, float]
) -> Met:
    """Set the fault up, have the calls made, and return what came of the last."""
    with tempfile.TemporaryDirectory() as folder:
        async with fault.scene(Path(folder)) as place:
            told = _told(row, fault, place, limits)
            said: dict[str, Any] | None
            try:
                async with asyncio.timeout(_LONGEST):
                    said = await _calls(caller, fault, place, told)
            except TimeoutError:
                said = None
            met = _met(fault, place, said)
            place.is_over = True
        if said is not None:
            await caller.ask({**told, "is_over": True})
    return met


async def _calls(
    caller: _Caller, fault: Fault, place: Place, told: dict[str, Any]
) -> dict[str, Any]:
    for _ in range(fault.call.before):
        await caller.ask(told)
        if not fault.call.is_hurried:
            await place.is_quiet.wait()
            # its end, too, has some time to get there
            await asyncio.sleep(0.05)
    return await caller.ask(told)


def _told(
    row: int, fault: Fault, place: Place, limits: dict[str, float]
) -> dict[str, Any]:
    call = fault.call
    return {
        "row": row,
        "is_over": False,
        "url": place.url,
        "trust": None if place.trust is None else str(place.trust),
        "proxy": place.proxy,
        "operation": call.operation,
        "body_bytes": call.body_bytes,
        "options": {**limits, **call.options},
        "credentials": call.credentials,
    }


def _met(fault: Fault, place: Place, said: dict[str, Any] | None) -> Met:
    bodies = len(place.requests)
    tells = any(b"a-session-token" in r for r in place.requests_elsewhere)
    runs_again = fault.may_have_executed and bodies > fault.bodies
    if said is None:
        return Met(None, True, bodies, False, True, tells, runs_again)
    is_whole = fault.call.operation == "invoke" and fault.data is not None
    is_other = is_whole and (fault.data or b"").decode("latin-1") != said["data"]
    is_wrong = said["error"] is None and (fault.is_cut or is_other)
    return Met(
        said["error"], said["is_typed"], bodies, is_wrong, False, tells, runs_again
    )


async def _meet_all(
    caller: _Caller, chosen: Sequence[Fault], limits: dict[str, float]
) -> list[Met]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(row: int, fault: Fault) -> Met:
        async with gate:
            return await _meet(caller, row, fault, limits)

    return await asyncio.gather(*map(one, range(len(chosen)), chosen))


async def _run(
    chosen: Sequence[Fault], pythons: dict[str, str], limits: dict[str, float]
) -> tuple[dict[str, list[Met]], list[str]]:
    """Return how each client met each of the *chosen* faults, and their releases."""
    met: dict[str, list[Met]] = {}
    releases: list[str] = []
    for name, python in pythons.items():
        async with _calling(name, python) as (caller, made_of):
            met[name] = await _meet_all(caller, chosen, limits)
            releases.append(made_of)
    return met, releases


def _counts(met: Iterable[Met]) -> list[int]:
    """Return how often each thing of the summary happened."""
    counts: Counter[str] = Counter()
    for one in met:
        is_raw = not one.is_typed
        for fact in _SUMMARY.values():
            counts[fact] += is_raw if fact == "is_raw" else getattr(one, fact)
    return [counts[fact] for fact in _SUMMARY.values()]


def _print(chosen: Sequence[Fault], met: dict[str, list[Met]]) -> None:
    header = ["", *(f"{name}{what}" for name in met for what in ("", " bodies"))]
    rows = [
        [fault.name, *(cell for m in one for cell in (m.outcome, str(m.bodies)))]
        for fault, one in zip(chosen, zip(*met.values(), strict=True), strict=True)
    ]
    print(comparison.table(header, rows))
    print()
    summary = [[name, *map(str, _counts(one))] for name, one in met.items()]
    print(comparison.table([f"of {len(chosen)} faults", *_SUMMARY], summary))


def _print_markdown(chosen: Sequence[Fault], met: dict[str, list[Met]]) -> None:
    lines = [
        ["what the server does (requests it got whole)", *met],
        ["---"] * (len(met) + 1),
    ]
    for index, fault in enumerate(chosen):
        if fault.name in _TELLING:
            cells = [
                f"{one[index].outcome} ({one[index].bodies})" for one in met.values()
            ]
            lines.append([fault.name, *cells])
    counts = {name: _counts(one) for name, one in met.items()}
    for index, what in enumerate(_SUMMARY):
        of = f"**{what}**, of {len(chosen)} faults"
        lines.append([of, *(str(counts[name][index]) for name in met)])
    print("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _table() -> tuple[Sequence[Fault], dict[str, float]]:
    """Return the rows that all may meet, and the time limits that they are for."""
    sys.path.insert(0, str(_ROOT))
    table = import_module("tests.faults.table")
    faults = [fault for fault in table.FAULTS if not fault.call.is_of_ours_alone]
    return faults, dict(import_module("tests.faults.fault").QUICK)


def _chosen(faults: Sequence[Fault], text: str, *, is_quick: bool) -> list[Fault]:
    """Return the rows with *text* in their names; one of a phase, if it is to be."""
    found = [fault for fault in faults if text in fault.name]
    if not is_quick:
        return found
    return list({fault.phase: fault for fault in reversed(found)}.values())


def main() -> None:
    """Run the rows against each client, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="", metavar="TEXT", help="what names have")
    parser.add_argument("--quick", action="store_true", help="one row of a phase")
    parser.add_argument("--only", default="", metavar="CLIENT,…")
    parser.add_argument("--markdown", action="store_true", help="a short table")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    given = parser.parse_args()
    faults, limits = _table()
    chosen = _chosen(faults, given.rows, is_quick=given.quick)
    pairs = dict(pair.split("=", 1) for pair in given.peer)
    only = set(filter(None, given.only.split(",")))
    pythons = {
        name: interpreters.interpreter(name, pairs)
        for name in _NAMES
        if not only or name in only
    }
    met, releases = asyncio.run(_run(chosen, pythons, limits))
    (_print_markdown if given.markdown else _print)(chosen, met)
    print(f"\n{comparison.platform()}; {'; '.join(releases)}")


if __name__ == "__main__":
    main()

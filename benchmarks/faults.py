"""Compares the behavior of clients when a server fails, not their speed.

Each row is a fault of the table that also tests this library (`tests.faults.table`),
without the rows that need options of this library. Each client meets each fault on a
separate server, with its default retries, and with the same short time limits for
connecting and reading.

Run::

    python benchmarks/faults.py [--quick] [--rows TEXT] [--only CLIENT,…] [--markdown]

Columns, for each client:

* its name: the outcome of the call, which is ``success``, an exception, ``raw`` and an
  exception that is not of the library, ``wrong data``, or ``hangs`` after 30 seconds
* ``bodies``: the number of requests that the server received completely; a model would
  have run for each of them

The second table counts the rows with each kind of bad outcome.
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
    from tests.faults.server import FaultyServer

_ROOT: Final = Path(__file__).parent.parent
_NAMES: Final = ("sagemaker_rt", "boto3", "aiobotocore")
_CALL_TIMEOUT: Final = 30.0
"""Seconds after which a call, with its retries, is reported as ``hangs``."""
_CONCURRENT_ROWS: Final = 12
_MARKDOWN_ROWS: Final = (
    "the connection is closed after the request",
    "the connection is reset after a request on a reused connection",
    "no response is sent",
    "the request body is never read",
    "the connection is closed inside a body",
    "only the end of the connection ends a body with HTTP/1.1",
    "a body is sent byte by byte beyond stream_timeout",
    "an unsolicited response is sent later",
    "a stream ends inside a frame, after its last chunk",
    "a frame has no headers",
    "the value of a header is not UTF-8",
    "the body of an error is deeply nested",
    "307 Temporary Redirect points to another host",
    "ModelNotReadyException is sent twice",
)
"""The rows that ``--markdown`` shows."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a fault for a client."""

    error: str | None
    is_typed: bool
    """Whether the exception is one of the library."""
    bodies: int
    """Number of requests that the server received completely."""
    is_wrong: bool
    """Whether the client returned truncated or wrong data."""
    hangs: bool
    leaks_token: bool
    """Whether the session token was sent to another host."""
    reruns_model: bool
    """Whether the client retried although the model may have run."""

    @property
    def text(self) -> str:
        """The outcome as the table shows it."""
        if self.hangs:
            return "hangs"
        if self.error is None:
            return "wrong data" if self.is_wrong else "success"
        return self.error if self.is_typed else f"raw {self.error}"


_SUMMARY: Final = {
    "model may run twice": "reruns_model",
    "wrong data as success": "is_wrong",
    "raw exception": "is_raw",
    "hangs": "hangs",
    "token sent to another host": "leaks_token",
}


class _ClientProcess:
    """The process of a client library (`fault_clients`)."""

    def __init__(
        self, tasks: asyncio.StreamWriter, results: asyncio.StreamReader
    ) -> None:
        self._tasks = tasks
        self._results = results
        self._ids = count()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def run(self, task: dict[str, Any]) -> dict[str, Any]:
        """Send *task* to the process, and return its result."""
        id = next(self._ids)
        self._waiting[id] = asyncio.get_running_loop().create_future()
        self._tasks.write(json.dumps({"id": id, **task}).encode() + b"\n")
        await self._tasks.drain()
        return await self._waiting[id]

    async def read_results(self) -> None:
        """Distribute results to the waiting tasks until the process ends."""
        async for line in self._results:
            result = json.loads(line)
            waiting = self._waiting.pop(result["id"])
            if not waiting.done():
                waiting.set_result(result)


@asynccontextmanager
async def _started(name: str, python: str) -> AsyncIterator[tuple[_ClientProcess, str]]:
    """Start the process of a client library; yields it with the package versions."""
    script = str(Path(__file__).with_name("fault_clients.py"))
    process = await asyncio.create_subprocess_exec(
        *(python, script, name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # the clients log failures
        env=interpreters.environment(),
    )
    if process.stdin is None or process.stdout is None:
        message = "the process was started without pipes"
        raise RuntimeError(message)
    versions = (await process.stdout.readline()).decode().strip()
    client = _ClientProcess(process.stdin, process.stdout)
    reading = asyncio.create_task(client.read_results())
    try:
        yield client, versions
    finally:
        process.stdin.close()
        await process.wait()
        await reading


async def _run_row(
    client: _ClientProcess, row: int, fault: Fault, limits: dict[str, float]
) -> Outcome:
    """Start the server of *fault*, make the calls, and return the last outcome."""
    with tempfile.TemporaryDirectory() as folder:
        async with fault.setup(Path(folder)) as faulty:
            task = _task(row, fault, faulty, limits)
            result: dict[str, Any] | None
            try:
                async with asyncio.timeout(_CALL_TIMEOUT):
                    result = await _make_calls(client, fault, faulty, task)
            except TimeoutError:
                result = None
            outcome = _outcome(fault, faulty, result)
            faulty.is_repaired = True
        if result is not None:
            await client.run({**task, "is_repaired": True})
    return outcome


async def _make_calls(
    client: _ClientProcess, fault: Fault, faulty: FaultyServer, task: dict[str, Any]
) -> dict[str, Any]:
    """Make the preparing calls of *fault*, and return the result of the call."""
    for _ in range(fault.call.previous_calls):
        await client.run(task)
        if not fault.call.is_immediate:
            await faulty.is_idle_event.wait()
            # time for the end of the connection to reach the client
            await asyncio.sleep(0.05)
    return await client.run(task)


def _task(
    row: int, fault: Fault, faulty: FaultyServer, limits: dict[str, float]
) -> dict[str, Any]:
    call = fault.call
    return {
        "row": row,
        "is_repaired": False,
        "url": faulty.url,
        "trust": None if faulty.trust is None else str(faulty.trust),
        "proxy": faulty.proxy,
        "operation": call.operation,
        "body_bytes": call.body_bytes,
        "options": {**limits, **call.options},
        "credentials": call.credentials,
    }


def _outcome(
    fault: Fault, faulty: FaultyServer, result: dict[str, Any] | None
) -> Outcome:
    """Return the outcome of a call; *result* is None if it did not end in time."""
    bodies = len(faulty.requests)
    leaks = any(b"a-session-token" in r for r in faulty.other_requests)
    reruns = fault.may_have_executed and bodies > fault.bodies
    if result is None:
        return Outcome(None, True, bodies, False, True, leaks, reruns)
    is_whole = fault.call.operation == "invoke" and fault.data is not None
    is_other = is_whole and (fault.data or b"").decode("latin-1") != result["data"]
    is_wrong = result["error"] is None and (fault.is_incomplete or is_other)
    return Outcome(
        result["error"], result["is_typed"], bodies, is_wrong, False, leaks, reruns
    )


async def _run_rows(
    client: _ClientProcess, selected: Sequence[Fault], limits: dict[str, float]
) -> list[Outcome]:
    gate = asyncio.Semaphore(_CONCURRENT_ROWS)

    async def one(row: int, fault: Fault) -> Outcome:
        async with gate:
            return await _run_row(client, row, fault, limits)

    return await asyncio.gather(*map(one, range(len(selected)), selected))


async def _run(
    selected: Sequence[Fault], pythons: dict[str, str], limits: dict[str, float]
) -> tuple[dict[str, list[Outcome]], list[str]]:
    """Return the outcomes of the *selected* faults by client, and package versions."""
    outcomes: dict[str, list[Outcome]] = {}
    all_versions: list[str] = []
    for name, python in pythons.items():
        async with _started(name, python) as (client, versions):
            outcomes[name] = await _run_rows(client, selected, limits)
            all_versions.append(versions)
    return outcomes, all_versions


def _counts(outcomes: Iterable[Outcome]) -> list[int]:
    """Return the number of outcomes of each kind in the summary."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        is_raw = not outcome.is_typed
        for kind in _SUMMARY.values():
            counts[kind] += is_raw if kind == "is_raw" else getattr(outcome, kind)
    return [counts[kind] for kind in _SUMMARY.values()]


def _print(selected: Sequence[Fault], outcomes: dict[str, list[Outcome]]) -> None:
    header = ["", *(f"{name}{what}" for name in outcomes for what in ("", " bodies"))]
    rows = [
        [fault.name, *(cell for o in one for cell in (o.text, str(o.bodies)))]
        for fault, one in zip(
            selected, zip(*outcomes.values(), strict=True), strict=True
        )
    ]
    print(comparison.table(header, rows))
    print()
    summary = [[name, *map(str, _counts(one))] for name, one in outcomes.items()]
    print(comparison.table([f"of {len(selected)} faults", *_SUMMARY], summary))


def _print_markdown(
    selected: Sequence[Fault], outcomes: dict[str, list[Outcome]]
) -> None:
    lines = [
        ["fault (complete requests)", *outcomes],
        ["---"] * (len(outcomes) + 1),
    ]
    for index, fault in enumerate(selected):
        if fault.name in _MARKDOWN_ROWS:
            cells = [
                f"{one[index].text} ({one[index].bodies})" for one in outcomes.values()
            ]
            lines.append([fault.name, *cells])
    counts = {name: _counts(one) for name, one in outcomes.items()}
    for index, kind in enumerate(_SUMMARY):
        title = f"**{kind}**, of {len(selected)} faults"
        lines.append([title, *(str(counts[name][index]) for name in outcomes)])
    print("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _load_faults() -> tuple[Sequence[Fault], dict[str, float]]:
    """Return the faults that apply to all clients, and the time limits for them."""
    sys.path.insert(0, str(_ROOT))
    table = import_module("tests.faults.table")
    faults = [fault for fault in table.FAULTS if not fault.call.is_for_this_client_only]
    return faults, dict(import_module("tests.faults.fault").SHORT_TIMEOUTS)


def _select(faults: Sequence[Fault], text: str, *, is_quick: bool) -> list[Fault]:
    """Return the faults with *text* in their names, or one of each phase."""
    found = [fault for fault in faults if text in fault.name]
    if not is_quick:
        return found
    return list({fault.phase: fault for fault in reversed(found)}.values())


def main() -> None:
    """Run the rows with each client, and print the outcomes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rows", default="", metavar="TEXT", help="rows whose name contains the text"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one row of each phase of a call"
    )
    parser.add_argument("--only", default="", metavar="CLIENT,…", help="clients to run")
    parser.add_argument(
        "--markdown", action="store_true", help="print a short Markdown table"
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="interpreter that runs a client",
    )
    arguments = parser.parse_args()
    faults, limits = _load_faults()
    selected = _select(faults, arguments.rows, is_quick=arguments.quick)
    pairs = dict(pair.split("=", 1) for pair in arguments.peer)
    only = set(filter(None, arguments.only.split(",")))
    pythons = {
        name: interpreters.python_for(name, pairs)
        for name in _NAMES
        if not only or name in only
    }
    outcomes, versions = asyncio.run(_run(selected, pythons, limits))
    (_print_markdown if arguments.markdown else _print)(selected, outcomes)
    print(f"\n{comparison.platform()}; {'; '.join(versions)}")


if __name__ == "__main__":
    main()

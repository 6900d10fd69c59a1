"""Compares variants of a benchmark, each in its own process.

In each round, each variant runs for a short time slice. The order changes from round to
round, so that a change in the load of the machine affects all variants. Ratios are
computed within a round; the table shows their median, and the 10th and 90th percentile.

Cost is the CPU time of the process of the variant. Unlike throughput, it does not
depend on the server, on CPU throttling or on other processes. It includes garbage
collection.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from platform import python_implementation, python_version
from statistics import median, quantiles
from typing import IO, Any, Final, Self

import cpu_affinity
import interpreters

__all__ = [
    "Cost",
    "Running",
    "Settings",
    "Slice",
    "Variant",
    "compare",
    "conditions",
    "measure",
    "platform",
    "settings",
    "spread",
    "table",
]

_WARM_UP: Final = 3


@dataclass(frozen=True)
class Variant:
    """A row of a table."""

    name: str
    """Name in the table."""
    function: str
    """Name of the function in the script; ``--only`` selects it."""
    peer: str
    """Library whose interpreter runs the function."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    goal: float | None = None
    """The ratio to reach: CPU time, or throughput, divided by that of the first
    variant."""


@dataclass(frozen=True)
class Slice:
    """The cost of the calls of a time slice."""

    calls: int
    cpu: float
    """CPU time of the process, in seconds."""
    wall: float
    """Elapsed time, in seconds."""

    @property
    def throughput(self) -> float:
        """Calls in a second."""
        return self.calls / self.wall


@dataclass(frozen=True)
class Cost:
    """The cost of a unit of work of a variant, median of all rounds."""

    cpu: float
    """CPU time of the process, in seconds."""
    ratio: float
    """What is compared, divided by that of the first variant."""


@dataclass(frozen=True)
class Settings:
    """Arguments of the command line."""

    rounds: int
    seconds: float
    """Duration of a slice."""
    warm_up: int
    """Number of rounds that are not counted."""
    only: frozenset[str]
    """Functions of the variants to run; empty means all."""
    peers: Mapping[str, str]
    """Interpreters from the command line, by library."""
    writes: bool = False
    """Whether the results are written to the README."""

    def select(self, variants: Iterable[Variant]) -> list[Variant]:
        """Return the variants that the command line selects."""
        return [v for v in variants if not self.only or v.function in self.only]

    def at_most(self, rounds: int) -> Settings:
        """Return the settings with at most *rounds* rounds, and without warm-up."""
        return replace(self, rounds=min(self.rounds, rounds), warm_up=0)


def settings(
    description: str | None, *, rounds: int = 40, can_write: bool = False
) -> Settings:
    """Parse the command line.

    Args:
        description: The docstring of the script.
        rounds: Default number of rounds.
        can_write: Whether the script has the option ``--write``.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=rounds, help="number of rounds")
    parser.add_argument(
        "--slice",
        type=float,
        default=75,
        metavar="MS",
        help="milliseconds of a variant in each round",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="run a few calls only, to check that the script works",
    )
    parser.add_argument(
        "--only", default="", metavar="VARIANT,…", help="variants to run"
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help=f"interpreter that runs a library: {', '.join(interpreters.NAMES)}",
    )
    parser.set_defaults(write=False)
    if can_write:
        parser.add_argument(
            "--write",
            action="store_true",
            help="write the ratios to benchmarks/README.md, and draw the picture",
        )
    arguments = parser.parse_args()
    return Settings(
        rounds=2 if arguments.quick else arguments.rounds,
        seconds=0.003 if arguments.quick else arguments.slice / 1000,
        warm_up=0 if arguments.quick else _WARM_UP,
        only=frozenset(filter(None, arguments.only.split(","))),
        peers=dict(pair.split("=", 1) for pair in arguments.peer),
        writes=arguments.write,
    )


def compare(  # noqa: PLR0913 - the keywords are independent
    title: str,
    variants: Iterable[Variant],
    settings: Settings,
    *,
    unit: str = "call",
    units: int = 1,
    by_throughput: bool = False,
) -> dict[str, Cost]:
    """Run *variants* in turns, and print a table of their cost relative to the first.

    Returns the costs of a unit by the names of the variants.

    Args:
        title: Title of the table.
        unit: Name of the unit of work in the table.
        units: Number of units in a call.
        by_throughput: Compare calls in a second instead of CPU time.
    """
    listed = list(variants)
    chosen = settings.select(listed)
    # goals are relative to the first variant
    has_goals = chosen[0] is listed[0]
    slices, versions = measure(chosen, settings)
    costs = {v.name: [s.cpu / s.calls / units for s in slices[v.name]] for v in chosen}
    compared = (
        {v.name: [s.throughput for s in slices[v.name]] for v in chosen}
        if by_throughput
        else costs
    )
    first = compared[chosen[0].name]
    ratios = {
        name: [value / of_first for value, of_first in zip(values, first, strict=True)]
        for name, values in compared.items()
    }
    rows = [
        (
            variant.name,
            f"{median(costs[variant.name]) * 1e6:,.2f}",
            f"{median(s.throughput * units for s in slices[variant.name]):,.0f}",
            *spread(ratios[variant.name]),
            f"≥ {variant.goal}" if has_goals and variant.goal else "",
        )
        for variant in chosen
    ]
    over = f"÷ {chosen[0].name}"
    header = ("", f"CPU µs/{unit}", f"{unit}s/s", over, "p10 to p90", "goal")
    print(f"\n{title}\n")
    print(table(header, rows))
    print(f"\n{conditions(settings, versions)}")
    return {name: Cost(median(costs[name]), median(ratios[name])) for name in costs}


def measure(
    chosen: Iterable[Variant], settings: Settings
) -> tuple[dict[str, list[Slice]], str]:
    """Run variants in turns; return their slices by name, and their versions."""
    with ExitStack() as stack:
        running = [stack.enter_context(Running(v, settings.peers)) for v in chosen]
        for one in running:
            one.get_ready()
        return _take_turns(running, settings), _versions(running)


def conditions(settings: Settings, versions: str) -> str:
    """Return the line below a table."""
    how = f"{settings.rounds} rounds of {settings.seconds * 1000:.0f} ms"
    return f"{platform()}, {how}; {versions}"


def _take_turns(
    running: Sequence[Running], settings: Settings
) -> dict[str, list[Slice]]:
    slices: dict[str, list[Slice]] = {r.variant.name: [] for r in running}
    for number in range(-settings.warm_up, settings.rounds):
        start = number % len(running)
        for one in (*running[start:], *running[:start]):
            slice = one.run(settings.seconds)
            if number >= 0:
                slices[one.variant.name].append(slice)
    return slices


def spread(ratios: Sequence[float]) -> tuple[str, str]:
    """Return the median, and the tenth and the ninetieth percentile, of *ratios*."""
    low, *_, high = quantiles(ratios, n=10, method="inclusive")
    return f"{median(ratios):.2f}", f"{low:.2f} to {high:.2f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a text table: names in the first column, numbers in the others."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def platform() -> str:
    """Return the name and version of the Python implementation."""
    return f"{python_implementation()} {python_version()}"


class Running:
    """The process of a variant, as a context manager that ends it.

    Args:
        peers: Interpreters, by library; see `interpreters.python_for`.
    """

    def __init__(self, variant: Variant, peers: Mapping[str, str]) -> None:
        self.variant: Final = variant
        python = interpreters.python_for(variant.peer, peers)
        arguments = json.dumps(dict(variant.arguments))
        self._process: Final = subprocess.Popen(  # noqa: S603 - the script itself
            [python, sys.argv[0], "variant", variant.function, arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=interpreters.environment(),
        )
        cpu_affinity.pin_to_client_core(self._process.pid)
        self.versions: Mapping[str, str] = {}
        """Distributions and versions, set by `get_ready`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # closes standard input, which ends the variant
        self._process.communicate()

    def get_ready(self) -> None:
        """Wait until the variant is ready; the processes start in parallel."""
        self.versions = self._read()

    def run(self, seconds: float) -> Slice:
        """Make calls for a number of *seconds*."""
        print(seconds, file=_open(self._process.stdin), flush=True)
        return Slice(**self._read())

    def _read(self) -> dict[str, Any]:
        line = _open(self._process.stdout).readline()
        if not line:
            message = f"{self.variant.name} ended unexpectedly"
            raise SystemExit(message)
        document: dict[str, Any] = json.loads(line)
        return document


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        message = "the variant was started without pipes"
        raise RuntimeError(message)
    return pipe


def _versions(running: Iterable[Running]) -> str:
    """Return all distributions of the variants with their versions."""
    releases: dict[str, set[str]] = {}
    for one in running:
        for distribution, release in one.versions.items():
            releases.setdefault(distribution, set()).add(release)
    return ", ".join(f"{d} {' and '.join(sorted(r))}" for d, r in releases.items())

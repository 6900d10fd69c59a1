"""Compare variants: one process each, in slices that take turns.

Every round gives every variant one slice, each round in another order, so that a change
of the machine's mood meets all of them. The ratio is taken within a round, and what is
told is the median over the rounds, with the tenth and the ninetieth percentile. Cost is
CPU time of the variant's process: a server, a throttle or a neighbour does not show in
it as they do in calls per second. The garbage collector is left as it is.
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
    "Settings",
    "Slice",
    "Variant",
    "compare",
    "platform",
    "settings",
    "spread",
    "table",
]

_WARM_UP: Final = 3


@dataclass(frozen=True)
class Variant:
    """One of the things to compare."""

    name: str
    """What the table calls it."""
    function: str
    """The script's name for what it runs."""
    peer: str
    """Whose environment it runs in."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    goal: float | None = None
    """What its time over the first variant's is to reach."""


@dataclass(frozen=True)
class Slice:
    """What some calls cost."""

    calls: int
    cpu: float
    """Seconds of the process's CPU time."""
    wall: float
    """Seconds."""


@dataclass(frozen=True)
class Settings:
    """What the command line says."""

    rounds: int
    seconds: float
    """How long a slice takes."""
    warm_up: int
    """How many rounds are run before those that count."""
    only: frozenset[str]
    """The variants to run, by function; all if it is empty."""
    peers: Mapping[str, str]
    """Interpreters that are there already, by peer."""

    def keep(self, variants: Iterable[Variant]) -> list[Variant]:
        """Return those that are to be run."""
        return [v for v in variants if not self.only or v.function in self.only]

    def at_most(self, rounds: int) -> Settings:
        """Return these settings with no more than so many *rounds*, none to warm up."""
        return replace(self, rounds=min(self.rounds, rounds), warm_up=0)


def settings(description: str | None, *, rounds: int = 40) -> Settings:
    """Read the command line of a script that is described so."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--slice", type=float, default=75, metavar="MS")
    parser.add_argument("--quick", action="store_true", help="try the script only")
    parser.add_argument("--only", default="", metavar="VARIANT,…")
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help=f"an interpreter that has the peer: {', '.join(interpreters.NAMES)}",
    )
    given = parser.parse_args()
    return Settings(
        rounds=2 if given.quick else given.rounds,
        seconds=0.003 if given.quick else given.slice / 1000,
        warm_up=0 if given.quick else _WARM_UP,
        only=frozenset(filter(None, given.only.split(","))),
        peers=dict(pair.split("=", 1) for pair in given.peer),
    )


def compare(
    title: str,
    variants: Iterable[Variant],
    settings: Settings,
    *,
    unit: str = "call",
    units: int = 1,
) -> None:
    """Run *variants* in turns, and print a table of them against the first.

    Args:
        unit: What is counted; a call consists of so many *units*.
    """
    listed = list(variants)
    chosen = settings.keep(listed)
    # a goal is about the first of all: without it there is none
    has_goals = chosen[0] is listed[0]
    with ExitStack() as stack:
        running = [stack.enter_context(_Running(v, settings)) for v in chosen]
        for one in running:
            one.get_ready()
        slices = _take_turns(running, settings)
        made_of = _made_of(running)
    costs = {v.name: [s.cpu / s.calls / units for s in slices[v.name]] for v in chosen}
    first = costs[chosen[0].name]
    rows = [
        (
            variant.name,
            f"{median(costs[variant.name]) * 1e6:,.2f}",
            f"{median(s.calls * units / s.wall for s in slices[variant.name]):,.0f}",
            *spread([c / f for c, f in zip(costs[variant.name], first, strict=True)]),
            f"≥ {variant.goal}" if has_goals and variant.goal else "",
        )
        for variant in chosen
    ]
    over = f"÷ {chosen[0].name}"
    header = ("", f"CPU µs/{unit}", f"{unit}s/s", over, "p10 to p90", "goal")
    print(f"\n{title}\n")
    print(table(header, rows))
    how = f"{settings.rounds} rounds of {settings.seconds * 1000:.0f} ms"
    print(f"\n{platform()}, {how}; {made_of}")


def _take_turns(
    running: Sequence[_Running], settings: Settings
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
    """Return a table whose first column holds names, and all others figures."""
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
    """Name the Python that everything runs on."""
    return f"{python_implementation()} {python_version()}"


class _Running:
    """A variant in its process, until it is left."""

    def __init__(self, variant: Variant, settings: Settings) -> None:
        self.variant: Final = variant
        python = interpreters.interpreter(variant.peer, settings.peers)
        arguments = json.dumps(dict(variant.arguments))
        self._process: Final = subprocess.Popen(  # noqa: S603 - the script itself
            [python, sys.argv[0], "variant", variant.function, arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=interpreters.environment(),
        )
        cpu_affinity.keep_to_client_core(self._process.pid)
        self.made_of: Mapping[str, str] = {}
        """The distributions that it uses, and their releases; once it is ready."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # standard input closes, and the variant ends
        self._process.communicate()

    def get_ready(self) -> None:
        """Wait until the variant can run; others may start meanwhile."""
        self.made_of = self._read()

    def run(self, seconds: float) -> Slice:
        """Let the variant make calls for so many *seconds*."""
        print(seconds, file=_open(self._process.stdin), flush=True)
        return Slice(**self._read())

    def _read(self) -> dict[str, Any]:
        line = _open(self._process.stdout).readline()
        if not line:
            message = f"{self.variant.name} ended before its time"
            raise SystemExit(message)
        answer: dict[str, Any] = json.loads(line)
        return answer


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        message = "the variant was started without pipes"
        raise RuntimeError(message)
    return pipe


def _made_of(running: Iterable[_Running]) -> str:
    """Name every distribution that took part, with its releases."""
    releases: dict[str, set[str]] = {}
    for one in running:
        for distribution, release in one.made_of.items():
            releases.setdefault(distribution, set()).add(release)
    return ", ".join(f"{d} {' and '.join(sorted(r))}" for d, r in releases.items())

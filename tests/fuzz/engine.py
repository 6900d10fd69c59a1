"""Runs cases, and reports their outcomes."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Final

from attrs import field, frozen

from sagemaker_rt import SageMakerRuntimeError
from tests.fuzz.inputs import Inputs
from tests.fuzz.mutation import Chance
from tests.fuzz.responses import Responses
from tests.fuzz.targets import TARGETS, Target

__all__ = ["NAMES", "Failure", "Report", "chunks", "run", "run_with"]

_CONNECTED: Final[Mapping[str, type[Responses | Inputs]]] = {
    "responses": Responses,
    "inputs": Inputs,
}
NAMES: Final = (*TARGETS, *_CONNECTED)


@frozen
class Failure:
    """A case that broke a rule, with the arguments that repeat it."""

    target: str
    seed: int
    case: int
    problem: str


@frozen
class Report:
    """The outcomes of some cases."""

    target: str
    outcomes: Counter[str] = field(factory=Counter)
    failures: list[Failure] = field(factory=list)

    def __str__(self) -> str:
        total = sum(self.outcomes.values())
        lines = [f"\n{self.target}: {total:,} cases, {len(self.failures):,} failures"]
        lines += [f"  {n:9,} {outcome}" for outcome, n in self.outcomes.most_common(12)]
        for failure in self.failures[:20]:
            repeats = f"{failure.target} {failure.seed} {failure.case}"
            lines += [f"  --replay {repeats}", f"    {failure.problem[:500]}"]
        return "\n".join(lines)

    def __add__(self, other: Report) -> Report:
        return Report(
            self.target,
            self.outcomes + other.outcomes,
            [*self.failures, *other.failures],
        )


def chunks(target: str, count: int, size: int) -> Iterator[tuple[str, range]]:
    """Yield the numbers of the cases of *target* in ranges of *size*."""
    for start in range(0, count, size):
        yield target, range(start, min(count, start + size))


def run(target: str, seed: int, cases: Iterable[int]) -> Report:
    """Run *cases* of *target*; the number of a case seeds its random generator."""

    async def run_target() -> Report:
        async with AsyncExitStack() as stack:
            if target in TARGETS:
                run_case: Target = TARGETS[target]
            else:
                run_case = await stack.enter_async_context(_CONNECTED[target]())
            return await run_with(run_case, target, seed, cases)

    return asyncio.run(run_target())


async def run_with(
    run_case: Target, target: str, seed: int, cases: Iterable[int]
) -> Report:
    """Run *cases*; an exception that is not a `SageMakerRuntimeError` is a failure."""
    report = Report(target)
    for case in cases:
        try:
            outcome = await run_case(Chance(f"{target} {seed} {case}"))
        except SageMakerRuntimeError as error:
            outcome = type(error).__name__
        except Exception as error:  # noqa: BLE001 - any exception is a failure
            outcome = "FAILURE"
            frame = traceback.extract_tb(error.__traceback__)[-1]
            problem = f"{error!r} at {frame.filename}:{frame.lineno}"
            report.failures.append(Failure(target, seed, case, problem))
        report.outcomes[outcome] += 1
    return report

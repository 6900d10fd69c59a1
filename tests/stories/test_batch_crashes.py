"""A batch job is killed again and again, and each line has exactly one result."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from tests.cli.running import start, variables

LINES: Final = 400
KILLS: Final = 4


class KillingModel:
    """Echoes numbers, and kills the process that calls it after some calls."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self.process: asyncio.subprocess.Process | None = None
        self.left = 0

    async def __call__(self, request: InvocationRequest) -> bytes:
        number = json.loads(request.body)["n"]
        self.calls[number] += 1
        self.left -= 1
        if not self.left and self.process is not None:
            self.process.kill()
        if number % 50 == 7:
            raise ModelFailure(400, "bad input")
        return request.body


def numbers(path: Path) -> list[int]:
    """Return the numbers in the whole lines of *path*."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    found = [json.loads(line) for line in lines]
    return [one.get("input", one)["n"] for one in found]


@pytest.mark.parametrize(
    ("join", "order"), [("record", []), ("transform", ["--ordered"])], ids=str
)
async def test_a_killed_job_loses_and_repeats_no_line_that_was_written(
    tmp_path: Path, join: str, order: list[str]
) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    failures = tmp_path / "out.failed.jsonl"
    source.write_text("".join(f'{{"n": {n}}}\n' for n in range(LINES)))
    model = KillingModel()
    chance = random.Random(f"{join}{order}")  # noqa: S311 - not a secret
    arguments = ["batch", "m", str(source), str(output), f"--join={join}", "--resume"]
    codes = []

    async with Emulator(models={"m": model}) as emulator:
        for kill in range(KILLS + 1):
            written = {*numbers(output), *numbers(failures)}
            before = {number: model.calls[number] for number in written}
            model.left = chance.randint(1, LINES // KILLS) if kill < KILLS else -1
            model.process = await start(*arguments, *order, environ=variables(emulator))
            await model.process.communicate()
            codes.append(model.process.returncode)
            assert before == {number: model.calls[number] for number in written}
            assert written <= {*numbers(output), *numbers(failures)}

    assert [-9] * KILLS + [7] == codes
    good = [n for n in range(LINES) if n % 50 != 7]
    assert good == sorted(numbers(output))
    assert [7 + 50 * n for n in range(LINES // 50)] == sorted(numbers(failures))
    if order:
        assert good == numbers(output)

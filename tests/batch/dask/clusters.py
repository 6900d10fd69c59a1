"""A cluster of Dask in this process, whose workers call an emulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from distributed import Client as Cluster
from distributed import LocalCluster

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from tests.process_state import replaced_environment


class Model:
    """Doubles a number, or fails; calls wait for the gate."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.is_mended = False
        self.gate: asyncio.Event | None = None
        self.called = asyncio.Event()
        self.in_flight = self.most = 0

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.bodies.append(request.body)
        self.called.set()
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if b"bad" in request.body and not self.is_mended:
                raise ModelFailure(400, "bad input")
            return b"[%b]" % request.body
        finally:
            self.in_flight -= 1


class Folder:
    """A job's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.input = path / "in.jsonl"
        self.output = path / "out.jsonl"
        self.failures = path / "out.failed.jsonl"
        self.parts = path / "out.jsonl.parts"

    def job(self, **options: Any) -> BatchJob:
        return BatchJob("m", self.input, self.output, **options)

    def lines(self) -> list[int]:
        """Return the numbers of the lines with results."""
        return [one["line"] for one in _values(self.output)]

    def failed_lines(self) -> list[int]:
        return [one["line"] for one in _values(self.failures)]


def _values(path: Path) -> list[Any]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


@asynccontextmanager
async def cluster_of(
    model: Model, *, asynchronous: bool = True, **options: Any
) -> AsyncIterator[Any]:
    """Yield a client of a cluster with two workers in this process."""
    options = {"n_workers": 2, "threads_per_worker": 2} | options
    start: Any = LocalCluster
    connect: Any = Cluster
    async with Emulator(models={"m": model}) as emulator:
        pairs = {name: value for name, value in environment(emulator) if value}
        with replaced_environment({**pairs}):
            async with (
                start(
                    processes=False,
                    asynchronous=True,
                    dashboard_address=":0",
                    **options,
                ) as workers,
                connect(workers, asynchronous=True) as cluster,
            ):
                yield cluster

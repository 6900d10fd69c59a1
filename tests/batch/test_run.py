from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch import BatchJob, BatchProgress, BatchSummary, run
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from sagemaker_rt.errors import (
    BatchStoppedError,
    ModelError,
    ParamValidationError,
    S3Error,
    ServiceError,
    ValidationError,
)
from sagemaker_rt.identity import Credentials
from tests.batch.test_appended_file import full_disk
from tests.doubles import ManualClock
from tests.process_state import replaced_environment


class Model:
    """Doubles a number, or fails; the first of two calls waits for the second."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.is_mended = False
        self.gate: asyncio.Event | None = None
        self.called = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.bodies.append(request.body)
        self.called.set()
        if self.gate is not None:
            await self.gate.wait()
        if b"bad" in request.body and not self.is_mended:
            raise ModelFailure(400, "bad input")
        return b"[%b]" % request.body


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def emulator(model: Model) -> AsyncIterator[Emulator]:
    async with Emulator(models={"m": model}) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={"AWS_ENDPOINT_URL_S3": emulator.s3_url},
        max_attempts=1,
    ) as client:
        yield client


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.input = path / "in.jsonl"
        self.output = path / "out.jsonl"
        self.failures = path / "out.failed.jsonl"

    def job(self, **options: Any) -> BatchJob:
        return BatchJob("m", self.input, self.output, **options)

    def results(self) -> list[Any]:
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def failed(self) -> list[Any]:
        return [json.loads(line) for line in self.failures.read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.input.write_text("1\n2\n3\n")
    return folder


async def test_each_line_has_a_result(client: Client, folder: Folder) -> None:
    summary = await run(folder.job(ordered=True), client=client)

    assert summary.succeeded
    assert (3, 0, 0) == (summary.done, summary.failed, summary.skipped)
    assert [
        {"line": line, "input": line, "output": [line]} for line in (1, 2, 3)
    ] == folder.results()
    assert not folder.failures.exists()


async def test_a_client_is_made_from_the_environment(
    emulator: Emulator, folder: Folder
) -> None:
    with replaced_environment(dict(environment(emulator))):
        summary = await run(folder.job())

    assert summary.succeeded


async def test_failures_are_repeated_on_request(
    client: Client, folder: Folder, model: Model
) -> None:
    folder.input.write_text('1\n"bad"\n{\n4\n')

    summary = await run(folder.job(), client=client)
    assert (2, 2, False) == (summary.done, summary.failed, summary.succeeded)
    assert {"ModelError": 1, "InvalidInput": 1} == summary.errors
    assert {2: "bad", 3: "{"} == {x["line"]: x["input"] for x in folder.failed()}

    summary = await run(folder.job(resume=True), client=client)
    assert (0, 4, 2, False) == (
        summary.done,
        summary.skipped,
        summary.failed_before,
        summary.succeeded,
    )

    model.is_mended = True
    summary = await run(folder.job(retry_failed=True), client=client)
    assert (1, 1, 2) == (summary.done, summary.failed, summary.skipped)
    assert [3] == [failure["line"] for failure in folder.failed()]
    assert {1, 2, 4} == {result["line"] for result in folder.results()}
    assert 4 == len(model.bodies)


async def test_a_full_disk_stops_the_job(client: Client, folder: Folder) -> None:
    folder.input.write_text("1\n" * 100)

    with full_disk(1000), pytest.raises(BatchStoppedError) as caught:
        await run(folder.job(ordered=True), client=client)

    assert isinstance(caught.value.__cause__, OSError)
    summary: BatchSummary = caught.value.summary
    assert summary.done == len(folder.results())
    assert not summary.is_complete
    summary = await run(folder.job(resume=True), client=client)
    assert list(range(1, 101)) == sorted(x["line"] for x in folder.results())


async def test_expired_credentials_stop_the_job(
    emulator: Emulator, folder: Folder
) -> None:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=Credentials("AKIAEXPIRED", "x"),
    ) as client:
        with pytest.raises(BatchStoppedError) as caught:
            await run(folder.job(), client=client)

    assert isinstance(caught.value.__cause__, ServiceError)
    assert (0, 0) == (caught.value.summary.done, caught.value.summary.failed)
    assert not folder.failures.exists()


async def test_an_endpoint_that_does_not_exist_stops_the_job(
    client: Client, folder: Folder
) -> None:
    job = BatchJob("missing", folder.input, folder.output)

    with pytest.raises(BatchStoppedError) as caught:
        await run(job, client=client)

    assert isinstance(caught.value.__cause__, ValidationError)
    assert "missing" in str(caught.value)


async def test_too_many_failures_stop_the_job(client: Client, folder: Folder) -> None:
    folder.input.write_text('"bad"\n' * 100)

    with pytest.raises(BatchStoppedError) as caught:
        await run(folder.job(max_failures=3, concurrency=1), client=client)

    assert isinstance(caught.value.__cause__, ModelError)
    assert "more than 3 inputs failed; the last failure is ModelError: " in str(
        caught.value
    )
    assert 4 <= caught.value.summary.failed <= 6


async def test_a_stop_lets_calls_in_flight_finish(
    client: Client, folder: Folder, model: Model
) -> None:
    folder.input.write_text("1\n" * 100)
    model.gate, stop = asyncio.Event(), asyncio.Event()
    job = folder.job(concurrency=4)
    task = asyncio.create_task(run(job, client=client, stop=stop))
    await model.called.wait()

    stop.set()
    for _ in range(5):
        await asyncio.sleep(0)
    model.gate.set()

    with pytest.raises(BatchStoppedError) as caught:
        await task
    assert caught.value.__cause__ is None
    assert 1 <= len(folder.results()) <= 4
    assert caught.value.summary.done == len(folder.results())


async def test_a_stop_that_is_not_used_changes_nothing(
    client: Client, folder: Folder
) -> None:
    summary = await run(folder.job(), client=client, stop=asyncio.Event())

    assert summary.succeeded


async def test_a_cancelled_job_leaves_valid_files(
    client: Client, folder: Folder, model: Model
) -> None:
    model.gate = asyncio.Event()
    task = asyncio.create_task(run(folder.job(), client=client))
    await model.called.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    model.gate = None
    assert (await run(folder.job(resume=True), client=client)).succeeded
    assert 3 == len(folder.results())


async def test_progress_is_reported(client: Client, folder: Folder) -> None:
    folder.input.write_text("1\n" * 50)
    clock, reports = ManualClock(0.0), list[BatchProgress]()

    def tick() -> float:
        clock.advance(0.05)
        return clock.now

    await run(
        folder.job(concurrency=2), client=client, on_progress=reports.append, clock=tick
    )

    assert 5 < len(reports)
    assert (50, 1.0, 2) == (reports[-1].done, reports[-1].fraction, reports[-1].limit)


async def test_an_invalid_input_is_reported_before_anything_is_sent(
    client: Client, folder: Folder, emulator: Emulator
) -> None:
    folder.input.unlink()

    with pytest.raises(ParamValidationError):
        await run(folder.job(), client=client)

    assert not folder.output.exists()
    assert not emulator.requests


async def test_files_of_a_folder_are_inputs(client: Client, folder: Folder) -> None:
    source = folder.path / "images"
    source.mkdir()
    for name in ("a.png", "b.png"):
        (source / name).write_bytes(name.encode())
    output = source / "out.jsonl"

    for resume in (False, True):
        job = BatchJob("m", source, output, ordered=True, resume=resume)
        await run(job, client=client)

    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [("a.png", "[a.png]"), ("b.png", "[b.png]")] == [
        (line["id"], line["output"]) for line in lines
    ]


async def test_openai_batch_files_keep_their_form(
    client: Client, folder: Folder
) -> None:
    requests = [
        {"custom_id": f"r-{n}", "method": "POST", "url": "/v1/x", "body": {"n": text}}
        for n, text in enumerate(["good", "bad"])
    ]
    folder.input.write_text("".join(json.dumps(one) + "\n" for one in requests))

    await run(folder.job(format="openai"), client=client)

    (result,), (failure,) = folder.results(), folder.failed()
    assert ("r-0", 200, [{"n": "good"}]) == (
        result["custom_id"],
        result["response"]["status_code"],
        result["response"]["body"],
    )
    assert ("r-1", 400, requests[1]) == (
        failure["custom_id"],
        failure["response"]["status_code"],
        failure["input"],
    )


async def test_results_that_cannot_be_stored_in_s3_are_kept(
    emulator: Emulator, folder: Folder
) -> None:
    async with (
        Emulator() as other,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
            environ={"AWS_ENDPOINT_URL_S3": other.s3_url},
        ) as client,
    ):
        job = BatchJob("m", folder.input, "s3://b/out", work_folder=folder.path)

        with pytest.raises(BatchStoppedError) as caught:
            await run(job, client=client)

    assert isinstance(caught.value.__cause__, S3Error)
    assert 3 == caught.value.summary.done
    kept = folder.path / "b" / "out"
    assert str(kept) == caught.value.summary.output
    assert 3 == kept.read_bytes().count(b"\n")


async def test_a_job_in_s3_is_copied_there_and_back(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    emulator.objects["s3://b/in.jsonl"] = b"1\n2\n"
    job = BatchJob(
        "m", "s3://b/in.jsonl", "s3://b/out.jsonl", work_folder=tmp_path, ordered=True
    )

    summary = await run(job, client=client)

    assert "s3://b/out.jsonl" == summary.output
    assert (
        b'{"line":1,"input":1,"output":[1]}\n{"line":2,"input":2,"output":[2]}\n'
    ) == emulator.objects["s3://b/out.jsonl"]


async def test_an_input_with_other_lines_than_the_results_is_refused(
    client: Client, folder: Folder
) -> None:
    await run(folder.job(), client=client)
    folder.input.write_text("1\n2\n")

    with pytest.raises(ParamValidationError):
        await run(folder.job(resume=True), client=client)

    assert 3 == len(folder.results())


async def test_a_file_may_be_removed_when_it_has_a_result(
    client: Client, tmp_path: Path
) -> None:
    source = Folder(tmp_path / "in")
    source.input.parent.mkdir()
    source.input.write_text("1")
    job = BatchJob("m", tmp_path / "in", tmp_path / "out", resume=True)
    await run(job, client=client)
    source.input.rename(tmp_path / "in" / "other")

    summary = await run(job, client=client)

    assert (1, 0) == (summary.done, summary.skipped)


class ModelOfRows:
    """Doubles the numbers in the lines of a request, but has no answer for 5."""

    def __init__(self) -> None:
        self.requests: list[tuple[str | None, bytes]] = []

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.requests.append((request.content_type, request.body))
        if b"8" in request.body:
            raise ModelFailure(400, "bad input")
        numbers = [int(line) for line in request.body.split(b"\n")]
        return b"\n".join(b"%d" % (2 * n) for n in numbers if n != 5)


async def test_several_lines_in_a_request_have_a_result_each(tmp_path: Path) -> None:
    model, folder = ModelOfRows(), Folder(tmp_path)
    lines = "".join(f"{n}\n" for n in range(1, 10))
    await asyncio.to_thread(folder.input.write_text, lines)
    async with (
        Emulator(models={"m": model}) as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
        ) as client,
    ):
        job = folder.job(rows_per_request=2, ordered=True)
        summary = await run(job, client=client)
        assert (5, 4) == (summary.done, summary.failed)
        assert [5, 6, 7, 8] == [failure["line"] for failure in folder.failed()]
        assert ["AnswersNotMatched"] * 2 + ["ModelError"] * 2 == [
            failure["error"]["code"] for failure in folder.failed()
        ]
        bodies = [b"1\n2", b"3\n4", b"5\n6", b"7\n8", b"9"]
        sent = [("application/jsonlines", body) for body in bodies]
        assert sent == sorted(model.requests)

        summary = await run(folder.job(retry_failed=True), client=client)

    assert (3, 1, 5) == (summary.done, summary.failed, summary.skipped)
    found = {result["line"]: result["output"] for result in folder.results()}
    doubled = {n: 2 * n for n in range(1, 10) if n not in {5, 8}}
    assert {**doubled, 5: ""} == found

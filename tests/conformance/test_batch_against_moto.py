"""Batch jobs whose files are in the S3 of moto, which verifies signatures."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import boto3
import pytest
from distributed import Client as Cluster
from distributed import LocalCluster

from sagemaker_rt.batch import BatchJob, BatchSummary, run
from sagemaker_rt.batch.dask import run as run_on_dask
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from sagemaker_rt.errors import ParamValidationError
from tests.conformance.moto_server import REGION, running_moto
from tests.process_state import replaced_environment


class Model:
    """Returns the type and the text of an input, but fails for "2" until mended."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.is_mended = False

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.bodies.append(request.body)
        if request.body == b"2" and not self.is_mended:
            raise ModelFailure(400, "bad input")
        return json.dumps([request.content_type, request.body.decode()]).encode()


class Bucket:
    """A bucket, as boto3 sees it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        client.create_bucket(Bucket="jobs")

    def put(self, key: str, body: bytes) -> None:
        self._client.put_object(Bucket="jobs", Key=key, Body=body)

    def lines(self, key: str) -> list[Any]:
        """Return the values in the lines of an object."""
        body = self._client.get_object(Bucket="jobs", Key=key)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def bucket(model: Model) -> AsyncIterator[Bucket]:
    with running_moto() as moto:
        keys = moto.credentials
        async with Emulator(models={"m": model}, credentials=keys) as emulator:
            variables = {
                "AWS_ACCESS_KEY_ID": keys.access_key_id,
                "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ENDPOINT_URL_S3": moto.url,
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": emulator.url,
            }
            with replaced_environment(variables):
                session = boto3.Session()  # the default one keeps its credentials
                client: Any = session.client("s3", endpoint_url=moto.url)
                yield Bucket(client)
                client.close()


async def run_on_cluster(job: BatchJob) -> BatchSummary:
    """Run *job* on two workers in this process."""
    start: Any = LocalCluster  # it has no annotations
    connect: Any = Cluster
    async with (
        start(
            n_workers=2, processes=False, asynchronous=True, dashboard_address=":0"
        ) as workers,
        connect(workers, asynchronous=True) as cluster,
    ):
        return await run_on_dask(job, cluster, part_lines=2)


async def test_a_job_is_continued_on_another_machine(
    bucket: Bucket, model: Model, tmp_path: Path
) -> None:
    bucket.put("in put.jsonl", b"1\n2\n3\n")
    job = BatchJob(
        "m", "s3://jobs/in put.jsonl", "s3://jobs/out.jsonl", retry_failed=True
    )

    for machine in ("first", "second"):
        summary = await run(attrs.evolve(job, work_folder=tmp_path / machine))
        model.is_mended = True

    assert (1, 2, True) == (summary.done, summary.skipped, summary.succeeded)
    assert [1, 2, 3] == sorted(line["input"] for line in bucket.lines("out.jsonl"))
    assert [] == bucket.lines("out.failed.jsonl")
    assert [b"1", b"2", b"2", b"3"] == sorted(model.bodies)


@pytest.mark.parametrize("run_first", [run, run_on_cluster], ids=["here", "dask"])
async def test_the_files_of_a_folder_are_read_from_s3(
    bucket: Bucket, tmp_path: Path, run_first: Any
) -> None:
    types = {
        "a+b c%20.png": "image/png",
        "<&>.json": "application/json",
        "sub//日本😀.txt": "text/plain",
        "x.csv": "text/csv",
    }
    for name in [*types, "", ".hidden", "out"]:
        bucket.put(f"in put/{name}", name.encode())
    job = BatchJob(
        "m", "s3://jobs/in put/", "s3://jobs/in put/out", work_folder=tmp_path
    )

    first = await run_first(attrs.evolve(job, overwrite=True))
    bucket.put("in put/new.txt", b"new.txt")
    second = await run(attrs.evolve(job, resume=True))

    assert [(4, 0), (1, 4)] == [(one.done, one.skipped) for one in (first, second)]
    found = {line["id"]: line["output"] for line in bucket.lines("in put/out")}
    types["new.txt"] = "text/plain"
    assert {name: [type, name] for name, type in types.items()} == found


async def test_a_job_whose_results_have_no_bucket_makes_no_call(
    bucket: Bucket, model: Model, tmp_path: Path
) -> None:
    bucket.put("in.jsonl", b"1\n")
    job = BatchJob("m", "s3://jobs/in.jsonl", "s3://job/out", work_folder=tmp_path)

    with pytest.raises(ParamValidationError, match="bucket job does not exist"):
        await run(job)

    assert [] == model.bodies


async def test_lines_in_s3_are_called_on_a_cluster(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("in.jsonl", b"1\n2\n3\n{\n5")
    job = BatchJob("m", "s3://jobs/in.jsonl", "s3://jobs/out", work_folder=tmp_path)

    summary = await run_on_cluster(job)

    assert (3, 2) == (summary.done, summary.failed)
    assert [1, 3, 5] == sorted(line["line"] for line in bucket.lines("out"))
    assert [2, 4] == sorted(line["line"] for line in bucket.lines("out.failed.jsonl"))

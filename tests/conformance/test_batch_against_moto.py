"""A batch job whose files are in the S3 of moto, which verifies signatures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3

from sagemaker_rt.batch import BatchJob, run
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from tests.conformance.moto_server import REGION, Moto, running_moto


def bucket_of(moto: Moto) -> Any:
    s3 = boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=moto.url,
        aws_access_key_id=moto.credentials.access_key_id,
        aws_secret_access_key=moto.credentials.secret_access_key,
    )
    s3.create_bucket(Bucket="jobs")
    return s3


async def test_a_job_is_continued_on_another_machine(tmp_path: Path) -> None:
    is_mended = False
    bodies: list[bytes] = []

    async def model(request: InvocationRequest) -> bytes:
        bodies.append(request.body)
        if request.body == b"2" and not is_mended:
            raise ModelFailure(400, "bad input")
        return request.body

    with running_moto() as moto:
        s3 = bucket_of(moto)
        s3.put_object(Bucket="jobs", Key="in put.jsonl", Body=b"1\n2\n3\n")
        async with (
            Emulator(models={"m": model}, credentials=moto.credentials) as emulator,
            Client(
                region=REGION,
                endpoint_url=emulator.url,
                credentials=moto.credentials,
                environ={"AWS_ENDPOINT_URL_S3": moto.url},
            ) as client,
        ):
            for machine in ("first", "second"):
                job = BatchJob(
                    "m",
                    "s3://jobs/in put.jsonl",
                    "s3://jobs/out.jsonl",
                    retry_failed=True,
                    work_folder=tmp_path / machine,
                )
                summary = await run(job, client=client)
                is_mended = True
        output = s3.get_object(Bucket="jobs", Key="out.jsonl")["Body"].read()
        failed = s3.get_object(Bucket="jobs", Key="out.failed.jsonl")["Body"].read()
        s3.close()

    assert (1, 2, True) == (summary.done, summary.skipped, summary.succeeded)
    assert [1, 2, 3] == sorted(json.loads(line)["input"] for line in output.split())
    assert b"" == failed
    assert [b"1", b"2", b"2", b"3"] == sorted(bodies)

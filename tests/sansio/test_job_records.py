"""The record of an asynchronous inference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.job_records import JobRecord, lifetime_of, record_from_json
from sagemaker_rt.sansio.s3_addresses import S3Location

RECORD = JobRecord(
    endpoint_name="m",
    output_location="s3://bucket/a b.out",
    failure_location="https://bucket.s3.eu-west-1.amazonaws.com/f",
    submitted_at=1.5,
    lifetime=60,
    inference_id="i",
)


@pytest.mark.parametrize(
    "record", [RECORD, evolve(RECORD, failure_location=None, inference_id=None)]
)
def test_a_record_is_stored_as_json(record: JobRecord) -> None:
    assert record == record_from_json(record.to_json())
    assert record == record_from_json(record.to_json().encode())


def test_locations_are_parsed() -> None:
    assert S3Location("bucket", "a b.out") == RECORD.output
    assert S3Location("bucket", "f") == RECORD.failure
    assert evolve(RECORD, failure_location=None).failure is None


def test_unknown_members_are_ignored() -> None:
    document = {**json.loads(RECORD.to_json()), "more": 1}

    assert RECORD == record_from_json(json.dumps(document))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 1}',
        b"\xff",
        "1",
        "nonsense",
        None,
        {},
    ],
)
def test_another_document_is_not_a_record(text: str | bytes) -> None:
    with pytest.raises(ParamValidationError) as raised:
        record_from_json(text)

    assert raised.value.problems


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint_name": ""},
        {"endpoint_name": 1},
        {"output_location": None},
        {"output_location": "s3://bucket"},
        {"failure_location": "bucket"},
        {"failure_location": 1},
        {"inference_id": 1},
        {"submitted_at": "1"},
        {"submitted_at": True},
        {"submitted_at": -1},
        {"lifetime": float("inf")},
        {"lifetime": float("nan")},
    ],
)
def test_a_wrong_member_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError):
        evolve(RECORD, **change)


@pytest.mark.parametrize(
    ("ttl", "timeout", "lifetime"),
    [(None, None, 22_560.0), (60, None, 1020.0), (60, 1, 121.0)],
)
def test_the_lifetime_is_that_of_queue_and_model(
    ttl: int | None, timeout: int | None, lifetime: float
) -> None:
    assert lifetime == lifetime_of(ttl, timeout)

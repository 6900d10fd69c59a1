from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.errors import ParamValidationError


def test_a_job_can_be_pickled() -> None:
    job = BatchJob("m", "in.jsonl", "out.jsonl", members={"accept": "text/csv"})

    assert job == pickle.loads(pickle.dumps(job))  # noqa: S301 - written here


@pytest.mark.parametrize(
    ("input", "options", "format", "join"),
    [
        ("in.jsonl", {}, "jsonlines", "record"),
        ("in.CSV", {}, "csv", "record"),
        ("in.txt", {"format": "csv", "join": "csv"}, "csv", "csv"),
        ("in.jsonl", {"format": "openai"}, "openai", "openai"),
        ("s3://b/in.csv", {}, "csv", "record"),
        ("s3://b/in.csv/", {}, "files", "record"),
        ("s3://b/in", {"format": "files"}, "files", "record"),
    ],
)
def test_the_format_follows_from_the_name(
    input: str, options: dict[str, Any], format: str, join: str
) -> None:
    job = BatchJob("m", input, "out", **options)

    assert (format, join) == (job.format_in_force, job.join_in_force)


def test_only_a_folder_in_s3_is_listed(tmp_path: Path) -> None:
    inputs = [str(tmp_path), "s3://b/k", "s3://b/k/", "s3://b/"]

    assert [False, False, True, True] == [
        BatchJob("m", input, "out").lists_input for input in inputs
    ]


def test_a_folder_has_files(tmp_path: Path) -> None:
    assert "files" == BatchJob("m", tmp_path, "out").format_in_force


@pytest.mark.parametrize(
    ("output", "failures", "expected"),
    [
        ("out.jsonl", None, "out.failed.jsonl"),
        ("a.b/out", None, "a.b/out.failed.jsonl"),
        ("s3://b/k/out.csv", None, "s3://b/k/out.csv.failed.jsonl"),
        ("out.jsonl", Path("x"), "x"),
    ],
)
def test_failures_are_beside_the_output(
    output: str, failures: Path | None, expected: str
) -> None:
    assert expected == BatchJob("m", "in", output, failures=failures).failures_in_force


def test_repeating_failures_resumes() -> None:
    assert BatchJob("m", "in", "out", retry_failed=True).resumes
    assert not BatchJob("m", "in", "out").resumes


def test_the_limit_is_the_highest_concurrency() -> None:
    assert 3 == BatchJob("m", "in", "out", concurrency=3).limit
    job = BatchJob("m", "in", "out", concurrency="auto", max_concurrency=9)
    assert 9 == job.limit


@pytest.mark.parametrize(
    "options",
    [
        {"format": "xml"},
        {"join": "left"},
        {"join": "openai"},
        {"join": "record", "format": "openai"},
        {"join": "csv", "format": "jsonlines"},
        {"join": "csv"},
        {"join": "transform", "format": "files"},
        {"header": True, "format": "jsonlines"},
        {"header": True},
        {"overwrite": True, "resume": True},
        {"concurrency": 0},
        {"concurrency": "many"},
        {"concurrency": True},
        {"max_concurrency": 0},
        {"rows_per_request": 0},
        {"rows_per_request": 2, "format": "openai"},
        {"max_line_bytes": -1},
        {"max_failures": -1},
        {"patience": -1.0},
        {"patience": float("nan")},
        {"members": {"body": b""}},
        {"failures": "out"},
        {"failures": "s3://bucket"},
        {"failures": "."},
        {"failures": 5},
        {"format": ["csv"]},
        {"join": {}},
        {"members": None},
        {"max_failures": True},
        {"patience": True},
        {"patience": "60"},
        {"overwrite": "no"},
        {"header": 1, "format": "csv"},
        {"work_folder": None},
    ],
    ids=str,
)
def test_an_invalid_option_is_reported(options: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError) as caught:
        BatchJob("m", "in", "out", **options)

    assert 1 == len(caught.value.problems)


@pytest.mark.parametrize("name", ["patience", "max_failures", "concurrency", "resume"])
def test_an_invalid_value_is_named(name: str) -> None:
    options: dict[str, Any] = {name: "many"}

    with pytest.raises(ParamValidationError, match=rf"{name} must be .*, not 'many'"):
        BatchJob("m", "in", "out", **options)


def test_patience_may_have_no_end() -> None:
    assert float("inf") == BatchJob("m", "in", "out", patience=float("inf")).patience


@pytest.mark.parametrize("path", ["", None, 5, b"in", "a\0b"])
def test_a_path_is_a_text_that_is_not_empty(path: Any) -> None:
    with pytest.raises(ParamValidationError, match=r"^the .*: input must be a text"):
        BatchJob("m", path, "out")
    with pytest.raises(ParamValidationError, match="output must be a text"):
        BatchJob("m", "in", path)
    with pytest.raises(ParamValidationError, match="endpoint_name must be a text"):
        BatchJob(path, "in", "out")


def test_a_path_that_cannot_exist_is_not_a_folder() -> None:
    assert "jsonlines" == BatchJob("m", "x" * 300, "out").format_in_force


def test_input_and_output_must_differ() -> None:
    with pytest.raises(ParamValidationError):
        BatchJob("m", "x", "x")

"""The options of a batch job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args

from attrs import field, frozen

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.batch_records import BatchFormat
from sagemaker_rt.sansio.batch_results import BatchJoin
from sagemaker_rt.sansio.number_checks import is_integer, is_number
from sagemaker_rt.sansio.s3_addresses import parse_location, parse_prefix

__all__ = ["BatchJob", "is_in_s3"]

_S3: Final = "s3://"
_FORMATS: Final[tuple[str, ...]] = get_args(BatchFormat)
_JOINS: Final[tuple[str, ...]] = get_args(BatchJoin)
_RESERVED: Final = {"endpoint_name", "body", "json"}
_FLAGS: Final = ("header", "ordered", "resume", "retry_failed", "overwrite")


def _text(path: str | os.PathLike[str]) -> str:
    return os.fspath(path) if isinstance(path, os.PathLike) else path


def _optional_text(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else _text(path)


@frozen
class BatchJob:
    """A batch job: its input, its output, and how the model is called.

    It can be pickled, and run in another process.

    Raises:
        ParamValidationError: A value is invalid, or does not fit another one.
    """

    endpoint_name: str
    """The endpoint to invoke."""
    input: str = field(converter=_text)
    """A file or a folder; in S3: ``s3://bucket/key``, or ``s3://bucket/folder/``."""
    output: str = field(converter=_text)
    """The file of results, or an object."""
    failures: str | None = field(default=None, converter=_optional_text, kw_only=True)
    """The file of failures. By default, it is beside the output: ``out.failed.jsonl``
    for ``out.jsonl``, and ``out.csv.failed.jsonl`` for ``out.csv``."""
    format: BatchFormat | None = field(default=None, kw_only=True)
    """How inputs are stored: ``jsonlines``, ``csv``, ``openai`` (a batch file of
    OpenAI), or ``files`` (a folder). By default, it is ``files`` for a folder, ``csv``
    for ``.csv``, and else ``jsonlines``."""
    join: BatchJoin | None = field(default=None, kw_only=True)
    """The form of the lines of the output: ``record`` has the number of the line, the
    input and the output; ``transform`` adds ``SageMakerOutput`` to the input, as batch
    transform does; ``csv`` has the cells of both. Batch files of OpenAI have their own
    form, ``openai``."""
    header: bool = field(default=False, kw_only=True)
    """Whether the first line of CSV has the names of the columns. It is not sent."""
    members: Mapping[str, Any] = field(factory=dict, kw_only=True, repr=False)
    """Members of `InvokeEndpointInput` for all calls, such as ``content_type``."""
    rows_per_request: int = field(default=1, kw_only=True)
    """The number of lines that are sent in one request, for models that take several
    and return as many answers: lines, or a JSON array."""
    concurrency: int | Literal["auto"] = field(default=16, kw_only=True)
    """The maximum number of calls in flight. ``auto`` finds the number that the
    endpoint can serve, by its throttles and its latency."""
    max_concurrency: int = field(default=256, kw_only=True)
    """The highest number of calls in flight with ``concurrency="auto"``."""
    ordered: bool = field(default=False, kw_only=True)
    """Whether results are in the order of the input, and not as calls finish."""
    resume: bool = field(default=False, kw_only=True)
    """Whether the files of an earlier run are continued. Its results and failures are
    not repeated."""
    retry_failed: bool = field(default=False, kw_only=True)
    """Whether the failures of an earlier run are repeated; it implies *resume*."""
    overwrite: bool = field(default=False, kw_only=True)
    """Whether the files of an earlier run are replaced."""
    max_failures: int | None = field(default=None, kw_only=True)
    """Stop when more inputs than this failed; by default, never."""
    patience: float = field(default=60.0, kw_only=True)
    """Seconds for which throttled calls and lost connections are repeated without any
    success, before the job stops; infinite to repeat them for ever."""
    max_line_bytes: int = field(default=32 * 1024 * 1024, kw_only=True)
    """The size of the longest line or file; a longer one is a failure."""
    work_folder: str = field(
        default=".sagemaker-rt-batch", converter=_text, kw_only=True
    )
    """The folder for copies of objects. They stay there after the job. A job with an
    output in S3 is resumed from it, or else from S3."""

    def __attrs_post_init__(self) -> None:
        if problems := list(_problems(self)):
            message = f"the batch job is invalid: {'; '.join(problems)}"
            raise ParamValidationError(message, problems)

    @property
    def resumes(self) -> bool:
        """Whether the files of an earlier run are continued."""
        return self.resume or self.retry_failed

    @property
    def limit(self) -> int:
        """The highest number of calls in flight."""
        return self.max_concurrency if self.concurrency == "auto" else self.concurrency

    @property
    def format_in_force(self) -> BatchFormat:
        """The format of the input; whether it is a folder is looked up."""
        if self.format is not None:
            return self.format
        if is_in_s3(self.input):
            is_folder = self.input.endswith("/")
        else:
            is_folder = os.path.isdir(self.input)  # noqa: PTH112 - pathlib raises an error if the name is too long
        if is_folder:
            return "files"
        return "csv" if self.input.lower().endswith(".csv") else "jsonlines"

    @property
    def lists_input(self) -> bool:
        """Whether the input is a folder in S3."""
        return is_in_s3(self.input) and self.format_in_force == "files"

    @property
    def join_in_force(self) -> BatchJoin:
        """The form of the lines of the output."""
        if self.join is not None:
            return self.join
        return "openai" if self.format == "openai" else "record"

    @property
    def failures_in_force(self) -> str:
        """The file of failures."""
        if self.failures is not None:
            return self.failures
        return f"{self.output.removesuffix('.jsonl')}.failed.jsonl"


def is_in_s3(path: str) -> bool:
    """Return whether *path* is the location of an object."""
    return path.startswith(_S3)


def _problems(job: BatchJob) -> Iterator[str]:
    if of_types := list(_problems_of_types(job)):
        yield from of_types
        return
    yield from _problems_of_choices(job)
    yield from _problems_of_limits(job)
    for name in ("input", "output", "failures"):
        path = getattr(job, name)
        if path is None:
            continue
        if not is_in_s3(path):
            if name != "input" and not Path(path).name:
                yield f"{name} must be a file, not {path!r}"
            continue
        is_folder = name == "input" and job.lists_input
        try:
            parse_prefix(path) if is_folder else parse_location(path)
        except ParamValidationError as error:
            yield f"{name}: {error}"
    if len({job.input, job.output, job.failures_in_force}) < len(_DISTINCT):
        yield f"{', '.join(_DISTINCT)} must be different files"
    if wrong := _RESERVED & {*job.members}:
        yield f"members must not have {', '.join(sorted(wrong))}"


_DISTINCT: Final = ("input", "output", "failures")


def _problems_of_types(job: BatchJob) -> Iterator[str]:
    """Yield what is wrong in values that the other checks rely on."""
    for name in ("endpoint_name", "input", "output", "failures", "work_folder"):
        value = getattr(job, name)
        if name == "failures" and value is None:
            continue
        # an empty path would be the current folder, with all that is in it
        if not (isinstance(value, str) and value) or "\0" in value:
            yield f"{name} must be a text that is not empty, without NUL: {value!r}"
    if not isinstance(job.members, Mapping):
        yield f"members must be a mapping, not {type(job.members).__name__}"
    for name in _FLAGS:
        # a text such as "no" would be true
        if not isinstance(value := getattr(job, name), bool):
            yield f"{name} must be True or False, not {value!r}"


def _problems_of_choices(job: BatchJob) -> Iterator[str]:
    if job.format not in (None, *_FORMATS):
        yield f"format must be one of {', '.join(_FORMATS)}, not {job.format!r}"
    if job.join not in (None, *_JOINS):
        yield f"join must be one of {', '.join(_JOINS)}, not {job.join!r}"
    if (job.join == "openai") is not (job.format == "openai") and job.join is not None:
        yield "join 'openai' needs format 'openai', which has no other join"
    if (job.header or job.join == "csv") and job.format_in_force != "csv":
        yield "header and join 'csv' need format 'csv', or an input that ends with .csv"
    if job.join == "transform" and job.format_in_force == "files":
        yield "join 'transform' needs lines; files are joined by their path"
    if job.rows_per_request != 1 and job.format_in_force in ("files", "openai"):
        yield "rows_per_request needs format 'jsonlines' or 'csv'"
    if job.overwrite and job.resumes:
        yield "overwrite does not fit resume and retry_failed"


def _problems_of_limits(job: BatchJob) -> Iterator[str]:
    if job.concurrency != "auto" and not is_integer(job.concurrency, 1):
        expected = "a positive integer or 'auto'"
        yield f"concurrency must be {expected}, not {job.concurrency!r}"
    for name in ("max_concurrency", "max_line_bytes", "rows_per_request"):
        if not is_integer(value := getattr(job, name), 1):
            yield f"{name} must be a positive integer, not {value!r}"
    if job.max_failures is not None and not is_integer(job.max_failures, 0):
        expected = "an integer of at least 0, or None"
        yield f"max_failures must be {expected}, not {job.max_failures!r}"
    if not (is_number(job.patience) and job.patience >= 0):
        expected = "a number of seconds of at least 0"
        yield f"patience must be {expected}, not {job.patience!r}"

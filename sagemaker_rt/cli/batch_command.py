"""The command ``sagemaker-rt batch``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import frozen
from cyclopts import Parameter

from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.run import run
from sagemaker_rt.batch.summary import BatchSummary
from sagemaker_rt.cli.arguments import Connection, InvokeMembers, WholeNumber
from sagemaker_rt.cli.batch_progress import shown_progress
from sagemaker_rt.cli.failures import written
from sagemaker_rt.cli.stop_signals import stop_on_signals
from sagemaker_rt.errors import BatchStoppedError, ParamValidationError
from sagemaker_rt.sansio.batch_records import BatchFormat
from sagemaker_rt.sansio.batch_results import BatchJoin
from sagemaker_rt.sansio.batch_statistics import BatchProgress

__all__ = ["FAILURES", "BatchSettings", "batch"]

FAILURES: Final = 7
"""The exit code if inputs failed."""
_OUTPUT_FAILED: Final = 1
_STOPPING: Final = (
    "sagemaker-rt: stopping; calls in flight may finish. Repeat the signal to cancel "
    "them. --resume continues the job."
)
_NOT_OF_THE_JOB: Final = {"quiet", "summary"}


@Parameter(name="*")
@frozen(kw_only=True)
class BatchSettings:
    """Options of a batch job."""

    failures: str | None = None
    """File of failures. By default out.failed.jsonl for out.jsonl."""
    format: BatchFormat | None = None
    """Format of the input. By default, files for a folder, csv for .csv, and else
    jsonlines."""
    join: BatchJoin | None = None
    """Form of the output: record, transform (as batch transform) or csv."""
    header: bool = False
    """The first line of CSV has names of columns, and is not sent."""
    rows_per_request: WholeNumber = 1
    """Lines that are sent in one request, to models that return an answer for each."""
    concurrency: str = "16"
    """Calls in flight; auto finds what the endpoint can serve."""
    max_concurrency: WholeNumber = 256
    """Highest number of calls in flight with --concurrency auto."""
    ordered: bool = False
    """Keep the order of the input."""
    resume: bool = False
    """Continue an earlier run; its results are not repeated."""
    retry_failed: bool = False
    """Continue an earlier run, and repeat its failures."""
    overwrite: bool = False
    """Replace the files of an earlier run."""
    max_failures: WholeNumber | None = None
    """Stop when more inputs than this failed."""
    patience: float = 60.0
    """Seconds without success, while throttled or disconnected, before it stops."""
    work_folder: str = ".sagemaker-rt-batch"
    """Folder for copies of S3 objects. They stay there after the job."""
    summary: Path | None = None
    """File that receives the summary as JSON."""
    quiet: bool = False
    """Print neither progress nor summary."""

    def job(
        self, endpoint_name: str, input: str, output: str, members: Mapping[str, Any]
    ) -> BatchJob:
        """Return the job.

        Raises:
            ParamValidationError: An option is invalid.
        """
        fields = attrs.asdict(self, filter=lambda a, _: a.name not in _NOT_OF_THE_JOB)
        fields["concurrency"] = _concurrency(self.concurrency)
        return BatchJob(endpoint_name, input, output, members=members, **fields)


async def batch(  # noqa: PLR0913 - they are command-line arguments
    endpoint_name: str,
    input: str,
    output: str,
    /,
    *,
    settings: BatchSettings | None = None,
    members: InvokeMembers | None = None,
    connection: Connection | None = None,
) -> int:
    """Invoke a model with each line of a file, or with each file of a folder.

    Results are appended to the output as calls finish. Failures go to a file beside it.
    After an interruption or a crash, --resume continues without repeating a line. The
    first Ctrl-C lets calls in flight finish, and the second one cancels them.

    Args:
        endpoint_name: Name of the SageMaker endpoint.
        input: File, folder, or s3://bucket/key.
        output: File of results, or s3://bucket/key.
    """
    settings, connection = settings or BatchSettings(), connection or Connection()
    given = attrs.asdict(members) if members is not None else {}
    present = {name: value for name, value in given.items() if value is not None}
    job = settings.job(endpoint_name, input, output, present)
    _check_folder_of(settings.summary)
    try:
        with stop_on_signals(_report_stopping) as stop, _progress(settings) as show:
            async with connection.client(max_connections=job.limit) as client:
                summary = await run(job, client=client, on_progress=show, stop=stop)
    except BatchStoppedError as error:
        _report(error.summary, settings)
        raise
    if not _report(summary, settings):
        return _OUTPUT_FAILED
    return 0 if summary.succeeded else FAILURES


def _concurrency(text: str) -> Any:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        problem = f"--concurrency must be a number or auto, not {text!r}"
        raise ParamValidationError(problem, [problem]) from None


def _check_folder_of(summary: Path | None) -> None:
    """Check at the start that *summary* can be written at the end."""
    if summary is None:
        return
    if summary.is_dir() or not summary.parent.is_dir():
        problem = f"--summary {str(summary)!r} is not in a folder that exists"
        raise ParamValidationError(problem, [problem])


def _progress(
    settings: BatchSettings,
) -> AbstractContextManager[Callable[[BatchProgress], None] | None]:
    return nullcontext() if settings.quiet else shown_progress(sys.stderr)


def _report(summary: BatchSummary, settings: BatchSettings) -> bool:
    """Print *summary*, and write it; return whether it could be written."""
    if not settings.quiet:
        print(summary.text, file=sys.stderr)
        if summary.failed or summary.failed_before:
            print("--retry-failed repeats the failures.", file=sys.stderr)
    if settings.summary is None:
        return True
    document = json.dumps(attrs.asdict(summary), indent=2)
    return written(settings.summary, f"{document}\n")


def _report_stopping() -> None:
    print(_STOPPING, file=sys.stderr, flush=True)

"""How the command line reports an error: an exit code, and one line of text."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cyclopts import CycloptsError, UnusedCliTokensError

from sagemaker_rt.errors import (
    AsyncInferenceError,
    BatchStoppedError,
    ConnectError,
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    ParamValidationError,
    SageMakerRuntimeError,
    SerializationError,
    ServiceError,
)

__all__ = [
    "discard_output",
    "exit_code",
    "next_command",
    "one_line",
    "report",
    "report_usage",
    "written",
]

_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
_NO_CREDENTIALS: Final = "no credentials found"
_CREDENTIALS_ADVICE: Final = (
    "no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use "
    "--profile; `sagemaker-rt credentials` shows what was tried"
)


def report(error: SageMakerRuntimeError, arguments: Sequence[str]) -> int:
    """Print *error*, and return the exit code.

    Args:
        arguments: The command line. The command that continues a batch job is printed.
    """
    print(f"sagemaker-rt: error: {one_line(error)}", file=sys.stderr)
    # with invalid arguments, the same command would fail again
    is_invalid = isinstance(error.__cause__, (OptionsError, ParamValidationError))
    if isinstance(error, BatchStoppedError) and not is_invalid:
        print(f"continue with: {next_command(arguments)}", file=sys.stderr)
    return exit_code(error)


def report_usage(error: CycloptsError) -> int:
    """Print that the command line is invalid, and return the exit code."""
    text = " ".join(str(error).split())
    if isinstance(error, UnusedCliTokensError):
        text = f"unexpected arguments: {shlex.join(error.unused_tokens or ())}"
    command = shlex.join(["sagemaker-rt", *(error.command_chain or ())])
    print(f"sagemaker-rt: error: {text} (see {command} --help)", file=sys.stderr)
    return 2


def next_command(arguments: Sequence[str]) -> str:
    """Return the command that continues the batch job of *arguments*."""
    kept = [one for one in arguments if one != "--overwrite"]
    resumes = {"--resume", "--retry-failed"} & {*kept}
    return shlex.join(["sagemaker-rt", *kept, *([] if resumes else ["--resume"])])


def exit_code(error: SageMakerRuntimeError) -> int:
    """Return the exit code for *error*; ``README.md`` lists the codes."""
    if isinstance(error, BatchStoppedError):
        return _exit_code_of_cause(error.__cause__)
    if isinstance(error, ServiceError):
        # these have the fault "client", but the model failed, not the request
        is_model = error.code in {"ModelError", "ModelStreamError"}
        is_rejected = error.fault == "client" and not is_model
        return 4 if is_rejected else 5
    if isinstance(error, AsyncInferenceError):
        return 5
    if isinstance(error, (OptionsError, ParamValidationError, SerializationError)):
        return 2
    if isinstance(error, (CredentialsError, EndpointResolutionError, ConnectError)):
        return 3
    return 6


def _exit_code_of_cause(cause: BaseException | None) -> int:
    if isinstance(cause, SageMakerRuntimeError):
        return exit_code(cause)
    return _INTERRUPTED if cause is None else 1


def one_line(error: SageMakerRuntimeError) -> str:
    """Return *error* on one line, and whether the model may have run."""
    # the error of the library lists all providers, and advises in Python
    reason = error.__cause__ if isinstance(error, BatchStoppedError) else error
    if isinstance(reason, CredentialsError) and _NO_CREDENTIALS in str(reason):
        return _CREDENTIALS_ADVICE
    code = error.code if isinstance(error, ServiceError) else type(error).__name__
    text = " ".join(f"{code}: {error}".split())
    return f"{text} (the model may have run)" if error.may_have_executed else text


def written(path: Path, text: str) -> bool:
    """Write *text* to a file; return whether that worked, and print why it did not."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}"
        print(f"sagemaker-rt: error: {reason}", file=sys.stderr)
        return False
    return True


def discard_output() -> None:
    """Discard what standard output has buffered.

    Otherwise the interpreter would write it, and fail again, when the process ends.
    """
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)

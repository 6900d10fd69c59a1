"""Where a command's body comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from sagemaker_rt.errors import ParamValidationError

__all__ = ["read_body"]


def read_body(
    body: str | None, file: Path | None, *, stdin: BinaryIO | None = None
) -> bytes:
    """Return *body*, or the content of *file*, or else all of standard input.

    Raises:
        ParamValidationError: Both are given, or the file cannot be read.
    """
    if body is not None and file is not None:
        message = f"give a body or --file, not both: {file}"
        raise ParamValidationError(message, [message])
    if body is not None:
        return body.encode()
    if file is None:
        return (stdin or sys.stdin.buffer).read()
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"--file cannot be read: {error}"
        raise ParamValidationError(message, [message]) from error

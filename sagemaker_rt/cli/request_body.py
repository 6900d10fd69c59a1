"""Reads the request body of a command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from sagemaker_rt.errors import ParamValidationError

__all__ = ["read_body"]


def read_body(
    body: str | None, file: Path | None, *, stdin: BinaryIO | None = None
) -> bytes:
    """Return *body* in UTF-8, or the content of *file*, or else standard input.

    Args:
        stdin: Read until its end if *body* and *file* are None; `sys.stdin` by default.

    Raises:
        ParamValidationError: *body* and *file* are both set, or *file* cannot be read.
    """
    if body is not None and file is not None:
        message = f"the body and --file={str(file)!r} are both set; use one of them"
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
